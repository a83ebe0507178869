import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { at, row } from "../columns.ts";
import { topologicalOrder } from "../onnx/topological-order.ts";
import { graphFromText } from "../testing/graph-text.ts";
import { ancestors, descendants } from "./closure.ts";
import { oneTensorCuts } from "./cuts.ts";
import { frontierTensors, isDownSet, prefixCrossings } from "./frontier.ts";
import type { Graph } from "./graph.ts";

/**
 * Random graphs of up to 8 ops with one or two outputs per op, some ops without inputs, and up to two graph inputs;
 * whatever nobody reads is a graph output, so every op reaches one, as in a built graph.
 */
const graphs: fc.Arbitrary<Graph> = fc
  .record({
    inputs: fc.integer({ min: 0, max: 2 }),
    ops: fc.array(
      fc.record({
        reads: fc.array(fc.nat(), { maxLength: 3 }),
        gathers: fc.boolean(),
        writes: fc.constantFrom(1, 1, 2),
      }),
      { minLength: 1, maxLength: 8 },
    ),
    extraOutput: fc.option(fc.nat(), { freq: 1 }),
  })
  .map(({ inputs, ops, extraOutput }) => {
    const tensors = Array.from({ length: inputs }, (_, i) => `x${i}`);
    const read = new Set<string>();
    const lines = ops.map(({ reads, gathers, writes }, op) => {
      // Reading all that nobody has read yet joins branches again, so that cuts are frequent.
      const names = gathers
        ? tensors.filter((name) => !read.has(name))
        : reads.flatMap((pick) => (tensors.length === 0 ? [] : [tensors[pick % tensors.length] ?? ""]));
      for (const name of names) read.add(name);
      const outputs = Array.from({ length: writes }, (_, i) => `t${op}${"ab"[i]}`);
      tensors.push(...outputs);
      return `o${op} Op ${names.join(" ")} -> ${outputs.join(" ")}`;
    });
    const written = tensors.slice(inputs);
    const outputs = written.filter((name) => !read.has(name));
    const extra = extraOutput === null ? undefined : written[extraOutput % written.length];
    return graphFromText(lines.join("\n"), {
      outputs: [...new Set([...outputs, ...(extra === undefined ? [] : [extra])])],
    });
  });

function* downSets(graph: Graph): Generator<Uint8Array> {
  for (let mask = 0; mask < 2 ** graph.opCount; mask += 1) {
    const inside = Uint8Array.from({ length: graph.opCount }, (_, op) => (mask >> op) & 1);
    if (isDownSet(graph, inside)) yield inside;
  }
}

/** Cuts by definition: some down-set leaves exactly the tensor crossing, and delivers no output of the graph yet. */
function cutsByDownSets(graph: Graph): number[] {
  const cuts = new Set<number>();
  const readers = graph.inputs.length > 0;
  for (const inside of downSets(graph)) {
    const frontier = frontierTensors(graph, inside);
    const [cut] = frontier;
    if (cut === undefined || frontier.length > 1 || at(graph.tensorProducer, cut) < 0) continue;
    const delivered = graph.outputs.some((tensor) => tensor !== cut && inside[at(graph.tensorProducer, tensor)] === 1);
    // Without graph inputs, the ops that read nothing are the inputs, and must lie inside.
    const sources = inside.every((mark, op) => readers || mark === 1 || row(graph.opInputs, op).length > 0);
    if (!delivered && sources) cuts.add(cut);
  }
  return [...cuts].sort((a, b) => a - b);
}

describe("oneTensorCuts", () => {
  test("equals the definition over all down-sets", () => {
    let cuts = 0;
    fc.assert(
      fc.property(graphs, (graph) => {
        const found = oneTensorCuts(graph);
        cuts += found.length;
        expect(found.toSorted((a, b) => a - b)).toEqual(cutsByDownSets(graph));
      }),
      { numRuns: 2000, seed: 7 },
    );
    expect(cuts).toBeGreaterThan(1000);
  });

  test("sees through side paths of shapes only when asked", () => {
    const graph = graphFromText(`
      s  Shape x -> shape
      g  Gather shape $i -> n
      c  Conv x $w -> a
      r  Relu a -> b
      e  Reshape b n -> c
      p  Softmax c -> y`);
    const named = (numbers: number[]) => numbers.map((number) => graph.tensorNames[number]);
    expect(named(oneTensorCuts(graph))).toEqual(["c"]);
    expect(named(oneTensorCuts(graph, { ignoreShapePaths: true }))).toEqual(["a", "b", "c"]);
  });

  test("places a random source where it is first needed", () => {
    const late = graphFromText("r RandomNormal -> n\n a Relu x -> a\n b Add a n -> b\n c Relu b -> y");
    expect(oneTensorCuts(late).map((number) => late.tensorNames[number])).toEqual(["a", "b"]);
    const shared = graphFromText("r RandomNormal -> n\n a Add x n -> a\n b Add a n -> b\n c Relu b -> y");
    expect(oneTensorCuts(shared).map((number) => shared.tensorNames[number])).toEqual(["b"]);
  });
});

