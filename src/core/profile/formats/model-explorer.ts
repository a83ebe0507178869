import { item, row } from "../../columns.ts";
import type { Graph } from "../../graph/graph.ts";
import { err, ok, type Result } from "../../result.ts";
import { constantDistribution } from "../distribution.ts";
import type { LatencyTable } from "../profile.ts";
import { field, isRecord, numberField, parseLenientFile } from "./lenient-json.ts";
import { rawEntry, rawProfile, wholeText } from "./make.ts";
import type { ProfileFormat, RawEntry, Reading } from "./raw-profile.ts";

/**
 * Latencies as node data that Model Explorer draws over a model: milliseconds by the name of each op's first output
 * tensor. Ops that take no time of their own, cannot run or are of unknown size are left out.
 */
export function writeNodeData(graph: Graph, table: LatencyTable, name: string): string {
  const results = Array.from(table.seconds, (seconds, op): readonly [string, { readonly value: number }] | null => {
    const [tensor] = row(graph.opOutputs, op);
    const isFigure = tensor !== undefined && seconds > 0 && Number.isFinite(seconds);
    return isFigure ? [item(graph.tensorNames, tensor), { value: Number((seconds * 1e3).toPrecision(6)) }] : null;
  }).filter((entry) => entry !== null);
  const gradient = [
    { stop: 0, bgColor: "white" },
    { stop: 1, bgColor: "#e8590c" },
  ];
  // fromEntries defines own fields, so that a tensor called "__proto__" is one like any other.
  return `${JSON.stringify({ main: { name, results: Object.fromEntries(results), gradient } }, null, 2)}\n`;
}

/** The node data of one graph: by name of an output tensor or of a node. */
function entriesOf(results: object): readonly RawEntry[] {
  return Object.entries(results).flatMap(([key, result]: [string, unknown]) => {
    const value = isRecord(result) ? numberField(result, "value") : typeof result === "number" ? result : null;
    return value === null || !(value >= 0) || value > 1e15
      ? []
      : [rawEntry(key, constantDistribution(value, 1), { outputs: [key] })];
  });
}

function parse(text: string, fileName: string): Result<Reading> {
  const json = parseLenientFile(text, fileName);
  if (!json.ok) return json;
  const graphs = isRecord(json.value)
    ? [json.value, ...Object.values(json.value)].filter(
        (value): value is object => isRecord(value) && isRecord(field(value, "results")),
      )
    : [];
  const [graph] = graphs;
  const results = graph === undefined ? null : field(graph, "results");
  const entries = isRecord(results) ? entriesOf(results) : [];
  if (graph === undefined || entries.length === 0) {
    return err(
      `${fileName} is Model Explorer node data without numbers; expected {"results": {NODE: {"value": NUMBER}}}.`,
    );
  }
  const warnings = ["The file gives one figure per node without the number of runs."];
  if (graphs.length > 1) warnings.push(`The file holds data of ${graphs.length} graphs; only the first was read.`);
  return ok({
    kind: "unitless",
    profile: rawProfile(modelExplorer.id, fileName, entries, { kind: "imported", warnings }),
  });
}

/**
 * Node data of Google's Model Explorer: `{GRAPH: {"results": {KEY: {"value": NUMBER}}}}` or its inner part alone. It
 * has no unit; the reading is "unitless" until `inUnit` gives it one.
 */
export const modelExplorer: ProfileFormat = {
  id: "me-nodedata",
  label: "Model Explorer node data",
  sniff: (head) => /^\s*\{/.test(head) && /"results"\s*:\s*\{/.test(head) && /"value"\s*:/.test(head),
  open: (fileName) => wholeText(fileName, parse),
};
