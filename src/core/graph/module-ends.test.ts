import { expect, test } from "vitest";
import { item } from "../columns.ts";
import { textGraph } from "../testing/text-graph.ts";
import { ancestors, descendants } from "./closure.ts";
import { oneTensorCuts } from "./cuts.ts";
import type { Graph } from "./graph.ts";
import { cutAround, cutBehind, runEnds } from "./module-ends.ts";

const names = (graph: Graph, tensors: readonly number[]) => tensors.map((tensor) => item(graph.tensorNames, tensor));

const { graph } = textGraph("[in:600] -> a -200-> b; a -> c; b -300-> d; c -400-> d -50-> e");
const cuts = oneTensorCuts(graph);
const opOf = (name: string) => graph.opNames.indexOf(name);

test("ends of a run: what it reads from outside, what others read of it", () => {
  const [from, to] = [opOf("b"), opOf("c") + 1];
  expect(to - from).toBe(2);
  const { reads, writes } = runEnds(graph, from, to);
  expect(names(graph, reads)).toEqual(["a"]);
  expect(names(graph, writes)).toEqual(["b", "c"]);
  const whole = runEnds(graph, 0, graph.opCount);
  expect(whole.reads).toEqual([...graph.inputs]);
  expect(whole.writes).toEqual([...graph.outputs]);
});

test("a cut behind so many ops carries the tensors that are still needed", () => {
  expect(cutBehind(graph, cuts, opOf("a") + 1)).toMatchObject({ isOneTensor: true, bytes: 200 });
  const middle = cutBehind(graph, cuts, opOf("c") + 1);
  expect([names(graph, middle.tensors), middle.bytes, middle.isOneTensor]).toEqual([["b", "c"], 700, false]);
  // The input itself separates nothing that could run anywhere else.
  expect(cutBehind(graph, cuts, 0).isOneTensor).toBe(false);
});

test("a cut around an op and what it needs", () => {
  const around = cutAround(graph, cuts, ancestors(graph, opOf("b")));
  expect([names(graph, around.tensors), around.bytes]).toEqual([["a", "b"], 500]);
  expect(cutAround(graph, cuts, ancestors(graph, opOf("e"))).tensors).toEqual([]);
});

test("closures of several ops are the unions of their own", () => {
  for (const closure of [ancestors, descendants]) {
    const [one, other] = [closure(graph, opOf("b")), closure(graph, opOf("c"))];
    const both = closure(graph, [opOf("b"), opOf("c")]);
    expect([...both]).toEqual([...one].map((mark, op) => Math.max(mark, other[op] ?? 0)));
  }
  expect([...ancestors(graph, [])]).toEqual([...new Uint8Array(graph.opCount)]);
});
