import type { OpCosts } from "../cost/cost.ts";
import type { Graph } from "../graph/graph.ts";
import type { Device } from "../rig/rig.ts";
import { applyProfile } from "./apply.ts";
import { applyFit, fitDevice } from "./device-fit.ts";
import { estimateLatencies } from "./estimate.ts";
import type { MatchedProfile } from "./match.ts";
import type { LatencyTable } from "./profile.ts";
import { scaledToTotal, totalOf } from "./scale-to-total.ts";

/**
 * Latency of every op on a device by the best that is known of each: measured; else fitted to what was measured on the
 * device, where that is enough, or scaled to a whole inference where only that was measured; else the device's cost model. `matched` is the device's profile, null without one.
 */
export function deviceLatencies(
  graph: Graph,
  costs: OpCosts,
  device: Device,
  matched: MatchedProfile | null,
): LatencyTable {
  const estimate = estimateLatencies(graph, costs, device);
  if (matched === null) return estimate;
  const total = totalOf(matched.raw);
  if (total !== null) return scaledToTotal(estimate, total, matched.raw.fileName);
  const fit = matched.unmatchedOps.length > 0 ? fitDevice(costs, matched, estimate) : null;
  return applyProfile(fit === null ? estimate : applyFit(estimate, costs, fit), matched);
}
