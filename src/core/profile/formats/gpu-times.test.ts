import { expect, test } from "vitest";
import { unwrap } from "../../result.ts";
import { readProfile } from "./formats.ts";

const RUNS = 20;

/** A trace as the WebGPU provider writes it: launches run by run, then what the GPU did in all of them. */
function trace(gpu: "whole" | "cut" | "none"): string {
  const event = (cat: string, name: string, dur: number, args: object = {}) =>
    JSON.stringify({ cat, pid: 1, tid: 1, dur, ts: 0, ph: "X", name, args });
  const node = (name: string, type: string, dur: number, provider: string) =>
    event("Node", `${name}_kernel_time`, dur, { op_name: type, provider, node_index: "1", activation_size: "8" });
  const runs = Array.from({ length: RUNS }, () => [
    node("conv", "Conv", 7, "WebGpuExecutionProvider"),
    node("view", "Reshape", 3, "WebGpuExecutionProvider"),
    node("argmax", "ArgMax", 50, "CPUExecutionProvider"),
    event("Session", "model_run", 400),
  ]);
  const kernels = Array.from({ length: RUNS }, (_, run) => [
    event("Api", "conv&Conv&Transpose", 100),
    event("Api", "conv&Conv&Conv2dMM", run < 3 ? 9000 : 200),
  ]).flat();
  return [...runs.flat(), ...(gpu === "none" ? [] : gpu === "cut" ? kernels.slice(0, -1) : kernels)].join("\n");
}

const microseconds = (text: string) =>
  unwrap(readProfile(text, "t.json")).entries.map(({ label, latency }) => [label, Math.round(latency.median * 1e6)]);

test("an op's time is that of its programs on the GPU, after warm-up; the CPU's ops keep theirs", () => {
  expect(microseconds(trace("whole"))).toEqual([
    ["conv", 300],
    ["view", 0],
    ["argmax", 50],
  ]);
  const { entries, runs, warnings } = unwrap(readProfile(trace("whole"), "t.json"));
  expect(runs).toBe(RUNS - 3);
  expect(entries[0]?.latency).toMatchObject({
    count: RUNS - 3,
    min: expect.closeTo(3e-4, 9),
    p95: expect.closeTo(3e-4, 9),
  });
  expect(warnings).toEqual([]);
});

test.each(["cut", "none"] as const)("with the GPU's times %s only whole runs are known", (gpu) => {
  expect(microseconds(trace(gpu))).toEqual([["whole inference", 400]]);
  expect(unwrap(readProfile(trace(gpu), "t.json")).warnings).toEqual([
    "Ops on the GPU are timed at their launch, not at their end: only whole runs are known.",
  ]);
});
