import { basename } from "node:path";
import { namedProblem, problemContent, problemText, wholeContent } from "../core/plan/abstract-problem.ts";
import { importProblem } from "../core/plan/imports/imports.ts";
import type { ImportChoice, ImportFile } from "../core/plan/imports/problem-import.ts";
import { err, ok, type Result } from "../core/result.ts";
import type { Output } from "./command.ts";
import { readText } from "./files.ts";
import { count, text } from "./flags.ts";
import { writeText } from "./output-file.ts";

export interface ImportProblemCommand {
  readonly kind: "import-problem";
  readonly json: boolean;
  readonly files: readonly string[];
  readonly choice: ImportChoice;
  /** Null = standard output. */
  readonly out: string | null;
}

export const IMPORT_OPTIONS = {
  out: { type: "string", short: "o" },
  model: { type: "string" },
  machines: { type: "string" },
  bandwidth: { type: "string" },
} as const;

/** Bytes per second of a bandwidth such as "1Gbit/s"; null where none is given. */
function bandwidth(given: string | null): Result<number | null> {
  if (given === null) return ok(null);
  const [, amount = "", prefix = ""] = /^(\d+(?:\.\d+)?)\s*([kMG]?)bit\/s$/.exec(given) ?? [];
  const scale = { "": 1, k: 1e3, M: 1e6, G: 1e9 }[prefix] ?? Number.NaN;
  const bytesPerSecond = (Number(amount) * scale) / 8;
  if (amount !== "" && bytesPerSecond > 0) return ok(bytesPerSecond);
  return err(`--bandwidth is "${given}"; expected a number with kbit/s, Mbit/s or Gbit/s.`);
}

export function readImportOptions(
  values: ReadonlyMap<string, unknown>,
  files: readonly string[],
): Result<ImportProblemCommand> {
  if (values.has("dim")) return err("--dim goes with a model file, not with a problem.");
  if (files.length === 0) {
    return err('"splitscope import-problem" needs a file; see "splitscope import-problem --help".');
  }
  const machines = count("--machines", text(values.get("machines")));
  if (!machines.ok) return machines;
  const rate = bandwidth(text(values.get("bandwidth")));
  if (!rate.ok) return rate;
  const model = text(values.get("model"));
  return ok({
    kind: "import-problem",
    json: values.get("json") === true,
    files,
    choice: {
      ...(model === null ? {} : { model }),
      ...(machines.value === null ? {} : { machines: machines.value }),
      ...(rate.value === null ? {} : { bytesPerSecond: rate.value }),
    },
    out: text(values.get("out")),
  });
}

/** `splitscope import-problem`: a placement problem of another program as a problem file; `note` tells what was assumed. */
export function runImportProblem(
  { files, choice, out }: ImportProblemCommand,
  note: (line: string) => void,
): Result<Output> {
  const read: ImportFile[] = [];
  for (const path of files) {
    const file = readText(path, "a file that holds a placement problem");
    if (!file.ok) return file;
    read.push({ name: basename(path), text: file.value });
  }
  const imported = importProblem(read, choice);
  if (!imported.ok) return imported;
  const { problem, notes } = imported.value;
  // Read as a file would be: with every field that was left out filled in, and refused where plan would refuse it.
  const content = wholeContent(problem);
  if (!content.ok) return content;
  const whole = namedProblem(content.value);
  if (!whole.ok) return whole;
  const document = problemContent(content.value);
  const written = problemText(content.value);
  if (out === null) {
    for (const line of notes) note(`${line}\n`);
    return ok({ json: document, text: () => written });
  }
  const saved = writeText(out, written, files);
  if (!saved.ok) return saved;
  const { ops, tensors, devices } = problem;
  const report = { out, ops: ops.length, tensors: tensors.length, devices: devices.length, notes };
  const summary = `${out}: ${ops.length} ops, ${tensors.length} tensors, ${devices.length} devices`;
  return ok({ json: report, text: () => [summary, ...notes, ""].join("\n") });
}
