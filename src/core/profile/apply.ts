import { at, item } from "../columns.ts";
import type { Graph } from "../graph/graph.ts";
import { formatSeconds } from "../units.ts";
import { addDistributions } from "./distribution.ts";
import { ELIDED_ORIGIN } from "./estimate.ts";
import type { RawEntry, RawProfile } from "./formats/raw-profile.ts";
import type { MatchedProfile } from "./match.ts";
import { type LatencyTable, PROVENANCES, type Provenance } from "./profile.ts";

/** Seconds of a group, with quartiles: its own entry and what the runtime inserted around it. */
export function groupSeconds(
  matched: MatchedProfile,
  group: number,
): { readonly median: number; readonly low: number; readonly high: number } {
  const { entry, overheads } = item(matched.groups, group);
  let median = 0;
  let low = 0;
  let high = 0;
  for (const index of [entry, ...overheads]) {
    const { latency } = item(matched.raw.entries, index);
    median += latency.median;
    low += latency.p25;
    high += latency.p75;
  }
  return { median, low, high };
}

/** "measured in prof.json (ort-trace, 97 runs)". */
function originOf(raw: RawProfile): string {
  const source = raw.source === null ? raw.format : `${raw.source.format} by way of ${raw.format}`;
  return `${raw.fileName} (${source}, ${raw.runs === 1 ? "1 run" : `${raw.runs} runs`})`;
}

/**
 * Estimates with a profile's figures laid over them. The time of a group stands on its first op, the others of the
 * group have 0 s and share its number in `group`; the band is the quartiles. Ops that take no time, or repeat the
 * work of a measured op, become "elided"; ops that the profile does not cover keep their estimate. What was
 * measured did run: it replaces "cannot run" too. O(ops).
 */
export function applyProfile(estimate: LatencyTable, matched: MatchedProfile): LatencyTable {
  const seconds = estimate.seconds.slice();
  const low = estimate.low.slice();
  const high = estimate.high.slice();
  const provenance = estimate.provenance.slice();
  const group = estimate.group.slice();
  const origins = new Map(estimate.origins);

  const put = (op: number, kind: Provenance, median: number, from: number, to: number) => {
    seconds[op] = median;
    low[op] = from;
    high[op] = to;
    provenance[op] = PROVENANCES.indexOf(kind);
    group[op] = -1;
  };
  // Numbers of estimated groups that survive, and of measured ones, must not meet.
  const firstNumber = estimate.group.reduce((most, number) => Math.max(most, number), -1) + 1;
  for (const [index, { ops }] of matched.groups.entries()) {
    const { median, low: from, high: to } = groupSeconds(matched, index);
    for (const [i, op] of ops.entries()) {
      if (i === 0) put(op, matched.raw.kind, median, from, to);
      else put(op, matched.raw.kind, 0, 0, 0);
      if (ops.length > 1) group[op] = firstNumber + index;
    }
  }
  for (const op of [...matched.elided, ...matched.duplicates]) put(op, "elided", 0, 0, 0);

  origins.set(matched.raw.kind, originOf(matched.raw));
  if (matched.elided.length + matched.duplicates.length > 0) origins.set("elided", ELIDED_ORIGIN);
  const occurring = new Set(provenance);
  for (const kind of origins.keys()) if (!occurring.has(PROVENANCES.indexOf(kind))) origins.delete(kind);
  return { seconds, low, high, provenance, group, origins };
}

export interface ProfileCoverage {
  readonly ops: number;
  /** Ops with a measured time, and ops known to take none. */
  readonly matchedOps: number;
  readonly unmatchedOps: number;
  readonly entries: number;
  readonly unmatchedEntries: number;
  /** Seconds of all entries but those that computed constants, and the share that belongs to ops of the graph. */
  readonly seconds: number;
  readonly matchedShare: number;
}

/** How much of a graph a profile covers, and how much of the profile belongs to the graph. O(entries). */
export function profileCoverage(matched: MatchedProfile): ProfileCoverage {
  const { entries } = matched.raw;
  const time = (indices: readonly number[]) =>
    indices.reduce((sum, index) => sum + item(entries, index).latency.median, 0);
  const seconds = time([...entries.keys()]) - time(matched.constantEntries);
  const unmatched = time(matched.unmatchedEntries);
  const ops = matched.owner.length;
  return {
    ops,
    matchedOps: ops - matched.unmatchedOps.length,
    unmatchedOps: matched.unmatchedOps.length,
    entries: entries.length,
    unmatchedEntries: matched.unmatchedEntries.length,
    seconds,
    matchedShare: seconds > 0 ? 1 - unmatched / seconds : 1,
  };
}

