import fc from "fast-check";
import { expect, test } from "vitest";
import { at } from "../columns.ts";
import { components, Partition } from "./quotient.ts";

test("components are the sets of nodes that reach each other, and edges lead to higher ones", () => {
  const graph = fc.integer({ min: 1, max: 9 }).chain((size) => {
    const node = fc.integer({ min: 0, max: size - 1 });
    return fc.record({ size: fc.constant(size), edges: fc.array(fc.tuple(node, node), { maxLength: 20 }) });
  });
  fc.assert(
    fc.property(graph, ({ size, edges }) => {
      const reach = Array.from({ length: size }, (_, i) => Array.from({ length: size }, (_unused, j) => i === j));
      for (let step = 0; step < size; step++) {
        for (const [from, to] of edges) {
          for (const row of reach) if (row[from] === true) row[to] = true;
        }
      }
      const { count, of } = components(size, { from: edges.map(([from]) => from), to: edges.map(([, to]) => to) });
      expect(new Set(of)).toEqual(new Set(Array.from({ length: count }, (_, i) => i)));
      for (let i = 0; i < size; i++) {
        for (let j = 0; j < size; j++) {
          const together = reach[i]?.[j] === true && reach[j]?.[i] === true;
          expect(at(of, i) === at(of, j)).toBe(together);
          if (reach[i]?.[j] === true) expect(at(of, i)).toBeLessThanOrEqual(at(of, j));
        }
      }
    }),
  );
});

test("a chain of 200,000 nodes is no deeper than the stack", () => {
  const size = 200_000;
  const from = Array.from({ length: size - 1 }, (_, i) => i);
  const { count, of } = components(size, { from, to: from.map((node) => node + 1) });
  expect(count).toBe(size);
  expect(of[0]).toBe(0);
});

test("a partition tells whether a join changed anything, and keeps the least member in front", () => {
  const partition = new Partition(5);
  expect([partition.join(3, 4), partition.join(4, 1), partition.join(1, 3)]).toEqual([true, true, false]);
  expect([0, 1, 2, 3, 4].map((member) => partition.find(member))).toEqual([0, 1, 2, 1, 1]);
});
