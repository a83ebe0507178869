import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { distributionOf, quantile } from "./distribution.ts";

describe("quantile", () => {
  // Values of R's quantile(x, type = 7).
  test.each([
    [[1, 2, 3, 4], 0.25, 1.75],
    [[1, 2, 3, 4], 0.5, 2.5],
    [[1, 2, 3, 4, 10], 0.95, 8.8],
    [[7], 0.75, 7],
  ])("of %j at %d is %d", (sorted, q, value) => {
    expect(quantile(sorted, q)).toBeCloseTo(value, 12);
  });

  test("of nothing is NaN", () => {
    expect(quantile([], 0.5)).toBeNaN();
  });
});

test("a distribution is in order and does not depend on the order of the sample", () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 50 }), (sample) => {
      const { count, min, p25, median, p75, p95, mean } = distributionOf(sample);
      expect(count).toBe(sample.length);
      const steps = [min, p25, median, p75, p95, Math.max(...sample)];
      for (const [i, step] of steps.slice(1).entries()) expect(step).toBeGreaterThanOrEqual(steps[i] ?? Number.NaN);
      expect(mean).toBeGreaterThanOrEqual(min * (1 - 1e-12));
      expect(mean).toBeLessThanOrEqual(Math.max(...sample) * (1 + 1e-12));
      expect(distributionOf(sample.toReversed()).p75).toBe(p75);
    }),
  );
});
