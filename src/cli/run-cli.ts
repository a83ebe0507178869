import { err, ok, type Result } from "../core/result.ts";
import { VERSION } from "../core/version.ts";
import { type Command, readArguments } from "./arguments.ts";
import type { Output } from "./command.ts";
import { runExport } from "./export.ts";
import { UnreadableFile } from "./files.ts";
import { helpText } from "./help.ts";
import { runImportProblem } from "./import-problem.ts";
import { inspectJson, inspectText } from "./inspect.ts";
import { openFile } from "./open.ts";
import { runPlan } from "./plan.ts";
import { runPlanProblem } from "./plan-problem.ts";
import { runPredict } from "./predict.ts";
import { runProfile } from "./profile.ts";
import { runRun } from "./run.ts";
import { runServe } from "./serve.ts";
import { runStudy } from "./study.ts";
import { runVerify } from "./verify.ts";

export interface Streams {
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
  /** Shows one line that replaces the one before, for a person who waits; absent where nobody watches. */
  readonly progress?: (line: string) => void;
  /** Asked for by what can end early and in order: a server, a run of a pipeline. */
  readonly interruption?: () => AbortSignal;
  /** File of the program, from which it starts others of itself. */
  readonly program?: string;
}

async function runInspect(command: Extract<Command, { kind: "inspect" }>): Promise<Result<Output>> {
  const opened = await openFile(command.model, command);
  if (!opened.ok) return opened;
  return ok({ json: inspectJson(opened.value), text: () => inspectText(opened.value) });
}

function runModelCommand(
  command: Exclude<Extract<Command, { json: boolean }>, { kind: "serve" }>,
  { error, progress, interruption, program }: Streams,
): Promise<Result<Output>> {
  switch (command.kind) {
    case "profile":
      return runProfile(command, progress);
    case "inspect":
      return runInspect(command);
    case "plan":
      return runPlan(command);
    case "study":
      return runStudy(command, progress);
    case "plan-problem":
      return runPlanProblem(command);
    case "import-problem":
      return Promise.resolve(runImportProblem(command, error));
    case "predict":
      return runPredict(command);
    case "verify":
      return runVerify(command, progress);
    case "export":
      return runExport(command);
    case "run":
      return runRun(command, {
        program: program ?? "",
        ...(progress === undefined ? {} : { progress }),
        ...(interruption === undefined ? {} : { signal: interruption() }),
      });
  }
}

/** A file that shrank while it was read is no bug of ours. */
function unreadable(reason: unknown): Result<Output> {
  if (reason instanceof UnreadableFile) return err(reason.message);
  throw reason;
}

/** Exit code of a run that was told to end, as shells have it for Ctrl+C. */
const INTERRUPTED = 130;
/** Exit code of a run that the input is to blame for. */
const BAD_INPUT = 2;

/** Runs the command line; resolves with the exit code. Standard output gets the document and nothing else. */
export async function runCli(args: readonly string[], streams: Streams): Promise<number> {
  const { out, error } = streams;
  const read = readArguments(args);
  if (!read.ok) {
    error(`${read.error}\n`);
    return BAD_INPUT;
  }
  const command = read.value;
  if (command.kind === "help" || command.kind === "version") {
    out(command.kind === "help" ? helpText(command.topic) : `splitscope ${VERSION}\n`);
    return 0;
  }
  if (command.kind === "serve") {
    const { interruption } = streams;
    const served = await runServe(command, {
      out,
      ...(interruption === undefined ? {} : { signal: interruption() }),
    });
    if (!served.ok) error(`${served.error}\n`);
    return served.ok ? 0 : BAD_INPUT;
  }
  let ending: AbortSignal | null = null;
  const interruption = () => {
    ending ??= streams.interruption?.() ?? new AbortController().signal;
    return ending;
  };
  const isEnded = () => ending?.aborted === true;
  const result = await runModelCommand(command, { ...streams, interruption }).catch(unreadable);
  if (!result.ok) {
    error(`${result.error}\n`);
    return isEnded() ? INTERRUPTED : BAD_INPUT;
  }
  out(command.json ? `${JSON.stringify(result.value.json, null, 2)}\n` : result.value.text());
  return result.value.exitCode ?? 0;
}
