import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { item } from "../columns.ts";
import type { Graph } from "../graph/graph.ts";
import { unwrap } from "../result.ts";
import { graphFromText } from "../testing/graph-text.ts";
import { applyProfile, listedProfile, profileCoverage } from "./apply.ts";
import { joinCompanions } from "./companions.ts";
import { constantDistribution } from "./distribution.ts";
import { openProfile, readProfile } from "./formats/formats.ts";
import { rawEntry, rawProfile } from "./formats/make.ts";
import { writeProfile } from "./formats/native.ts";
import type { RawEntry } from "./formats/raw-profile.ts";
import { type MatchedProfile, matchManually, matchProfile } from "./match.ts";
import { labelParts, servedLabel } from "./match-labels.ts";
import type { LatencyTable } from "./profile.ts";

/** Matches as TensorRT, OpenVINO, TensorFlow Lite and ncnn need them. */

function entry(label: string, more: Partial<RawEntry> = {}): RawEntry {
  return rawEntry(label, constantDistribution(1, 1), more);
}

/** "a+b <- label & overheads (rule)" per group in the entries' order, and what is left. */
function drawn(graph: Graph, matched: MatchedProfile): readonly string[] {
  const names = (ops: readonly number[]) => ops.map((op) => item(graph.opNames, op)).join("+");
  const labels = (entries: readonly number[]) => entries.map((i) => item(matched.raw.entries, i).label).join(" & ");
  const rest = [
    ["elided", names(matched.elided)],
    ["unmatched ops", names(matched.unmatchedOps)],
    ["unmatched entries", labels(matched.unmatchedEntries)],
  ].flatMap(([what, list]) => (list === "" ? [] : [`${what}: ${list}`]));
  const groups = matched.groups
    .toSorted((one, other) => one.entry - other.entry)
    .map(({ entry, ops, rule, overheads }) => `${names(ops)} <- ${labels([entry, ...overheads])} (${rule})`);
  return [...groups, ...rest];
}

function match(graph: Graph, entries: readonly RawEntry[]): readonly string[] {
  return drawn(graph, unwrap(matchProfile(rawProfile("test", "f", entries), graph)));
}

const BLOCK = graphFromText(`
  Conv_0 Conv x $w0 -> t0
  Relu_1 Relu t0 -> t1
  Conv_2 Conv t1 $w1 -> t2
  Sigmoid_3 Sigmoid t2 -> t3
  Mul_4 Mul t2 t3 -> t4
  Add_5 Add t4 t1 -> t5
  Relu_6 Relu t5 -> t6
  Reshape_7 Reshape t6 $k -> t7
  Gemm_8 Gemm t7 $m -> y
`);

