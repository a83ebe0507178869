import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { at, item } from "../core/columns.ts";
import { bytesSource } from "../core/onnx/source.ts";
import { applyFit, fitDevice } from "../core/profile/device-fit.ts";
import { estimateLatencies } from "../core/profile/estimate.ts";
import { readProfile } from "../core/profile/formats/formats.ts";
import { matchProfile } from "../core/profile/match.ts";
import type { LatencyTable } from "../core/profile/profile.ts";
import { profileWarnings } from "../core/profile/profile-warnings.ts";
import { unwrap } from "../core/result.ts";
import { deviceFromPreset } from "../core/rig/presets.ts";
import { openModel } from "./open-model.ts";

const shared = new URL("../../../shared/", import.meta.url);
const present = existsSync(new URL("profiles/ort/", shared)) && existsSync(new URL("models/", shared));
if (!present) console.log(`device fit: skipped, ${shared.pathname} is absent`);

test.skipIf(!present)("half of a real trace tells the other half better than a published fit", async () => {
  const bytes = new Uint8Array(readFileSync(new URL("models/light_squeezenet.onnx", shared)));
  const { graph, costs } = unwrap(await openModel(bytesSource("light_squeezenet.onnx", bytes)));
  const file = new URL("profiles/ort/ort1.30-cpu_squeezenet_all_20runs.json", shared);
  const trace = unwrap(readProfile(readFileSync(file, "utf8"), "trace.json"));
  const device = deviceFromPreset("mini-pc");
  const estimate = estimateLatencies(graph, costs, device);
  const whole = unwrap(matchProfile(trace, graph, costs.macs));

  const medianError = (table: LatencyTable, groups: readonly number[]) => {
    const errors = groups.flatMap((i) => {
      const { entry, ops } = item(whole.groups, i);
      const expected = item(trace.entries, entry).latency.median;
      const value = ops.reduce((sum, op) => sum + at(table.seconds, op), 0);
      return value > 0 && expected > 0 ? [Math.abs(value / expected - 1)] : [];
    });
    return errors.sort((a, b) => a - b)[errors.length >> 1] ?? Number.NaN;
  };
  const halves = [0, 1].map((half) => whole.groups.flatMap((_, i) => (i % 2 === half ? [i] : [])));
  for (const [half, groups] of halves.entries()) {
    const seen = { ...whole, groups: groups.map((i) => item(whole.groups, i)) };
    const fit = fitDevice(costs, seen, estimate);
    if (fit === null) throw new Error("no fit");
    const hidden = item(halves, 1 - half);
    const own = medianError(applyFit(estimate, costs, fit), hidden);
    const published = medianError(estimate, hidden);
    console.log(`${fit.origin}; other half: ${(100 * own).toFixed(0)} %, published ${(100 * published).toFixed(0)} %`);
    expect(own).toBeLessThan(published);
  }
  // Shapes are known here: a trace of the model itself raises no doubt about them.
  expect(profileWarnings(whole, graph, costs, device).join(" ")).not.toContain("other shapes");
});
