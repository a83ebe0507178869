import { describe, expect, test } from "vitest";
import { item } from "../columns.ts";
import { buildGraph } from "../graph/build.ts";
import type { Graph } from "../graph/graph.ts";
import { decodeModel } from "../onnx/decode.ts";
import type { TensorType } from "../onnx/model.ts";
import { bytesSource } from "../onnx/source.ts";
import { unwrap } from "../result.ts";
import { ModelBuilder } from "../testing/model-builder.ts";
import { floatTensor } from "../testing/onnx-messages.ts";
import { writeModel } from "../testing/write-model.ts";
import { distributionOf } from "./distribution.ts";
import { rawEntry, rawProfile } from "./formats/make.ts";
import type { RawEntry, RawProfile } from "./formats/raw-profile.ts";
import { matchProfile } from "./match.ts";

/** What ONNX Runtime does to names and shapes, as seen in traces of real models. */

const second = distributionOf([1]);

function entry(label: string, opType: string, more: Partial<RawEntry> = {}): RawEntry {
  return rawEntry(label, second, { opType, activationBytes: 8, ...more });
}

/** A trace of whole runs. */
function trace(entries: readonly RawEntry[], more: Partial<RawProfile> = {}): RawProfile {
  return rawProfile("ort-trace", "t.json", entries, { endToEnd: second, runs: 50, ...more });
}

function laid(graph: Graph, raw: RawProfile) {
  const matched = unwrap(matchProfile(raw, graph));
  const names = (ops: readonly number[]) => ops.map((op) => item(graph.opNames, op)).join(" ");
  return {
    groups: matched.groups.map(({ entry: index, ops }) => `${names(ops)} <- ${item(raw.entries, index).label}`),
    elided: names(matched.elided),
    unmatched: names(matched.unmatchedOps),
    warnings: matched.warnings,
  };
}

const tensor = (...shape: number[]): TensorType => ({ kind: "tensor", elementType: "float", shape });

function graphOf(net: ModelBuilder, types: Readonly<Record<string, TensorType>> = {}): Graph {
  const model = unwrap(decodeModel(bytesSource("m.onnx", net.bytes())));
  return unwrap(buildGraph(model, new Map(Object.entries(types))));
}

/** conv -> sigmoid, mul(conv, sigmoid) -> up: the SiLU that ONNX Runtime fuses into a QuickGelu, and a resize. */
function silu(): Graph {
  const net = new ModelBuilder({ name: "silu" });
  const x = net.input("x", "float", [1, 3, 4, 4]);
  const c = net.node("Conv", [x, net.vector("w", [10, 3, 1, 1], 0, 1)], { name: "conv", outputs: ["c"] });
  const s = net.node("Sigmoid", [c], { name: "sigmoid" });
  const m = net.node("Mul", [c, s], { name: "mul", outputs: ["m"] });
  const u = net.node("Resize", [m, "", net.floats("scales", [1, 1, 2, 2])], { name: "up", outputs: ["u"] });
  return graphOf(net.output(u), { c: tensor(1, 10, 4, 4), m: tensor(1, 10, 4, 4), u: tensor(1, 10, 8, 8) });
}

const CONV = entry("conv", "Conv");
const GELU = entry("mul/QuickGeluFusion/", "QuickGelu", { nodeIndex: 9 });
const UP = entry("u_nchwc", "Upsample", { nodeIndex: 10 });

describe("a trace of whole runs", () => {
  test("tells that what has no entry was folded into something that has", () => {
    expect(laid(silu(), trace([CONV, GELU, UP]))).toEqual({
      groups: ["conv <- conv", "up <- u_nchwc", "mul <- mul/QuickGeluFusion/"],
      elided: "sigmoid",
      unmatched: "",
      warnings: [],
    });
  });

  test("but not of a type that an entry without an op may be", () => {
    const raw = trace([CONV, GELU, UP, entry("fused away", "Sigmoid", { nodeIndex: 11 })]);
    expect(laid(silu(), raw)).toMatchObject({ elided: "", unmatched: "sigmoid" });
  });

  test("and never of a convolution", () => {
    expect(laid(silu(), trace([GELU, UP]))).toMatchObject({ elided: "sigmoid", unmatched: "conv" });
  });

  test("still when it comes by way of our own format, not when it is of another", () => {
    const native = trace([CONV, GELU, UP], {
      format: "splitscope-profile",
      source: { fileName: "t.json", format: "ort-trace" },
    });
    expect(laid(silu(), native)).toMatchObject({ elided: "sigmoid", unmatched: "" });
    expect(laid(silu(), { ...native, source: null })).toMatchObject({ elided: "", unmatched: "sigmoid" });
  });

  test("not when it breaks off inside its first run", () => {
    expect(laid(silu(), trace([CONV, GELU, UP], { endToEnd: null }))).toMatchObject({ unmatched: "sigmoid" });
  });
});

