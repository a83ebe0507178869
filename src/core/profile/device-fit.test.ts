import { describe, expect, test } from "vitest";
import { at, item } from "../columns.ts";
import { OP_CLASSES } from "../cost/cost.ts";
import { unwrap } from "../result.ts";
import { deviceFromPreset } from "../rig/presets.ts";
import { layerTableGraph } from "../testing/layer-tables.ts";
import { createRandom } from "../testing/random.ts";
import { applyFit, fitDevice } from "./device-fit.ts";
import { constantDistribution } from "./distribution.ts";
import { estimateLatencies } from "./estimate.ts";
import { rawEntry, rawProfile } from "./formats/make.ts";
import { deviceLatencies } from "./latencies.ts";
import { matchProfile } from "./match.ts";
import { type LatencyTable, PROVENANCES } from "./profile.ts";
import { profileWarnings } from "./profile-warnings.ts";

const { graph, costs } = layerTableGraph("resnet50");
const device = { ...deviceFromPreset("raspberry-pi-4"), unsupportedOps: [] };
const published = estimateLatencies(graph, costs, device);
const working = graph.opNames.flatMap((_, op) => (at(published.seconds, op) > 0 ? [op] : []));

/** A device with rates of its own, up to `noise` off op by op. */
function truth(noise: number): Float64Array {
  const random = createRandom(7);
  return Float64Array.from(graph.opNames, (_, op) => {
    const bytes = at(costs.inputBytes, op) + at(costs.outputBytes, op) + at(costs.weightBytes, op);
    const isWide = item(OP_CLASSES, at(costs.opClass, op)) === "convKxK";
    const seconds = at(costs.macs, op) * (isWide ? 9e-12 : 21e-12) + bytes * 80e-12 + 30e-6;
    return seconds * (1 + noise * (2 * random.next() - 1));
  });
}

/** A profile of some ops with these times. */
function measured(seconds: Float64Array, ops: readonly number[]) {
  const entries = ops.map((op) =>
    rawEntry("", constantDistribution(at(seconds, op), 50), { nodes: [item(graph.opNames, op)] }),
  );
  return unwrap(matchProfile(rawProfile("test", "f", entries, { runs: 50 }), graph));
}

const medianError = (table: LatencyTable, seconds: Float64Array, ops: readonly number[]) => {
  const errors = ops.map((op) => Math.abs(at(table.seconds, op) / at(seconds, op) - 1)).sort((a, b) => a - b);
  return errors[errors.length >> 1] ?? Number.NaN;
};

describe("fitDevice", () => {
  const seen = working.filter((_, i) => i % 3 !== 0);
  const hidden = working.filter((_, i) => i % 3 === 0);

  test("finds the rates of a device from the ops that were measured", () => {
    const seconds = truth(0);
    const fit = fitDevice(costs, measured(seconds, seen), published);
    if (fit === null) throw new Error("no fit");
    const table = applyFit(published, costs, fit);
    expect(fit.groups).toBe(seen.length);
    expect(medianError(table, seconds, hidden)).toBeLessThan(0.02);
    expect(medianError(published, seconds, hidden)).toBeGreaterThan(0.3);
  });

  test("its stated error is that on ops it has not seen", () => {
    const seconds = truth(0.3);
    const fit = fitDevice(costs, measured(seconds, seen), published);
    if (fit === null) throw new Error("no fit");
    const error = medianError(applyFit(published, costs, fit), seconds, hidden);
    expect(fit.error).toBeGreaterThan(error / 2);
    expect(fit.error).toBeLessThan(error * 2);
    expect(fit.origin).toBe(
      `fitted to this device's ${seen.length} measured ops, leave-one-out error ${Math.round(100 * fit.error)} %`,
    );
  });

  test("too few measured ops make no fit", () => {
    const matched = measured(truth(0), working.slice(0, 30));
    expect(fitDevice(costs, { ...matched, groups: matched.groups.slice(0, 4) }, published)).toBeNull();
    expect(fitDevice(costs, { ...matched, groups: matched.groups.slice(0, 5) }, published)?.groups).toBe(5);
  });
});

describe("deviceLatencies", () => {
  const seconds = truth(0);
  const seen = working.slice(0, 30);
  const table = deviceLatencies(graph, costs, device, measured(seconds, seen));

  test("measured where measured, fitted to it elsewhere, the band around the figure", () => {
    for (const op of working) {
      const kind = PROVENANCES[at(table.provenance, op)];
      expect(kind).toBe(seen.includes(op) ? "measured" : "fitted");
      expect(at(table.low, op)).toBeLessThanOrEqual(at(table.seconds, op));
      expect(at(table.high, op)).toBeGreaterThanOrEqual(at(table.seconds, op));
    }
    expect(table.origins.get("fitted")).toContain("measured ops, leave-one-out error");
  });

  test("without a profile the cost model stands", () => {
    expect(deviceLatencies(graph, costs, device, null)).toEqual(published);
  });
});

describe("profileWarnings", () => {
  const server = { ...deviceFromPreset("gpu-server"), unsupportedOps: [] };
  const estimate = estimateLatencies(graph, costs, server);
  const ops = graph.opNames.flatMap((_, op) => (at(estimate.seconds, op) > 0 ? [op] : []));

  test("figures as the device gives them are in order", () => {
    expect(profileWarnings(measured(estimate.seconds, ops), graph, costs, server)).toEqual([]);
  });

  test("figures beyond the device's peaks, and a unit that is off", () => {
    const fast = estimate.seconds.map((value) => value / 1000);
    const warnings = profileWarnings(measured(fast, ops), graph, costs, server);
    expect(warnings[0]).toMatch(
      /^\d+ figures are beyond what GPU server \(T4\) can do \(.+: .+ ms, at least .+ ms by its peak rates\)/,
    );
    expect(warnings[1]).toMatch(/^The profile is 1.0e\+3 times faster than the cost model of GPU server/);
  });

  test("a profile of a part of the model", () => {
    const warnings = profileWarnings(measured(estimate.seconds, ops.slice(0, 30)), graph, costs, server);
    expect(warnings).toEqual([expect.stringMatching(/^\d+ of \d+ ops were not measured and keep an estimate\.$/)]);
  });
});
