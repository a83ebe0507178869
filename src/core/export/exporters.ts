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
import { segmentFolder } from "./segment-folder.ts";
import { triton } from "./triton.ts";

/** Every target, in the order of the menu: what opens here again, what is read by people, what runs on several machines, on one, tables. */
export const EXPORTERS: readonly Exporter[] = [
  planJson,
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
