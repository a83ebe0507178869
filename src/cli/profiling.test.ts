import fs, { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { item } from "../core/columns.ts";
import { buildGraph } from "../core/graph/build.ts";
import { decodeModel } from "../core/onnx/decode.ts";
import type { Model } from "../core/onnx/model.ts";
import { seededInputs } from "../core/onnx/seeded-inputs.ts";
import { profileCoverage } from "../core/profile/apply.ts";
import { matchProfile } from "../core/profile/match.ts";
import type { OptimisationLevel } from "../core/profile/optimisation-level.ts";
import { fixedRuns } from "../core/profile/settled.ts";
import { unwrap } from "../core/result.ts";
import { openModel } from "../engine/open-model.ts";
import { type ProfilingProgress, profileModel } from "../engine/profiler.ts";
import { webProfiling } from "../engine/profiling-web.ts";
import { openSource } from "./files.ts";
import { nativeProfiling } from "./profiling-node.ts";
import { standardOutputTap } from "./standard-output-tap.ts";

const MODELS = fileURLToPath(new URL("../../../shared/models/", import.meta.url));
const names = existsSync(MODELS) ? readdirSync(MODELS).filter((name) => name.endsWith(".onnx")) : [];
if (names.length === 0) console.log("profiling of real models: skipped, ../shared/models is not there");

const hasNative = nativeProfiling("", 1);
hasNative?.dispose();
if (hasNative === null) console.log("native profiling: skipped, onnxruntime-node is not there");

/**
 * Models whose traces do not say which op is which: unnamed nodes, some of them fused under new numbers. Their share of
 * ops with a time or known to take none is lower.
 */
const UNNAMED = new Map([["ultraface_rfb320.onnx", 0.95]]);
const COVERAGE = 0.98;

async function open(name: string) {
  const source = unwrap(openSource(MODELS + name));
  const model: Model = unwrap(decodeModel(source));
  const opened = unwrap(await openModel(source, { assumeUsual: true }));
  return { source, model, opened };
}

async function profiled(name: string, runtime: "node" | "web", level: OptimisationLevel, runs: number) {
  const { source, model, opened } = await open(name);
  const native = runtime === "node" ? nativeProfiling(MODELS + name, 1) : null;
  const others = model.externalFiles.map((file) => unwrap(openSource(MODELS + file)));
  try {
    const backend =
      native?.backend ??
      unwrap(await webProfiling(model, source, others, { threads: 1, tap: standardOutputTap(), isIsolated: true }));
    const progress: ProfilingProgress[] = [];
    const profile = await profileModel(backend, {
      model,
      sha256: null,
      bindings: opened.bindings,
      level,
      stop: fixedRuns(runs),
      title: "test",
      device: { name: null },
      onProgress: (told) => progress.push(told),
    });
    if (!profile.ok) throw new Error(profile.error);
    const matched = unwrap(matchProfile(profile.value, opened.graph, opened.costs.macs));
    return { profile: profile.value, matched, coverage: profileCoverage(matched), graph: opened.graph, progress };
  } finally {
    native?.dispose();
    for (const file of [source, ...others]) file.close();
  }
}

describe.skipIf(names.length === 0 || hasNative === null)("every real model, natively, as it is deployed", () => {
  const lines: string[] = [];

  const runsOn = "%s runs on made-up inputs and its ops are told apart";
  test.each(names)(runsOn, { timeout: 120_000 }, async (name) => {
    const { coverage, matched, graph } = await profiled(name, "node", "all", 2);
    const share = coverage.matchedOps / coverage.ops;
    lines.push(`${name} ${coverage.matchedOps} of ${coverage.ops}`);
    expect(share, name).toBeGreaterThanOrEqual(UNNAMED.get(name) ?? COVERAGE);
    // Convolutions and products are never taken to be free: each has an entry, or stands in the group of one.
    const heavy = matched.elided.filter((op) => /^(Conv|Gemm|MatMul)$/.test(item(graph.opTypes, op)));
    expect(heavy.map((op) => item(graph.opNames, op))).toEqual([]);
  });

  test("counts", () => {
    console.log(
      `profiled ${lines.length} of ${names.length} real models; ops with a time or none: ${lines.join(", ")}`,
    );
    expect(lines).toHaveLength(names.length);
  });
});

describe.skipIf(names.length === 0)("the WASM build", () => {
  test.each([
    ["light_squeezenet.onnx", "all"],
    ["mnist_external.onnx", "extended"],
    ["go1_policy.onnx", "all"],
    ["t5_random_encoder.onnx", "basic"],
  ] as const)("%s at %s", async (name, level) => {
    const { profile, coverage, progress } = await profiled(name, "web", level, 12);
    expect(profile).toMatchObject({ runs: 12, model: { name } });
    expect(profile.device.runtime).toBe(`onnxruntime-web 1.30.0 WASM, 1 thread, level ${level}`);
    expect(coverage.matchedOps / coverage.ops).toBeGreaterThanOrEqual(COVERAGE);
    expect(profile.endToEnd?.count).toBe(12);
    for (const { latency } of profile.entries) expect(latency.median).toBeGreaterThanOrEqual(0);
    const phases = [...new Set(progress.map(({ phase }) => phase))];
    expect(phases.slice(0, 2)).toEqual(["loading", "warm-up"]);
    const fractions = progress.flatMap(({ fraction }) => fraction ?? []);
    expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
  });
});

describe("the tap on standard output", () => {
  test("takes whole lines while it is on, leaves other files alone, and lets go", () => {
    const { writeSync } = fs;
    const taken: string[] = [];
    const tap = standardOutputTap();
    tap((line) => taken.push(line));
    expect(fs.writeSync(1, "one\ntw")).toBe(6);
    fs.writeSync(1, "o\n");
    const path = join(mkdtempSync(join(tmpdir(), "splitscope-tap-")), "file");
    writeFileSync(path, "three");
    expect(readFileSync(path, "utf8")).toBe("three");
    tap(null);
    expect(taken).toEqual(["one", "two"]);
    expect(fs.writeSync).toBe(writeSync);
    rmSync(dirname(path), { recursive: true });
  });
});

describe.skipIf(names.length === 0)("inputs", () => {
  test("are made for every real model, ids within their tables", async () => {
    for (const name of names) {
      const { source, model, opened } = await open(name);
      source.close();
      const inputs = unwrap(seededInputs(model, opened.bindings));
      const graph = unwrap(buildGraph(model, new Map()));
      expect(inputs.length, name).toBeGreaterThanOrEqual(graph.inputs.length);
      for (const { dims, data } of inputs) expect(data.length).toBe(dims.reduce((product, size) => product * size, 1));
    }
    const gpt = await open("tiny_gpt2_fp32.onnx");
    gpt.source.close();
    const bindings = new Map([...gpt.opened.bindings, ["seq_len", 256]]);
    const ids = unwrap(seededInputs(gpt.model, bindings)).find(({ name }) => name === "input_ids");
    const values = Array.from((ids?.data ?? []) as ArrayLike<number | bigint>, Number);
    // Its table of words has 1000 rows.
    expect(Math.max(...values)).toBeLessThan(1000);
    expect(Math.max(...values)).toBeGreaterThan(900);
    expect(Math.min(...values)).toBeLessThan(100);
  });
});