describe("TensorRT", () => {
  test.each([
    ["Conv_0 + Relu_1", ["Conv_0", "Relu_1"]],
    ["w.weight + QuantizeLinear_8 + Conv_12 + PWN(Clip_16)", ["w.weight", "QuantizeLinear_8", "Conv_12", "Clip_16"]],
    ["PWN(PWN(Sigmoid_3), Mul_4)", ["Sigmoid_3", "Mul_4"]],
    ["PWN(PWN(PWN(a), PWN(b, c)) + d)", ["a", "b", "c", "d"]],
    ["{ForeignNode[A...B]}", ["ForeignNode[A...B]"]],
    ["(Unnamed Layer* 12) [Shuffle] + MatMul_3", ["(Unnamed Layer* 12) [Shuffle]", "MatMul_3"]],
    ["[ONNX Layer: a]\u001f[ONNX Layer: b]", ["[ONNX Layer: a]", "[ONNX Layer: b]"]],
  ])("%s", (label, parts) => {
    expect(labelParts(label)).toEqual(parts);
  });

  test("copies and views name what they serve", () => {
    expect(servedLabel("Reformatting CopyNode for Input Tensor 0 to Conv_0 + Relu_1")).toBe("Conv_0 + Relu_1");
    expect(servedLabel("Reformatting CopyNode for Output Tensor 0 to reshape_after_Gemm_48")).toBe("Gemm_48");
    expect(servedLabel("Conv_0")).toBeNull();
  });

  test("fused names, point-wise networks, copies, what lies between named ops", () => {
    const entries = [
      entry("Reformatting CopyNode for Input Tensor 0 to Conv_2 + Add_5 + Relu_6", { kind: "overhead" }),
      entry("w0 + Conv_0 + Relu_1"),
      entry("Conv_2 + Add_5 + Relu_6"),
      entry("PWN(PWN(Sigmoid_3), Mul_4)"),
      entry("Gemm_8 [profile 0]"),
    ];
    expect(match(BLOCK, entries)).toEqual([
      "Conv_0+Relu_1 <- w0 + Conv_0 + Relu_1 (decorated)",
      "Conv_2+Add_5+Relu_6 <- Conv_2 + Add_5 + Relu_6 & Reformatting CopyNode for Input Tensor 0 to Conv_2 + Add_5 + Relu_6 (decorated)",
      "Sigmoid_3+Mul_4 <- PWN(PWN(Sigmoid_3), Mul_4) (decorated)",
      "Gemm_8 <- Gemm_8 [profile 0] (decorated)",
      "elided: Reshape_7",
    ]);
  });

  test("a region takes what lies on the paths between its ends and has no entry of its own", () => {
    expect(match(BLOCK, [entry("{ForeignNode[Conv_2...Relu_6]}"), entry("Conv_0 + Relu_1"), entry("Gemm_8")])).toEqual([
      "Conv_2+Sigmoid_3+Mul_4+Add_5+Relu_6 <- {ForeignNode[Conv_2...Relu_6]} (region)",
      "Conv_0+Relu_1 <- Conv_0 + Relu_1 (decorated)",
      "Gemm_8 <- Gemm_8 (name)",
      "elided: Reshape_7",
    ]);
    expect(match(BLOCK, [entry("{ForeignNode[a constant...Mul_4]}"), entry("Add_5"), entry("Gemm_8")])).toEqual([
      "Conv_0+Relu_1+Conv_2+Sigmoid_3+Mul_4 <- {ForeignNode[a constant...Mul_4]} (region)",
      "Add_5+Relu_6 <- Add_5 (name)",
      "Gemm_8 <- Gemm_8 (name)",
      "elided: Reshape_7",
    ]);
  });

  test("nodes and tensors of the engine's layers; a second kernel of the same nodes adds its time", () => {
    const profile = `[{"count":20},{"name":"k1","averageMs":2,"timeMs":2},{"name":"k2","averageMs":3,"timeMs":3},
      {"name":"myelin","averageMs":1,"timeMs":1},{"name":"Gemm_8","averageMs":1,"timeMs":1}]`;
    const layers = `{"Layers":[{"Name":"k1","Outputs":[],"Metadata":"[ONNX Layer: Conv_0]\u001f[ONNX Layer: Relu_1]"},
      {"Name":"k2","Outputs":[],"Metadata":"[ONNX Layer: Relu_1]"},
      {"Name":"myelin","Outputs":[{"Name":"t6"}]}]}`;
    const files = [layers, profile].map((text, i) => {
      const reader = openProfile(`f${i}`);
      reader.push(text);
      const reading = reader.end();
      return { fileName: `f${i}`, format: reader.format, reading };
    });
    const joined = joinCompanions(files);
    expect(joined.map(({ joinedTo }) => joinedTo)).toEqual(["f1", null]);
    const reading = unwrap(item(joined, 1).reading);
    if (reading.kind !== "profile") throw new Error("no profile");
    expect(drawn(BLOCK, unwrap(matchProfile(reading.profile, BLOCK)))).toEqual([
      "Conv_0+Relu_1 <- k1 & k2 (listed)",
      "Relu_6 <- myelin (tensor)",
      "Gemm_8 <- Gemm_8 (name)",
      "elided: Reshape_7",
      "unmatched ops: Conv_2+Sigmoid_3+Mul_4+Add_5",
    ]);
  });
});

