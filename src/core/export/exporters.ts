import type { Exporter } from "./exporter.ts";
import { modelExplorerPlan } from "./model-explorer.ts";
import { opTableCsv } from "./op-table-csv.ts";
import { planJson } from "./plan-json.ts";
import { segmentFolder } from "./segment-folder.ts";

/** Every target, in the order of the menu. */
export const EXPORTERS: readonly Exporter[] = [planJson, segmentFolder, opTableCsv, modelExplorerPlan];
