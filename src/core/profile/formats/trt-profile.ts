import { err } from "../../result.ts";
import { constantDistribution } from "../distribution.ts";
import { isRecord, numberField, parseLenient, textField } from "./lenient-json.ts";
import { profileReading, rawEntry, rawProfile, runWarnings } from "./make.ts";
import { ObjectScanner } from "./object-scanner.ts";
import type { ProfileFormat, RawEntry } from "./raw-profile.ts";

/** Optimisation profiles other than the first, which an engine for several shapes lists as well. */
const LATER_PROFILE = / \[profile [1-9]\d*\]$/;
const REFORMAT = /^Reformatting CopyNode /;
const MYELIN = /^__myl_/;
const LONGEST_MS = 1e9;

/**
 * TensorRT's `trtexec --exportProfile`: `[{"count": N}, {"name", "timeMs", "averageMs", "medianMs", "percentage"}, ...]`.
 * `timeMs` is a sum over all iterations, so the median (TensorRT 8.4 and later) or the average is taken. Layers that
 * took no time are no-ops of the builder. Raw separators in names and nan are read.
 */
export const trtProfile: ProfileFormat = {
  id: "trt-profile",
  label: "a TensorRT profile (--exportProfile)",
  sniff: (head) =>
    /^\s*\[\s*\{\s*"count"\s*:/.test(head) || (/^\s*\[\s*\{\s*"name"\s*:/.test(head) && /"averageMs"\s*:/.test(head)),
  open: (fileName) => {
    const entries: RawEntry[] = [];
    let count = 0;
    let unreadable = 0;
    let withoutTime = 0;
    const scanner = new ObjectScanner((json) => {
      const row = parseLenient(json);
      if (!isRecord(row)) {
        unreadable++;
        return;
      }
      const name = textField(row, "name");
      if (name === null) {
        count = Math.max(count, numberField(row, "count") ?? 0);
        return;
      }
      if (LATER_PROFILE.test(name)) return;
      const ms = numberField(row, "medianMs") ?? numberField(row, "averageMs");
      if (ms === null || ms < 0 || ms > LONGEST_MS) {
        withoutTime++;
        return;
      }
      if (ms === 0 && (numberField(row, "timeMs") ?? 0) === 0) {
        if (!REFORMAT.test(name)) entries.push(rawEntry(name, constantDistribution(0, 1), { kind: "elided" }));
        return;
      }
      const average = numberField(row, "averageMs") ?? ms;
      const isAverage = average >= 0 && average <= LONGEST_MS;
      const latency = { ...constantDistribution(ms / 1e3, 1), mean: (isAverage ? average : ms) / 1e3 };
      entries.push(rawEntry(name, latency, { kind: REFORMAT.test(name) ? "overhead" : "op" }));
    });
    return {
      push: (chunk) => scanner.push(chunk),
      end: () => {
        const isTruncated = scanner.end();
        if (!entries.some((entry) => entry.kind === "op")) {
          return err(`${fileName} is a TensorRT profile without timed layers; expected entries with "averageMs".`);
        }
        const runs = Number.isSafeInteger(count) && count > 0 ? count : 1;
        const hasRegion = entries.some((entry) => entry.label.includes("ForeignNode["));
        const warnings = [...runWarnings(runs)];
        if (isTruncated) warnings.push("The file breaks off inside a layer, which was left out.");
        if (unreadable > 0) warnings.push(`${unreadable} layers could not be read and were left out.`);
        if (withoutTime > 0) warnings.push(`${withoutTime} layers have no time and were left out.`);
        return profileReading(
          rawProfile(
            trtProfile.id,
            fileName,
            entries.map((entry) => ({
              ...entry,
              // Kernels inside a compiled region carry no names of the model; their time is the region's.
              kind: hasRegion && entry.kind === "op" && MYELIN.test(entry.label) ? "overhead" : entry.kind,
              latency: { ...entry.latency, count: runs },
            })),
            { device: { name: null, runtime: "TensorRT" }, runs, warnings },
          ),
        );
      },
    };
  },
};
