import { runRefusal } from "../graph/runnable.ts";
import type { Result } from "../result.ts";
import type { ExportFile, ModelSources } from "./export-file.ts";
import type { ExportSubject } from "./export-subject.ts";

interface ExporterTexts {
  /** Of the command line's --format. */
  readonly id: string;
  /** For a menu: "Plan (JSON)". */
  readonly label: string;
  /** What it is good for, in half a line. */
  readonly detail: string;
  /** Ending of the file's name after the model's: ".plan.json"; of a folder's name: ".triton". */
  readonly suffix: string;
  /** How to run what was written, in a few lines: Markdown that reads well as plain text. */
  readonly howToRun: (subject: ExportSubject) => string;
  /** What of this plan the target cannot express, one sentence each; to be said before anything is written. */
  readonly limits: (subject: ExportSubject) => readonly string[];
  /** Why the target cannot hold this plan at all, as one sentence; null where it can. Left out = it holds every plan. */
  readonly refusal?: (subject: ExportSubject) => string | null;
  /** What it can only be made of; left out = whatever was opened. A folder always takes a model. */
  readonly needs?: "model" | "problem";
}

/** A target of one text file: a pure function from a plan and its surroundings. */
export interface TextExporter extends ExporterTexts {
  readonly kind: "file";
  readonly mimeType: string;
  readonly write: (subject: ExportSubject) => string;
}

/** A target of several files, which are a ZIP in the app and a folder on the command line. */
export interface FolderExporter extends ExporterTexts {
  readonly kind: "folder";
  /** Whether ONNX models are among the files, so that where their weights lie is a choice. */
  readonly holdsModels: boolean;
  /** Errors: a plan that the target cannot hold at all, by one sentence. */
  readonly files: (subject: ExportSubject, sources: ModelSources) => Result<readonly ExportFile[]>;
}

export type Exporter = TextExporter | FolderExporter;

/**
 * For a target whose stages hand everything on to the next one: what becomes of a plan that sends tensors direct. One
 * sentence or none.
 */
export function relayLimits({ problem }: ExportSubject, target: string): readonly string[] {
  if (problem.delivery === "relayed") return [];
  return [
    `${target} relays: a tensor that a later device reads goes through the devices between, where the plan sends it direct and counts less.`,
  ];
}

/** For a target that has words for every plan. */
export const NO_LIMITS = (): readonly string[] => [];

/** What a target can only be made of; null = whatever was opened. */
export const needOf = ({ kind, needs }: Exporter): "model" | "problem" | null =>
  kind === "folder" ? "model" : (needs ?? null);

/** Why a target cannot take what is open, whatever its plan, as one sentence; null where it can. O(1). */
export function needRefusal(exporter: Exporter, { model }: ExportSubject): string | null {
  const wanted = needOf(exporter);
  if (wanted === "model") return runRefusal(model);
  if (wanted === "problem" && model.given === null) {
    return `${exporter.label} is written of placement problems only; "${model.fileName}" is a model.`;
  }
  return null;
}

/** Why a target cannot take what is open or the plan of it, as one sentence; null where it can. O(ops + edges). */
export function exportRefusal(exporter: Exporter, subject: ExportSubject): string | null {
  return needRefusal(exporter, subject) ?? exporter.refusal?.(subject) ?? null;
}
