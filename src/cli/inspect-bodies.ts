import { item } from "../core/columns.ts";
import { finiteOrNull } from "../core/export/report.ts";
import type { OpenedBody, OpenedGraph } from "../core/graph/opened-model.ts";
import { formatMacs, formatMemory } from "../core/units.ts";

/** A body with the way to it: ops and attributes in turn, outermost first. */
interface FoundBody {
  readonly path: readonly string[];
  readonly runs: number;
  readonly body: OpenedBody;
}

/** Bodies of the ops of a graph, outer before inner. O(bodies). */
function bodiesIn(model: OpenedGraph): readonly FoundBody[] {
  const found: FoundBody[] = [];
  const pending: { readonly part: OpenedGraph; readonly way: readonly string[] }[] = [{ part: model, way: [] }];
  // The list grows while it is walked.
  for (const { part, way } of pending) {
    for (const [op, { runs, bodies }] of part.bodies) {
      for (const body of bodies) {
        const path = [...way, item(part.graph.opNames, op), body.attribute];
        found.push({ path, runs, body });
        if (body.inside !== null) pending.push({ part: body.inside, way: path });
      }
    }
  }
  return found;
}

/** What ops of control flow hold, for `inspect --json`. An unknown number of runs is null: figures are of one run. */
export function bodiesJson(model: OpenedGraph): readonly object[] {
  return bodiesIn(model).map(({ path, runs, body }) => ({
    path,
    runs: finiteOrNull(runs),
    ops: body.totals.ops,
    macs: finiteOrNull(body.totals.macs),
    parameters: finiteOrNull(body.totals.parameters),
    weightBytes: finiteOrNull(body.totals.weightBytes),
    ends: body.ends.map(({ name, kind, role, type, bytes }) => ({
      name,
      kind,
      role,
      dtype: type.elementType,
      shape: type.shape === null ? null : type.shape.map((size) => (typeof size === "number" ? size : null)),
      bytes: finiteOrNull(bytes),
    })),
  }));
}

/** The same as rows for a person. */
export function bodyRows(model: OpenedGraph): readonly (readonly string[])[] {
  return bodiesIn(model).map(({ path, runs, body: { totals, reason, ends } }) => [
    path.join(" > "),
    Number.isNaN(runs) ? "per iteration" : `runs ${runs}`,
    reason === null ? `${totals.ops} ops` : "no ops",
    Number.isFinite(totals.macs) ? formatMacs(totals.macs) : "?",
    formatMemory(totals.weightBytes),
    `captures ${ends.filter(({ kind }) => kind === "captured" || kind === "weight").length}`,
  ]);
}
