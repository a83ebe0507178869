import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createRandom } from "../testing/random.ts";
import { fixedRuns, measuringProgress, medianSpread, type StopRule, stopReason, UNTIL_SETTLED } from "./settled.ts";

const RULE: StopRule = { minRuns: 10, minSeconds: 0.5, maxRuns: 50, precision: 0.02, budgetSeconds: 5 };
const times = (count: number, value: (i: number) => number) => Array.from({ length: count }, (_, i) => value(i));

describe("the spread of the median", () => {
  test("is 0 for a clock that always says the same, and not bounded by a handful of runs", () => {
    expect(medianSpread(times(20, () => 3))).toBe(0);
    expect(medianSpread([1, 1, 1, 1, 1])).toBe(Number.POSITIVE_INFINITY);
  });

  test("is that of the ranks in Hahn and Meeker's table: 11 to 20 of 30 at least, with a median of 15.5", () => {
    // 95 % needs the 10th to the 21st of 30 (binomial: 0.957); one rank more on a side is allowed, none less.
    const spread = medianSpread(times(30, (i) => i + 1)) * 15.5 * 2;
    expect(spread).toBeGreaterThanOrEqual(11);
    expect(spread).toBeLessThanOrEqual(13);
  });

  test("covers the true median in at least 95 % of samples of a skewed distribution", () => {
    const random = createRandom(5);
    const draw = () => -Math.log(1 - random.next());
    let covered = 0;
    const trials = 2000;
    for (let trial = 0; trial < trials; trial++) {
      const sorted = times(40, draw).sort((a, b) => a - b);
      // The interval itself, by the same ranks: n/2 -+ 1.96 sqrt(n)/2.
      const reach = (1.96 * Math.sqrt(40)) / 2;
      const low = sorted[Math.floor(20 - reach) - 1] ?? 0;
      const high = sorted[Math.ceil(20 + reach)] ?? 0;
      expect(medianSpread(sorted)).toBeCloseTo((high - low) / 2 / (((sorted[19] ?? 0) + (sorted[20] ?? 0)) / 2), 9);
      if (low <= Math.LN2 && Math.LN2 <= high) covered++;
    }
    expect(covered / trials).toBeGreaterThanOrEqual(0.95);
  });

  test("does not depend on the order or the unit", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 6, maxLength: 60 }), (samples) => {
        expect(medianSpread(samples.toReversed())).toBe(medianSpread(samples));
        expect(medianSpread(samples.map((sample) => sample * 4))).toBeCloseTo(medianSpread(samples), 12);
      }),
    );
  });
});

describe("measuring stops", () => {
  test("once the median is settled, not before the least number of runs", () => {
    const quiet = (count: number) => times(count, (i) => 1 + (i % 2) * 0.001);
    expect(stopReason(RULE, quiet(9), 1)).toBeNull();
    expect(stopReason(RULE, quiet(10), 1)).toBe("settled");
  });

  test("not before the least time, in which other work on the machine comes and goes", () => {
    const quiet = times(30, () => 1);
    expect(stopReason(RULE, quiet, 0.4)).toBeNull();
    expect(stopReason(RULE, quiet, 0.5)).toBe("settled");
  });

  test("at the most runs or at the end of the time where it does not settle", () => {
    const wild = (count: number) => times(count, (i) => 1 + (i % 7));
    expect(stopReason(RULE, wild(49), 1)).toBeNull();
    expect(stopReason(RULE, wild(50), 1)).toBe("runs");
    expect(stopReason(RULE, wild(12), 5)).toBe("budget");
    expect(stopReason(RULE, wild(1), 60)).toBe("budget");
    expect(stopReason(RULE, [], 60)).toBeNull();
  });

  test("after exactly the runs asked for", () => {
    const rule = fixedRuns(4);
    expect(
      [1, 2, 3, 4].map((runs) =>
        stopReason(
          rule,
          times(runs, () => 1),
          1e9,
        ),
      ),
    ).toEqual([null, null, null, "runs"]);
  });

  test("by default within the runs that profile readers trust", () => {
    expect(UNTIL_SETTLED.minRuns).toBeGreaterThanOrEqual(10);
    expect(UNTIL_SETTLED.maxRuns).toBeGreaterThan(UNTIL_SETTLED.minRuns);
  });

  test("progress is that of whatever ends first", () => {
    expect(measuringProgress(RULE, 25, 1)).toBe(0.5);
    expect(measuringProgress(RULE, 5, 4)).toBe(0.8);
    expect(measuringProgress(fixedRuns(10), 5, 100)).toBe(0.5);
    expect(measuringProgress(RULE, 60, 9)).toBe(1);
  });
});
