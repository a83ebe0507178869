import type { InferenceSession, Tensor } from "onnxruntime-web";
import { at, item } from "../core/columns.ts";
import type { OpCosts } from "../core/cost/cost.ts";
import type { Graph } from "../core/graph/graph.ts";
import type { DimensionBindings, Model } from "../core/onnx/model.ts";
import { seededInputs } from "../core/onnx/seeded-inputs.ts";
import { type Segment, segmentModels } from "../core/onnx/segments/segment-models.ts";
import { transferNames } from "../core/onnx/segments/transfers.ts";
import type { ByteSource } from "../core/onnx/source.ts";
import type { GivenInput } from "../core/onnx/tensor-files/given-inputs.ts";
import type { Plan } from "../core/plan/plan.ts";
import { crossings } from "../core/plan/validity.ts";
import { type Encoding, tensorSizes } from "../core/plan/wire.ts";
import { quantile } from "../core/profile/distribution.ts";
import { deviceLatencies } from "../core/profile/latencies.ts";
import { matchProfile } from "../core/profile/match.ts";
import { withMeasuredDevice } from "../core/profile/measured-device.ts";
import { medianSpread, type StopRule, stopReason } from "../core/profile/settled.ts";
import { err, ok, type Result } from "../core/result.ts";
import { defaultRig } from "../core/rig/presets.ts";
import { mebibytes } from "../core/units.ts";
import type { MeasuredStage, Measurement } from "../core/verification/measurement.ts";
import { externalFiles, wholeData } from "./external-files.ts";
import { loadOnnxRuntime } from "./onnxruntime.ts";
import { profileModel } from "./profiler.ts";
import { type WebProfilingOptions, webProfiling } from "./profiling-web.ts";
import { plainReason } from "./refusal.ts";
import { runtimeTensors } from "./runtime-tensors.ts";
import { segmentBytes } from "./segment-bytes.ts";

export interface MeasureRequest extends WebProfilingOptions {
  readonly model: Model;
  readonly source: ByteSource;
  readonly others: readonly ByteSource[];
  readonly bindings: DimensionBindings;
  readonly graph: Graph;
  readonly costs: OpCosts;
  readonly plan: Plan;
  readonly encoding: Encoding;
  readonly given?: readonly GivenInput[];
  /** Name of the machine: "This browser". */
  readonly device: string;
  /** When a measurement of the model or of a segment ends; `SEGMENT_STOP` unless given. */
  readonly stop?: StopRule;
  readonly onStep?: (text: string, fraction?: number) => void;
}

/** As much as a person waits for a few stages. */
const SEGMENT_STOP: StopRule = { minRuns: 20, minSeconds: 1, maxRuns: 300, precision: 0.02, budgetSeconds: 8 };
const LEVEL = "all";
const SILENT = 4;
const WARM_UP = { runs: 3, seconds: 0.3, mostRuns: 30 } as const;

const seconds = () => performance.now() / 1e3;

/** Seconds of every op on this machine by a profile of the whole model, and the fixed time of a run. */
async function predictHere(request: MeasureRequest, stop: StopRule) {
  const { model, source, others, bindings, graph, costs, device } = request;
  const backend = await webProfiling(model, source, others, request);
  if (!backend.ok) return backend;
  const profile = await profileModel(backend.value, {
    model,
    sha256: null,
    bindings,
    level: LEVEL,
    stop,
    title: device,
    device: { name: device, hardware: { processor: null, cores: null, memoryBytes: null, platform: null } },
  });
  if (!profile.ok) return profile;
  const matched = matchProfile(profile.value, graph, costs.macs);
  if (!matched.ok) return matched;
  const id = "measured-here";
  const here = { id, name: device, memory: mebibytes(1024), link: "wifi-5" };
  const rig = withMeasuredDevice(defaultRig(), here, matched.value, costs);
  if (!rig.ok) return rig;
  const found = rig.value.devices.find((candidate) => candidate.id === id);
  if (found === undefined) throw new Error("the measured device is in the rig");
  const table = deviceLatencies(graph, costs, found, matched.value);
  return ok({ table, fixed: found.stageOverhead, runtime: `${backend.value.runtime}, level ${LEVEL}` });
}

