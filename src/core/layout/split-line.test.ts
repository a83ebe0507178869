import fc from "fast-check";
import { expect, test } from "vitest";
import { at, item } from "../columns.ts";
import { graphBlocks } from "../graph/blocks.ts";
import type { Graph } from "../graph/graph.ts";
import { createRandom } from "../testing/random.ts";
import { textGraph } from "../testing/text-graph.ts";
import { type FilmstripLayout, layoutFilmstrip } from "./filmstrip.ts";
import { PANEL_PADDING } from "./metrics.ts";
import { splitAt, splitLine } from "./split-line.ts";

/** A random network of branches that meet: text art from a seed. */
function network(seed: number): Graph {
  const random = createRandom(seed);
  const lines: string[] = [];
  const count = random.integer(2, 90);
  for (let op = 1; op < count; op++) {
    const type = random.pick(["Conv", "Relu", "Add", "Concat"]);
    for (let input = random.integer(1, 3); input > 0; input--) {
      lines.push(`n${Math.max(0, op - random.integer(1, 6))} -4096-> n${op}:${type}`);
    }
  }
  return textGraph(lines.join(";")).graph;
}

/** How often the way from a to b, first across and then up or down, meets the lines. */
function meetings(lines: readonly Float64Array[], a: readonly [number, number], b: readonly [number, number]): number {
  const within = (value: number, p: number, q: number) => Math.min(p, q) <= value && value < Math.max(p, q);
  let met = 0;
  for (const line of lines) {
    for (let i = 0; i + 3 < line.length; i += 2) {
      const [x0, y0, x1, y1] = [at(line, i), at(line, i + 1), at(line, i + 2), at(line, i + 3)];
      if (x0 === x1 && within(x0, a[0], b[0]) && within(a[1], y0, y1)) met += 1;
      if (y0 === y1 && within(y0, a[1], b[1]) && within(b[0], x0, x1)) met += 1;
    }
  }
  return met;
}

/** Each op is on the first op's side of the lines exactly where the split says so. */
function expectSeparated(layout: FilmstripLayout, before: Uint8Array): void {
  const { lines } = splitLine(layout, before);
  // Off the middle of the box by a little that no line shares.
  const place = (op: number) => [at(layout.opX, op) + 0.137, at(layout.opY, op) + 0.123] as const;
  for (const [op, side] of before.entries()) {
    const isSame = meetings(lines, place(0), place(op)) % 2 === 0;
    if (isSame !== (side === before[0])) throw new Error(`op ${op} is on the wrong side`);
  }
}

const drawings = fc.record({ seed: fc.nat(1e6), aspect: fc.constantFrom(0.5, 1, 2.4, 5) });

function draw({ seed, aspect }: { readonly seed: number; readonly aspect: number }): FilmstripLayout {
  const graph = network(seed);
  return layoutFilmstrip(graph, graphBlocks(graph), { aspect, collapsed: new Set() });
}

test("separates every prefix of the op order", () => {
  fc.assert(
    fc.property(drawings, (drawing) => {
      const layout = draw(drawing);
      const count = layout.opX.length;
      for (let position = 1; position < count; position++) {
        expectSeparated(layout, new Uint8Array(count).fill(1, 0, position));
      }
    }),
    { numRuns: 15 },
  );
});

test("separates any set of ops, down-set or not", () => {
  fc.assert(
    fc.property(drawings, fc.nat(1e6), (drawing, seed) => {
      const layout = draw(drawing);
      const random = createRandom(seed);
      const before = Uint8Array.from(layout.opX, () => (random.chance(0.6) ? 1 : 0));
      if (before.includes(1) && before.includes(0)) expectSeparated(layout, before);
    }),
    { numRuns: 40 },
  );
});

