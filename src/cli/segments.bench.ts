import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { item } from "../core/columns.ts";
import type { OpCosts } from "../core/cost/cost.ts";
import type { ExportFile } from "../core/export/export-file.ts";
import { buildGraph } from "../core/graph/build.ts";
import { decodeModel } from "../core/onnx/decode.ts";
import { segmentModels } from "../core/onnx/segments/segment-models.ts";
import { writeSegment } from "../core/onnx/segments/write-segment.ts";
import { type ByteSource, bytesSource } from "../core/onnx/source.ts";
import { declaredTypes } from "../core/onnx/types.ts";
import type { Plan } from "../core/plan/plan.ts";
import { AS_STORED } from "../core/plan/wire.ts";
import type { StopRule } from "../core/profile/settled.ts";
import { unwrap } from "../core/result.ts";
import type { Bench } from "../core/testing/bench.ts";
import { largeModel } from "../core/testing/large-model.ts";
import { SAMPLES } from "../core/testing/samples/catalogue.ts";
import { measurePlan } from "../engine/measure-segments.ts";
import { loadOnnxRuntime } from "../engine/onnxruntime.ts";
import { openModel } from "../engine/open-model.ts";
import { writeExportZip } from "./export-zip.ts";
import { standardOutputTap } from "./standard-output-tap.ts";

const LAYERS = 12;
const MEGABYTE = 1e6;

/** Seconds, and bytes of memory above what there was, to make three segments and write them as a ZIP on the disk. */
async function zipLarge(): Promise<{ readonly seconds: number; readonly bytes: number }> {
  const folder = mkdtempSync(join(tmpdir(), "splitscope-bench-"));
  const before = process.memoryUsage.rss();
  let most = before;
  // Streams leave no turn to timers; each piece that is read is a moment to look.
  const large = largeModel(554 * MEGABYTE, LAYERS);
  const source: ByteSource = {
    ...large,
    read: (offset, length) => {
      most = Math.max(most, process.memoryUsage.rss());
      return large.read(offset, length);
    },
  };
  try {
    const start = performance.now();
    const model = unwrap(decodeModel(source));
    const types = new Map(declaredTypes(model));
    for (const { output } of model.proto.graph?.node ?? []) {
      for (const name of output) if (!types.has(name)) types.set(name, item([...types.values()], 0));
    }
    const graph = unwrap(buildGraph(model, types));
    const stageOf = Int32Array.from({ length: LAYERS }, (_, op) => Math.floor((3 * op) / LAYERS));
    const segments = unwrap(segmentModels(model, graph, { stages: [0, 1, 2], stageOf }));
    const files: ExportFile[] = segments.map((segment) => ({
      path: segment.fileName,
      content: writeSegment(segment, source),
    }));
    unwrap(await writeExportZip(join(folder, "large.zip"), files, Date.now()));
    return { seconds: (performance.now() - start) / 1e3, bytes: most - before };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Both figures are of the first time, when the process has not yet grown by it. */
let zipped: ReturnType<typeof zipLarge> | null = null;
const zipOnce = () => {
  zipped ??= zipLarge();
  return zipped;
};

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

/** Three stages of about equal work in the file's order: cuts as narrow as a planner's. */
function thirds({ macs }: OpCosts): Plan {
  const total = macs.reduce((sum, count) => sum + count, 0);
  let before = 0;
  const stageOf = Int32Array.from(macs, (count) => {
    const middle = before + count / 2;
    before += count;
    return Math.min(2, Math.floor((3 * middle) / total));
  });
  return { stages: [0, 1, 2], stageOf };
}

/**
 * Runs `measure` by this process's CPU time for a clock, which is that of the runtime's trace as well: what else the
 * machine does would be most of the error otherwise.
 */
async function onCpuClock<T>(measure: () => Promise<T>): Promise<T> {
  const now = performance.now;
  performance.now = () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e3;
  };
  try {
    return await measure();
  } finally {
    performance.now = now;
  }
}

const ROUNDS = 3;
const STOP: StopRule = { minRuns: 7, minSeconds: 0.3, maxRuns: 60, precision: 0.03, budgetSeconds: 1.5 };

/** Relative errors of all stages of the samples that are generated, each of the median ratio of a few rounds. */
async function stageErrors(): Promise<readonly number[]> {
  const threads = 1;
  await loadOnnxRuntime(threads);
  const tap = standardOutputTap();
  const errors: number[] = [];
  for (const { id, source: from } of SAMPLES) {
    // VGG-16 alone would take minutes on one thread.
    if (from.kind !== "generated" || id === "vgg16") continue;
    const source = bytesSource(`${id}.onnx`, from.generate());
    const { graph, costs, bindings } = unwrap(await openModel(source, { assumeUsual: true }));
    const model = unwrap(decodeModel(source));
    const surroundings = { model, source, others: [], bindings, graph, costs, encoding: AS_STORED, threads, tap };
    const request = { ...surroundings, plan: thirds(costs), device: "This machine", isIsolated: true, stop: STOP };
    const ratios: number[][] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const { stages } = unwrap(await measurePlan(request));
      for (const [index, { predictedSeconds, measuredSeconds }] of stages.entries()) {
        ratios[index] = [...(ratios[index] ?? []), predictedSeconds / measuredSeconds];
      }
    }
    for (const ofStage of ratios) errors.push(Math.abs(median(ofStage) - 1));
  }
  return errors;
}

export const benches: readonly Bench[] = [
  {
    name: "split a generated model of 554 MB in 3 and write the segments as a ZIP with SHA-256 (Node)",
    goal: "<= 2.5 s",
    run: async () => ({ value: (await zipOnce()).seconds, unit: "s" }),
  },
  {
    name: "the same, resident memory above that of the process before",
    goal: "<= 150 MB",
    run: async () => ({ value: (await zipOnce()).bytes / MEGABYTE, unit: "MB" }),
  },
  {
    name: "median error of predicted against measured stage time, 3 stages of each generated sample (onnxruntime-web, CPU time)",
    goal: "<= 15 %",
    run: async () => ({ value: 100 * median(await onCpuClock(stageErrors)), unit: "%" }),
  },
];
