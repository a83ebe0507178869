import { describe, expect, test } from "vitest";
import { at, row, rowCount } from "../columns.ts";
import { isTopologicalOrder } from "../plan/order.ts";
import { randomGraph, randomProblem } from "./random-problem.ts";

const OPTIONS = { ops: 40, devices: 4, constants: 10, unsupported: 0.1, unknownSizes: 0.05 } as const;
const seeds = Array.from({ length: 50 }, (_, seed) => seed);

describe("randomGraph", () => {
  test("is the same for the same seed and another for another", () => {
    expect(randomGraph(7, OPTIONS)).toEqual(randomGraph(7, OPTIONS));
    expect(randomGraph(7, OPTIONS)).not.toEqual(randomGraph(8, OPTIONS));
  });

  test("ops are in topological order, read something, and every tensor is read or a graph output", () => {
    for (const seed of seeds) {
      const { graph } = randomGraph(seed, OPTIONS);
      expect(
        isTopologicalOrder(
          graph,
          Array.from({ length: graph.opCount }, (_, op) => op),
        ),
      ).toBe(true);
      for (let op = 0; op < graph.opCount; op++) expect(row(graph.opInputs, op).length).toBeGreaterThan(0);
      expect(rowCount(graph.tensorConsumers)).toBe(graph.tensorCount);
      for (let tensor = 0; tensor < graph.tensorCount; tensor++) {
        const isRead = row(graph.tensorConsumers, tensor).length > 0;
        expect(isRead || graph.outputs.includes(tensor)).toBe(true);
        expect(at(graph.tensorProducer, tensor) < 0).toBe(graph.inputs.includes(tensor));
      }
    }
  });

  test("holds the cases that matter: shared tensors, two outputs, several inputs and outputs, read outputs", () => {
    const graphs = seeds.map((seed) => randomGraph(seed, OPTIONS).graph);
    const some = (test: (graph: (typeof graphs)[number]) => boolean) => graphs.filter(test).length;
    const ops = Array.from({ length: OPTIONS.ops }, (_, op) => op);
    expect(some((graph) => ops.some((op) => row(graph.opOutputs, op).length > 1))).toBeGreaterThan(25);
    expect(some((graph) => graph.inputs.length > 1)).toBeGreaterThan(15);
    expect(some((graph) => graph.outputs.length > 1)).toBeGreaterThan(25);
    expect(some((graph) => graph.outputs.some((t) => row(graph.tensorConsumers, t).length > 0))).toBeGreaterThan(25);
    expect(some((graph) => graph.tensorBytes.includes(Number.NaN))).toBeGreaterThan(10);
    const shared = (graph: (typeof graphs)[number]) =>
      graph.tensorNames.some((_, tensor) => row(graph.tensorConsumers, tensor).length > 2);
    expect(some(shared)).toBe(graphs.length);
  });
});

describe("randomProblem", () => {
  test("is the same for the same seed", () => {
    expect(randomProblem(3, OPTIONS)).toEqual(randomProblem(3, OPTIONS));
  });

  test("the source runs everything, other devices not always; unknown sizes are marked and count as 0", () => {
    let unsupported = 0;
    for (const seed of seeds) {
      const problem = randomProblem(seed, OPTIONS);
      expect(problem.devices[problem.source]?.opSeconds.every(Number.isFinite)).toBe(true);
      unsupported += problem.devices.filter(({ opSeconds }) => !opSeconds.every(Number.isFinite)).length;
      for (const [tensor, isUncuttable] of problem.uncuttable.entries()) {
        if (isUncuttable === 1) expect(problem.tensorWireBytes[tensor]).toBe(0);
      }
    }
    expect(unsupported).toBeGreaterThan(75);
  });

  test("routes of a chain go over the devices between, those of a mesh do not", () => {
    const chain = randomProblem(1, { ops: 5, devices: 4, topology: "chain" });
    const mesh = randomProblem(1, { ops: 5, devices: 4, topology: "mesh" });
    expect(chain.routes[0]?.[3]?.hops).toHaveLength(3);
    expect(mesh.routes[0]?.[3]?.hops).toHaveLength(1);
    expect(chain.routes[2]?.[2]?.hops).toHaveLength(0);
    const [first, second, third] = chain.routes[0]?.[3]?.hops ?? [];
    expect([first?.link, second?.link, third?.link]).toEqual([
      chain.routes[0]?.[1]?.hops[0]?.link,
      chain.routes[1]?.[2]?.hops[0]?.link,
      chain.routes[2]?.[3]?.hops[0]?.link,
    ]);
  });
});