describe("frontiers", () => {
  test("prefixCrossings equals the frontier of each prefix", () => {
    fc.assert(
      fc.property(graphs, fc.nat(), (graph, unsized) => {
        const bytes = Float64Array.from(graph.tensorBytes, (_, tensor) =>
          tensor === unsized % 11 ? Number.NaN : 10 + tensor,
        );
        const sized = { ...graph, tensorBytes: bytes };
        const crossings = prefixCrossings(sized);
        expect(crossings.bytes.length).toBe(graph.opCount + 1);
        for (let prefix = 0; prefix <= graph.opCount; prefix += 1) {
          const frontier = frontierTensors(graph, (op) => op < prefix);
          expect(crossings.tensors[prefix]).toBe(frontier.length);
          expect(crossings.bytes[prefix]).toBe(frontier.reduce((sum, tensor) => sum + at(bytes, tensor), 0));
        }
      }),
      { seed: 11 },
    );
  });

  test("inputs cross while an op outside reads them, outputs only when one does", () => {
    const graph = graphFromText("a Relu x -> y\n b Add x y -> z", { outputs: ["y", "z"] });
    const names = (inside: number[]) =>
      frontierTensors(graph, Uint8Array.from(inside)).map((tensor) => graph.tensorNames[tensor]);
    expect(names([0, 0])).toEqual(["x"]);
    expect(names([1, 0])).toEqual(["x", "y"]);
    expect(names([1, 1])).toEqual([]);
    expect(isDownSet(graph, Uint8Array.from([0, 1]))).toBe(false);
  });
});

describe("closures", () => {
  test("ancestors are the smallest down-set with the op, descendants the mirror of it", () => {
    fc.assert(
      fc.property(graphs, (graph) => {
        const all = Array.from({ length: graph.opCount }, (_, op) => op);
        const below = all.map((op) => ancestors(graph, op));
        const above = all.map((op) => descendants(graph, op));
        for (const op of all) {
          const marks = below[op] ?? new Uint8Array();
          expect(isDownSet(graph, marks)).toBe(true);
          const common = all.filter((other) => {
            for (const inside of downSets(graph)) if (inside[op] === 1 && inside[other] === 0) return false;
            return true;
          });
          expect(all.filter((other) => marks[other] === 1)).toEqual(common);
          for (const other of all) expect(above[other]?.[op]).toBe(marks[other]);
        }
      }),
      { numRuns: 60, seed: 13 },
    );
  });
});

describe("topologicalOrder", () => {
  const dependencies = fc
    .integer({ min: 1, max: 12 })
    .chain((n) => fc.array(fc.array(fc.nat(n - 1), { maxLength: 3 }), { minLength: n, maxLength: n }));

  test("is the smallest order by file position, or names a node on a cycle", () => {
    let cycles = 0;
    fc.assert(
      fc.property(dependencies, (lists) => {
        const result = topologicalOrder(lists);
        if (result.ok) {
          expect(result.value).toEqual(smallestFirst(lists));
          return;
        }
        cycles += 1;
        expect(reaches(lists, result.error, result.error)).toBe(true);
      }),
      { numRuns: 500, seed: 17 },
    );
    expect(cycles).toBeGreaterThan(50);
    expect(cycles).toBeLessThan(450);
  });

  /** At each step the smallest node whose dependencies are all done. */
  function smallestFirst(lists: readonly (readonly number[])[]): number[] {
    const done: number[] = [];
    while (done.length < lists.length) {
      const next = lists.findIndex((list, node) => !done.includes(node) && list.every((other) => done.includes(other)));
      if (next < 0) throw new Error("a cycle was not noticed");
      done.push(next);
    }
    return done;
  }

  function reaches(lists: readonly (readonly number[])[], from: number, to: number): boolean {
    const pending = [...(lists[from] ?? [])];
    const seen = new Set(pending);
    for (const node of pending) {
      for (const next of lists[node] ?? []) {
        if (seen.has(next)) continue;
        seen.add(next);
        pending.push(next);
      }
    }
    return seen.has(to);
  }
});
