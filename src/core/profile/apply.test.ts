import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { buildGraph } from "../graph/build.ts";
import { decodeModel } from "../onnx/decode.ts";
import { bytesSource } from "../onnx/source.ts";
import { unwrap } from "../result.ts";
import { graphFromText } from "../testing/graph-text.ts";
import { applyProfile, latencySummary, listedProfile, profileCoverage } from "./apply.ts";
import { readProfile } from "./formats/formats.ts";
import { writeProfile } from "./formats/native.ts";
import { matchProfile } from "./match.ts";
import { type LatencyTable, PROVENANCES, type Provenance } from "./profile.ts";

const GRAPH = graphFromText(`
  c0 Conv x $w -> t0
  r0 Relu t0 -> t1
  d0 Dropout t1 -> t2
  c1 Conv t2 $v -> t3
  r1 Relu t3 -> t4
  s0 Softmax t4 -> y
`);

/** A table with one figure per op; a trailing letter says which provenance. */
function table(text: string, groups: readonly number[]): LatencyTable {
  const letters: Record<string, Provenance> = { f: "fitted", e: "estimated", x: "elided", u: "unknown" };
  const words = text.split(" ");
  const seconds = Float64Array.from(words, (word) => Number(word.slice(0, -1)));
  const kinds = words.map((word) => letters[word.slice(-1)] ?? "measured");
  return {
    seconds,
    low: seconds.map((value) => value * 0.9),
    high: seconds.map((value) => value * 1.1),
    provenance: Uint8Array.from(kinds, (kind) => PROVENANCES.indexOf(kind)),
    group: Int32Array.from(groups),
    origins: new Map(kinds.map((kind) => [kind, `origin of ${kind}`])),
  };
}

const ESTIMATE = table("8f 0x 0x Infinityf 0x 3f", [0, 0, -1, 1, 1, -1]);

/** A native profile that times these entries: label, nodes, quartiles in microseconds. */
function profileOf(entries: readonly object[]) {
  const json = { format: "splitscope-profile", version: 1, provenance: { kind: "measured", runs: 40 }, entries };
  return unwrap(matchProfile(unwrap(readProfile(JSON.stringify(json), "prof.json")), GRAPH));
}

const kinds = (latencies: LatencyTable) => [...latencies.provenance].map((index) => PROVENANCES[index]);

describe("applyProfile", () => {
  const matched = profileOf([
    {
      kind: "overhead",
      label: "ReorderInput",
      opType: "ReorderInput",
      latency_us: { median: 5e5, p25: 4e5, p75: 7e5 },
    },
    { nodes: ["c1", "r1"], latency_us: { median: 2e6, p25: 1e6, p75: 4e6 } },
  ]);
  const applied = applyProfile(ESTIMATE, matched);

  test("a group's time, with what was inserted around it, stands on its first op", () => {
    expect([...applied.seconds]).toEqual([8, 0, 0, 2.5, 0, 3]);
    expect([applied.low[3], applied.high[3]]).toEqual([1.4, 4.7]);
    expect(kinds(applied)).toEqual(["fitted", "elided", "elided", "measured", "measured", "fitted"]);
  });

  test("groups of both kinds keep apart", () => {
    const [c0, r0, d0, c1, r1, s0] = applied.group;
    expect(r0).toBe(c0);
    expect(r1).toBe(c1);
    expect(c1).not.toBe(c0);
    expect([d0, s0]).toEqual([-1, -1]);
  });

  test("origins name the file and the runs, and only what occurs", () => {
    expect(applied.origins.get("measured")).toBe("prof.json (splitscope-profile, 40 runs)");
    expect([...applied.origins.keys()].sort()).toEqual(["elided", "fitted", "measured"]);
    const all = profileOf([
      { nodes: ["c0", "r0"], latency_us: { median: 1 } },
      { nodes: ["c1", "r1", "s0"], latency_us: { median: 1 } },
    ]);
    expect([...applyProfile(ESTIMATE, all).origins.keys()].sort()).toEqual(["elided", "measured"]);
  });

  test("the estimate is left as it was, and what was not measured keeps its figure", () => {
    expect([...ESTIMATE.seconds]).toEqual([8, 0, 0, Infinity, 0, 3]);
    expect(applied.low[0]).toBeCloseTo(7.2, 12);
  });

  test("a profile of another kind says so", () => {
    const json = {
      format: "splitscope-profile",
      version: 1,
      provenance: { kind: "user" },
      entries: [{ nodes: ["c0", "r0"], latency_us: { median: 7 } }],
    };
    const byHand = unwrap(matchProfile(unwrap(readProfile(JSON.stringify(json), "mine.json")), GRAPH));
    expect(kinds(applyProfile(ESTIMATE, byHand))[0]).toBe("user");
  });
});

