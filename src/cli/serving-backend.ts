import type { OptimisationLevel } from "../core/profile/optimisation-level.ts";
import { err, ok, type Result } from "../core/result.ts";
import { externalFiles, wholeData } from "../engine/external-files.ts";
import { loadOnnxRuntime } from "../engine/onnxruntime.ts";
import { plainReason } from "../engine/refusal.ts";
import type { RuntimeSession, ServingRuntime } from "../engine/serving/stage-session.ts";
import { withModelFiles } from "./model-files.ts";
import { loadNative } from "./profiling-node.ts";

/** A build of ONNX Runtime that models can be loaded into. */
export interface ServingBackend {
  /** "onnxruntime-node 1.30.0" */
  readonly name: string;
  readonly runtime: ServingRuntime;
  /** Errors: a file that cannot be read, a model that the runtime refuses. */
  load(path: string): Promise<Result<RuntimeSession>>;
}

export interface BackendOptions {
  /** Null = the native library where it is there. */
  readonly kind: "node" | "web" | null;
  readonly threads: number;
  readonly level: OptimisationLevel;
}

const SILENT = 4;

const refusal = (path: string, reason: unknown) =>
  err(
    `"${path}": ONNX Runtime refuses the model: ${plainReason(reason instanceof Error ? reason.message : String(reason))}.`,
  );

/** Errors: the native library was asked for and is not there. */
export async function servingBackend({ kind, threads, level }: BackendOptions): Promise<Result<ServingBackend>> {
  const native = kind === "web" ? null : loadNative();
  const options = {
    graphOptimizationLevel: level,
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    logSeverityLevel: SILENT,
  } as const;
  if (native !== null) {
    return ok({
      name: `onnxruntime-node ${native.env.versions.node ?? ""}`,
      runtime: native,
      load: async (path) =>
        // Opened here first, so that a file that is none is told by a sentence of ours; the library finds external data.
        withModelFiles(path, async () => {
          try {
            return ok(await native.InferenceSession.create(path, { ...options, executionProviders: ["cpu"] }));
          } catch (reason) {
            return refusal(path, reason);
          }
        }),
    });
  }
  if (kind === "node") {
    return err(
      "onnxruntime-node is not installed, or has no library for this machine; install it, or leave out --runtime to run on the WASM build.",
    );
  }
  const runtime = await loadOnnxRuntime(threads);
  return ok({
    name: `onnxruntime-web ${runtime.env.versions.web ?? ""} WASM`,
    runtime,
    load: (path) =>
      withModelFiles(path, async ({ model, source, others }) => {
        const external = externalFiles(model, model.externalFiles, others);
        if (!external.ok) return external;
        try {
          const bytes = source.read(0, source.size);
          const externalData = wholeData(external.value);
          return ok(
            await runtime.InferenceSession.create(bytes, { ...options, executionProviders: ["wasm"], externalData }),
          );
        } catch (reason) {
          return refusal(path, reason);
        }
      }),
  });
}
