import { at, item } from "../../core/columns.ts";
import type { Graph } from "../../core/graph/graph.ts";
import { type LatencyTable, PROVENANCES, type Provenance } from "../../core/profile/profile.ts";
import { formatCount } from "../../core/units.ts";

/** What a run of ops takes on a device, one after the other. */
export interface ModuleLatency {
  readonly seconds: number;
  readonly low: number;
  readonly high: number;
  /** Ops that the device cannot run; they count nothing in the sums. */
  readonly unsupported: number;
  /** How the times are known: share of the sum by provenance, largest first; of the ops where the sum is 0. */
  readonly shares: readonly { readonly provenance: Provenance; readonly share: number }[];
}

/** Sums over ops from .. to - 1. O(ops of the run). */
export function moduleLatency(table: LatencyTable, from: number, to: number): ModuleLatency {
  let [seconds, low, high, unsupported] = [0, 0, 0, 0];
  const bySeconds = new Map<Provenance, number>();
  const byOps = new Map<Provenance, number>();
  for (let op = from; op < to; op++) {
    const value = at(table.seconds, op);
    if (!Number.isFinite(value)) {
      unsupported += 1;
      continue;
    }
    const provenance = item(PROVENANCES, at(table.provenance, op));
    seconds += value;
    low += at(table.low, op);
    high += at(table.high, op);
    bySeconds.set(provenance, (bySeconds.get(provenance) ?? 0) + value);
    byOps.set(provenance, (byOps.get(provenance) ?? 0) + 1);
  }
  const counted = seconds > 0 ? bySeconds : byOps;
  const whole = [...counted.values()].reduce((sum, value) => sum + value, 0);
  const shares = [...counted]
    .map(([provenance, value]) => ({ provenance, share: value / whole }))
    .filter(({ share }) => share > 0)
    .sort((a, b) => b.share - a.share);
  return { seconds, low, high, unsupported, shares };
}

/** "measured", or "measured 80 %, fitted 20 %". */
export function provenanceText({ shares }: ModuleLatency): string {
  if (shares.length <= 1) return shares[0]?.provenance ?? "unknown";
  const percent = (share: number) => (share > 0 && share < 0.01 ? "< 1" : String(Math.round(share * 100)));
  return shares.map(({ provenance, share }) => `${provenance} ${percent(share)} %`).join(", ");
}

/** Types named at most; the rest is counted together. */
const TYPES_NAMED = 6;

/** "53 Conv, 49 Relu, 16 Add", most first, then by name. O(ops of the run). */
export function opTypesText({ opTypes }: Graph, from: number, to: number): string {
  const counts = new Map<string, number>();
  for (const type of opTypes.slice(from, to)) counts.set(type, (counts.get(type) ?? 0) + 1);
  const sorted = [...counts].sort(([a, many], [b, more]) => more - many || (a < b ? -1 : 1));
  const named = sorted.slice(0, TYPES_NAMED).map(([type, count]) => `${formatCount(count)} ${type}`);
  const rest = sorted.slice(TYPES_NAMED).reduce((sum, [, count]) => sum + count, 0);
  return [...named, ...(rest > 0 ? [`${formatCount(rest)} of other types`] : [])].join(", ");
}
