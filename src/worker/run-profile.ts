import { decodeModel } from "../core/onnx/decode.ts";
import type { ByteSource } from "../core/onnx/source.ts";
import type { RawProfile } from "../core/profile/formats/raw-profile.ts";
import { UNTIL_SETTLED } from "../core/profile/settled.ts";
import type { Result } from "../core/result.ts";
import { formatSeconds } from "../core/units.ts";
import { type ProfilingProgress, profileModel } from "../engine/profiler.ts";
import { type PrintTap, webGpuProfiling, webProfiling } from "../engine/profiling-web.ts";
import { blobSource } from "./blob-source.ts";
import type { Request } from "./protocol.ts";
import { sampleSource } from "./sample-source.ts";
import type { Post } from "./scope.ts";

type ProfileRequest = Extract<Request, { kind: "profile" }>;

/** Threads beyond these seldom make a model of this size faster in WASM. */
const MOST_THREADS = 4;

function progressText({ phase, runs, median }: ProfilingProgress): string {
  switch (phase) {
    case "loading":
      return "Loading the model";
    case "warm-up":
      return `Warming up, run ${runs + 1}`;
    case "measuring":
      return `Run ${runs}${median === null ? "" : `, ${formatSeconds(median)} each`}`;
  }
}

/**
 * Answers "profile" by the measured latencies of a model's ops in this browser, progress as it goes. `tap` diverts
 * what the runtime prints; it must have been made before anything loaded the runtime.
 */
export async function runProfile(request: Request, post: Post, tap: PrintTap): Promise<void> {
  if (request.kind !== "profile") throw new Error(`the profiler's worker was asked for "${request.kind}"`);
  post({ kind: "profiled", job: request.job, result: await measure(request, post, tap) });
}

async function measure(request: ProfileRequest, post: Post, tap: PrintTap): Promise<Result<RawProfile>> {
  const { job, model: from, bindings, sha256, device, platform } = request;
  const step = (text: string, fraction: number | null = null) => post({ kind: "progress", job, step: text, fraction });
  const sources: readonly ByteSource[] =
    "files" in from
      ? from.files.map((file) => blobSource(file.name, file.blob))
      : [await sampleSource(from.sample, from.baseUrl, step)];
  const [source, ...others] = sources;
  if (source === undefined) throw new Error("a profile request holds at least one file");
  const model = decodeModel(source);
  if (!model.ok) return model;
  const isIsolated = globalThis.crossOriginIsolated;
  const cores = navigator.hardwareConcurrency;
  const threads = isIsolated ? Math.min(MOST_THREADS, cores) : 1;
  step("Loading the runtime");
  const backend =
    request.backend === "webgpu"
      ? await webGpuProfiling(model.value, source, others, { tap, isIsolated })
      : await webProfiling(model.value, source, others, { threads, tap, isIsolated });
  if (!backend.ok) return backend;
  return profileModel(backend.value, {
    model: model.value,
    sha256,
    bindings,
    level: "all",
    stop: UNTIL_SETTLED,
    title: "measured in this browser",
    device: { name: device, hardware: { processor: null, cores, memoryBytes: null, platform } },
    onProgress: (progress) => step(progressText(progress), progress.fraction),
  });
}
