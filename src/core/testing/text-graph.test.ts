import { describe, expect, test } from "vitest";
import { row } from "../columns.ts";
import type { Graph } from "../graph/graph.ts";
import { textGraph } from "./text-graph.ts";

/** A graph back as lines that a person can check. */
function describeGraph(graph: Graph): string[] {
  const names = (numbers: Iterable<number>) => [...numbers].map((tensor) => graph.tensorNames[tensor]).join(",");
  const ops = graph.opNames.map((name, op) => {
    const constants = [...row(graph.opConstants, op)].map((constant) => graph.constantNames[constant]);
    return `${name}(${[names(row(graph.opInputs, op)), ...constants].join(" ")}) ${names(row(graph.opOutputs, op))}`;
  });
  return [`in ${names(graph.inputs)}`, ...ops, `out ${names(graph.outputs)}`];
}

describe("textGraph", () => {
  test("a diamond: one tensor with two readers, ops in topological order", () => {
    const { graph, work } = textGraph("a -> b -> d; a -> c -> d");
    expect(describeGraph(graph)).toEqual(["in input", "a(input) a", "b(a) b", "c(a) c", "d(b,c) d", "out d"]);
    expect([...row(graph.tensorConsumers, graph.tensorNames.indexOf("a"))]).toEqual([1, 2]);
    expect([...work]).toEqual([1, 1, 1, 1]);
  });

  test("bytes, work, types, named tensors, inputs, outputs and constants", () => {
    const { graph, work } = textGraph(`
      [image:600] -> a=3 -100-> b:Conv=0.5
      a -side:7-> c -?-> d
      b -> c; b -> []
      d -> [label:40]; [image] -> d
      w:32 => a, b
    `);
    expect(describeGraph(graph)).toEqual([
      "in image",
      "a(image w) a,side",
      "b(a w) b",
      "c(side,b) c",
      "d(c,image) label",
      "out b,label",
    ]);
    const bytes = Object.fromEntries(graph.tensorNames.map((name, tensor) => [name, graph.tensorBytes[tensor]]));
    expect(bytes).toEqual({ image: 600, a: 100, side: 7, b: 1, c: Number.NaN, label: 40 });
    expect([...work]).toEqual([3, 0.5, 1, 1]);
    expect(graph.opTypes).toEqual(["Op", "Conv", "Op", "Op"]);
    expect([...graph.constantBytes]).toEqual([32]);
  });

  test("a cycle, two origins of a tensor and what is no op are mistakes", () => {
    expect(() => textGraph("a -> b -> a")).toThrow("ops a,b form a cycle");
    expect(() => textGraph("[a] -> a -> b")).toThrow('tensor "a" has two origins');
    expect(() => textGraph("a -> 3b")).toThrow('"3b" is not an op');
    expect(() => textGraph("[x] -y-> a")).toThrow('"y" gives another');
    expect(() => textGraph("a -x y-> b")).toThrow("is not an op");
    expect(() => textGraph("a -5-> [y]")).toThrow('"5" already');
  });
});
