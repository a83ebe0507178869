import { describe, expect, test } from "vitest";
import { item } from "../columns.ts";
import type { Graph } from "../graph/graph.ts";
import { type Result, unwrap } from "../result.ts";
import { graphFromText } from "../testing/graph-text.ts";
import { distributionOf } from "./distribution.ts";
import type { RawEntry, RawProfile } from "./formats/raw-profile.ts";
import { type MatchedProfile, matchProfile } from "./match.ts";
import { canRunAs, decoratedNames, tensorLabels } from "./match-labels.ts";

/** An entry from "label:Type", with whatever else a case needs. */
function entry(text: string, more: Partial<RawEntry> = {}): RawEntry {
  const [, label = "", type = ""] = /^(.*):(\w*)$/.exec(text) ?? [];
  return {
    kind: "op",
    label,
    opType: type === "" ? null : type,
    nodeIndex: null,
    nodes: null,
    outputs: null,
    inputCount: null,
    activationBytes: 8,
    outputShape: null,
    provider: null,
    latency: distributionOf([1]),
    ...more,
  };
}

function profile(entries: readonly (string | RawEntry)[]): RawProfile {
  return {
    format: "ort-trace",
    fileName: "f.json",
    source: null,
    kind: "measured",
    model: { name: null, sha256: null },
    device: { name: null, runtime: null },
    runs: 50,
    warmupDropped: 3,
    endToEnd: null,
    additivity: null,
    entries: entries.map((value) => (typeof value === "string" ? entry(value) : value)),
    warnings: [],
  };
}

/** "a+b <- label" per group, in the entries' order, and what is left. */
function drawn(graph: Graph, matched: MatchedProfile): Record<string, unknown> {
  const names = (ops: readonly number[]) => ops.map((op) => item(graph.opNames, op)).join(" ");
  const labels = (entries: readonly number[]) => entries.map((i) => item(matched.raw.entries, i).label).join(" ");
  const rest = {
    elided: names(matched.elided),
    duplicates: names(matched.duplicates),
    unmatchedOps: names(matched.unmatchedOps),
    unmatchedEntries: labels(matched.unmatchedEntries),
    constantEntries: labels(matched.constantEntries),
  };
  return {
    groups: matched.groups
      .toSorted((one, other) => one.entry - other.entry)
      .map((group) => {
        const extra = group.overheads.length > 0 ? ` & ${labels(group.overheads)}` : "";
        return `${names(group.ops).replaceAll(" ", "+")} <- ${labels([group.entry])}${extra} (${group.rule})`;
      }),
    ...Object.fromEntries(Object.entries(rest).filter(([, text]) => text !== "")),
  };
}

function match(graph: Graph, entries: readonly (string | RawEntry)[]): Record<string, unknown> {
  const matched = unwrap(matchProfile(profile(entries), graph));
  for (const [op, group] of matched.owner.entries()) {
    const owners = matched.groups.flatMap(({ ops }, i) => (ops.includes(op) ? [i] : []));
    expect(owners).toEqual(group < 0 ? [] : [group]);
  }
  return drawn(graph, matched);
}

const sentence = (result: Result<unknown>) => (result.ok ? "accepted" : result.error);

/** A residual block: two convolutions with normalisation, a sum, a view, a classifier. */
const BLOCK = graphFromText(`
  c0 Conv x $w0 -> t0
  b0 BatchNormalization t0 $s0 -> t1
  r0 Relu t1 -> t2
  c1 Conv t2 $w1 -> t3
  b1 BatchNormalization t3 $s1 -> t4
  a0 Add t4 t2 -> t5
  r1 Relu t5 -> t6
  v0 Reshape t6 $k -> t7
  g0 Gemm t7 $m $n -> t8
  r2 Relu t8 -> y
`);

