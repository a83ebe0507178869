import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { item } from "../columns.ts";
import { buildGraph } from "../graph/build.ts";
import type { Graph } from "../graph/graph.ts";
import { decodeModel } from "../onnx/decode.ts";
import { bytesSource } from "../onnx/source.ts";
import { unwrap } from "../result.ts";
import { profileCoverage } from "./apply.ts";
import { readProfile } from "./formats/formats.ts";
import { type MatchedProfile, matchProfile } from "./match.ts";

/** Real traces and models beside the project; see the READMEs there for where they come from. */
const shared = new URL("../../../../shared/", import.meta.url);
const present = existsSync(new URL("profiles/ort/", shared)) && existsSync(new URL("models/", shared));
if (!present) console.log(`match: skipped, ${shared.pathname} is absent`);

const LEVELS = {
  disabled: "ort1.30-cpu_squeezenet_disabled_2runs.json",
  basic: "ort1.30-cpu_squeezenet_basic_5runs.json",
  extended: "ort1.30-cpu_squeezenet_extended_5runs.json",
  all: "ort1.30-cpu_squeezenet_all_20runs.json",
  web: "ortweb1.30-wasm-chromium_squeezenet_all_10runs.json",
};

function graphOf(file: string): Graph {
  const bytes = new Uint8Array(readFileSync(new URL(`models/${file}`, shared)));
  return unwrap(buildGraph(unwrap(decodeModel(bytesSource(file, bytes))), new Map()));
}

const traceOf = (file: string) => readFileSync(new URL(`profiles/ort/${file}`, shared), "utf8");

/** "n3+n4 <- r4_nchwc" for every group, in order of execution. */
function drawn(graph: Graph, matched: MatchedProfile): readonly string[] {
  return matched.groups
    .toSorted((one, other) => one.entry - other.entry)
    .map((group) => {
      const ops = group.ops.map((op) => item(graph.opNames, op)).join("+");
      const extra = group.overheads.map((entry) => ` & ${item(matched.raw.entries, entry).label}`).join("");
      return `${ops} <- ${item(matched.raw.entries, group.entry).label}${extra} (${group.rule})`;
    });
}

describe.skipIf(!present)("ONNX Runtime traces of light_squeezenet", () => {
  const graph = present ? graphOf("light_squeezenet.onnx") : undefined;

  test.each(Object.entries(LEVELS))("%s: all 66 ops and all of the time", (level, file) => {
    if (graph === undefined) throw new Error("no graph");
    const matched = unwrap(matchProfile(unwrap(readProfile(traceOf(file), "unknown")), graph));
    const coverage = profileCoverage(matched);
    console.log(
      `${level}: ${coverage.matchedOps} of ${coverage.ops} ops in ${matched.groups.length} groups, ${(100 * coverage.matchedShare).toFixed(1)} % of the time`,
    );
    expect(coverage).toMatchObject({ ops: 66, matchedOps: 66, unmatchedEntries: 0, matchedShare: 1 });
    expect(matched.duplicates).toEqual([]);
    expect(matched.elided.map((op) => item(graph.opTypes, op))).toEqual(level === "disabled" ? [] : ["Dropout"]);
    expect(matched.constantEntries).toHaveLength(level === "disabled" ? 39 : 0);
    // Every group is one op, or a convolution and the Relu behind it.
    for (const group of matched.groups) {
      const types = group.ops.map((op) => item(graph.opTypes, op)).join("+");
      expect(["Conv", "Relu", "Conv+Relu", "MaxPool", "Concat", "Dropout", "GlobalAveragePool", "Softmax"]).toContain(
        types,
      );
    }
  });

  test("groups per level", () => {
    if (graph === undefined) throw new Error("no graph");
    const groups = (file: string) =>
      drawn(graph, unwrap(matchProfile(unwrap(readProfile(traceOf(file), file)), graph)));
    expect(groups(LEVELS.disabled)).toHaveLength(66);
    expect(groups(LEVELS.basic).slice(0, 6)).toEqual([
      "n0 <- n0 (name)",
      "n1 <- n1 (name)",
      "n2 <- n2 (name)",
      "n3 <- n3 (name)",
      "n4 <- n4 (name)",
      "n7 <- n7 (name)",
    ]);
    expect(groups(LEVELS.extended).slice(0, 6)).toEqual([
      "n0+n1 <- n0 (name)",
      "n2 <- n2 (name)",
      "n3+n4 <- n3 (name)",
      "n5+n6 <- n5 (name)",
      "n7+n8 <- n7 (name)",
      "n9 <- n9 (name)",
    ]);
    expect(groups(LEVELS.web)).toEqual(groups(LEVELS.extended));
    const all = groups(LEVELS.all);
    expect(all.slice(0, 6)).toEqual([
      "n0+n1 <- r1_nchwc (tensor)",
      "n2 <- r2_nchwc (tensor)",
      "n3+n4 <- r4_nchwc (tensor)",
      "n7+n8 <- r8_nchwc (tensor)",
      "n5+n6 <- r6_nchwc (tensor)",
      "n9 <- n9 (name)",
    ]);
    expect(all.slice(-3)).toEqual([
      "n62+n63 <- r64_nchwc & ReorderOutput (tensor)",
      "n64 <- n64 (name)",
      "n65 <- n65 (name)",
    ]);
  });

  test("a trace that breaks off still covers what its whole runs cover", () => {
    if (graph === undefined) throw new Error("no graph");
    const text = traceOf(LEVELS.extended);
    const whole = matchProfile(unwrap(readProfile(text.slice(0, text.length / 2), "cut")), graph);
    expect(profileCoverage(unwrap(whole))).toMatchObject({ matchedOps: 66, unmatchedEntries: 0 });
    expect(unwrap(whole).warnings.some((warning) => warning.includes("inside a run"))).toBe(true);
    // Inside the first run: 7 of 39 entries.
    const part = unwrap(matchProfile(unwrap(readProfile(text.slice(0, 5200), "cut")), graph));
    expect(part.unmatchedOps.length).toBeGreaterThan(30);
  });

  test("traces of another model are refused", () => {
    const refused = ["light_densenet121.onnx", "light_inception_v2.onnx", "light_shufflenet.onnx", "mnist-8.onnx"];
    for (const model of refused) {
      const other = graphOf(model);
      for (const file of Object.values(LEVELS)) {
        const result = matchProfile(unwrap(readProfile(traceOf(file), file)), other);
        expect(result.ok ? "accepted" : result.error).toMatch(/it was recorded on another model\.$/);
      }
    }
  });
});
