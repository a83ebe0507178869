import type { Tensor } from "onnxruntime-web";
import type { Graph } from "../core/graph/graph.ts";
import type { DimensionBindings, Model } from "../core/onnx/model.ts";
import { seededInputs } from "../core/onnx/seeded-inputs.ts";
import { type Segment, segmentModels } from "../core/onnx/segments/segment-models.ts";
import { transferNames } from "../core/onnx/segments/transfers.ts";
import { ownInputs } from "../core/onnx/shapes/own-inputs.ts";
import { type ByteSource, bytesSource } from "../core/onnx/source.ts";
import type { GivenInput } from "../core/onnx/tensor-files/given-inputs.ts";
import type { Plan } from "../core/plan/plan.ts";
import { AS_STORED, type Encoding } from "../core/plan/wire.ts";
import type { OptimisationLevel } from "../core/profile/optimisation-level.ts";
import { err, ok, type Result } from "../core/result.ts";
import { randomOpBehind } from "../core/verification/random-ops.ts";
import type { OutputDifference, Verdict, Verification, VerifiedStage } from "../core/verification/verification.ts";
import { compareTensors } from "./compare-tensors.ts";
import { externalFiles, wholeData } from "./external-files.ts";
import { loadOnnxRuntime } from "./onnxruntime.ts";
import { FAILS, type RunOutcome, runOnce } from "./run-once.ts";
import { runtimeTensors } from "./runtime-tensors.ts";
import { segmentBytesInTurn } from "./segment-bytes.ts";

export interface VerifyRequest {
  readonly model: Model;
  /** The model's file, and the files of external data that came with it. */
  readonly source: ByteSource;
  readonly others: readonly ByteSource[];
  readonly bindings: DimensionBindings;
  /** How the plan sends tensors; as they are stored unless given. */
  readonly encoding?: Encoding;
  readonly level: OptimisationLevel;
  /** Of the made-up inputs. */
  readonly seed: number;
  /** Inputs that are not to be made up. */
  readonly given?: readonly GivenInput[];
  /** Told of each step, for a person who waits, and the share of the work that is done. */
  readonly onStep?: (text: string, fraction?: number) => void;
}

/** What rounds differently where a cut keeps the runtime from fusing ops: a few steps of a float, amplified. */
const TOLERANCE = 1e-5;
/**
 * The same where halves are sent: the runtime computes ops on halves in floats and rounds to a half only at the cut, by
 * up to 2^-11; a logit of 8 then moves its probability by 0.4 %.
 */
const TOLERANCE_OF_HALVES = 1e-2;

/** Files of so many bytes in all are read once for the whole model and its segments; larger ones piece by piece. */
const HELD_BYTES = 256 * 1024 * 1024;

/** A run of the whole model: what its inputs were, what came out. */
export interface WholeRun extends RunOutcome {
  readonly inputs: ReadonlyMap<string, Tensor>;
}

/**
 * Runs a model and the segments that a plan makes of it on the same inputs, given or made up, and compares every
 * output. At level "disabled" the runtime changes nothing, so that segments are to be bit-equal to the whole; at higher
 * levels a cut may keep it from fusing ops, which rounds differently. Where the plan sends tensors in another form, the
 * segments run twice: as stored for the verdict, encoded for what that costs. One session exists at a time. Errors:
 * inputs that cannot be made up, a plan that cannot be cut out, what the runtime refuses.
 */
