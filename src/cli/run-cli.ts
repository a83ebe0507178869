import { ok, type Result } from "../core/result.ts";
import { VERSION } from "../core/version.ts";
import { type Command, readArguments } from "./arguments.ts";
import type { Output } from "./command.ts";
import { runExport } from "./export.ts";
import { helpText } from "./help.ts";
import { inspectJson, inspectText } from "./inspect.ts";
import { openFile } from "./open.ts";
import { runPlan } from "./plan.ts";
import { runPlanProblem } from "./plan-problem.ts";
import { runPredict } from "./predict.ts";
import { runProfile } from "./profile.ts";
import { runVerify } from "./verify.ts";

export interface Streams {
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
  /** Shows one line that replaces the one before, for a person who waits; absent where nobody watches. */
  readonly progress?: (line: string) => void;
}

async function runInspect(command: Extract<Command, { kind: "inspect" }>): Promise<Result<Output>> {
  const opened = await openFile(command.model, command.dims);
  if (!opened.ok) return opened;
  return ok({ json: inspectJson(opened.value), text: () => inspectText(opened.value) });
}

function runModelCommand(
  command: Extract<Command, { json: boolean }>,
  progress: Streams["progress"],
): Promise<Result<Output>> {
  switch (command.kind) {
    case "profile":
      return runProfile(command, progress);
    case "inspect":
      return runInspect(command);
    case "plan":
      return runPlan(command);
    case "plan-problem":
      return Promise.resolve(runPlanProblem(command));
    case "predict":
      return runPredict(command);
    case "verify":
      return runVerify(command, progress);
    case "export":
      return runExport(command);
  }
}

/** Exit code of a run that the input is to blame for. */
const BAD_INPUT = 2;

/** Runs the command line; resolves with the exit code. Standard output gets the document and nothing else. */
export async function runCli(args: readonly string[], { out, error, progress }: Streams): Promise<number> {
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
  const result = await runModelCommand(command, progress);
  if (!result.ok) {
    error(`${result.error}\n`);
    return BAD_INPUT;
  }
  out(command.json ? `${JSON.stringify(result.value.json, null, 2)}\n` : result.value.text());
  return result.value.exitCode ?? 0;
}
