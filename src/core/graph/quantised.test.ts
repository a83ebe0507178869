import { describe, expect, test } from "vitest";
import { item } from "../columns.ts";
import { textGraph } from "../testing/text-graph.ts";
import { insideQuantisedGroups, quantisedGroups } from "./quantised.ts";

/** Names of the ops of each group, and tensors that must not be cut, of a graph as text. */
function groupsOf(text: string): readonly (readonly string[])[] {
  const { graph } = textGraph(text);
  const groups = new Map<number, string[]>();
  for (const [op, group] of quantisedGroups(graph).entries()) {
    if (group < 0) continue;
    groups.set(group, [...(groups.get(group) ?? []), item(graph.opNames, op)]);
  }
  return [...groups.values()];
}

describe("quantisedGroups", () => {
  test("an op with what dequantises for it alone and what quantises after it is one unit", () => {
    const text =
      "[in] -> q0:QuantizeLinear -> d0:DequantizeLinear -> conv:Conv -> q1:QuantizeLinear -> d1:DequantizeLinear -> gemm:Gemm -> q2:QuantizeLinear -> d2:DequantizeLinear";
    expect(groupsOf(text)).toEqual([
      ["d0", "conv", "q1"],
      ["d1", "gemm", "q2"],
    ]);
  });

  test("an activation before the quantisation belongs to it", () => {
    const text = "[in] -> d0:DequantizeLinear -> conv:Conv -> relu:Relu -> q1:QuantizeLinear -> d1:DequantizeLinear";
    expect(groupsOf(text)).toEqual([["d0", "conv", "relu", "q1"]]);
  });

  test("what several ops dequantise from is left out, and so is a model in floats", () => {
    const shared = `
      [in] -> d0:DequantizeLinear -> a:Conv -> q1:QuantizeLinear
      d0 -> b:Conv -> q2:QuantizeLinear
    `;
    expect(groupsOf(shared)).toEqual([]);
    expect(groupsOf("[in] -> a:Conv -> b:Relu -> c:Conv")).toEqual([]);
  });

  test("only tensors inside a unit are kept whole: cuts stay possible where integers pass", () => {
    const { graph } = textGraph(
      "[in] -> q0:QuantizeLinear -> d0:DequantizeLinear -> conv:Conv -> q1:QuantizeLinear -> d1:DequantizeLinear -> last:Softmax",
    );
    const inside = insideQuantisedGroups(graph, quantisedGroups(graph));
    const kept = graph.tensorNames.filter((_, tensor) => inside[tensor] === 1);
    const producers = kept.map((name) => {
      const tensor = graph.tensorNames.indexOf(name);
      return graph.opNames[graph.tensorProducer[tensor] ?? -1];
    });
    expect(producers).toEqual(["d0", "conv"]);
  });
});
