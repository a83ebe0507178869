import type { InferenceSession, Tensor } from "onnxruntime-web";
import type { DimensionBindings, Model } from "../core/onnx/model.ts";
import { seededInputs } from "../core/onnx/seeded-inputs.ts";
import { ortTrace } from "../core/profile/formats/ort-trace.ts";
import type { RawProfile } from "../core/profile/formats/raw-profile.ts";
import type { OptimisationLevel } from "../core/profile/optimisation-level.ts";
import {
  measuringProgress,
  medianSpread,
  type StopReason,
  type StopRule,
  stopReason,
} from "../core/profile/settled.ts";
import { err, ok, type Result } from "../core/result.ts";
import { formatSeconds } from "../core/units.ts";
import { plainReason } from "./refusal.ts";
import { runtimeTensors } from "./runtime-tensors.ts";

/** A build of ONNX Runtime that can profile one model. */
export interface ProfilingBackend {
  /** "onnxruntime-web 1.30.0 WASM, 4 threads". */
  readonly runtime: string;
  /** What is known to be wrong with its clock, one sentence each. */
  readonly warnings: readonly string[];
  /** The trace tells of all runs at its end, so that none of them may be left out of it. */
  readonly needsWholeTrace?: boolean;
  readonly Tensor: typeof Tensor;
  createSession(level: OptimisationLevel): Promise<InferenceSession>;
  /** Ends profiling of the session and passes its trace on, line by line. */
  readTrace(session: InferenceSession, take: (line: string) => void): void;
}

export interface ProfilingProgress {
  readonly phase: "loading" | "warm-up" | "measuring";
  /** Runs of this phase that have ended. */
  readonly runs: number;
  /** Share of the work that is done at most; null where it cannot be told. */
  readonly fraction: number | null;
  /** Median of the last runs in seconds, null before the first measured one. */
  readonly median: number | null;
}

export interface ProfileRequest {
  readonly model: Model;
  readonly sha256: string | null;
  readonly bindings: DimensionBindings;
  readonly level: OptimisationLevel;
  readonly stop: StopRule;
  /** What the profile calls itself: "this browser". */
  readonly title: string;
  readonly device: Omit<RawProfile["device"], "runtime">;
  readonly onProgress?: (progress: ProfilingProgress) => void;
}

/** Compilers and caches are warm after this much work. */
const WARM_UP = { runs: 3, seconds: 0.5, mostRuns: 50 } as const;
/** Runs before the measured ones that stay in the trace, where the reader leaves out as many as there are, at most 3. */
const KEPT_WARM_UP = 3;

/** Progress is told at most this often. */
const TELL_SECONDS = 0.1;
/** Runs that the median told as progress is taken over. */
const RECENT = 101;

const RUN_END = /"name"\s*:\s*"model_run"/;

const seconds = () => performance.now() / 1e3;

/**
 * Runs a model over and over on inputs made up from a seed and gives the latency of every op. Runs are left out until
 * the runtime is warm (at least 3 runs and 0.5 s), then measured until `stop` says so. The whole run's time on our
 * own clock decides when to stop; the figures are the runtime's. Errors: inputs that cannot be made up, a model that
 * the runtime refuses or that fails on the inputs.
 */
