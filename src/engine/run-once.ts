import type { InferenceSession, Tensor } from "onnxruntime-web";
import type { OptimisationLevel } from "../core/profile/optimisation-level.ts";
import { err, ok, type Result } from "../core/result.ts";
import { loadOnnxRuntime } from "./onnxruntime.ts";
import { plainReason } from "./refusal.ts";

export interface RunRequest {
  /** For messages. */
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly level: OptimisationLevel;
  /** May hold more tensors than the model reads. */
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly externalData: readonly { readonly path: string; readonly data: Uint8Array }[];
}

export interface RunOutcome {
  readonly outputs: ReadonlyMap<string, Tensor>;
  /** Time to make a session of the model. */
  readonly loadSeconds: number;
  readonly runSeconds: number;
}

const SILENT = 4;

/** In the sentence on a model that starts and then fails, which may be due to its inputs. */
export const FAILS = "fails in ONNX Runtime";

const seconds = () => performance.now() / 1e3;

/**
 * Loads a model in onnxruntime-web, runs it once and releases it. Errors: a model that the runtime refuses or that
 * fails on the tensors, in the runtime's words.
 */
export async function runOnce({ name, bytes, level, tensors, externalData }: RunRequest): Promise<Result<RunOutcome>> {
  const runtime = await loadOnnxRuntime();
  const start = seconds();
  let session: InferenceSession;
  try {
    session = await runtime.InferenceSession.create(bytes, {
      executionProviders: ["wasm"],
      graphOptimizationLevel: level,
      logSeverityLevel: SILENT,
      externalData,
    });
  } catch (reason) {
    return err(`"${name}": ONNX Runtime refuses the model: ${reasonText(reason)}.`);
  }
  try {
    const feeds = new Map<string, Tensor>();
    for (const input of session.inputNames) {
      const tensor = tensors.get(input);
      if (tensor === undefined) throw new Error(`nothing feeds the input "${input}" of ${name}`);
      feeds.set(input, tensor);
    }
    const loaded = seconds();
    const outputs = await session.run(Object.fromEntries(feeds));
    const runSeconds = seconds() - loaded;
    return ok({ outputs: new Map(Object.entries(outputs)), loadSeconds: loaded - start, runSeconds });
  } catch (reason) {
    return err(`"${name}" ${FAILS}: ${reasonText(reason)}.`);
  } finally {
    await session.release();
  }
}

function reasonText(reason: unknown): string {
  return plainReason(reason instanceof Error ? reason.message : String(reason));
}
