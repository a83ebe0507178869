import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { decodeModel } from "../core/onnx/decode.ts";
import { externalPath } from "../core/onnx/external.ts";
import type { Model } from "../core/onnx/model.ts";
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
import { checkWritable, type FileSource, openSource, writeText } from "./files.ts";
import { type OpenedFile, openFile, unboundDimensions } from "./open.ts";
import { profileReport, profileText } from "./profile-text.ts";
import { nativeProfiling } from "./profiling-node.ts";
import { standardOutputTap } from "./standard-output-tap.ts";
import { thisMachine, usableThreads } from "./this-machine.ts";

type ProfileCommand = Extract<Command, { kind: "profile" }>;

/** `splitscope profile`: measures the ops of a model on this machine and writes them as a profile. */
export async function runProfile(command: ProfileCommand, progress?: (line: string) => void): Promise<Result<Output>> {
  const writable = checkWritable(command.out);
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
    const opened = await openFile(command.model, command.dims);
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
  const files: FileSource[] = [];
  try {
    const source = openSource(command.model);
    if (!source.ok) return source;
    files.push(source.value);
    const model = decodeModel(source.value);
    if (!model.ok) return model;
    const paths = externalPaths(model.value, dirname(command.model));
    if (!paths.ok) return paths;
    for (const path of paths.value) {
      const data = openSource(path);
      if (!data.ok) return data;
      files.push(data.value);
    }
    const backend =
      native !== null
        ? ok(native)
        : await webProfiling(model.value, source.value, files.slice(1), {
            threads: command.threads ?? usableThreads(),
            tap: standardOutputTap(),
            isIsolated: true,
          });
    if (!backend.ok) return backend;
    return await profileModel(backend.value, {
      model: model.value,
      sha256,
      bindings: opened.bindings,
      level: command.level,
      stop: command.runs === null ? UNTIL_SETTLED : fixedRuns(command.runs),
      title: "splitscope profile",
      device: thisMachine(),
      onProgress: (told) => progress?.(progressLine(told)),
    });
  } finally {
    for (const file of files) file.close();
  }
}

/** Where the files of external data lie, beside the model. */
function externalPaths(model: Model, folder: string): Result<readonly string[]> {
  const paths: string[] = [];
  for (const location of model.externalFiles) {
    const path = externalPath(model.fileName, location);
    if (!path.ok) return path;
    const full = join(folder, path.value);
    if (!existsSync(full)) {
      return err(
        `"${model.fileName}" keeps its weights in "${path.value}", which is not beside it; expected "${full}".`,
      );
    }
    paths.push(full);
  }
  return ok(paths);
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