describe("names in another spelling", () => {
  const graph = graphFromText(
    "/model/Conv.1 Conv x $w -> a\n /model/conv/2 Conv a $v -> model/out:0\n d Softmax model/out:0 -> y",
  );

  test("signs and case do not count, ambiguous names match nothing", () => {
    expect(match(graph, [entry("MODEL_CONV_1"), entry("model_conv_2"), entry("D")])).toEqual([
      "/model/Conv.1 <- MODEL_CONV_1 (sanitised)",
      "/model/conv/2 <- model_conv_2 (sanitised)",
      "d <- D (sanitised)",
    ]);
    const twice = graphFromText("a.b Conv x $w -> t\n a/b Conv t $v -> s\n c Relu s -> y");
    expect(match(twice, [entry("a_b"), entry("c")])).toEqual([
      "c <- c (name)",
      "unmatched ops: a.b+a/b",
      "unmatched entries: a_b",
    ]);
  });

  test("tensors that converters number", () => {
    expect(match(graph, [entry("?", { outputs: ["model/out"], opType: "Convolution" })])).toContain(
      "/model/conv/2 <- ? (tensor)",
    );
  });
});

describe("OpenVINO", () => {
  test("ops that were optimised away take no time; others are fused", () => {
    const entries = [
      entry("Conv_0", { opType: "Convolution" }),
      entry("Relu_1", { kind: "elided" }),
      entry("Conv_2", { opType: "Convolution" }),
      entry("Mul_4", { kind: "elided" }),
      entry("Add_5"),
      entry("Gemm_8", { opType: "Dense" }),
    ];
    expect(match(BLOCK, entries)).toEqual([
      "Conv_0+Relu_1 <- Conv_0 (name)",
      "Conv_2 <- Conv_2 (name)",
      "Add_5+Relu_6 <- Add_5 (name)",
      "Gemm_8 <- Gemm_8 (name)",
      "elided: Mul_4+Reshape_7",
      "unmatched ops: Sigmoid_3",
    ]);
  });
});

describe("alignment", () => {
  const graph = graphFromText(
    `
    c0 Conv x $w -> a
    b0 BatchNormalization a $s -> b
    r0 Relu b -> c
    p0 MaxPool c -> d
    c1 Conv d $v -> e
    r1 Relu e -> f
    f0 Flatten f -> g
    g0 Gemm g $m -> h
    s0 Softmax h -> y
  `,
    {
      shapes: {
        a: [1, 8, 4, 4],
        b: [1, 8, 4, 4],
        c: [1, 8, 4, 4],
        d: [1, 8, 2, 2],
        e: [1, 4, 2, 2],
        f: [1, 4, 2, 2],
        h: [1, 5],
        y: [1, 5],
      },
    },
  );
  const foreign = (types: string) => types.split(" ").map((type, i) => entry(`op${i}`, { opType: type }));

  test("ops without names are found by order and type, what is folded goes with them", () => {
    const matched = unwrap(
      matchProfile(rawProfile("t", "f", foreign("Convolution Pooling Convolution Dense Softmax")), graph),
    );
    expect(drawn(graph, matched)).toEqual([
      "c0+b0+r0 <- op0 (aligned)",
      "p0 <- op1 (aligned)",
      "c1+r1 <- op2 (aligned)",
      "g0 <- op3 (aligned)",
      "s0 <- op4 (aligned)",
      "elided: f0",
    ]);
    expect(matched.warnings).toContain(
      "The profile's names are not those of the model: ops were matched by their order, type and size; check a few.",
    );
  });

  test("sizes decide where types do not, in any layout", () => {
    const entries = [entry("k", { opType: "Convolution", outputShape: [1, 2, 2, 4] })];
    const [only] = entries;
    if (only === undefined) throw new Error("no entry");
    const two = graphFromText("c0 Conv x $w -> a\n c1 Conv a $v -> y", {
      shapes: { a: [1, 8, 4, 4], y: [1, 4, 2, 2] },
    });
    const macs = Float64Array.of(1, 99);
    expect(drawn(two, unwrap(matchProfile(rawProfile("t", "f", entries), two, macs)))).toEqual([
      "c1 <- k (aligned)",
      "unmatched ops: c0",
    ]);
    // By heavy ops alone only half of the model is there.
    expect(matchProfile(rawProfile("t", "f", entries), two).ok).toBe(false);
  });

  test.each(["Convolution Softmax", "Convolution Convolution Convolution Convolution Dense", "Pooling Softmax"])(
    "another model is refused: %s",
    (types) => {
      const result = matchProfile(rawProfile("t", "f", foreign(types)), graph);
      expect(result.ok ? "accepted" : result.error).toMatch(/it was recorded on another model\.$/);
    },
  );
});

