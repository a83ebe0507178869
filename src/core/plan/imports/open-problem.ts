import type { OpenedModel } from "../../graph/opened-model.ts";
import type { Result } from "../../result.ts";
import { wholeContent } from "../abstract-problem.ts";
import { problemModel } from "../problem-model.ts";
import { findImport, importProblem } from "./imports.ts";
import type { ImportChoice, ImportFile } from "./problem-import.ts";

/** Characters of a file's start that tell whether it holds a problem. */
export const PROBLEM_HEAD = 65_536;

/** Whether one of some files holds a problem, by the start of each as text. */
export const isProblem = (heads: readonly ImportFile[]): boolean => findImport(heads) !== null;

/**
 * Opens the problem in files of any known format, to be shown like a model that has the name of the first. The sentence
 * on failure names the file, or what in it does not fit. O(size).
 */
export function openProblem(
  files: readonly ImportFile[],
  bytes: number,
  choice: ImportChoice = {},
): Result<OpenedModel> {
  const imported = importProblem(files, choice);
  if (!imported.ok) return imported;
  // Whatever it came from, it is the problem that its own file would hold.
  const problem = wholeContent(imported.value.problem);
  if (!problem.ok) return problem;
  return problemModel({ ...imported.value, problem: problem.value }, { name: files[0]?.name ?? "problem", bytes });
}
