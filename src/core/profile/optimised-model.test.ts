import { describe, expect, test } from "vitest";
import { item } from "../columns.ts";
import type { Graph } from "../graph/graph.ts";
import { decodeModel } from "../onnx/decode.ts";
import { bytesSource } from "../onnx/source.ts";
import { ok, unwrap } from "../result.ts";
import { graphFromText } from "../testing/graph-text.ts";
import { ModelBuilder } from "../testing/model-builder.ts";
import { joinCompanions } from "./companions.ts";
import { distributionOf } from "./distribution.ts";
import { rawEntry, rawProfile } from "./formats/make.ts";
import type { OptimisedNode, Reading } from "./formats/raw-profile.ts";
import { matchProfile } from "./match.ts";
import { optimisedNodes } from "./optimised-model.ts";

/** A layer normalisation and a gated unit, which fusion renames beyond recognition; a convolution with a sum. */
const GRAPH = graphFromText(
  [
    "mean ReduceMean x -> m",
    "sub Sub x m -> s",
    "pow Pow s -> p",
    "mean2 ReduceMean p -> v",
    "div Div s v -> n",
    "scale Mul n $g -> n2",
    "conv Conv n2 $w -> c",
    "sig Sigmoid c -> q",
    "gate Mul c q -> h",
    "conv2 Conv h $w -> e",
    "sum Add e n2 -> r",
    "relu Relu r -> y",
  ].join("\n"),
);

function nodesOf(net: ModelBuilder): readonly OptimisedNode[] {
  return optimisedNodes(unwrap(decodeModel(bytesSource("optimised.onnx", net.bytes()))));
}

function optimised(): ModelBuilder {
  const net = new ModelBuilder({ name: "optimised", seed: 1, opset: 17 });
  const x = net.input("x", "float", [1, 8, 4, 4]);
  const weight = net.weight("w", [8, 8, 1, 1], 1);
  const n2 = net.node("LayerNormalization", [x, net.vector("g", [8], 1, 0)], { name: "norm/fused", outputs: ["n2"] });
  const c = net.node("Conv", [n2, weight], { name: "c_nchwc", outputs: ["reorder"] });
  const h = net.node("QuickGelu", [c], { name: "gate/QuickGeluFusion/", outputs: ["reorder_token_1"] });
  const r = net.node("Conv", [h, weight, net.vector("b", [8], 0, 0), n2], {
    name: "e_nchwc",
    outputs: ["reorder_token_2"],
  });
  net.node("ReorderOutput", [r], { name: "ReorderOutput", outputs: ["y"] });
  return net.output("y");
}

const second = distributionOf([1]);
const trace = (labels: readonly (readonly [string, string])[]) =>
  rawProfile(
    "ort-trace",
    "t.json",
    labels.map(([label, opType]) =>
      rawEntry(label, second, { opType, activationBytes: 8, inputCount: label === "e_nchwc" ? 4 : null }),
    ),
  );

const TRACE = trace([
  ["norm/fused", "LayerNormalization"],
  ["c_nchwc", "Conv"],
  ["gate/QuickGeluFusion/", "QuickGelu"],
  ["e_nchwc", "Conv"],
  ["ReorderOutput", "ReorderOutput"],
]);

function groups(graph: Graph, nodes: readonly OptimisedNode[] | null) {
  const profile = {
    fileName: "t.json",
    format: null,
    reading: { ok: true, value: { kind: "profile", profile: TRACE } },
  };
  const companion = {
    fileName: "o.onnx",
    format: null,
    reading: { ok: true, value: { kind: "optimised", nodes: nodes ?? [] } },
  };
  const [, joined] = joinCompanions([companion, profile] as Parameters<typeof joinCompanions>[0]);
  const reading = joined === undefined ? undefined : unwrap(joined.reading);
  if (reading?.kind !== "profile") throw new Error("no profile");
  const matched = unwrap(matchProfile(reading.profile, graph));
  return matched.groups.map(
    ({ entry, ops, rule }) =>
      `${ops.map((op) => item(graph.opNames, op)).join("+")} <- ${item(matched.raw.entries, entry).label} (${rule})`,
  );
}

describe("the optimised model beside a trace", () => {
  test("gives each node the ops between its tensors, as far as these are known", () => {
    expect(groups(GRAPH, nodesOf(optimised()))).toEqual([
      "mean+sub+pow+mean2+div+scale <- norm/fused (optimised)",
      "conv <- c_nchwc (optimised)",
      "conv2+sum+relu <- e_nchwc (tensor)",
      "gate <- gate/QuickGeluFusion/ (decorated)",
    ]);
  });

  test("one of another model is joined to nothing", () => {
    const other = new ModelBuilder({ name: "other", seed: 1 });
    other.node("Relu", [other.input("x", "float", [1])], { name: "r", outputs: ["y"] });
    const reading = { ok: true as const, value: { kind: "profile" as const, profile: TRACE } };
    const companion = { ok: true as const, value: { kind: "optimised" as const, nodes: nodesOf(other.output("y")) } };
    const joined = joinCompanions([
      { fileName: "t.json", format: null, reading },
      { fileName: "o.onnx", format: null, reading: companion },
    ]);
    expect(joined.map(({ joinedTo }) => joinedTo)).toEqual([null, null]);
    expect(joined[0]?.reading).toEqual(reading);
  });

  test("one that fits two traces alike is joined to neither, and says so", () => {
    const file = (fileName: string, value: Reading) => ({ fileName, format: null, reading: ok(value) });
    const joined = joinCompanions([
      file("t.json", { kind: "profile", profile: TRACE }),
      file("u.json", { kind: "profile", profile: { ...TRACE, fileName: "u.json" } }),
      file("o.onnx", { kind: "optimised", nodes: nodesOf(optimised()) }),
    ]);
    expect(joined.map(({ joinedTo }) => joinedTo)).toEqual([null, null, null]);
    expect(joined[2]?.whyAlone).toBe("goes with t.json as well as with u.json; expected it beside one of them");
  });

  test("one whose nodes have no names says why it was joined to nothing", () => {
    const nameless = nodesOf(optimised()).map((node) => ({ ...node, name: "" }));
    const joined = joinCompanions([
      { fileName: "t.json", format: null, reading: { ok: true, value: { kind: "profile", profile: TRACE } } },
      { fileName: "o.onnx", format: null, reading: { ok: true, value: { kind: "optimised", nodes: nameless } } },
    ]);
    expect(joined.map(({ whyAlone }) => whyAlone)).toEqual([
      undefined,
      "has no names for 4 of its 4 nodes, by which alone a trace says what it timed; expected a model whose nodes are named before the session writes it",
    ]);
  });
});
