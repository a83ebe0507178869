import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PIPE_EDGE_MODELS, pipeEdgeProblem } from "../core/testing/pipe-edge.ts";
import { cli } from "./testing/cli.ts";

const PIPE_EDGE = "../shared/bench/pipeedge";
const present = existsSync(PIPE_EDGE);
if (!present) console.log(`published problems by the command line: skipped, ${PIPE_EDGE} is not there`);

/** Two ops; the second is ten times as fast on the server. */
const PROBLEM = {
  format: "splitscope-problem",
  version: 1,
  name: "two ops",
  sourceDevice: "cam",
  sinkDevice: null,
  devices: [{ id: "cam" }, { id: "server" }],
  links: [{ from: "cam", to: "server", bytesPerSecond: 1000, latencySeconds: 0.5 }],
  ops: [
    { id: "10", seconds: [1, null] },
    { id: "2", seconds: [20, 2] },
  ],
  tensors: [
    { id: "in", producer: null, consumers: ["10"], bytes: 5000 },
    { id: "mid", producer: "10", consumers: ["2"], bytes: 500 },
    { id: "out", producer: "2", bytes: 10 },
  ],
};

let folder = "";
const path = (name: string) => join(folder, name);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "splitscope-problem-"));
  writeFileSync(path("p.json"), JSON.stringify(PROBLEM));
});
afterAll(() => rmSync(folder, { recursive: true }));

const run = (...args: string[]) => cli("plan", ...args);

describe("plan --problem", () => {
  test.each([
    ["latency", 1 + (0.5 + 0.5) + 2],
    ["period", 2],
  ])("%s: objective, value, bound, certificate, scope, order, assignment, seconds", async (objective, value) => {
    const { code, out, error } = await run("--problem", path("p.json"), "--objective", objective, "--json");
    expect([code, error]).toEqual([0, ""]);
    const report = JSON.parse(out);
    expect(report).toMatchObject({
      problem: "two ops",
      objective,
      unit: "s",
      certificate: "optimal",
      scope: "over all contiguous placements, any order and subset of the devices",
      order: ["cam", "server"],
      assignment: { "10": "cam", "2": "server" },
    });
    expect(report.value).toBeCloseTo(value, 12);
    expect(report.bound).toBeCloseTo(value, 6);
    expect(report.seconds).toBeGreaterThan(0);
  });

  test("says it to a person", async () => {
    const { code, out } = await run("--problem", path("p.json"), "--time-limit", "30");
    expect(code).toBe(0);
    expect(out).toMatch(/latency +4000 ms|latency +4,000 ms/);
    expect(out).toMatch(/certificate +optimal, over all contiguous placements/);
    expect(out).toMatch(/1 +server +1 ops +2\n/);
  });

  test.each<readonly [string, readonly string[], string]>([
    ["no file", ["--problem", "nowhere.json"], '"nowhere.json" does not exist; expected a problem file.'],
    ["a model too", ["--problem", "p.json", "m.onnx"], '"splitscope plan" takes --problem or a model file; "m.onnx"'],
    ["a rig too", ["--problem", "p.json", "--rig", "r.json"], "--rig goes with a model file, not with --problem."],
    ["a limit of 0", ["--problem", "p.json", "--time-limit", "0"], '--time-limit is "0"; expected a number of seconds'],
    ["a limit in words", ["--problem", "p.json", "--time-limit", "1e3"], '--time-limit is "1e3"; expected'],
    [
      "another objective",
      ["--problem", "p.json", "--objective", "joy"],
      '--objective: The objective is "joy"; expected one of "latency"',
    ],
    ["a pin", ["--problem", "p.json", "--pin", "a=b"], "--pin goes with a model file, not with --problem."],
    [
      "a limit without unit",
      ["--problem", "p.json", "--limit", "latency=5"],
      '--limit: The limit on latency is "5"; expected',
    ],
  ])("refuses %s in one sentence", async (_, args, sentence) => {
    const { code, out, error } = await run(...args);
    expect([code, out]).toEqual([2, ""]);
    expect(error).toContain(sentence);
    expect(error.trimEnd()).not.toContain("\n");
  });

  test("refuses a file that holds no problem", async () => {
    writeFileSync(path("rig.json"), '{"format": "splitscope-rig"}');
    const { code, error } = await run("--problem", path("rig.json"));
    expect(code).toBe(2);
    expect(error).toBe('This is not a problem file: format is "splitscope-rig"; expected "splitscope-problem".\n');
  });

  test.skipIf(!present).each(PIPE_EDGE_MODELS)("PipeEdge $model: $optimum s, proven", async ({ model, optimum }) => {
    const read = (file: string) => readFileSync(join(PIPE_EDGE, file), "utf8");
    writeFileSync(path("v.json"), JSON.stringify(pipeEdgeProblem(read("models.yml"), read("device_types.yml"), model)));
    const { out } = await run("--problem", path("v.json"), "--objective", "period", "--json");
    const report = JSON.parse(out);
    expect(report.certificate).toBe("optimal");
    expect(report.value).toBeCloseTo(optimum, 4);
    expect(report.order).toHaveLength(new Set(Object.values(report.assignment)).size);
  });
});
