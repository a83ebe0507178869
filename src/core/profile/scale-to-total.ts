import { at } from "../columns.ts";
import { formatSeconds } from "../units.ts";
import type { Distribution } from "./distribution.ts";
import type { RawProfile } from "./formats/raw-profile.ts";
import { type LatencyTable, PROVENANCES } from "./profile.ts";

/** The whole inference that a profile times without its ops; null for a profile of ops. */
export function totalOf({ entries }: RawProfile): Distribution | null {
  const [only, other] = entries;
  return only !== undefined && other === undefined && only.kind === "total" ? only.latency : null;
}

/** Ops whose time is an estimate and may be scaled. */
const ESTIMATES: ReadonlySet<number> = new Set(
  (["fitted", "estimated"] as const).map((provenance) => PROVENANCES.indexOf(provenance)),
);

/**
 * Estimates scaled by one factor so that together they take as long as the whole inference did: provenance "scaled".
 * How the time is shared among the ops stays as it was estimated, and so does the width of the band. Ops without work,
 * of unknown size or that the device cannot run keep what they have; so does everything where nothing was estimated
 * to take time. O(ops).
 */
export function scaledToTotal(estimate: LatencyTable, total: Distribution, fileName: string): LatencyTable {
  const isEstimated = (op: number) =>
    ESTIMATES.has(at(estimate.provenance, op)) && Number.isFinite(at(estimate.seconds, op));
  const sum = estimate.seconds.reduce((all, value, op) => all + (isEstimated(op) ? value : 0), 0);
  if (!(sum > 0)) return estimate;
  const factor = total.median / sum;
  const seconds = estimate.seconds.slice();
  const low = estimate.low.slice();
  const high = estimate.high.slice();
  const provenance = estimate.provenance.slice();
  for (const op of seconds.keys()) {
    if (!isEstimated(op)) continue;
    seconds[op] = factor * at(estimate.seconds, op);
    low[op] = factor * at(estimate.low, op);
    high[op] = factor * at(estimate.high, op);
    provenance[op] = PROVENANCES.indexOf("scaled");
  }
  const origins = new Map(estimate.origins);
  origins.set("scaled", `estimates scaled to the ${formatSeconds(total.median)} of a whole inference in ${fileName}`);
  for (const kind of ["fitted", "estimated"] as const) {
    if (!provenance.includes(PROVENANCES.indexOf(kind))) origins.delete(kind);
  }
  return { ...estimate, seconds, low, high, provenance, origins };
}