test("an entry that comes again adds its time to the same ops", () => {
  const again = [
    entry("Conv_0"),
    entry("Conv_2"),
    entry("Conv_0"),
    entry("Gemm_8"),
    entry("stranger"),
    entry("stranger"),
  ];
  expect(match(BLOCK, again)).toEqual([
    "Conv_0+Relu_1 <- Conv_0 & Conv_0 (name)",
    "Conv_2 <- Conv_2 (name)",
    "Gemm_8 <- Gemm_8 (name)",
    "elided: Reshape_7",
    "unmatched ops: Sigmoid_3+Mul_4+Add_5+Relu_6",
    "unmatched entries: stranger & stranger",
  ]);
});

test("a match survives the way through a native file", () => {
  const entries = [
    entry("k1", { nodes: ["Conv_0", "Relu_1"] }),
    entry("k2", { nodes: ["Relu_1"] }),
    entry("Reformatting CopyNode for Input Tensor 0 to Conv_2", { kind: "overhead" }),
    entry("Conv_2"),
    entry("Mul_4", { kind: "elided", latency: constantDistribution(0, 1) }),
    entry("{ForeignNode[Add_5...Relu_6]}"),
    entry("Gemm_8"),
  ];
  const matched = unwrap(matchProfile(rawProfile("test", "f", entries), BLOCK));
  const text = writeProfile(listedProfile(matched, BLOCK));
  const back = unwrap(matchProfile(unwrap(readProfile(text, "f.json")), BLOCK));
  const ops = ({ groups }: MatchedProfile) => groups.map((group) => group.ops).sort(([a = 0], [b = 0]) => a - b);
  expect(ops(back)).toEqual(ops(matched));
  expect([back.elided, back.unmatchedOps]).toEqual([matched.elided, matched.unmatchedOps]);
  expect(matched.unmatchedOps.map((op) => BLOCK.opNames[op])).toEqual(["Sigmoid_3"]);
  const estimate: LatencyTable = {
    seconds: new Float64Array(9),
    low: new Float64Array(9),
    high: new Float64Array(9),
    provenance: new Uint8Array(9),
    group: new Int32Array(9).fill(-1),
    origins: new Map(),
  };
  expect([...applyProfile(estimate, back).seconds]).toEqual([...applyProfile(estimate, matched).seconds]);
  expect(applyProfile(estimate, matched).seconds[0]).toBe(2);
});

