import { existsSync, readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { at, item, row } from "../columns.ts";
import { type Blocks, graphBlocks } from "../graph/blocks.ts";
import { buildGraph } from "../graph/build.ts";
import type { Graph } from "../graph/graph.ts";
import { decodeModel } from "../onnx/decode.ts";
import { bytesSource } from "../onnx/source.ts";
import { declaredTypes } from "../onnx/types.ts";
import { unwrap } from "../result.ts";
import { assembleGraph, tensorOfBytes } from "../testing/graph-assembly.ts";
import { SAMPLES } from "../testing/samples/catalogue.ts";
import { textGraph } from "../testing/text-graph.ts";
import { EDGE_KINDS } from "./edges.ts";
import { defaultCollapsed, type FilmstripLayout, layoutFilmstrip } from "./filmstrip.ts";

const TYPES = ["Conv", "Relu", "Add", "Concat", "MaxPool", "MatMul", "Reshape", "Softmax"];

/** A random graph: each op reads up to three tensors, mostly of late ops, some of any op or the graph input. */
const graphs = fc
  .array(
    fc.record({
      type: fc.constantFrom(...TYPES),
      reads: fc.array(fc.record({ back: fc.nat(5), far: fc.nat(200), isFar: fc.nat(9) }), {
        minLength: 1,
        maxLength: 3,
      }),
      bytes: fc.constantFrom(8, 64, 4096, Number.NaN),
    }),
    { minLength: 1, maxLength: 120 },
  )
  .map((specs): Graph => {
    const ops = specs.map(({ type, reads }, op) => ({
      name: `op${op}`,
      type,
      inputs: [
        ...new Set(reads.map(({ back, far, isFar }) => (isFar === 0 ? far % (op + 1) : Math.max(0, op - back)))),
      ],
      outputs: [op + 1],
      constants: [],
    }));
    const read = new Set(ops.flatMap(({ inputs }) => inputs));
    return assembleGraph({
      ops,
      tensors: [tensorOfBytes("input", 4096), ...specs.map(({ bytes }, op) => tensorOfBytes(`t${op}`, bytes))],
      constants: [],
      outputs: ops.map((_, op) => op + 1).filter((tensor) => !read.has(tensor)),
    });
  });

const cases = fc.record({
  graph: graphs,
  aspect: fc.double({ min: 0.4, max: 6, noNaN: true }),
  folds: fc.constantFrom("none", "all", "even"),
});

function collapsedOf(blocks: Blocks, folds: string): ReadonlySet<number> {
  const every = Array.from({ length: blocks.count }, (_, block) => block);
  return new Set(every.filter((block) => folds === "all" || (folds === "even" && block % 2 === 0)));
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

function boxesOf(layout: FilmstripLayout): Box[] {
  return Array.from({ length: layout.nodes.count }, (_, node) => {
    const op = at(layout.nodes.firstOp, node);
    const [x, y] = [at(layout.opX, op), at(layout.opY, op)];
    const [w, h] = [at(layout.opWidth, op) / 2, at(layout.opHeight, op) / 2];
    return { left: x - w, right: x + w, top: y - h, bottom: y + h };
  });
}

const overlap = (a: Box, b: Box, slack = 0.01) =>
  a.left < b.right - slack && b.left < a.right - slack && a.top < b.bottom - slack && b.top < a.bottom - slack;

/** A plain check: these run millions of times, which is too often for `expect`. */
function hold(condition: boolean, statement: string): void {
  if (!condition) throw new Error(`it does not hold that ${statement}`);
}

/** Everything that holds for each drawing; gives the number of wires looked at. */
function expectSound(graph: Graph, blocks: Blocks, layout: FilmstripLayout): number {
  const boxes = boxesOf(layout);
  expectBoxesApart(layout, boxes);
  expectPanelsHold(blocks, layout, boxes);
  expectSlots(graph, layout);
  return expectWires(graph, layout, boxes);
}

function expectBoxesApart(layout: FilmstripLayout, boxes: readonly Box[]): void {
  for (const [a, first] of boxes.entries()) {
    hold(first.left >= 0 && first.top >= 0, `box ${a} begins inside the picture`);
    hold(first.right <= layout.width && first.bottom <= layout.height, `box ${a} ends inside the picture`);
    for (let b = a + 1; b < boxes.length; b++) hold(!overlap(first, item(boxes, b)), `boxes ${a} and ${b} are apart`);
  }
}

function expectPanelsHold(blocks: Blocks, { panels, nodes }: FilmstripLayout, boxes: readonly Box[]): void {
  const panel = (block: number): Box => ({
    left: at(panels.x, block) - 0.01,
    top: at(panels.y, block) - 0.01,
    right: at(panels.x, block) + at(panels.width, block) + 0.01,
    bottom: at(panels.y, block) + at(panels.height, block) + 0.01,
  });
  for (const [node, box] of boxes.entries()) {
    const own = panel(at(nodes.blockOf, node));
    const holds = box.left >= own.left && box.right <= own.right && box.top >= own.top && box.bottom <= own.bottom;
    hold(holds, `box ${node} lies in its panel`);
  }
  for (let a = 0; a < blocks.count; a++) {
    for (let b = a + 1; b < blocks.count; b++) hold(!overlap(panel(a), panel(b), 0.05), `panels ${a}, ${b} are apart`);
  }
}

/** Slots ascend, cover the width, and each op stands in the columns whose slots it has. */
function expectSlots(graph: Graph, { slotX, width, columns, nodes, opX }: FilmstripLayout): void {
  expect(slotX[0]).toBe(0);
  expect(slotX[graph.opCount]).toBeCloseTo(width, 6);
  for (let op = 0; op < graph.opCount; op++) {
    const [from, to] = [at(slotX, op), at(slotX, op + 1)];
    const column = at(nodes.column, at(nodes.nodeOf, op));
    const [left, right] = [at(columns.edgeX, column), at(columns.edgeX, column + 1)];
    hold(from < to, `slot ${op} ascends`);
    hold(from >= left - 1e-6 && to <= right + 1e-6, `slot ${op} lies in its column`);
    hold(at(opX, op) > left && at(opX, op) < right, `op ${op} lies in its column`);
  }
}

/** Wires begin and end on their boxes, run straight up, down or across, pass no box, and inside a block go down. */
function expectWires(graph: Graph, layout: FilmstripLayout, boxes: readonly Box[]): number {
  const { edges, nodes } = layout;
  for (let edge = 0; edge < edges.count; edge++) {
    const source = item(boxes, at(nodes.nodeOf, at(edges.from, edge)));
    const target = item(boxes, at(nodes.nodeOf, at(edges.to, edge)));
    const points = edges.points.subarray(at(edges.pointOffsets, edge), at(edges.pointOffsets, edge + 1));
    const kind = EDGE_KINDS[at(edges.kind, edge)];
    const tensor = at(edges.tensor, edge);
    hold(at(graph.tensorProducer, tensor) === at(edges.from, edge), `edge ${edge} begins at its producer`);
    hold(row(graph.opInputs, at(edges.to, edge)).includes(tensor), `edge ${edge} ends at a reader`);
    hold((kind === "hub") === (points.length === 0), `edge ${edge} has corners unless it is a hub's`);
    if (kind === "hub") continue;
    hold(isOnBorder(source, at(points, 0), at(points, 1)), `edge ${edge} begins on its box`);
    const [endX, endY] = [at(points, points.length - 2), at(points, points.length - 1)];
    hold(isOnBorder(target, endX, endY), `edge ${edge} ends on its box`);
    if (kind === "inner") hold(source.bottom <= target.top, `edge ${edge} goes down`);
    for (let i = 0; i + 3 < points.length; i += 2) {
      const [x0, y0, x1, y1] = [at(points, i), at(points, i + 1), at(points, i + 2), at(points, i + 3)];
      hold(Math.min(Math.abs(x0 - x1), Math.abs(y0 - y1)) < 0.6, `edge ${edge} runs up, down or across`);
      const piece = {
        left: Math.min(x0, x1),
        right: Math.max(x0, x1) + 0.2,
        top: Math.min(y0, y1),
        bottom: Math.max(y0, y1) + 0.2,
      };
      for (const box of boxes) hold(!overlap(piece, box, 0.3), `edge ${edge} passes no box`);
    }
  }
  return edges.count;
}

interface Piece {
  readonly net: number;
  readonly low: number;
  readonly high: number;
}

/** Wires that leave different boxes cross, but never lie on each other. */
function expectWiresApart({ edges, nodes }: FilmstripLayout): void {
  const tracks = new Map<string, Piece[]>();
  for (let edge = 0; edge < edges.count; edge++) {
    const net = at(nodes.nodeOf, at(edges.from, edge));
    const points = edges.points.subarray(at(edges.pointOffsets, edge), at(edges.pointOffsets, edge + 1));
    for (let i = 0; i + 3 < points.length; i += 2) {
      const [x0, y0, x1, y1] = [at(points, i), at(points, i + 1), at(points, i + 2), at(points, i + 3)];
      const isVertical = Math.abs(x0 - x1) < 0.6;
      const [place, a, b] = isVertical ? [x0, y0, y1] : [y0, x0, x1];
      // A piece is noted on its own place and on the next, so that near ones meet.
      for (const near of [Math.floor(place), Math.floor(place) + 1]) {
        const key = `${isVertical} ${near}`;
        const known = tracks.get(key) ?? [];
        known.push({ net, low: Math.min(a, b), high: Math.max(a, b) });
        tracks.set(key, known);
      }
    }
  }
  for (const [place, pieces] of tracks) {
    pieces.sort((a, b) => a.low - b.low);
    for (const [index, piece] of pieces.entries()) {
      for (let other = index + 1; other < pieces.length && item(pieces, other).low < piece.high - 1; other++) {
        const { net } = item(pieces, other);
        hold(net === piece.net, `the wires of boxes ${piece.net} and ${net} are apart at ${place}`);
      }
    }
  }
}

function isOnBorder(box: Box, x: number, y: number): boolean {
  return Math.abs(Math.max(box.left - x, x - box.right, box.top - y, y - box.bottom)) < 0.01;
}

test("any graph: boxes apart, panels hold them, slots ascend, wires clear of boxes", () => {
  fc.assert(
    fc.property(cases, ({ graph, aspect, folds }) => {
      const blocks = graphBlocks(graph);
      expectSound(graph, blocks, layoutFilmstrip(graph, blocks, { aspect, collapsed: collapsedOf(blocks, folds) }));
    }),
    { numRuns: 150 },
  );
});

test("every edge between boxes is drawn once, as a wire or as ports", () => {
  fc.assert(
    fc.property(cases, ({ graph, aspect, folds }) => {
      const blocks = graphBlocks(graph);
      const layout = layoutFilmstrip(graph, blocks, { aspect, collapsed: collapsedOf(blocks, folds) });
      const { nodes, edges } = layout;
      const expected = new Set<string>();
      for (let op = 0; op < graph.opCount; op++) {
        for (const tensor of row(graph.opInputs, op)) {
          const producer = at(graph.tensorProducer, tensor);
          if (producer < 0 || at(nodes.nodeOf, producer) === at(nodes.nodeOf, op)) continue;
          expected.add(`${tensor} ${at(nodes.nodeOf, op)}`);
        }
      }
      const drawn = Array.from(edges.tensor, (tensor, edge) => `${tensor} ${at(nodes.nodeOf, at(edges.to, edge))}`);
      expect(drawn.length).toBe(expected.size);
      expect(new Set(drawn)).toEqual(expected);
    }),
    { numRuns: 60 },
  );
});

test("the same input gives the same drawing", () => {
  fc.assert(
    fc.property(cases, ({ graph, aspect, folds }) => {
      const blocks = graphBlocks(graph);
      const collapsed = collapsedOf(blocks, folds);
      expect(layoutFilmstrip(graph, blocks, { aspect, collapsed })).toEqual(
        layoutFilmstrip(graph, graphBlocks(graph), { aspect, collapsed }),
      );
    }),
    { numRuns: 20 },
  );
});

test("a residual block: a straight main path, the skip beside it", () => {
  const { graph } = textGraph("a:Conv -100-> b:Relu -100-> c:Conv -100-> d:Add -100-> e:Relu; a -> d");
  const blocks = graphBlocks(graph);
  const { opX, opY, opWidth, edges } = layoutFilmstrip(graph, blocks, { aspect: 0.1, collapsed: new Set() });
  expect(new Set(opX).size).toBe(1);
  expect([...opY]).toEqual([...opY].sort((a, b) => a - b));
  const skip = Array.from({ length: edges.count }, (_, edge) => edge).find(
    (edge) => edges.from[edge] === 0 && edges.to[edge] === 3,
  );
  const points = edges.points.subarray(at(edges.pointOffsets, skip ?? -1), at(edges.pointOffsets, (skip ?? -1) + 1));
  expect(Math.max(...points.filter((_, i) => i % 2 === 0))).toBeGreaterThan(at(opX, 0) + at(opWidth, 0) / 2);
});

test("a tensor read all over the network is drawn as ports", () => {
  const layers = Array.from({ length: 120 }, (_, i) => `x${i} -4096-> x${i + 1}:MatMul; mask -4096-> x${i + 1}`);
  const { graph } = textGraph(layers.join(";"));
  const blocks = graphBlocks(graph);
  const layout = layoutFilmstrip(graph, blocks, { aspect: 12, collapsed: new Set() });
  expect(layout.columns.count).toBeGreaterThan(4);
  const mask = graph.tensorNames.findIndex((name) => name.startsWith("mask"));
  const kinds = Array.from(layout.edges.tensor, (tensor, edge) => ({ tensor, kind: layout.edges.kind[edge] }));
  const ofMask = kinds.filter(({ tensor }) => tensor === mask).map(({ kind }) => EDGE_KINDS[kind ?? -1]);
  expect(ofMask.filter((kind) => kind === "hub").length).toBeGreaterThan(20);
  expect(ofMask.filter((kind) => kind === "forward")).toEqual([]);
  expectSound(graph, blocks, layout);
});

test("more wires over several columns than there are buses for: what found none is drawn as ports", () => {
  // Three chains; each op of the last also reads one of the first, which the column between does not.
  const sources = 30;
  const count = 3 * sources;
  const ops = Array.from({ length: count }, (_, op) => ({
    name: `${["near", "between", "far"][Math.floor(op / sources)]}/${op}`,
    type: "Conv",
    inputs: [op % sources === 0 ? 0 : op, ...(op < 2 * sources ? [] : [op - 2 * sources + 1])],
    outputs: [op + 1],
    constants: [],
  }));
  const read = new Set(ops.flatMap(({ inputs }) => inputs));
  const graph = assembleGraph({
    ops,
    tensors: [tensorOfBytes("input", 4096), ...ops.map(({ name }) => tensorOfBytes(`after ${name}`, 4096))],
    constants: [],
    outputs: ops.map((_, op) => op + 1).filter((tensor) => !read.has(tensor)),
  });
  const blocks: Blocks = {
    count: 3,
    firstOp: Int32Array.of(0, sources, 2 * sources, count),
    blockOf: Int32Array.from(ops, (_, op) => Math.floor(op / sources)),
    names: ["near", "between", "far"],
  };
  const { edges, columns } = layoutFilmstrip(graph, blocks, { aspect: 2, collapsed: new Set() });
  const kinds = [...edges.kind].map((kind) => EDGE_KINDS[kind]);
  expect(columns.count).toBe(3);
  expect(kinds.filter((kind) => kind !== "inner")).toHaveLength(sources);
  expect(kinds).toContain("hub");
  expect(kinds).toContain("forward");
});

test("a graph without ops gives an empty drawing", () => {
  const graph = assembleGraph({ ops: [], tensors: [], constants: [], outputs: [] });
  const layout = layoutFilmstrip(graph, graphBlocks(graph), { aspect: 2 });
  expect(layout.columns.count).toBe(0);
  expect([...layout.slotX]).toEqual([0]);
});

function graphOf(bytes: Uint8Array): Graph {
  const model = unwrap(decodeModel(bytesSource("model.onnx", bytes)));
  return unwrap(buildGraph(model, declaredTypes(model)));
}

describe("samples in a window of 870 x 360", () => {
  const aspect = 870 / 360;
  const generated = SAMPLES.flatMap(({ id, source }) => (source.kind === "generated" ? [{ id, source }] : []));
  test.each(generated)("$id fills the window and is sound", ({ source }) => {
    const graph = graphOf(source.generate());
    const blocks = graphBlocks(graph);
    const layout = layoutFilmstrip(graph, blocks, { aspect });
    expectSound(graph, blocks, layout);
    expectWiresApart(layout);
    const zoom = Math.min(870 / layout.width, 360 / layout.height);
    expect((layout.width * zoom) / 870).toBeGreaterThan(0.6);
    expect((layout.height * zoom) / 360).toBeGreaterThan(0.6);
  });
});

const folder = new URL("../../../../shared/models/", import.meta.url);
const present = existsSync(folder);
if (!present) console.log(`layout corpus: skipped, ${folder.pathname} is absent`);

test.skipIf(!present)(
  "every model of the corpus is laid out soundly, folded and open",
  () => {
    const files = readdirSync(folder).filter((name) => name.endsWith(".onnx"));
    let wires = 0;
    for (const file of files) {
      const graph = graphOf(new Uint8Array(readFileSync(new URL(file, folder))));
      const blocks = graphBlocks(graph);
      for (const collapsed of [new Set<number>(), defaultCollapsed(graph, blocks), collapsedOf(blocks, "even")]) {
        const layout = layoutFilmstrip(graph, blocks, { aspect: 2.4, collapsed });
        wires += expectSound(graph, blocks, layout);
        expectWiresApart(layout);
      }
    }
    console.log(`layout corpus: ${files.length} models drawn three ways, ${wires} wires checked`);
    expect(files.length).toBeGreaterThan(0);
  },
  60_000,
);
