import { autoDice } from "./autodice.ts";
import type { Exporter } from "./exporter.ts";
import { modelExplorerPlan } from "./model-explorer.ts";
import { nnstreamer } from "./nnstreamer.ts";
import { onnxruntimeLayers } from "./onnxruntime-layers.ts";
import { opTableCsv } from "./op-table-csv.ts";
import { openvinoAffinity } from "./openvino-affinity.ts";
import { pipeEdge } from "./pipeedge.ts";
import { planJson } from "./plan-json.ts";
import { planPage } from "./plan-page.ts";
import { problemJson } from "./problem-json.ts";
import { scenarioJson } from "./scenario-json.ts";
import { segmentFolder } from "./segment-folder.ts";
import { triton } from "./triton.ts";

/** Every target, in the order of the menu: what opens here again, what is read by people, what runs on several machines, on one, tables. */
export const EXPORTERS: readonly Exporter[] = [
  planJson,
  scenarioJson,
  problemJson,
  planPage,
  segmentFolder,
  triton,
  nnstreamer,
  autoDice,
  pipeEdge,
  onnxruntimeLayers,
  openvinoAffinity,
  opTableCsv,
  modelExplorerPlan,
];

/** Those that can be made of a model: what the command line writes. */
export const MODEL_EXPORTERS: readonly Exporter[] = EXPORTERS.filter(({ needs }) => needs !== "problem");