describe("matchManually", () => {
  const entries = [entry("Conv_0"), entry("mystery"), entry("Conv_2"), entry("Gemm_8")];
  const matched = unwrap(matchProfile(rawProfile("test", "f", entries), BLOCK));
  const before = drawn(BLOCK, matched);
  const op = (name: string) => BLOCK.opNames.indexOf(name);

  test("gives an entry ops, and takes them from whatever had them", () => {
    expect(before).toContain("Conv_0+Relu_1 <- Conv_0 (name)");
    const changed = matchManually(matched, BLOCK, 1, [op("Relu_1"), op("Sigmoid_3"), op("Mul_4")]);
    expect(drawn(BLOCK, changed)).toEqual([
      "Conv_0 <- Conv_0 (name)",
      "Relu_1+Sigmoid_3+Mul_4 <- mystery (manual)",
      "Conv_2 <- Conv_2 (name)",
      "Gemm_8 <- Gemm_8 (name)",
      "elided: Reshape_7",
      "unmatched ops: Add_5+Relu_6",
    ]);
    expect(drawn(BLOCK, matched)).toEqual(before);
  });

  test("with no ops an entry is matched to nothing; one that lost its last op is unmatched", () => {
    const none = drawn(BLOCK, matchManually(matched, BLOCK, 3, []));
    expect(none).toContain("unmatched entries: mystery & Gemm_8");
    const stolen = matchManually(matched, BLOCK, 1, [op("Gemm_8")]);
    expect(drawn(BLOCK, stolen)).toContain("unmatched entries: Gemm_8");
    expect(profileCoverage(stolen).unmatchedEntries).toBe(1);
  });
});

const samples = new URL("../../../../shared/profiles/tensorrt/", import.meta.url);
const present = existsSync(samples);
if (!present) console.log(`match-runtimes: samples skipped, ${samples.pathname} is absent`);

describe.skipIf(!present)("a real TensorRT profile", () => {
  const text = (name: string) => readFileSync(new URL(name, samples), "utf8");

  /** The network that an engine was built from, as far as its layers' names and tensors tell. */
  function networkOf(engine: string): Graph {
    const { Layers } = JSON.parse(engine) as {
      Layers: { Name: string; Inputs: { Name: string }[]; Outputs: { Name: string }[] }[];
    };
    const original = new Map(
      Layers.filter(({ Name }) => Name.startsWith("Reformatting")).map(({ Inputs, Outputs }) => [
        Outputs[0]?.Name ?? "",
        Inputs[0]?.Name ?? "",
      ]),
    );
    const lines = Layers.filter(({ Name }) => !/^Reformatting|_after_/.test(Name)).flatMap(
      ({ Name, Inputs, Outputs }) => {
        const [first = "", ...rest] = Inputs.map((input) => original.get(input.Name) ?? input.Name);
        const ops = labelParts(Name).filter((part) => /^[A-Z]\w*_\d+$/.test(part));
        return ops.map((op, i) => {
          const reads = i === 0 ? first : `${Name.replaceAll(" ", "")}.${i - 1}`;
          const extra = op.startsWith("Add") ? rest.join(" ") : op.startsWith("Conv") ? `$${op}.weight` : "";
          const writes = i === ops.length - 1 ? (Outputs[0]?.Name ?? "y") : `${Name.replaceAll(" ", "")}.${i}`;
          return `${op} ${op.replace(/_\d+$/, "")} ${reads} ${extra} -> ${writes}`;
        });
      },
    );
    return graphFromText(lines.join("\n"));
  }

  test.each([
    ["pytorch_resnet18_A100_fp16.graph.json", "pytorch_resnet18_A100_fp16.profile.json"],
    ["mobilenet.qat.onnx.engine.graph.json", "mobilenet.qat.onnx.engine.profile.json"],
  ])("%s: all ops and nearly all of the time", (engine, profile) => {
    const graph = networkOf(text(engine));
    const matched = unwrap(matchProfile(unwrap(readProfile(text(profile), "unknown")), graph));
    const coverage = profileCoverage(matched);
    console.log(
      `${profile}: ${coverage.matchedOps} of ${coverage.ops} ops, ${(100 * coverage.matchedShare).toFixed(1)} % of the time`,
    );
    expect(coverage.unmatchedOps).toBe(0);
    expect(coverage.matchedShare).toBeGreaterThan(0.98);
  });
});
