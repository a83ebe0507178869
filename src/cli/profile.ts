import { listedProfile } from "../core/profile/apply.ts";
import { writeProfile } from "../core/profile/formats/native.ts";
import type { RawProfile } from "../core/profile/formats/raw-profile.ts";
import { matchProfile } from "../core/profile/match.ts";
import { fixedRuns, UNTIL_SETTLED } from "../core/profile/settled.ts";
import { err, ok, type Result } from "../core/result.ts";
import { formatSeconds } from "../core/units.ts";
import { loadOnnxRuntime } from "../engine/onnxruntime.ts";
import { type ProfilingBackend, type ProfilingProgress, profileModel } from "../engine/profiler.ts";
import { webProfiling } from "../engine/profiling-web.ts";
import type { Command } from "./arguments.ts";
import type { Output } from "./command.ts";
import { withModelFiles } from "./model-files.ts";
import { type OpenedFile, openFile, unboundDimensions } from "./open.ts";
import { checkWritable, writeText } from "./output-file.ts";
import { profileReport, profileText } from "./profile-text.ts";
import { nativeProfiling } from "./profiling-node.ts";
import { standardOutputTap } from "./standard-output-tap.ts";
import { thisMachine, usableThreads } from "./this-machine.ts";

type ProfileCommand = Extract<Command, { kind: "profile" }>;

/** `splitscope profile`: measures the ops of a model on this machine and writes them as a profile. */
export async function runProfile(command: ProfileCommand, progress?: (line: string) => void): Promise<Result<Output>> {
  const writable = checkWritable(command.out, [command.model]);
  if (!writable.ok) return writable;
  const threads = command.threads ?? usableThreads();
  const native = command.runtime === "web" ? null : nativeProfiling(command.model, threads);
  try {
    if (native === null && command.runtime === "node") {
      return err(
        "onnxruntime-node is not installed, or has no library for this machine; install it, or leave out --runtime to measure with its WASM build.",
      );
    }
    // The WASM build takes its number of threads once, and opening the model loads it.
    if (native === null) await loadOnnxRuntime(threads);
    const opened = await openFile(command.model, command);
    if (!opened.ok) return opened;
    const unbound = unboundDimensions(opened.value.model);
    if (unbound !== null) return err(unbound);
    const measured = await measure(command, opened.value, native?.backend ?? null, progress);
    progress?.("");
    return measured.ok ? finish(command, opened.value, measured.value) : measured;
  } finally {
    native?.dispose();
  }
}

async function measure(
  command: ProfileCommand,
  { model: opened, sha256 }: OpenedFile,
  native: ProfilingBackend | null,
  progress?: (line: string) => void,
): Promise<Result<RawProfile>> {
  return withModelFiles(command.model, async ({ model, source, others }) => {
    const backend =
      native !== null
        ? ok(native)
        : await webProfiling(model, source, others, {
            threads: command.threads ?? usableThreads(),
            tap: standardOutputTap(),
            isIsolated: true,
          });
    if (!backend.ok) return backend;
    return profileModel(backend.value, {
      model,
      sha256,
      bindings: opened.bindings,
      level: command.level,
      stop: command.runs === null ? UNTIL_SETTLED : fixedRuns(command.runs),
      title: "splitscope profile",
      device: thisMachine(),
      onProgress: (told) => progress?.(progressLine(told)),
    });
  });
}

function progressLine({ phase, runs, median }: ProfilingProgress): string {
  switch (phase) {
    case "loading":
      return "Loading the model ...";
    case "warm-up":
      return `Warming up, run ${runs + 1} ...`;
    case "measuring":
      return `Measured ${runs === 1 ? "1 run" : `${runs} runs`}${median === null ? "" : `, ${formatSeconds(median)} each`} ...`;
  }
}

function finish(command: ProfileCommand, { model }: OpenedFile, profile: RawProfile): Result<Output> {
  const matched = matchProfile(profile, model.graph);
  if (!matched.ok) return matched;
  const listed = { ...listedProfile(matched.value, model.graph), warnings: matched.value.warnings };
  const written = writeText(command.out, writeProfile(listed));
  if (!written.ok) return written;
  const report = profileReport(command.out, matched.value, model.graph);
  return ok({ json: report, text: () => profileText(report) });
}
