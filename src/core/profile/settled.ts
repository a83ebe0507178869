import { quantile } from "./distribution.ts";

/**
 * When to stop measuring: at least `minRuns` runs and `minSeconds`, at most `maxRuns` runs; in between as soon as the
 * median is known to within `precision` of itself with 95 % confidence, or when `budgetSeconds` have passed since the
 * first measured run. Runs that follow each other closely share whatever else the machine does just then, which their
 * spread does not show: the least time spans it.
 */
export interface StopRule {
  readonly minRuns: number;
  readonly minSeconds: number;
  readonly maxRuns: number;
  readonly precision: number;
  readonly budgetSeconds: number;
}

/** 10 runs are the least that the profile readers trust; more than 500 change nothing on a quiet machine. */
export const UNTIL_SETTLED: StopRule = {
  minRuns: 20,
  minSeconds: 2,
  maxRuns: 500,
  precision: 0.01,
  budgetSeconds: 30,
};

/** Exactly `runs` runs, whatever they say and however long they take. */
export function fixedRuns(runs: number): StopRule {
  return { minRuns: runs, minSeconds: 0, maxRuns: runs, precision: 0, budgetSeconds: Number.POSITIVE_INFINITY };
}

/** Of the standard normal distribution, for 95 %. */
const Z = 1.96;

/**
 * Half the width of the 95 % confidence interval of the median, relative to the median: between the order statistics
 * of ranks n/2 -+ z sqrt(n)/2, without any assumption on the distribution (Hahn and Meeker, Statistical Intervals,
 * 1991, section 5.2). Infinity for fewer than 6 samples, which bound no such interval. O(n log n).
 */
export function medianSpread(samples: readonly number[]): number {
  const n = samples.length;
  if (n < 6) return Number.POSITIVE_INFINITY;
  const sorted = Float64Array.from(samples).sort();
  const reach = (Z * Math.sqrt(n)) / 2;
  const low = sorted[Math.max(0, Math.floor(n / 2 - reach) - 1)] ?? Number.NaN;
  const high = sorted[Math.min(n - 1, Math.ceil(n / 2 + reach))] ?? Number.NaN;
  const median = quantile(sorted, 0.5);
  return median > 0 ? (high - low) / 2 / median : 0;
}

/** Why measuring may stop; null while it goes on. */
export type StopReason = "settled" | "runs" | "budget";

/** Whether the runs so far are enough. `samples` are seconds per run, `elapsed` seconds since the first. O(n log n). */
export function stopReason(rule: StopRule, samples: readonly number[], elapsed: number): StopReason | null {
  if (samples.length >= rule.maxRuns) return "runs";
  if (samples.length < 1) return null;
  if (elapsed >= rule.budgetSeconds) return "budget";
  if (samples.length < rule.minRuns || elapsed < rule.minSeconds) return null;
  return medianSpread(samples) <= rule.precision ? "settled" : null;
}

/** How far measuring has come, from 0 to 1, for a person who waits: by runs or by time, whichever is ahead. */
export function measuringProgress(rule: StopRule, runs: number, elapsed: number): number {
  return Math.min(1, Math.max(runs / rule.maxRuns, elapsed / rule.budgetSeconds));
}
