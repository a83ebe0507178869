import fc from "fast-check";
import { expect, test } from "vitest";
import { at, csrFrom, item, row } from "../columns.ts";
import { crossings, orderLanes } from "./lane-order.ts";
import { placeLanes } from "./lane-position.ts";
import { layersWithinGroups } from "./layering.ts";
import { WIRE_SPACING } from "./metrics.ts";
import { assignTracks } from "./tracks.ts";
import { type WiredLayers, wireLayers } from "./wires.ts";

/** Successors of a random graph in topological order, distinct and ascending. */
const successors = fc
  .array(fc.array(fc.nat(6), { maxLength: 3 }), { minLength: 1, maxLength: 40 })
  .map((steps) =>
    csrFrom(
      steps.map((own, node) =>
        [...new Set(own.map((step) => node + 1 + step))].filter((next) => next < steps.length).sort((a, b) => a - b),
      ),
    ),
  );

const nodeCount = (csr: { readonly offsets: Int32Array }) => csr.offsets.length - 1;
const oneGroup = (count: number) => new Int32Array(count);

function readersOf(csr: Parameters<typeof wireLayers>[0]): Int32Array {
  const inputs = new Int32Array(nodeCount(csr));
  for (const next of csr.values) inputs[next] = at(inputs, next) + 1;
  return inputs;
}

function wired(csr: Parameters<typeof wireLayers>[0]): WiredLayers {
  return wireLayers(csr, layersWithinGroups(csr, oneGroup(nodeCount(csr)), readersOf(csr)));
}

function positionsOf(graph: WiredLayers, layers: readonly Int32Array[]): Int32Array {
  const position = new Int32Array(graph.count);
  for (const layer of layers) for (const [index, node] of layer.entries()) position[node] = index;
  return position;
}

test("layers: every edge goes down, none is empty, a chain takes one node a layer", () => {
  fc.assert(
    fc.property(successors, (csr) => {
      const layerOf = layersWithinGroups(csr, oneGroup(nodeCount(csr)), readersOf(csr));
      for (const [node, layer] of layerOf.entries()) {
        for (const next of row(csr, node)) expect(at(layerOf, next)).toBeGreaterThan(layer);
      }
      expect(new Set(layerOf).size).toBe(Math.max(...layerOf) + 1);
    }),
  );
  const chain = csrFrom([[1], [2], [3], []]);
  expect([...layersWithinGroups(chain, oneGroup(4), Int32Array.of(1, 1, 1, 1))]).toEqual([0, 1, 2, 3]);
});

test("layers: what feeds more than it reads moves down beside its reader; groups do not mix", () => {
  // 0 -> 1 -> 2 -> 3, and 4 -> 5 of another group, with 0 -> 5 between them.
  const csr = csrFrom([[1, 5], [2], [3], [], [5], []]);
  expect([...layersWithinGroups(csr, Int32Array.of(0, 0, 0, 0, 1, 1), Int32Array.of(1, 1, 1, 2, 1, 2))]).toEqual([
    0, 1, 2, 3, 0, 1,
  ]);
  // A constant-like source (reads nothing) of the last op.
  const side = csrFrom([[1], [2], [4], [4], []]);
  expect([...layersWithinGroups(side, oneGroup(5), Int32Array.of(1, 1, 1, 0, 2))]).toEqual([0, 1, 2, 2, 3]);
});

test("wires: links join neighbouring layers and lead where the edges lead", () => {
  fc.assert(
    fc.property(successors, (csr) => {
      const graph = wired(csr);
      const reached: number[][] = Array.from({ length: graph.drawnCount }, () => []);
      for (const [link, upper] of graph.linkFrom.entries()) {
        const lower = at(graph.linkTo, link);
        expect(at(graph.layerOf, lower)).toBe(at(graph.layerOf, upper) + 1);
        if (lower < graph.drawnCount) item(reached, at(graph.sourceOf, upper)).push(lower);
        else expect(at(graph.sourceOf, lower)).toBe(at(graph.sourceOf, upper));
      }
      for (const [node, targets] of reached.entries()) {
        expect(targets.sort((a, b) => a - b)).toEqual([...row(csr, node)]);
      }
    }),
  );
});

test("crossings are counted as pairs of links that cross", () => {
  fc.assert(
    fc.property(successors, (csr) => {
      const graph = wired(csr);
      const layers = orderLanes(graph);
      const position = positionsOf(graph, layers);
      let pairs = 0;
      for (const [a, from] of graph.linkFrom.entries()) {
        for (let b = 0; b < a; b++) {
          const other = at(graph.linkFrom, b);
          if (at(graph.layerOf, from) !== at(graph.layerOf, other)) continue;
          const above = at(position, from) - at(position, other);
          const below = at(position, at(graph.linkTo, a)) - at(position, at(graph.linkTo, b));
          if (above * below < 0) pairs += 1;
        }
      }
      expect(crossings(graph, layers, position)).toBe(pairs);
    }),
    { numRuns: 50 },
  );
});

test("lane order untangles two crossed chains", () => {
  // 0 feeds 3 and 1 feeds 2: side by side in file order they would cross.
  const graph = wired(csrFrom([[3], [2], [4], [5], [], []]));
  const layers = orderLanes(graph);
  expect(crossings(graph, layers, positionsOf(graph, layers))).toBe(0);
});

test("lanes keep their order and distance, and stay inside the width", () => {
  fc.assert(
    fc.property(successors, (csr) => {
      const graph = wired(csr);
      const layers = orderLanes(graph);
      const widths = Float64Array.from({ length: graph.count }, (_, node) => (node < graph.drawnCount ? 64 : 0));
      const { x, width } = placeLanes(graph, layers, widths, oneGroup(graph.drawnCount));
      for (const layer of layers) {
        for (const [index, node] of layer.entries()) {
          expect(at(x, node) - at(widths, node) / 2).toBeGreaterThanOrEqual(-1e-9);
          expect(at(x, node) + at(widths, node) / 2).toBeLessThanOrEqual(width + 1e-9);
          if (index === 0) continue;
          const left = at(layer, index - 1);
          const apart = at(x, node) - at(x, left) - (at(widths, node) + at(widths, left)) / 2;
          expect(apart).toBeGreaterThanOrEqual(WIRE_SPACING - 1e-9);
        }
      }
    }),
    { numRuns: 60 },
  );
});

test("spans on one track keep their clearance, and a single track is used where all fit", () => {
  const spans = fc.array(fc.record({ low: fc.nat(100), length: fc.nat(30) }), { maxLength: 30 });
  fc.assert(
    fc.property(spans, (drawn) => {
      const list = drawn.map(({ low, length }) => ({ low, high: low + length }));
      const { trackOf, count } = assignTracks(list, 3);
      for (const [a, span] of list.entries()) {
        expect(at(trackOf, a)).toBeLessThan(count);
        for (let b = 0; b < a; b++) {
          const other = item(list, b);
          const apart = other.high + 3 < span.low || span.high + 3 < other.low;
          if (trackOf[a] === trackOf[b]) expect(apart).toBe(true);
        }
      }
    }),
  );
  expect(
    assignTracks(
      [
        { low: 0, high: 5 },
        { low: 20, high: 30 },
        { low: 9, high: 12 },
      ],
      3,
    ).count,
  ).toBe(1);
});