describe("what a runtime inserted without a name of its own", () => {
  test("goes along with a neighbour where it does no work", () => {
    const matched = unwrap(matchProfile(trace([CONV, entry("Reshape_token_60", "Reshape"), GELU, UP]), silu()));
    expect(matched.unmatchedEntries).toEqual([]);
    expect(matched.groups.flatMap(({ overheads }) => overheads)).toEqual([1]);
  });
});

describe("half precision on a processor without it", () => {
  test("runs nodes under their name with a prefix; only casts of that name were inserted", () => {
    const raw = trace([
      entry("InsertedPrecisionFreeCast_c_nchwc", "Conv"),
      entry("InsertedPrecisionFreeCast_sigmoid", "Sigmoid"),
      entry("InsertedPrecisionFreeCast_mul", "Mul"),
      UP,
    ]);
    const { groups, unmatched } = laid(silu(), raw);
    expect(groups.toSorted()).toEqual([
      "conv <- InsertedPrecisionFreeCast_c_nchwc",
      "mul <- InsertedPrecisionFreeCast_mul",
      "sigmoid <- InsertedPrecisionFreeCast_sigmoid",
      "up <- u_nchwc",
    ]);
    expect(unmatched).toBe("");
  });
});

describe("channels in blocks", () => {
  test("are the same sizes, filled up or in an axis of their own", () => {
    const warnings = (conv: readonly number[], gelu: readonly number[]) =>
      laid(
        silu(),
        trace([
          entry("c_nchwc", "Conv", { outputShape: conv }),
          entry("mul/QuickGeluFusion/", "QuickGelu", { outputShape: gelu }),
          UP,
        ]),
      ).warnings;
    expect(warnings([1, 16, 4, 4], [1, 10, 4, 4])).toEqual([]);
    expect(warnings([1, 10, 4, 4], [1, 5, 4, 4, 2])).toEqual([]);
    expect(warnings([1, 16, 8, 8], [1, 10, 4, 4])).toEqual([expect.stringContaining("1 of 2 ops")]);
  });

  test("are not taken for filled up where names do not say that there are blocks", () => {
    const raw = trace([entry("conv", "Conv", { outputShape: [1, 16, 4, 4] }), GELU, UP]);
    const matched = matchProfile(raw, silu());
    expect(matched.ok ? "" : matched.error).toContain("other shapes at 1 of 1 ops");
  });
});

describe("nodes without names behind Constant nodes", () => {
  /** Constant, Add, Constant, Add, Relu: ONNX Runtime numbers them -, 0, -, 1, 2. */
  function unnamed(): Graph {
    const net = new ModelBuilder({ name: "unnamed" });
    const constant = (name: string) => {
      const value = { tensor: floatTensor("", [1], Float32Array.of(1)) };
      return net.node("Constant", [], { name, attributes: { value }, outputs: [name] });
    };
    const one = constant("one");
    const first = net.node("Add", [net.input("x", "float", [1]), one]);
    const second = net.node("Add", [first, constant("two")]);
    const proto = net.output(net.node("Relu", [second])).model();
    for (const node of proto.graph?.node ?? []) node.name = "";
    return unwrap(buildGraph(unwrap(decodeModel(bytesSource("m.onnx", writeModel(proto)))), new Map()));
  }

  test("are found by the number that the runtime gives them", () => {
    const graph = unnamed();
    expect(graph.opNames).toEqual(["Add_1", "Add_3", "Relu_4"]);
    expect([...graph.opRuntimeNumbers]).toEqual([0, 1, 2]);
    const raw = trace([
      entry("Add_0", "Add", { nodeIndex: 0 }),
      // The name that the other Add has here.
      entry("Add_1", "Add", { nodeIndex: 1 }),
      entry("Relu_2", "Relu", { nodeIndex: 2 }),
    ]);
    expect(laid(graph, raw).groups).toEqual(["Add_1 <- Add_0", "Add_3 <- Add_1", "Relu_4 <- Relu_2"]);
  });
});