test("a line runs straight up and down, or across, and stays clear of the boxes", () => {
  fc.assert(
    fc.property(drawings, fc.double({ min: 0, max: 1, noNaN: true }), (drawing, share) => {
      const layout = draw(drawing);
      const before = Uint8Array.from(layout.opX, (_, op) => (op < share * layout.opX.length ? 1 : 0));
      for (const line of splitLine(layout, before).lines) {
        for (let i = 0; i + 3 < line.length; i += 2) {
          const [x0, y0, x1, y1] = [at(line, i), at(line, i + 1), at(line, i + 2), at(line, i + 3)];
          expect(x0 === x1 || y0 === y1).toBe(true);
          for (let op = 0; op < layout.opX.length; op++) {
            const w = at(layout.opWidth, op) / 2 - 0.1;
            const h = at(layout.opHeight, op) / 2 - 0.1;
            const clear =
              Math.max(x0, x1) <= at(layout.opX, op) - w ||
              Math.min(x0, x1) >= at(layout.opX, op) + w ||
              Math.max(y0, y1) <= at(layout.opY, op) - h ||
              Math.min(y0, y1) >= at(layout.opY, op) + h;
            expect(clear).toBe(true);
          }
        }
      }
    }),
    { numRuns: 60 },
  );
});

const chain = textGraph(Array.from({ length: 30 }, (_, i) => `n${i}:Conv -> n${i + 1}:Conv`).join(";")).graph;
const open = () => layoutFilmstrip(chain, graphBlocks(chain), { aspect: 2, collapsed: new Set() });

test("between columns one vertical line, inside a chain one step with the knob on it", () => {
  const layout = open();
  const count = layout.opX.length;
  const boundary = at(layout.columns.firstOp, 1);
  const between = splitLine(layout, new Uint8Array(count).fill(1, 0, boundary));
  const x = at(layout.columns.edgeX, 1);
  expect(between.lines.map((line) => [...line])).toEqual([[x, 0, x, layout.height]]);

  const inside = splitLine(layout, new Uint8Array(count).fill(1, 0, boundary + 2));
  expect(inside.lines).toHaveLength(1);
  expect(item(inside.lines, 0)).toHaveLength(8);
  expect(inside.knob.x).toBeGreaterThan(x);
  expect(inside.knob.y).toBeGreaterThan(at(layout.opY, boundary + 1));
  expect(inside.knob.y).toBeLessThan(at(layout.opY, boundary + 2));
});

test("nothing or everything before the split: a line at the picture's edge", () => {
  const layout = open();
  const count = layout.opX.length;
  expect([...item(splitLine(layout, new Uint8Array(count)).lines, 0)]).toEqual([0, 0, 0, layout.height]);
  const right = layout.width;
  expect([...item(splitLine(layout, new Uint8Array(count).fill(1)).lines, 0)]).toEqual([
    right,
    0,
    right,
    layout.height,
  ]);
});

test("a split through a folded block passes through its box at its share", () => {
  const blocks = graphBlocks(chain);
  const layout = layoutFilmstrip(chain, blocks, { aspect: 2, collapsed: new Set([0]) });
  const size = at(blocks.firstOp, 1);
  const position = Math.round(size / 2);
  const { knob } = splitLine(layout, new Uint8Array(layout.opX.length).fill(1, 0, position));
  const top = at(layout.opY, 0) - at(layout.opHeight, 0) / 2;
  const left = at(layout.opX, 0) - at(layout.opWidth, 0) / 2;
  expect(Math.abs(knob.x - left), "at the box's left end, off its name").toBeLessThanOrEqual(PANEL_PADDING);
  expect(splitAt(layout, knob.x, knob.y)).toBe(position);
  expect(knob.y).toBeCloseTo(top + (position / size) * at(layout.opHeight, 0), 3);
});

test("the knob of every split of a chain asks for that split", () => {
  const layout = open();
  const count = layout.opX.length;
  for (let position = 0; position <= count; position++) {
    const { knob } = splitLine(layout, new Uint8Array(count).fill(1, 0, position));
    expect(splitAt(layout, knob.x, knob.y)).toBe(position);
  }
});