describe("rules", () => {
  test("by name: followers without an entry belong to the op before them", () => {
    expect(match(BLOCK, ["c0:FusedConv", "c1:Conv", "a0:Add", "r1:Relu", "g0:Gemm", "r2:Relu"])).toEqual({
      groups: [
        "c0+b0+r0 <- c0 (name)",
        "c1+b1 <- c1 (name)",
        "a0 <- a0 (name)",
        "r1 <- r1 (name)",
        "g0 <- g0 (name)",
        "r2 <- r2 (name)",
      ],
      elided: "v0",
    });
  });

  test("by output tensor: up to the op of the entry's type; one input too many takes the sum behind", () => {
    const entries = [
      entry("t2_nchwc:Conv", { inputCount: 3 }),
      entry("t4_nchwc:Conv", { inputCount: 4 }),
      entry("fused g0:Gemm"),
    ];
    expect(match(BLOCK, entries)).toEqual({
      groups: ["c0+b0+r0 <- t2_nchwc (tensor)", "c1+b1+a0+r1 <- t4_nchwc (tensor)", "g0+r2 <- fused g0 (decorated)"],
      elided: "v0",
    });
  });

  test("normalisation and arithmetic that were turned into a convolution", () => {
    const graph = graphFromText("p MaxPool x -> 1\n b BatchNormalization 1 $s -> 2\n m Mul 2 $c -> 3\n r Relu 3 -> y");
    expect(match(graph, ["1_nchwc:MaxPool", "2_bn_nchwc:Conv", "y_mul_nchwc_token_3:Conv"])).toEqual({
      groups: ["p <- 1_nchwc (tensor)", "b <- 2_bn_nchwc (tensor)", "m+r <- y_mul_nchwc_token_3 (tensor)"],
    });
  });

  test("by position where names are empty", () => {
    const entries = [
      entry(":Conv", { nodeIndex: 10 }),
      entry(":Relu", { nodeIndex: 12 }),
      entry(":Gemm", { nodeIndex: 12 }),
      entry(":Softmax", { nodeIndex: 77 }),
    ];
    const graph = graphFromText("c Conv x $w -> 1\n r Relu 1 -> 2\n g Gemm 2 $m -> y", { nodes: [10, 12, 15] });
    expect(match(graph, entries)).toEqual({
      groups: ["c <-  (position)", "r <-  (position)"],
      unmatchedOps: "g",
      unmatchedEntries: " ",
    });
  });

  test("all names of a joined label, and fusion suffixes", () => {
    const graph = graphFromText(
      "/l/MatMul MatMul x $w -> 1\n /l/Add Add 1 $b -> 2\n act Relu 2 -> 3\n s Softmax 3 -> y",
    );
    expect(match(graph, ["/l/MatMul/MatMulAddFusion:Gemm", "act + s:Relu"])).toEqual({
      groups: ["/l/MatMul+/l/Add <- /l/MatMul/MatMulAddFusion (decorated)", "act+s <- act + s (decorated)"],
    });
  });

  test("entries that list their ops", () => {
    const entries = [
      entry("whatever:", { nodes: ["c0", "b0", "r0"] }),
      entry("tail:", { nodes: ["g0", "#9", "gone"] }),
      entry("gone:", { nodes: ["gone"] }),
    ];
    expect(match(BLOCK, entries)).toEqual({
      groups: ["c0+b0+r0 <- whatever (listed)", "g0+r2 <- tail (listed)"],
      elided: "v0",
      unmatchedOps: "c1 b1 a0 r1",
      unmatchedEntries: "gone",
    });
  });

  test("one compiled part takes what has no entry", () => {
    const part = entry("TensorrtExecutionProvider_TRTKernel_graph_g_1_0:", { kind: "subgraph" });
    expect(match(BLOCK, [part])).toEqual({
      groups: [`c0+b0+r0+c1+b1+a0+r1+g0+r2 <- ${part.label} (subgraph)`],
      elided: "v0",
    });
    expect(match(BLOCK, ["c0:Conv", "b0:BatchNormalization", "r0:Relu", part])).toEqual({
      groups: [
        "c0 <- c0 (name)",
        "b0 <- b0 (name)",
        "r0 <- r0 (name)",
        `c1+b1+a0+r1+g0+r2 <- ${part.label} (subgraph)`,
      ],
      elided: "v0",
    });
    expect(sentence(matchProfile(profile([part, part]), BLOCK))).toBe(
      "f.json times 2 compiled parts of a model whose ops it does not name; expected a profile with one entry per op, or per part and its ops.",
    );
  });

  test("a surer rule comes first, and no op is measured twice", () => {
    // "t1" is a tensor and an op; the second "c" finds its op taken.
    const graph = graphFromText("t1 Conv x $w -> 1\n c Conv 1 $v -> t1\n d Relu t1 -> y");
    expect(match(graph, ["t1_nchwc:Conv", "t1:Conv", "t1:Conv", "d:Relu"])).toEqual({
      groups: ["c <- t1_nchwc (tensor)", "t1 <- t1 (name)", "d <- d (name)"],
      unmatchedEntries: "t1",
    });
  });
});

describe("fusion", () => {
  test("a sum goes to the branch that comes last, and heavy ops are never swallowed", () => {
    const graph = graphFromText(
      "a Conv x $w -> 1\n b Conv x $v -> 2\n s Add 1 2 -> 3\n c Conv 3 $u -> 4\n r Relu 4 -> y",
    );
    expect(match(graph, ["a:Conv", "b:Conv"])).toEqual({
      groups: ["a <- a (name)", "b+s <- b (name)"],
      unmatchedOps: "c r",
    });
  });

  test("not where somebody else reads the tensor", () => {
    const graph = graphFromText("a Conv x $w -> 1\n r Relu 1 -> 2\n s Add 1 2 -> y");
    expect(match(graph, ["a:FusedConv"])).toEqual({ groups: ["a <- a (name)"], unmatchedOps: "r s" });
  });

  test("Dropout between fused ops is stepped over and takes no time", () => {
    const graph = graphFromText("a Conv x $w -> 1\n d Dropout 1 -> 2\n r Relu 2 -> y");
    expect(match(graph, ["a:FusedConv"])).toEqual({ groups: ["a+r <- a (name)"], elided: "d" });
  });
});