export async function profileModel(backend: ProfilingBackend, request: ProfileRequest): Promise<Result<RawProfile>> {
  const { model, stop } = request;
  const inputs = seededInputs(model, request.bindings);
  if (!inputs.ok) return inputs;
  let told = 0;
  const tell = (
    phase: ProfilingProgress["phase"],
    runs: number,
    fraction: number | null,
    samples: readonly number[],
  ) => {
    const now = seconds();
    if (runs > 0 && now - told < TELL_SECONDS) return;
    told = now;
    request.onProgress?.({ phase, runs, fraction, median: medianOf(samples.slice(-RECENT)) });
  };

  tell("loading", 0, null, []);
  let session: InferenceSession;
  try {
    session = await backend.createSession(request.level);
  } catch (reason) {
    return err(`"${model.fileName}": ${backend.runtime} refuses the model: ${reasonText(reason)}.`);
  }
  let isTraceOpen = true;
  try {
    const feeds = Object.fromEntries(runtimeTensors(inputs.value, backend.Tensor));
    const run = async (): Promise<number> => {
      const start = seconds();
      await session.run(feeds);
      return seconds() - start;
    };
    let warmUp = 0;
    const begin = seconds();
    const mostSeconds = Math.max(WARM_UP.seconds, stop.budgetSeconds / 3);
    for (;;) {
      tell("warm-up", warmUp, null, []);
      await run();
      warmUp++;
      const elapsed = seconds() - begin;
      const isWarm = warmUp >= WARM_UP.runs && (elapsed >= WARM_UP.seconds || warmUp >= WARM_UP.mostRuns);
      if (isWarm || elapsed >= mostSeconds) break;
    }
    const samples: number[] = [];
    const start = seconds();
    let end: StopReason | null = null;
    while (end === null) {
      samples.push(await run());
      const elapsed = seconds() - start;
      end = stopReason(stop, samples, elapsed);
      tell("measuring", samples.length, measuringProgress(stop, samples.length, elapsed), samples);
    }
    const skipped = backend.needsWholeTrace === true ? 0 : warmUp - Math.min(KEPT_WARM_UP, samples.length, warmUp);
    isTraceOpen = false;
    const profile = readSession(backend, session, skipped, request.title);
    return profile.ok ? ok(completed(profile.value, backend, request, samples, end, warmUp)) : profile;
  } catch (reason) {
    return err(`"${model.fileName}" fails on made-up inputs in ${backend.runtime}: ${reasonText(reason)}.`);
  } finally {
    await close(backend, session, isTraceOpen);
  }
}

/** Ends a session; one whose trace nobody has read would print it. */
async function close(backend: ProfilingBackend, session: InferenceSession, isTraceOpen: boolean): Promise<void> {
  try {
    if (isTraceOpen) backend.readTrace(session, () => undefined);
    await session.release();
  } catch {
    // A runtime that has broken down cannot clean up; what broke it has been told already.
  }
}

function reasonText(reason: unknown): string {
  return plainReason(reason instanceof Error ? reason.message : String(reason));
}

function medianOf(samples: readonly number[]): number | null {
  return samples.toSorted((a, b) => a - b)[samples.length >> 1] ?? null;
}

/** The session's trace through the reader of trace files, without its first runs. */
function readSession(
  backend: ProfilingBackend,
  session: InferenceSession,
  skippedRuns: number,
  title: string,
): Result<RawProfile> {
  const reader = ortTrace.open(title);
  let runs = 0;
  backend.readTrace(session, (line) => {
    if (runs >= skippedRuns) reader.push(line.endsWith("\n") ? line : `${line}\n`);
    else if (RUN_END.test(line)) runs++;
  });
  const reading = reader.end();
  if (!reading.ok) return reading;
  if (reading.value.kind !== "profile") throw new Error(`the reader of traces gave ${reading.value.kind}`);
  return ok(reading.value.profile);
}

function completed(
  profile: RawProfile,
  { runtime, warnings }: ProfilingBackend,
  { model, sha256, level, stop, device }: ProfileRequest,
  samples: readonly number[],
  end: StopReason,
  warmUp: number,
): RawProfile {
  const notes = [...profile.warnings, ...warnings];
  const spread = medianSpread(samples);
  if (end === "budget") {
    const within = Number.isFinite(spread) ? ` within ${(100 * spread).toFixed(spread < 0.1 ? 1 : 0)} %` : " roughly";
    notes.push(
      `After ${formatSeconds(stop.budgetSeconds)} the median of a run was known only${within}: the device was busy, or the model is slow.`,
    );
  }
  if (profile.runs < samples.length) {
    notes.push(`The runtime's trace is full after ${profile.runs} of ${samples.length} runs.`);
  }
  return {
    ...profile,
    model: { name: model.fileName, sha256 },
    device: { ...device, runtime: `${runtime}, level ${level}` },
    warmupDropped: warmUp,
    warnings: notes,
  };
}