export async function verifyPlan(request: VerifyRequest, graph: Graph, plan: Plan): Promise<Result<Verification>> {
  const { model, source, others, encoding = AS_STORED } = request;
  const segments = segmentModels(model, graph, plan);
  if (!segments.ok) return segments;
  const isAsStored = encoding.input === "as-stored" && encoding.cut === "as-stored";
  const sent = isAsStored ? segments : segmentModels(model, graph, plan, encoding);
  if (!sent.ok) return sent;
  const isEncoded = sent.value.some(({ encoded }) => encoded.length > 0);
  const steps = 1 + segments.value.length + (isEncoded ? sent.value.length : 0);
  let done = 0;
  const [held = source, ...heldOthers] = heldSources([source, ...others]);
  const counted: VerifyRequest = {
    ...request,
    source: held,
    others: heldOthers,
    onStep: (text) => {
      request.onStep?.(text, done / steps);
      done++;
    },
  };
  counted.onStep?.(`Running ${model.fileName}`);
  const whole = await runWhole(counted);
  if (!whole.ok) return whole;
  return verifySegments(counted, whole.value, segments.value, {
    encoded: isEncoded ? sent.value : null,
    transfers: transferNames(graph, plan, sent.value),
  });
}

/** The files in memory where they are small enough, else as they are. */
function heldSources(sources: readonly ByteSource[]): readonly ByteSource[] {
  if (sources.reduce((sum, { size }) => sum + size, 0) > HELD_BYTES) return sources;
  return sources.map((source) => bytesSource(source.name, source.read(0, source.size)));
}

/** Runs the model as it is on the given inputs and, for the rest, inputs made up from the seed. */
export async function runWhole({ model, source, others, bindings, level, seed, given = [] }: VerifyRequest) {
  const inputs = wholeInputs(model, bindings, seed, given);
  if (!inputs.ok) return inputs;
  const external = externalFiles(model, model.externalFiles, others);
  if (!external.ok) return external;
  const tensors = runtimeTensors(inputs.value, (await loadOnnxRuntime()).Tensor);
  const bytes = source.read(0, source.size);
  const run = await runOnce({ name: model.fileName, bytes, level, tensors, externalData: wholeData(external.value) });
  if (run.ok) return ok<WholeRun>({ ...run.value, inputs: tensors });
  const madeUp = inputs.value.filter(({ name }) => !given.some((one) => one.input.name === name));
  if (madeUp.length === 0 || !run.error.includes(FAILS)) return run;
  const wanted = madeUp.map(({ name, elementType, dims }) => `"${name}" (${elementType} [${dims.join(", ")}])`);
  return err(
    `${run.error} The ${madeUp.length === 1 ? "input" : "inputs"} ${wanted.join(", ")} ${madeUp.length === 1 ? "was" : "were"} made up from seed ${seed}; give real ones as .npy or .pb files.`,
  );
}

/** One tensor for each input of the model: the given one, else a made-up one; made-up ones are not asked for in vain. */
function wholeInputs(model: Model, bindings: DimensionBindings, seed: number, given: readonly GivenInput[]) {
  const byName = new Map(given.map(({ input }) => [input.name, input]));
  const { graph } = model.proto;
  const names = (graph === undefined ? [] : ownInputs(graph)).map(({ name }) => name);
  if (names.every((name) => byName.has(name))) return ok(names.flatMap((name) => byName.get(name) ?? []));
  const made = seededInputs(model, bindings, seed);
  return made.ok ? ok(made.value.map((input) => byName.get(input.name) ?? input)) : made;
}

interface Chain {
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly stages: readonly VerifiedStage[];
  /** Whether halves that the model has are sent. */
  readonly sendsHalves: boolean;
}

/** Runs segments one after another on what the whole model was run on. */
async function runChain(
  { model, source, others, level, onStep }: VerifyRequest,
  whole: WholeRun,
  segments: readonly Segment[],
  what: string,
): Promise<Result<Chain>> {
  const tensors = new Map(whole.inputs);
  const stages: VerifiedStage[] = [];
  let sendsHalves = false;
  const bytesOfSegment = segmentBytesInTurn(segments, source);
  for (const segment of segments) {
    const { stage, fileName, inputs, outputs } = segment;
    onStep?.(`Running ${fileName}${what}`);
    const external = externalFiles(model, segment.externalFiles, others);
    if (!external.ok) return external;
    const bytes = await bytesOfSegment(segment);
    const run = await runOnce({ name: fileName, bytes, level, tensors, externalData: wholeData(external.value) });
    if (!run.ok) return run;
    const sent = inputs.filter((name) => !whole.inputs.has(name));
    if (sent.some((name) => tensors.get(name)?.type === "float16")) sendsHalves = true;
    for (const [name, tensor] of run.value.outputs) tensors.set(name, tensor);
    const { loadSeconds, runSeconds } = run.value;
    stages.push({ stage, fileName, bytes: bytes.length, inputs, outputs, loadSeconds, runSeconds });
  }
  return ok({ tensors, stages, sendsHalves });
}

