import { closeSync, mkdtempSync, openSync, readdirSync, readSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { OnnxRuntime } from "../engine/onnxruntime.ts";
import type { ProfilingBackend } from "../engine/profiler.ts";

export type NativeRuntime = Pick<OnnxRuntime, "InferenceSession" | "Tensor" | "env">;

/** onnxruntime-node, null where it is not installed or has no library for this machine. */
export function loadNative(): NativeRuntime | null {
  try {
    // An optional dependency: what cannot be loaded is as good as absent, whatever the reason.
    return createRequire(import.meta.url)("onnxruntime-node");
  } catch {
    return null;
  }
}

const SILENT = 4;
const CHUNK = 1024 * 1024;

/** The lines of a text file, read piece by piece. */
function readLines(path: string, take: (line: string) => void): void {
  const descriptor = openSync(path, "r");
  try {
    const decoder = new TextDecoder();
    const chunk = new Uint8Array(CHUNK);
    let rest = "";
    for (let count = readSync(descriptor, chunk); count > 0; count = readSync(descriptor, chunk)) {
      const lines = (rest + decoder.decode(chunk.subarray(0, count), { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) take(line);
    }
    if (rest !== "") take(rest);
  } finally {
    closeSync(descriptor);
  }
}

export interface NativeProfiling {
  readonly backend: ProfilingBackend;
  /** Deletes what the runtime has written. */
  dispose(): void;
}

/**
 * ONNX Runtime's native library over the model at `path`, whose external data it finds by itself; null where it is
 * not there. Its trace is a file in a folder of its own under the system's folder for temporary files.
 */
export function nativeProfiling(path: string, threads: number): NativeProfiling | null {
  const runtime = loadNative();
  if (runtime === null) return null;
  const folder = mkdtempSync(join(tmpdir(), "splitscope-profile-"));
  const version = runtime.env.versions.node ?? "";
  return {
    backend: {
      runtime: `onnxruntime-node ${version} CPU, ${threads === 1 ? "1 thread" : `${threads} threads`}`,
      warnings: [],
      Tensor: runtime.Tensor,
      createSession: (level) =>
        runtime.InferenceSession.create(path, {
          executionProviders: ["cpu"],
          graphOptimizationLevel: level,
          intraOpNumThreads: threads,
          interOpNumThreads: 1,
          enableProfiling: true,
          profileFilePrefix: join(folder, "trace"),
          logSeverityLevel: SILENT,
        }),
      readTrace: (session, take) => {
        session.endProfiling();
        for (const file of readdirSync(folder)) readLines(join(folder, file), take);
      },
    },
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  };
}
