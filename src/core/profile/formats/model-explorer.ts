import { err, ok, type Result } from "../../result.ts";
import { constantDistribution } from "../distribution.ts";
import { field, isRecord, numberField, parseLenientFile } from "./lenient-json.ts";
import { rawEntry, rawProfile, wholeText } from "./make.ts";
import type { ProfileFormat, RawEntry, Reading } from "./raw-profile.ts";

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
