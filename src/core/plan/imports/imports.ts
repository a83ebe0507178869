import { err, type Result } from "../../result.ts";
import { dnnPartitioningImport } from "./dnn-partitioning.ts";
import { nativeImport } from "./native.ts";
import { pipeDreamImport } from "./pipe-dream.ts";
import { pipeEdgeImport } from "./pipe-edge-import.ts";
import type { ImportChoice, ImportedProblem, ImportFile, ProblemImport } from "./problem-import.ts";

/** Every format; the first that matches is taken. To add one: README.md beside this file. */
const PROBLEM_IMPORTS: readonly ProblemImport[] = [
  nativeImport,
  dnnPartitioningImport,
  pipeDreamImport,
  pipeEdgeImport,
];

/** The import that takes some of the files, by their content; null where none does. */
export function findImport(files: readonly ImportFile[]): ProblemImport | null {
  return PROBLEM_IMPORTS.find(({ matches }) => files.some(({ text }) => matches(text))) ?? null;
}

/** The problem in files of any known format. The sentence on failure names the file, or the formats that are known. */
export function importProblem(files: readonly ImportFile[], choice: ImportChoice = {}): Result<ImportedProblem> {
  const found = findImport(files);
  if (found !== null) return found.read(files, choice);
  const names = files.map(({ name }) => `"${name}"`).join(", ");
  const known = PROBLEM_IMPORTS.map(({ label }) => label).join("; ");
  return err(
    `${names} ${files.length > 1 ? "are" : "is"} of no format that holds a placement problem; expected ${known}.`,
  );
}