describe("left over", () => {
  const shapes = { w1: [4, 4], w2: [4, 4], w3: [8, 4], "1": [4], "2": [4], "3": [8], x: [4] };

  test("ops that repeat a measured op, and those behind them", () => {
    const graph = graphFromText(
      "a Gemm x $w1 -> 1\n b Gemm x $w2 -> 2\n c Gemm x $w3 -> 3\n r Relu 1 -> 4\n s Relu 2 -> 5\n z Concat 4 5 3 -> y",
      { shapes },
    );
    expect(match(graph, ["a:Gemm", "r:Relu", "z:Concat"])).toEqual({
      groups: ["a <- a (name)", "r <- r (name)", "z <- z (name)"],
      duplicates: "b s",
      unmatchedOps: "c",
    });
  });

  test("what the runtime inserted goes to its neighbour, constants are set aside, the rest is listed", () => {
    const overhead = (text: string) => entry(text, { kind: "overhead" });
    const entries = [
      entry("ConstantOfShape_2:ConstantOfShape", { activationBytes: 0 }),
      overhead("ReorderInput:ReorderInput"),
      "c0:FusedConv",
      overhead("ReorderOutput:ReorderOutput"),
      overhead("InsertedCast_t2:Cast"),
      "c1:Conv",
      "stranger:Conv",
    ];
    expect(match(BLOCK, entries)).toEqual({
      groups: ["c0+b0+r0 <- c0 & ReorderInput ReorderOutput (name)", "c1+b1+a0+r1 <- c1 & InsertedCast_t2 (name)"],
      elided: "v0",
      unmatchedOps: "g0 r2",
      unmatchedEntries: "stranger",
      constantEntries: "ConstantOfShape_2",
    });
  });
});

describe("another model", () => {
  test("under 20 % of the ops", () => {
    expect(sentence(matchProfile(profile(["r2:Relu", "conv7:Conv", "pool:MaxPool"]), BLOCK))).toBe(
      "f.json names 1 of the 10 ops of this model; expected at least 20 %: it was recorded on another model.",
    );
  });

  test("equal names of other types do not count", () => {
    const graph = graphFromText("n0 Conv x $w -> 1\n n1 BatchNormalization 1 $s -> 2\n n2 Relu 2 -> y");
    expect(sentence(matchProfile(profile(["n0:MaxPool", "n1:Softmax", "n2:Concat"]), graph))).toContain(
      "names 0 of the 3",
    );
  });

  test("equal names and types with other channels are refused, with other sizes they are taken with a warning", () => {
    const graph = graphFromText("n0 Conv x $w -> 1\n n1 Relu 1 -> y", {
      shapes: { "1": [1, 64, 8, 8], y: [1, 64, 8, 8] },
    });
    const shaped = (shape: readonly number[]) =>
      profile([entry("n0:Conv", { outputShape: shape }), entry("n1:Relu", { outputShape: shape })]);
    expect(sentence(matchProfile(shaped([1, 16, 8, 8]), graph))).toBe(
      "f.json has other shapes at 2 of 2 ops of the same names; it was recorded on another model.",
    );
    expect(sentence(matchProfile(shaped([1, 64]), graph))).toContain("other shapes at 2 of 2");
    expect(unwrap(matchProfile(shaped([1, 64, 8, 8]), graph)).warnings).toEqual([]);
    expect(unwrap(matchProfile(shaped([4, 64, 16, 16]), graph)).warnings).toEqual([
      "2 of 2 ops were measured with other shapes: another batch size or resolution.",
    ]);
  });

  test("names such as __proto__ are data", () => {
    const graph = graphFromText("__proto__ Conv x $w -> constructor\n r Relu constructor -> y");
    expect(match(graph, ["constructor_nchwc:Conv", "hasOwnProperty:Relu"])).toEqual({
      groups: ["__proto__ <- constructor_nchwc (tensor)"],
      unmatchedOps: "r",
      unmatchedEntries: "hasOwnProperty",
    });
  });
});

test("a match survives structured cloning", () => {
  const matched = unwrap(matchProfile(profile(["c0:FusedConv", "c1:Conv"]), BLOCK));
  expect(structuredClone(matched)).toEqual(matched);
});

describe("labels", () => {
  test("tensor names", () => {
    expect(tensorLabels("r2_nchwc")).toEqual([{ tensor: "r2", rewritten: null }]);
    expect(tensorLabels("x_bn_nchwc_token_12_3")).toEqual([
      { tensor: "x", rewritten: "BatchNormalization" },
      { tensor: "x_bn", rewritten: null },
    ]);
    expect(tensorLabels("r2")).toEqual([]);
  });

  test("decorated names", () => {
    expect(decoratedNames("fused n16")).toEqual(["n16"]);
    expect(decoratedNames("a + b_token_3")).toEqual(["a", "b"]);
    expect(decoratedNames("plain")).toEqual([]);
  });

  test("types", () => {
    expect(canRunAs("Conv", "FusedConv")).toBe(true);
    expect(canRunAs("Conv", "NhwcFusedConv")).toBe(true);
    expect(canRunAs("MatMul", "Gemm")).toBe(true);
    expect(canRunAs("Conv", null)).toBe(true);
    expect(canRunAs("Conv", "MaxPool")).toBe(false);
  });
});