interface ProvenanceShare {
  readonly provenance: Provenance;
  readonly ops: number;
  readonly seconds: number;
  /** Of the seconds of all ops that can run. */
  readonly share: number;
  readonly origin: string;
}

export interface LatencySummary {
  /** Sum over the ops that can run, and its band. */
  readonly seconds: number;
  readonly low: number;
  readonly high: number;
  /** Ops that the device cannot run. */
  readonly unsupported: number;
  /** Ops whose sizes are not known, counted as 0 s. */
  readonly unknown: number;
  /** The provenances that occur, in the order of PROVENANCES. */
  readonly parts: readonly ProvenanceShare[];
  /** One line: "fitted, 263 ms", "97 % measured, 3 % fitted, 118 ms; 2 ops of unknown size". */
  readonly text: string;
}

/** Where a table's seconds come from. O(ops). */
export function latencySummary(table: LatencyTable): LatencySummary {
  const ops = new Array<number>(PROVENANCES.length).fill(0);
  const sums = new Array<number>(PROVENANCES.length).fill(0);
  let seconds = 0;
  let low = 0;
  let high = 0;
  let unsupported = 0;
  for (const [op, value] of table.seconds.entries()) {
    if (!Number.isFinite(value)) {
      unsupported++;
      continue;
    }
    const kind = at(table.provenance, op);
    ops[kind] = at(ops, kind) + 1;
    sums[kind] = at(sums, kind) + value;
    seconds += value;
    low += at(table.low, op);
    high += at(table.high, op);
  }
  const parts = PROVENANCES.flatMap((provenance, kind) =>
    at(ops, kind) === 0
      ? []
      : [
          {
            provenance,
            ops: at(ops, kind),
            seconds: at(sums, kind),
            share: seconds > 0 ? at(sums, kind) / seconds : 0,
            origin: table.origins.get(provenance) ?? "",
          },
        ],
  );
  const unknown = at(ops, PROVENANCES.indexOf("unknown"));
  return { seconds, low, high, unsupported, unknown, parts, text: summaryText(parts, seconds, unknown, unsupported) };
}

function summaryText(parts: readonly ProvenanceShare[], seconds: number, unknown: number, unsupported: number): string {
  const timed = parts.filter((part) => part.seconds > 0);
  const shares =
    timed.length === 1
      ? timed.map((part) => part.provenance)
      : timed.map((part) => `${Math.round(100 * part.share)} % ${part.provenance}`);
  const count = (number: number, what: string) => `${number} ${number === 1 ? "op" : "ops"} ${what}`;
  return [
    [...shares, formatSeconds(seconds)].join(", "),
    ...(unknown > 0 ? [count(unknown, "of unknown size")] : []),
    ...(unsupported > 0 ? [count(unsupported, "cannot run here")] : []),
  ].join("; ");
}

/**
 * The profile with each entry's ops listed by name, as a native file keeps it: it then fits the model, or a re-export
 * of it under the same names, without any matching rule. Further kernels of the same ops are added to their entry;
 * entries that computed constants are left out. What found no op stays, as time that belongs to nothing.
 */
export function listedProfile(matched: MatchedProfile, graph: Graph): RawProfile {
  const { entries } = matched.raw;
  const groupOf = new Map(matched.groups.map((group) => [group.entry, group]));
  const attached = new Set(matched.groups.flatMap((group) => group.overheads));
  const unmatched = new Set(matched.unmatchedEntries);
  return {
    ...matched.raw,
    entries: entries.flatMap((entry, index): readonly RawEntry[] => {
      const group = groupOf.get(index);
      if (group === undefined) {
        const isKept =
          entry.kind === "elided" ||
          entry.kind === "total" ||
          unmatched.has(index) ||
          (entry.kind === "overhead" && attached.has(index));
        return isKept ? [entry] : [];
      }
      const kernels = group.overheads.map((i) => item(entries, i)).filter(({ kind }) => kind !== "overhead");
      const latency = kernels.reduce((sum, kernel) => addDistributions(sum, kernel.latency), entry.latency);
      return [{ ...entry, latency, nodes: group.ops.map((op) => item(graph.opNames, op)) }];
    }),
  };
}
