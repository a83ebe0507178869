import type * as Runtime from "onnxruntime-web";
import type { Model } from "../core/onnx/model.ts";
import type { ByteSource } from "../core/onnx/source.ts";
import { err, ok, type Result } from "../core/result.ts";
import { type ExternalFile, externalFiles, wholeData } from "./external-files.ts";
import { loadOnnxRuntime } from "./onnxruntime.ts";
import type { ProfilingBackend } from "./profiler.ts";

/** Diverts what the WASM runtime prints to `take`, line by line; null lets it print again. */
export type PrintTap = (take: ((line: string) => void) | null) => void;

/**
 * The tap for a worker of a browser. Must be called before the runtime is loaded: it keeps the `console.log` that it
 * finds then.
 */
export function consoleTap(): PrintTap {
  const print = console.log;
  let current: ((line: string) => void) | null = null;
  console.log = (...parts: unknown[]) => {
    if (current === null) print.apply(console, parts);
    else current(parts.map(String).join(" "));
  };
  return (take) => {
    current = take;
  };
}

export interface WebProfilingOptions {
  readonly threads: number;
  readonly tap: PrintTap;
  /** False in a page without cross-origin isolation, whose clock is coarse. */
  readonly isIsolated: boolean;
}

const SILENT = 4;

/** Sessions of the whole model that write a trace, and the reading of it. */
function profiled(
  runtime: Pick<typeof Runtime, "InferenceSession" | "Tensor">,
  executionProviders: readonly string[],
  source: ByteSource,
  external: readonly ExternalFile[],
  tap: PrintTap,
): Pick<ProfilingBackend, "Tensor" | "createSession" | "readTrace"> {
  return {
    Tensor: runtime.Tensor,
    createSession: (level) =>
      runtime.InferenceSession.create(source.read(0, source.size), {
        executionProviders,
        graphOptimizationLevel: level,
        enableProfiling: true,
        logSeverityLevel: SILENT,
        externalData: wholeData(external),
      }),
    readTrace: (session, take) => {
      tap(take);
      try {
        session.endProfiling();
      } finally {
        tap(null);
      }
    },
  };
}

/**
 * onnxruntime-web over the whole model: `source` is its file and `others` its files of external data. All bytes are
 * held in memory while the session is made. Errors: a file of external data that is missing.
 */
export async function webProfiling(
  model: Model,
  source: ByteSource,
  others: readonly ByteSource[],
  { threads, tap, isIsolated }: WebProfilingOptions,
): Promise<Result<ProfilingBackend>> {
  const external = externalFiles(model, model.externalFiles, others);
  if (!external.ok) return external;
  const runtime = await loadOnnxRuntime(threads);
  const inForce = runtime.env.wasm.numThreads ?? 1;
  return ok({
    runtime: `onnxruntime-web ${runtime.env.versions.web ?? ""} WASM, ${inForce === 1 ? "1 thread" : `${inForce} threads`}`,
    warnings: isIsolated
      ? []
      : [
          "The page is not cross-origin isolated, so the browser's clock has steps of 0.1 ms: times of short ops are rough, and there is one thread.",
        ],
    ...profiled(runtime, ["wasm"], source, external.value, tap),
  });
}

/**
 * onnxruntime-web with its WebGPU provider over the whole model, loaded when it is asked for: its code is twice the size.
 * Ops that the provider does not have run on the CPU. Errors: as of `webProfiling`, and a browser without a GPU to use.
 */
export async function webGpuProfiling(
  model: Model,
  source: ByteSource,
  others: readonly ByteSource[],
  { tap, isIsolated }: Pick<WebProfilingOptions, "tap" | "isIsolated">,
): Promise<Result<ProfilingBackend>> {
  const external = externalFiles(model, model.externalFiles, others);
  if (!external.ok) return external;
  const adapter = await gpuAdapter();
  if (adapter === null) return err("This browser offers no GPU to web pages (WebGPU has no adapter).");
  const [runtime, { WEBGPU_FILES }] = await Promise.all([
    import("onnxruntime-web/webgpu"),
    import("./webgpu-files.ts"),
  ]);
  runtime.env.wasm.numThreads = 1;
  runtime.env.wasm.wasmPaths = WEBGPU_FILES;
  return ok({
    runtime: `onnxruntime-web ${runtime.env.versions.web ?? ""} WebGPU${adapter === "" ? "" : ` on ${adapter}`}`,
    warnings: isIsolated ? [] : ["The page is not cross-origin isolated, so the browser's clock has steps of 0.1 ms."],
    needsWholeTrace: true,
    ...profiled(runtime, ["webgpu", "wasm"], source, external.value, tap),
  });
}

/** The part of WebGPU that is asked here. */
interface Gpu {
  requestAdapter(): Promise<{ readonly info?: { readonly vendor: string; readonly architecture: string } } | null>;
}

/** What the browser's GPU is called, "" where it does not say; null where there is none. */
async function gpuAdapter(): Promise<string | null> {
  const gpu = (navigator as { readonly gpu?: Gpu }).gpu;
  const adapter = (await gpu?.requestAdapter().catch(() => null)) ?? null;
  if (adapter === null) return null;
  return [adapter.info?.vendor, adapter.info?.architecture].filter(Boolean).join(" ");
}