function differencesOf(model: Model, whole: WholeRun, { tensors }: Chain): Result<readonly OutputDifference[]> {
  const differences: OutputDifference[] = [];
  for (const [name, expected] of whole.outputs) {
    const actual = tensors.get(name);
    if (actual === undefined) return err(`No segment of "${model.fileName}" makes its output "${name}".`);
    differences.push(compareTensors(name, expected, actual));
  }
  return ok(differences);
}

/**
 * Runs segments one after another on what the whole model was run on, and compares what comes out; those of `sent`
 * that encode what they send, too. `transfers` are the names of what passes each boundary.
 */
export async function verifySegments(
  request: VerifyRequest,
  whole: WholeRun,
  segments: readonly Segment[],
  sent: { readonly encoded: readonly Segment[] | null; readonly transfers: readonly (readonly string[])[] } = {
    encoded: null,
    transfers: [],
  },
): Promise<Result<Verification>> {
  const { model, level, seed, given = [], encoding = AS_STORED } = request;
  const plain = await runChain(request, whole, segments, "");
  if (!plain.ok) return plain;
  const outputs = differencesOf(model, whole, plain.value);
  if (!outputs.ok) return outputs;
  const tolerance = plain.value.sendsHalves ? TOLERANCE_OF_HALVES : TOLERANCE;
  let chain = plain.value;
  let encoded: Verification["encoded"] = null;
  if (sent.encoded !== null) {
    const run = await runChain(request, whole, sent.encoded, ", encoded");
    if (!run.ok) return run;
    const differences = differencesOf(model, whole, run.value);
    if (!differences.ok) return differences;
    chain = run.value;
    encoded = { input: encoding.input, cut: encoding.cut, outputs: differences.value };
  }
  const { env } = await loadOnnxRuntime();
  const { loadSeconds, runSeconds } = whole;
  const isGiven = [...whole.inputs.keys()].every((name) => given.some(({ input }) => input.name === name));
  return ok({
    verdict: verdictOf(outputs.value, tolerance),
    tolerance,
    runtime: `onnxruntime-web ${env.versions.web ?? ""} WASM`,
    level,
    seed: isGiven && whole.inputs.size > 0 ? null : seed,
    given: given.map(({ input, file }) => ({ name: input.name, file })),
    outputs: outputs.value,
    random: randomOpBehind(model, beyond(outputs.value, tolerance)),
    encoded,
    whole: { loadSeconds, runSeconds },
    stages: chain.stages,
    transfers: sent.transfers.map((names, from) => ({
      from,
      to: from + 1,
      tensors: names,
      bytes: names.reduce((sum, name) => sum + bytesOf(chain.tensors.get(name)), 0),
    })),
  });
}

/** Bytes of a tensor's elements; texts count as they are encoded in UTF-8. */
function bytesOf(tensor: Tensor | undefined): number {
  if (tensor === undefined) return 0;
  const { data } = tensor;
  if (!Array.isArray(data)) return data.byteLength;
  const encoder = new TextEncoder();
  return data.reduce((sum, text) => sum + encoder.encode(text).length, 0);
}

/** The outputs that differ by more than rounding. */
function beyond(differences: readonly OutputDifference[], tolerance: number): readonly string[] {
  return differences.flatMap(({ name, maxRelative }) => (maxRelative <= tolerance ? [] : [name]));
}

function verdictOf(differences: readonly OutputDifference[], tolerance: number): Verdict {
  if (differences.every(({ bitEqual }) => bitEqual)) return "bit-equal";
  return beyond(differences, tolerance).length === 0 ? "close" : "different";
}
