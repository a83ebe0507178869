import { err, ok, type Result } from "../../result.ts";
import type { AbstractProblem } from "../abstract-problem.ts";

/** A file as text, with the name that sentences call it by. */
export interface ImportFile {
  readonly name: string;
  readonly text: string;
}

/** What a file leaves open; each import says what it uses. */
export interface ImportChoice {
  /** One of several models. */
  readonly model?: string;
  /** Machines like the one that was profiled. */
  readonly machines?: number;
  /** Of the links between them, bytes per second. */
  readonly bytesPerSecond?: number;
}

export interface ImportedProblem {
  readonly problem: AbstractProblem;
  /** What was assumed or left out, one sentence each. */
  readonly notes: readonly string[];
}

/** A format from which placement problems are read. */
export interface ProblemImport {
  readonly id: string;
  /** As people call it, with where it comes from. */
  readonly label: string;
  /** Whether a file is of the format, by its content; cheap. */
  readonly matches: (text: string) => boolean;
  /** What `ImportChoice.model` may be, of files that come with several models; left out where a file holds one. */
  readonly models?: (files: readonly ImportFile[]) => readonly string[];
  /** All files that came together, at least one of which matches. */
  readonly read: (files: readonly ImportFile[], choice: ImportChoice) => Result<ImportedProblem>;
}

/** The only file of a format that takes one. */
export function onlyFile(files: readonly ImportFile[], label: string): Result<ImportFile> {
  const [file, other] = files;
  if (file === undefined) return err(`No file was given; expected ${label}.`);
  if (other !== undefined)
    return err(`"${file.name}" and "${other.name}" were given together; expected one file: ${label}.`);
  return ok(file);
}
