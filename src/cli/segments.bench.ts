import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toBinary } from "@bufbuild/protobuf";
import { GraphProtoSchema, ModelProtoSchema, TensorProtoSchema } from "onnx-buf";
import { item } from "../core/columns.ts";
import type { OpCosts } from "../core/cost/cost.ts";
import type { ExportFile } from "../core/export/export-file.ts";
import { buildGraph } from "../core/graph/build.ts";
import { decodeModel } from "../core/onnx/decode.ts";
import { segmentModels } from "../core/onnx/segments/segment-models.ts";
import { writeSegment } from "../core/onnx/segments/write-segment.ts";
import { type ByteSource, bytesSource } from "../core/onnx/source.ts";
import { declaredTypes } from "../core/onnx/types.ts";
import { LENGTH_DELIMITED, WireSink } from "../core/onnx/wire.ts";
import type { Plan } from "../core/plan/plan.ts";
import { AS_STORED } from "../core/plan/wire.ts";
import type { StopRule } from "../core/profile/settled.ts";
import { unwrap } from "../core/result.ts";
import type { Bench } from "../core/testing/bench.ts";
import { ModelBuilder } from "../core/testing/model-builder.ts";
import { SAMPLES } from "../core/testing/samples/catalogue.ts";
import { measurePlan } from "../engine/measure-segments.ts";
import { loadOnnxRuntime } from "../engine/onnxruntime.ts";
import { openModel } from "../engine/open-model.ts";
import { writeExportZip } from "./export-zip.ts";
import { standardOutputTap } from "./standard-output-tap.ts";

const LAYERS = 12;
const MEGABYTE = 1e6;
const LAYER_BYTES = (554 * MEGABYTE) / LAYERS;

/** A length-delimited field's tag and length. */
function header(field: number, length: number): Uint8Array {
  const sink = new WireSink(16);
  sink.varint(field * 8 + LENGTH_DELIMITED);
  sink.varint(length);
  return sink.bytes();
}

const lengthOf = (pieces: readonly (Uint8Array | number)[]) =>
  pieces.reduce<number>((sum, piece) => sum + (typeof piece === "number" ? piece : piece.length), 0);

/** A chain of additions with weights of 554 MB, whose file is made as it is read and is nowhere whole. */
function largeModel(): ByteSource {
  const net = new ModelBuilder({ name: "large" });
  const size = Math.floor(LAYER_BYTES / 4);
  let x = net.input("x", "float", [size]);
  const weights = Array.from({ length: LAYERS }, (_, layer) => net.floats(`w${layer}`, [0], [size]));
  for (const [layer, weight] of weights.entries()) x = net.node("Add", [x, weight], { outputs: [`t${layer}`] });
  const model = net.output(x, "float", [size]).model();
  const { graph } = model;
  if (graph === undefined) throw new Error("a model has a graph");
  const initializers = graph.initializer.splice(0).flatMap((tensor) => {
    tensor.rawData = new Uint8Array(0);
    const content = [toBinary(TensorProtoSchema, tensor), header(9, size * 4), size * 4];
    return [header(5, lengthOf(content)), ...content];
  });
  const inGraph = [toBinary(GraphProtoSchema, graph), ...initializers];
  delete model.graph;
  const pieces = [toBinary(ModelProtoSchema, model), header(7, lengthOf(inGraph)), ...inGraph];
  const starts: number[] = [];
  let total = 0;
  for (const piece of pieces) {
    starts.push(total);
    total += typeof piece === "number" ? piece : piece.length;
  }
  const read = (offset: number, length: number) => {
    const bytes = new Uint8Array(length);
    for (const [index, piece] of pieces.entries()) {
      const start = item(starts, index);
      const end = start + (typeof piece === "number" ? piece : piece.length);
      const [from, to] = [Math.max(offset, start), Math.min(offset + length, end)];
      if (from >= to) continue;
      if (typeof piece === "number") bytes.fill(index, from - offset, to - offset);
      else bytes.set(piece.subarray(from - start, to - start), from - offset);
    }
    return bytes;
  };
  return { name: "large.onnx", size: total, read };
}

/** Seconds, and bytes of memory above what there was, to make three segments and write them as a ZIP on the disk. */
async function zipLarge(): Promise<{ readonly seconds: number; readonly bytes: number }> {
  const folder = mkdtempSync(join(tmpdir(), "splitscope-bench-"));
  const before = process.memoryUsage.rss();
  let most = before;
  // Streams leave no turn to timers; each piece that is read is a moment to look.
  const large = largeModel();
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