/** Runs a segment until its median is known; leaves its outputs in `tensors`. */
async function measureSegment(
  { model, source, others }: MeasureRequest,
  segment: Segment,
  tensors: Map<string, Tensor>,
  stop: StopRule,
): Promise<Result<readonly number[]>> {
  const { fileName } = segment;
  const external = externalFiles(model, segment.externalFiles, others);
  if (!external.ok) return external;
  const runtime = await loadOnnxRuntime();
  let session: InferenceSession | null = null;
  try {
    session = await runtime.InferenceSession.create(await segmentBytes(segment, source), {
      executionProviders: ["wasm"],
      graphOptimizationLevel: LEVEL,
      logSeverityLevel: SILENT,
      externalData: wholeData(external.value),
    });
    const feeds = new Map<string, Tensor>();
    for (const input of session.inputNames) {
      const tensor = tensors.get(input);
      if (tensor === undefined) throw new Error(`nothing feeds the input "${input}" of ${fileName}`);
      feeds.set(input, tensor);
    }
    const given = Object.fromEntries(feeds);
    const begin = seconds();
    for (let runs = 0; ; ) {
      const outputs = await session.run(given);
      runs++;
      for (const [name, tensor] of Object.entries(outputs)) tensors.set(name, tensor);
      const elapsed = seconds() - begin;
      const isWarm = runs >= WARM_UP.runs && (elapsed >= WARM_UP.seconds || runs >= WARM_UP.mostRuns);
      if (isWarm || elapsed > stop.budgetSeconds) break;
    }
    const samples: number[] = [];
    const start = seconds();
    do {
      const before = seconds();
      await session.run(given);
      samples.push(seconds() - before);
    } while (stopReason(stop, samples, seconds() - start) === null);
    return ok(samples);
  } catch (reason) {
    const text = plainReason(reason instanceof Error ? reason.message : String(reason));
    return err(`"${fileName}" cannot be measured: ${text}.`);
  } finally {
    await session?.release();
  }
}

/**
 * Profiles the whole model here, predicts each stage from that profile as a plan on this machine would, then runs each
 * segment and says how long it took. The clock is ours, around a call of the runtime, so that copies in and out count.
 * Errors: those of segments, of profiling and of the runtime.
 */
export async function measurePlan(request: MeasureRequest): Promise<Result<Measurement>> {
  const { model, graph, plan, encoding, bindings, given = [], stop = SEGMENT_STOP, onStep } = request;
  const segments = segmentModels(model, graph, plan, encoding);
  if (!segments.ok) return segments;
  const steps = 1 + segments.value.length;
  onStep?.(`Profiling ${model.fileName}`, 0);
  const here = await predictHere(request, stop);
  if (!here.ok) return here;
  const made = seededInputs(model, bindings);
  if (!made.ok) return made;
  const byName = new Map(given.map(({ input }) => [input.name, input]));
  const inputs = made.value.map((input) => byName.get(input.name) ?? input);
  const tensors = new Map(runtimeTensors(inputs, (await loadOnnxRuntime()).Tensor));
  const stages: MeasuredStage[] = [];
  for (const [index, segment] of segments.value.entries()) {
    onStep?.(`Measuring ${segment.fileName}`, (1 + index) / steps);
    const samples = await measureSegment(request, segment, tensors, stop);
    if (!samples.ok) return samples;
    let predictedSeconds: number = here.value.fixed;
    for (const [op, stage] of plan.stageOf.entries()) {
      if (stage === segment.stage) predictedSeconds += at(here.value.table.seconds, op);
    }
    const spread = medianSpread(samples.value);
    stages.push({
      stage: segment.stage,
      predictedSeconds,
      measuredSeconds: quantile(Float64Array.from(samples.value).sort(), 0.5),
      spread: Number.isFinite(spread) ? spread : null,
      runs: samples.value.length,
    });
  }
  const { wireBytes } = tensorSizes(graph, encoding);
  const passing = crossings(graph, plan);
  const transfers = transferNames(graph, plan, segments.value).map((names, from) => ({
    from,
    to: from + 1,
    predictedBytes: item(passing, from).reduce((sum, tensor) => sum + at(wireBytes, tensor), 0),
    measuredBytes: names.reduce((sum, name) => sum + bytesOf(tensors.get(name)), 0),
  }));
  return ok({ runtime: here.value.runtime, device: request.device, stages, transfers });
}

const bytesOf = (tensor: Tensor | undefined): number =>
  tensor === undefined || Array.isArray(tensor.data) ? 0 : tensor.data.byteLength;
