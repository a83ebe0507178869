import type { Tensor } from "onnxruntime-web";
import type { Graph } from "../core/graph/graph.ts";
import type { DimensionBindings, Model } from "../core/onnx/model.ts";
import { seededInputs } from "../core/onnx/seeded-inputs.ts";
import { type Segment, segmentModels } from "../core/onnx/segments/segment-models.ts";
import { writeSegment } from "../core/onnx/segments/write-segment.ts";
import type { ByteSource } from "../core/onnx/source.ts";
import type { Plan } from "../core/plan/plan.ts";
import type { OptimisationLevel } from "../core/profile/optimisation-level.ts";
import { err, ok, type Result } from "../core/result.ts";
import { compareTensors, type OutputDifference } from "./compare-tensors.ts";
import { externalFiles, wholeData } from "./external-files.ts";
import { loadOnnxRuntime } from "./onnxruntime.ts";
import { type RunOutcome, runOnce } from "./run-once.ts";
import { runtimeTensors } from "./runtime-tensors.ts";

export interface VerifyRequest {
  readonly model: Model;
  /** The model's file, and the files of external data that came with it. */
  readonly source: ByteSource;
  readonly others: readonly ByteSource[];
  readonly bindings: DimensionBindings;
  readonly level: OptimisationLevel;
  /** Of the made-up inputs. */
  readonly seed: number;
  /** Told of each step, for a person who waits. */
  readonly onStep?: (text: string) => void;
}

export interface VerifiedStage {
  readonly stage: number;
  readonly fileName: string;
  readonly bytes: number;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly loadSeconds: number;
  /** Of one run, the first. */
  readonly runSeconds: number;
}

/** "close": not bit-equal, but no output differs by more than the tolerance. */
type Verdict = "bit-equal" | "close" | "different";

export interface Verification {
  readonly verdict: Verdict;
  /** Of `maxRelative` of an output. */
  readonly tolerance: number;
  /** "onnxruntime-web 1.30.0 WASM" */
  readonly runtime: string;
  readonly level: OptimisationLevel;
  readonly seed: number;
  readonly outputs: readonly OutputDifference[];
  /** Of the whole model. */
  readonly whole: Pick<RunOutcome, "loadSeconds" | "runSeconds">;
  readonly stages: readonly VerifiedStage[];
}

/** What rounds differently where a cut keeps the runtime from fusing ops: a few steps of a float, amplified. */
const TOLERANCE = 1e-5;
/**
 * The same where halves are sent: the runtime computes ops on halves in floats and rounds to a half only at the cut, by
 * up to 2^-11; a logit of 8 then moves its probability by 0.4 %.
 */
const TOLERANCE_OF_HALVES = 1e-2;

/** A run of the whole model: what its inputs were, what came out. */
export interface WholeRun extends RunOutcome {
  readonly inputs: ReadonlyMap<string, Tensor>;
}

/**
 * Runs a model and the segments that a plan makes of it on the same made-up inputs, and compares every output. At
 * level "disabled" the runtime changes nothing, so that segments are to be bit-equal to the whole; at higher levels a
 * cut may keep it from fusing ops, which rounds differently. One session exists at a time. Errors: inputs that cannot
 * be made up, a plan that cannot be cut out, what the runtime refuses.
 */
export async function verifyPlan(request: VerifyRequest, graph: Graph, plan: Plan): Promise<Result<Verification>> {
  const segments = segmentModels(request.model, graph, plan);
  if (!segments.ok) return segments;
  request.onStep?.("Running the whole model");
  const whole = await runWhole(request);
  return whole.ok ? verifySegments(request, whole.value, segments.value) : whole;
}

/** Runs the model as it is on inputs made up from the seed. */
export async function runWhole({ model, source, others, bindings, level, seed }: VerifyRequest) {
  const inputs = seededInputs(model, bindings, seed);
  if (!inputs.ok) return inputs;
  const external = externalFiles(model, model.externalFiles, others);
  if (!external.ok) return external;
  const tensors = runtimeTensors(inputs.value, (await loadOnnxRuntime()).Tensor);
  const bytes = source.read(0, source.size);
  const run = await runOnce({ name: model.fileName, bytes, level, tensors, externalData: wholeData(external.value) });
  return run.ok ? ok<WholeRun>({ ...run.value, inputs: tensors }) : run;
}

/** Runs segments one after another on what the whole model was run on, and compares what comes out. */
export async function verifySegments(
  { model, source, others, level, seed, onStep }: VerifyRequest,
  whole: WholeRun,
  segments: readonly Segment[],
): Promise<Result<Verification>> {
  const tensors = new Map(whole.inputs);
  const stages: VerifiedStage[] = [];
  let tolerance = TOLERANCE;
  for (const segment of segments) {
    const { stage, fileName, inputs, outputs } = segment;
    onStep?.(`Running stage ${stage}`);
    const external = externalFiles(model, segment.externalFiles, others);
    if (!external.ok) return external;
    const bytes = segmentBytes(segment, source);
    const run = await runOnce({ name: fileName, bytes, level, tensors, externalData: wholeData(external.value) });
    if (!run.ok) return run;
    const sent = inputs.filter((name) => !whole.inputs.has(name));
    if (sent.some((name) => tensors.get(name)?.type === "float16")) tolerance = TOLERANCE_OF_HALVES;
    for (const [name, tensor] of run.value.outputs) tensors.set(name, tensor);
    const { loadSeconds, runSeconds } = run.value;
    stages.push({ stage, fileName, bytes: bytes.length, inputs, outputs, loadSeconds, runSeconds });
  }
  const differences: OutputDifference[] = [];
  for (const [name, expected] of whole.outputs) {
    const actual = tensors.get(name);
    if (actual === undefined) return err(`No segment of "${model.fileName}" makes its output "${name}".`);
    differences.push(compareTensors(name, expected, actual));
  }
  const { env } = await loadOnnxRuntime();
  const { loadSeconds, runSeconds } = whole;
  return ok({
    verdict: verdictOf(differences, tolerance),
    tolerance,
    runtime: `onnxruntime-web ${env.versions.web ?? ""} WASM`,
    level,
    seed,
    outputs: differences,
    whole: { loadSeconds, runSeconds },
    stages,
  });
}

function verdictOf(differences: readonly OutputDifference[], tolerance: number): Verdict {
  if (differences.every(({ bitEqual }) => bitEqual)) return "bit-equal";
  return differences.every(({ maxRelative }) => maxRelative <= tolerance) ? "close" : "different";
}

function segmentBytes(segment: Segment, source: ByteSource): Uint8Array {
  const { byteLength, chunks } = writeSegment(segment, source);
  const bytes = new Uint8Array(byteLength);
  let filled = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, filled);
    filled += chunk.length;
  }
  return bytes;
}
