import { at, item } from "../columns.ts";
import type { Graph } from "../graph/graph.ts";
import type { LatencyTable } from "../profile/profile.ts";
import type { Device } from "../rig/rig.ts";
import type { ExportSubject } from "./export-subject.ts";
import { NO_LIMITS, type TextExporter } from "./exporter.ts";

/**
 * Node data of Google's Model Explorer: one figure or word per node of the graph that is open there, by node name. It
 * has no field for a unit, adds nothing up, and reads colours of six hexadecimal digits only.
 */
interface NodeData {
  readonly name: string;
  readonly results: Readonly<Record<string, { readonly value: number | string; readonly bgColor?: string }>>;
  readonly gradient?: readonly { readonly stop: number; readonly bgColor: string; readonly textColor?: string }[];
  readonly showExpandedSummaryOnGroupNode?: boolean;
}

/** Light tones that dark text reads well on, told apart by colour-blind eyes by their lightness too. */
const DEVICE_TONES = ["#bbd4ff", "#b6e8d3", "#dccbff", "#f6ddb0", "#f5c3da", "#b3e4ee", "#d3d8e0", "#dfe8a6"] as const;

const text = (data: NodeData): string => `${JSON.stringify(data, null, 2)}\n`;

/** Milliseconds with the digits that a measurement has. */
const milliseconds = (seconds: number): number => Number((seconds * 1e3).toPrecision(4));

/**
 * Latencies of every op on one device, in ms without load, from white to red. Ops that the device cannot run are left
 * out. Read back, it gives these figures again to four digits. O(ops).
 */
export function latencyNodeData(graph: Graph, { name, runtime }: Device, table: LatencyTable): string {
  const results = graph.opNames.flatMap((op, number) => {
    const seconds = at(table.seconds, number);
    return Number.isFinite(seconds) ? [[op, { value: milliseconds(seconds) }] as const] : [];
  });
  return text({
    name: `${name}, ${runtime}: latency (ms)`,
    // From entries: a node called __proto__ is a node.
    results: Object.fromEntries(results),
    gradient: [
      { stop: 0, bgColor: "#ffffff", textColor: "#1a2130" },
      { stop: 0.1, bgColor: "#fbd5c8", textColor: "#1a2130" },
      { stop: 1, bgColor: "#d32f2f", textColor: "#ffffff" },
    ],
  });
}

/** The plan: stage and device of every op, in the device's colour. O(ops). */
export function planNodeData({ model, rig, plan }: ExportSubject): string {
  const results = model.graph.opNames.map((op, number) => {
    const stage = at(plan.stageOf, number);
    const device = item(plan.stages, stage);
    const value = `stage ${stage + 1}: ${item(rig.devices, device).name}`;
    return [op, { value, bgColor: item(DEVICE_TONES, device % DEVICE_TONES.length) }] as const;
  });
  return text({
    name: `Split of ${model.fileName}`,
    results: Object.fromEntries(results),
    showExpandedSummaryOnGroupNode: true,
  });
}

export const modelExplorerPlan: TextExporter = {
  kind: "file",
  needs: "model",
  id: "model-explorer",
  label: "Plan for Model Explorer (JSON)",
  detail: "Node data: each op's stage in its device's colour",
  suffix: ".split.nodedata.json",
  mimeType: "application/json",
  howToRun: () => `Open the model in Model Explorer, then this file over it:

    pip install ai-edge-model-explorer
    model-explorer MODEL.onnx --node_data_paths=FILE.split.nodedata.json
`,
  limits: NO_LIMITS,
  write: planNodeData,
};
