import { at, item } from "../columns.ts";
import { OP_CLASSES, type OpCosts } from "../cost/cost.ts";
import type { Graph } from "../graph/graph.ts";
import type { Device } from "../rig/rig.ts";
import { formatSeconds } from "../units.ts";
import { groupSeconds, profileCoverage } from "./apply.ts";
import { estimateLatencies } from "./estimate.ts";
import type { MatchedGroup, MatchedProfile } from "./match.ts";
import { totalOf } from "./scale-to-total.ts";

/** Multiplications that Winograd's algorithm saves at most in practice: F(4x4, 3x3) does with a quarter. */
const WINOGRAD = 4;
/** Bytes that no cache of an edge device holds: below it, memory bandwidth is no bound. */
const BEYOND_CACHES = 16 * 1024 * 1024;
/** Work below this is done within the resolution of clocks. */
const LEAST_MACS = 1e6;
/** Whole models this much off the device's cost model were measured on something else. */
const FAR_OFF = 8;
const ENOUGH_COVERED = 0.9;

/** Seconds that a device with these peaks cannot stay under for a group, 0 where nothing bounds it. */
function leastSeconds(costs: OpCosts, device: Device, group: MatchedGroup): number {
  const model = device.costModel;
  if (model.kind !== "roofline") return 0;
  let compute = 0;
  let macs = 0;
  let weightBytes = 0;
  for (const op of group.ops) {
    const work = at(costs.macs, op);
    if (!Number.isFinite(work)) return 0;
    const isWide = item(OP_CLASSES, at(costs.opClass, op)) === "convKxK";
    macs += work;
    compute += work / (model.peakMacsPerSecond * (isWide ? WINOGRAD : 1));
    weightBytes += at(costs.weightBytes, op);
  }
  const isStored = device.weightPrecision === "as-stored";
  const traffic = isStored && weightBytes > BEYOND_CACHES ? weightBytes / model.memoryBandwidth : 0;
  return Math.max(macs >= LEAST_MACS ? compute : 0, traffic);
}

/**
 * What a person should know before trusting a profile, one sentence each: what reading and matching found (few runs, a
 * busy device, other shapes), what it does not cover, and figures that the device cannot reach by the peaks that its
 * cost model states. O(ops + entries).
 */
export function profileWarnings(
  matched: MatchedProfile,
  graph: Graph,
  costs: OpCosts,
  device: Device,
): readonly string[] {
  const warnings = [...matched.warnings];
  const coverage = profileCoverage(matched);
  if (coverage.matchedShare < ENOUGH_COVERED) {
    warnings.push(
      `${Math.round(100 * (1 - coverage.matchedShare))} % of the profile's time belongs to no op of this model.`,
    );
  }
  const total = totalOf(matched.raw);
  if (total === null && coverage.matchedOps < ENOUGH_COVERED * coverage.ops) {
    warnings.push(`${coverage.unmatchedOps} of ${coverage.ops} ops were not measured and keep an estimate.`);
  }

  const impossible = matched.groups.flatMap((group, index) => {
    const { median } = groupSeconds(matched, index);
    const least = leastSeconds(costs, device, group);
    return median < least ? [{ group, median, least }] : [];
  });
  const [worst] = impossible.toSorted((one, other) => one.median / one.least - other.median / other.least);
  if (worst !== undefined) {
    const count = impossible.length === 1 ? "1 figure is" : `${impossible.length} figures are`;
    const name = item(graph.opNames, worst.group.ops[0] ?? 0);
    warnings.push(
      `${count} beyond what ${device.name} can do (${name}: ${formatSeconds(worst.median)}, at least ${formatSeconds(worst.least)} by its peak rates): measured on another device, in another precision, or asynchronously.`,
    );
  }

  const estimate = estimateLatencies(graph, costs, device);
  let measured = total?.median ?? 0;
  let expected = 0;
  if (total !== null) for (const value of estimate.seconds) expected += Number.isFinite(value) ? value : 0;
  for (const [index, { ops }] of matched.groups.entries()) {
    const published = ops.reduce((sum, op) => sum + at(estimate.seconds, op), 0);
    if (!Number.isFinite(published) || published === 0) continue;
    measured += groupSeconds(matched, index).median;
    expected += published;
  }
  const ratio = measured / expected;
  if (measured > 0 && (ratio > FAR_OFF || ratio < 1 / FAR_OFF)) {
    const times = ratio > 1 ? `${ratio.toPrecision(2)} times slower` : `${(1 / ratio).toPrecision(2)} times faster`;
    warnings.push(
      `The profile is ${times} than the cost model of ${device.name} suggests: is it of this device, and in this unit?`,
    );
  }
  return warnings;
}
