import type { InferenceSession, Tensor } from "onnxruntime-web";
import { err, ok, type Result } from "../../core/result.ts";
import type { OnnxRuntime } from "../onnxruntime.ts";
import { plainReason } from "../refusal.ts";
import type { WireTensor } from "./protocol.ts";
import { datatypeOf, fromWire, toWire } from "./wire-tensors.ts";

/** What models and tensors of the runtime are, for those who load and feed them. */
export type RuntimeSession = InferenceSession;
export type RuntimeTensor = Tensor;

/** Either build of ONNX Runtime. */
export type ServingRuntime = Pick<OnnxRuntime, "InferenceSession" | "Tensor">;

export interface TensorSpec {
  readonly name: string;
  readonly datatype: string;
  /** -1 where a size is open. */
  readonly shape: readonly number[];
}

export interface StageRun {
  readonly tensors: readonly WireTensor[];
  readonly seconds: number;
}

/** A loaded model that takes tensors as they come over the wire, one run at a time. */
export interface StageSession {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  /** Errors: tensors that are missing, unknown or of another type or shape, and what the runtime says. */
  run(tensors: readonly WireTensor[], wanted: readonly string[] | null): Promise<Result<StageRun>>;
  release(): Promise<void>;
}

const OPEN = 4_294_967_295;

function specsOf(metadata: readonly InferenceSession.ValueMetadata[]): Result<readonly TensorSpec[]> {
  const specs: TensorSpec[] = [];
  for (const entry of metadata) {
    if (!entry.isTensor) return err(`"${entry.name}" is no tensor; a stage takes and gives plain tensors`);
    const datatype = datatypeOf(entry.type);
    if (datatype === null)
      return err(`"${entry.name}" has elements of ${entry.type}, which the protocol has no name for`);
    const shape = entry.shape.map((size) => (typeof size === "number" && size >= 0 && size < OPEN ? size : -1));
    specs.push({ name: entry.name, datatype, shape });
  }
  return ok(specs);
}

const fits = (actual: readonly number[], expected: readonly number[]) =>
  actual.length === expected.length && expected.every((size, i) => size < 0 || size === actual[i]);

/** Why tensors are not what a model takes, as a sentence; null where they are. */
function mismatch(specs: readonly TensorSpec[], tensors: readonly WireTensor[]): string | null {
  const given = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const known = new Map(specs.map((spec) => [spec.name, spec]));
  const names = specs.map(({ name }) => `"${name}"`).join(", ") || "none";
  for (const { name } of tensors)
    if (!known.has(name)) return `The model has no input "${name}"; its inputs are ${names}.`;
  for (const { name, datatype, shape } of specs) {
    const tensor = given.get(name);
    if (tensor === undefined) return `The input "${name}" is missing; expected ${names}.`;
    // A rank of 0 in the metadata is a scalar or an unknown rank.
    const alike = tensor.datatype === datatype && (shape.length === 0 || fits(tensor.shape, shape));
    if (!alike) {
      return `The input "${name}" is ${tensor.datatype} [${tensor.shape.join(", ")}]; expected ${datatype} [${shape.join(", ")}].`;
    }
  }
  return null;
}

const reasonText = (reason: unknown) => plainReason(reason instanceof Error ? reason.message : String(reason));

/** A session as a stage. Errors: inputs or outputs that the protocol cannot carry; the session is released then. */
export async function stageSession(
  name: string,
  session: InferenceSession,
  { Tensor: TensorClass }: Pick<ServingRuntime, "Tensor">,
): Promise<Result<StageSession>> {
  const inputs = specsOf(session.inputMetadata);
  const outputs = inputs.ok ? specsOf(session.outputMetadata) : inputs;
  if (!inputs.ok || !outputs.ok) {
    await session.release();
    const fault = inputs.ok ? outputs : inputs;
    return err(`"${name}" cannot be served: ${fault.ok ? "" : fault.error}.`);
  }
  const run = async (tensors: readonly WireTensor[], wanted: readonly string[] | null): Promise<Result<StageRun>> => {
    const fault = mismatch(inputs.value, tensors);
    if (fault !== null) return err(fault);
    const unknown = wanted?.find((output) => !outputs.value.some((spec) => spec.name === output));
    if (unknown !== undefined) {
      return err(
        `The model has no output "${unknown}"; its outputs are ${outputs.value.map((spec) => `"${spec.name}"`).join(", ")}.`,
      );
    }
    const feeds = new Map<string, Tensor>();
    for (const tensor of tensors) {
      const made = fromWire(tensor, TensorClass);
      if (!made.ok) return made;
      feeds.set(tensor.name, made.value);
    }
    const start = performance.now();
    let results: InferenceSession.OnnxValueMapType;
    try {
      results = await session.run(Object.fromEntries(feeds));
    } catch (reason) {
      return err(`"${name}" fails in ONNX Runtime: ${reasonText(reason)}.`);
    }
    const seconds = (performance.now() - start) / 1e3;
    const made = new Map(Object.entries(results));
    const given: WireTensor[] = [];
    for (const output of wanted ?? outputs.value.map((spec) => spec.name)) {
      const tensor = made.get(output);
      if (tensor === undefined) return err(`"${name}" gives no output "${output}".`);
      const wire = toWire(output, tensor);
      if (!wire.ok) return wire;
      given.push(wire.value);
    }
    return ok({ tensors: given, seconds });
  };
  let last: Promise<unknown> = Promise.resolve();
  return ok({
    inputs: inputs.value,
    outputs: outputs.value,
    run: (tensors, wanted) => {
      const next = last.then(() => run(tensors, wanted));
      last = next;
      return next;
    },
    release: () => session.release(),
  });
}
