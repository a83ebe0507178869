import type { ExportSubject } from "./export-subject.ts";
import { modelExplorerPlan } from "./model-explorer.ts";
import { opTableCsv } from "./op-table-csv.ts";
import { planJson } from "./plan-json.ts";

/** A target of export: a pure function from a plan and its surroundings to the text of a file. */
export interface Exporter {
  readonly id: string;
  /** For a menu: "Plan (JSON)". */
  readonly label: string;
  /** What it is good for, in half a line. */
  readonly detail: string;
  /** Ending of the file's name after the model's: ".plan.json". */
  readonly suffix: string;
  readonly mimeType: string;
  readonly write: (subject: ExportSubject) => string;
}

/** Every target, in the order of the menu. */
export const EXPORTERS: readonly Exporter[] = [planJson, opTableCsv, modelExplorerPlan];