describe("profileCoverage", () => {
  test("counts ops and time", () => {
    const matched = profileOf([
      { nodes: ["c0", "r0"], latency_us: { median: 30 } },
      { label: "stranger", opType: "Conv", activationBytes: 8, latency_us: { median: 10 } },
      { label: "Constant_1", opType: "ConstantOfShape", activationBytes: 0, latency_us: { median: 60 } },
    ]);
    const coverage = profileCoverage(matched);
    expect(coverage).toMatchObject({ ops: 6, matchedOps: 3, unmatchedOps: 3, entries: 3, unmatchedEntries: 1 });
    expect(coverage.seconds).toBeCloseTo(40e-6, 12);
    expect(coverage.matchedShare).toBeCloseTo(0.75, 12);
  });
});

describe("latencySummary", () => {
  test("adds up what can run, per provenance", () => {
    const summary = latencySummary(table("0.06f 0x 0u Infinityf 0.02e 0.12m", [-1, -1, -1, -1, -1, -1]));
    expect(summary.seconds).toBeCloseTo(0.2, 12);
    expect(summary.low).toBeCloseTo(0.18, 12);
    expect(summary).toMatchObject({ unsupported: 1, unknown: 1 });
    expect(summary.parts.map((part) => [part.provenance, part.ops, Number(part.share.toFixed(3))])).toEqual([
      ["measured", 1, 0.6],
      ["fitted", 1, 0.3],
      ["estimated", 1, 0.1],
      ["elided", 1, 0],
      ["unknown", 1, 0],
    ]);
    expect(summary.text).toBe(
      "60 % measured, 30 % fitted, 10 % estimated, 200 ms; 1 op of unknown size; 1 op cannot run here",
    );
    expect(summary.parts[0]?.origin).toBe("origin of measured");
  });

  test("one provenance, or none", () => {
    expect(latencySummary(table("0.02f 0x", [-1, -1])).text).toBe("fitted, 20 ms");
    expect(latencySummary(table("Infinityf 0x", [-1, -1])).text).toBe("0 ms; 1 op cannot run here");
  });
});

const shared = new URL("../../../../shared/", import.meta.url);

test.skipIf(!existsSync(shared))("a real trace: sums agree, also by way of a listed native file", () => {
  const bytes = new Uint8Array(readFileSync(new URL("models/light_squeezenet.onnx", shared)));
  const graph = unwrap(buildGraph(unwrap(decodeModel(bytesSource("m", bytes))), new Map()));
  const nothing: LatencyTable = {
    seconds: new Float64Array(graph.opCount).fill(9),
    low: new Float64Array(graph.opCount),
    high: new Float64Array(graph.opCount),
    provenance: new Uint8Array(graph.opCount),
    group: new Int32Array(graph.opCount).fill(-1),
    origins: new Map(),
  };
  const file = "ort1.30-cpu_squeezenet_all_20runs.json";
  const raw = unwrap(readProfile(readFileSync(new URL(`profiles/ort/${file}`, shared), "utf8"), file));
  const matched = unwrap(matchProfile(raw, graph));
  const applied = applyProfile(nothing, matched);
  const medians = raw.entries.reduce((sum, entry) => sum + entry.latency.median, 0);
  expect(latencySummary(applied).seconds).toBeCloseTo(medians, 12);
  expect(latencySummary(applied).text).toBe("measured, 7.28 ms");

  const listed = unwrap(readProfile(writeProfile(listedProfile(matched, graph)), "listed.json"));
  const again = unwrap(matchProfile(listed, graph));
  expect(again.groups.every((group) => group.rule === "listed")).toBe(true);
  expect(again.groups.map((group) => group.ops)).toEqual(
    matched.groups.toSorted((one, other) => one.entry - other.entry).map((group) => group.ops),
  );
  const back = applyProfile(nothing, again);
  for (const [op, value] of applied.seconds.entries()) expect(back.seconds[op]).toBeCloseTo(value, 12);
});
