import { expect, test } from "vitest";
import { item } from "../columns.ts";
import { unwrap } from "../result.ts";
import { exportSubject } from "../testing/export-subjects.ts";
import { latencySummary, listedProfile, profileCoverage } from "./apply.ts";
import { distributionOf } from "./distribution.ts";
import { estimateLatencies } from "./estimate.ts";
import { readProfile } from "./formats/formats.ts";
import { totalProfile } from "./formats/make.ts";
import { writeProfile } from "./formats/native.ts";
import { deviceLatencies } from "./latencies.ts";
import { matchProfile } from "./match.ts";
import { PROVENANCES } from "./profile.ts";
import { profileWarnings } from "./profile-warnings.ts";

const { model, rig } = exportSubject("a=3 -> b=5 -> c=7 -> d=2 -> e=1", [2]);
const { graph, costs } = model;
const device = item(rig.devices, 0);
const estimate = estimateLatencies(graph, costs, device);
const expected = latencySummary(estimate).seconds;
const profile = (seconds: number) => totalProfile("trt-times", "times.json", distributionOf([seconds]));

test("estimates add up to the total, each by the same factor, and say so", () => {
  const matched = unwrap(matchProfile(profile(2 * expected), graph));
  const table = deviceLatencies(graph, costs, device, matched);
  expect(latencySummary(table).seconds).toBeCloseTo(2 * expected, 12);
  for (const [op, seconds] of table.seconds.entries()) {
    expect(seconds).toBeCloseTo(2 * (estimate.seconds[op] ?? 0), 15);
    expect(table.high[op]).toBeCloseTo(2 * (estimate.high[op] ?? 0), 15);
    const isWork = seconds > 0;
    expect(PROVENANCES[table.provenance[op] ?? 0]).toBe(isWork ? "scaled" : "elided");
  }
  expect(table.origins.get("scaled")).toMatch(/^estimates scaled to the .* of a whole inference in times\.json$/);
  expect(table.origins.has("estimated") || table.origins.has("fitted")).toBe(false);
  expect(latencySummary(table).text).toMatch(/^scaled, /);
  expect(profileCoverage(matched)).toMatchObject({ unmatchedEntries: 0, matchedShare: 1 });
});

test("a total far from what the device is known for is flagged", () => {
  const warnings = (seconds: number) =>
    profileWarnings(unwrap(matchProfile(profile(seconds), graph)), graph, costs, device).join(" ");
  expect(warnings(expected)).not.toContain("times slower");
  expect(warnings(expected)).toContain("no ops: the estimates of the ops are scaled to it");
  expect(warnings(20 * expected)).toContain("20 times slower than the cost model");
});

test("ops that the device cannot run stay so", () => {
  const matched = unwrap(matchProfile(profile(1), graph));
  const cannot = { ...device, unsupportedOps: [item(graph.opTypes, 0)] };
  const table = deviceLatencies(graph, costs, cannot, matched);
  expect(table.seconds[0]).toBe(Number.POSITIVE_INFINITY);
});

test("it is exported and read again", () => {
  const matched = unwrap(matchProfile(profile(0.25), graph));
  const text = writeProfile(listedProfile(matched, graph));
  const again = unwrap(matchProfile(unwrap(readProfile(text, "again.json")), graph));
  expect(again.groups).toEqual([]);
  expect(latencySummary(deviceLatencies(graph, costs, device, again)).seconds).toBeCloseTo(0.25, 9);
});
