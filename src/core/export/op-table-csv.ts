import { at, item } from "../columns.ts";
import { OP_CLASSES } from "../cost/cost.ts";
import { graphBlocks } from "../graph/blocks.ts";
import { PROVENANCES } from "../profile/profile.ts";
import type { ExportSubject } from "./export-subject.ts";
import { NO_LIMITS, type TextExporter } from "./exporter.ts";

type Cell = string | number;

/**
 * A cell by RFC 4180. Unknown and infinite figures are empty. Text that a spreadsheet would run as a formula gets an
 * apostrophe in front: names come out of files that other people made.
 */
export function csvCell(value: Cell): string {
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : "";
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Rows of cells as CSV with CRLF line ends. */
export function csvText(rows: readonly (readonly Cell[])[]): string {
  return rows.map((cells) => `${cells.map(csvCell).join(",")}\r\n`).join("");
}

/** Milliseconds with the digits that a double holds for sure. */
const milliseconds = (seconds: number) => Number((seconds * 1e3).toPrecision(12));

/**
 * The table of ops: one row per op in topological order with its place in the plan, its work, and for each device of
 * the rig the latency in ms (load applied), its band and its provenance. O(ops x devices).
 */
export function writeOpTable({ model, rig, latencies, problem, plan }: ExportSubject): string {
  const { graph, costs } = model;
  const blocks = graphBlocks(graph);
  const header = [
    "index",
    "op",
    "type",
    "domain",
    "block",
    "stage",
    "device",
    "class",
    "macs",
    "parameters",
    "weight_bytes",
    "input_bytes",
    "output_bytes",
    ...rig.devices.flatMap(({ id }) => [`${id} ms`, `${id} ms low`, `${id} ms high`, `${id} provenance`]),
  ];
  const rows = graph.opNames.map((name, op): readonly Cell[] => {
    const stage = at(plan.stageOf, op);
    return [
      op,
      name,
      item(graph.opTypes, op),
      item(graph.opDomains, op) || "ai.onnx",
      item(blocks.names, at(blocks.blockOf, op)),
      stage,
      item(rig.devices, item(plan.stages, stage)).id,
      item(OP_CLASSES, at(costs.opClass, op)),
      at(costs.macs, op),
      at(costs.parameters, op),
      at(costs.weightBytes, op),
      at(costs.inputBytes, op),
      at(costs.outputBytes, op),
      ...rig.devices.flatMap((device, index): readonly Cell[] => {
        const seconds = at(item(problem.devices, index).opSeconds, op);
        if (seconds === Number.POSITIVE_INFINITY) return ["", "", "", "not supported"];
        const table = item(latencies, index);
        return [
          milliseconds(seconds),
          milliseconds(at(table.low, op) * device.loadFactor),
          milliseconds(at(table.high, op) * device.loadFactor),
          item(PROVENANCES, at(table.provenance, op)),
        ];
      }),
    ];
  });
  return csvText([header, ...rows]);
}

export const opTableCsv: TextExporter = {
  kind: "file",
  id: "op-table",
  label: "Table of ops (CSV)",
  detail: "Stage, device, latency on each device, work, bytes",
  suffix: ".ops.csv",
  mimeType: "text/csv",
  howToRun: () =>
    "Open it in a spreadsheet or a notebook: one row per op, times in ms, sizes in bytes, UTF-8, commas.\n",
  limits: NO_LIMITS,
  write: writeOpTable,
};
