import { beforeAll, describe, expect, test, vi } from "vitest";
import { at, item } from "../../core/columns.ts";
import { moduleTree } from "../../core/graph/module-tree.ts";
import { moduleView, openAtFirst } from "../../core/graph/module-view.ts";
import { layoutFilmstrip } from "../../core/layout/filmstrip.ts";
import { exportSubject } from "../../core/testing/export-subjects.ts";
import { blockSummaries, opBoxesInView, sizesText, wireShapes } from "./detail.ts";

/** Ten diamonds in a row. */
const { model } = exportSubject(
  Array.from({ length: 10 }, (_, k) => `n${k}:Conv -> l${k} -> n${k + 1}; n${k} -> r${k} -> n${k + 1}`).join("; "),
  [],
);
const { graph } = model;
const tree = moduleTree(graph);
const view = moduleView(tree, openAtFirst(tree, graph));
const layout = layoutFilmstrip(graph, view.blocks, { aspect: 2, collapsed: view.collapsed });
const whole = { width: 4000, height: 4000 };
const at0 = (zoom: number) => ({ zoom, panX: 0, panY: 0 });

beforeAll(() => {
  vi.stubGlobal("window", { devicePixelRatio: 1 });
});

describe("from afar", () => {
  test("every block on screen says its name inside its own place, and more once its ops cannot be read", () => {
    const near = blockSummaries(model, view, layout, [], at0(0.74), whole);
    expect(near.map(({ lines }) => lines[0])).toEqual([...view.blocks.names]);
    expect(near.every(({ lines }) => lines.length === 1)).toBe(true);
    for (const zoom of [0.74, 0.6, 0.51]) {
      for (const [block, { y, scale }] of blockSummaries(model, view, layout, [], at0(zoom), whole).entries()) {
        const op = at(view.blocks.firstOp, block);
        expect(y + (13 * scale) / 2).toBeLessThanOrEqual((at(layout.opY, op) - at(layout.opHeight, op) / 2) * zoom);
      }
    }
    const far = blockSummaries(model, view, layout, [], at0(0.4), whole);
    expect(far.some(({ lines }) => /^\d+ ops$/.test(lines[1] ?? ""))).toBe(true);
    for (const [block, { x, y, lines }] of far.entries()) {
      const { panels } = layout;
      expect(x).toBeGreaterThanOrEqual(at(panels.x, block) * 0.4);
      expect(y + (lines.length - 1) * 13).toBeLessThanOrEqual((at(panels.y, block) + at(panels.height, block)) * 0.4);
    }
  });

  test("a block without room for its name says nothing, one with little room keeps its number", () => {
    expect(blockSummaries(model, view, layout, [], at0(0.1), whole)).toEqual([]);
    const widths = view.blocks.names.map((_, block) => at(layout.panels.width, block));
    const zoom = 34 / Math.max(...widths);
    const names = blockSummaries(model, view, layout, [], at0(zoom), whole).map(({ lines }) => lines[0] ?? "");
    expect(names.some((name) => /^\D+…\d+$/.test(name))).toBe(true);
    for (const name of names) expect(name.length).toBeLessThanOrEqual(4);
  });

  test("a closed module says in its box what its look says, as far as it fits", () => {
    const closed = moduleView(tree, new Set());
    const drawn = layoutFilmstrip(graph, closed.blocks, { aspect: 2, collapsed: closed.collapsed });
    const looks = closed.blocks.names.map((name) => ({
      label: `${name}\n10 ops · 123 MMAC`,
      fill: "#fff",
      border: "#000",
      ink: "#000",
    }));
    const seen = (zoom: number) => blockSummaries(model, closed, drawn, looks, at0(zoom), whole);
    expect(seen(0.74).map(({ lines }) => lines)).toEqual(closed.blocks.names.map((name) => [name, "10 ops"]));
    expect(seen(0.5).map(({ lines }) => lines)).toEqual(closed.blocks.names.map((name) => [name]));
    for (const [block, { box }] of seen(0.5).entries()) {
      expect(box).toBe(at(drawn.nodes.nodeOf, at(closed.blocks.firstOp, block)));
    }
  });

  test("what is off the screen is left out", () => {
    expect(blockSummaries(model, view, layout, [], { zoom: 0.5, panX: -9000, panY: 0 }, whole)).toEqual([]);
  });
});

describe("from near", () => {
  test("shapes stand at wires in view, once for each box and tensor, and never on each other", () => {
    const shapes = wireShapes(graph, layout, at0(2), { width: 8000, height: 8000 });
    expect(shapes).toHaveLength(30);
    for (const [index, one] of shapes.entries()) {
      for (const other of shapes.slice(index + 1)) {
        const apart = Math.abs(one.y - other.y) >= 6 || one.x >= other.x + other.width || other.x >= one.x + one.width;
        expect(apart).toBe(true);
      }
    }
    const some = wireShapes(graph, layout, at0(2), { width: 300, height: 200 });
    expect(some.length).toBeGreaterThan(0);
    expect(some.length).toBeLessThan(shapes.length);
  });

  test("boxes in view are those of single ops that the screen cuts", () => {
    const all = opBoxesInView(layout, at0(1), whole);
    expect(all).toHaveLength(graph.opCount);
    const [first] = opBoxesInView(layout, at0(4), { width: 200, height: 120 });
    expect(item(graph.opNames, at(layout.nodes.firstOp, first ?? -1))).toBe("n0");
  });

  test("sizes as text", () => {
    const type = (shape: readonly (number | string | null)[] | null) =>
      ({ kind: "tensor", elementType: "float", shape }) as const;
    expect(sizesText(type([1, 64, null, "n"]))).toBe("1×64×?×n");
    expect(sizesText(type([]))).toBe("scalar");
    expect(sizesText(type(null))).toBe("");
    expect(sizesText({ kind: "other", elementType: "undefined", shape: null })).toBe("");
  });
});
