import fc from "fast-check";
import { expect, test } from "vitest";
import { at } from "../../core/columns.ts";
import { spread } from "./spread.ts";

test("things keep apart and within the range where they fit, and stay where they are if nothing is in the way", () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 500, noNaN: true }), { maxLength: 8 }), (xs) => {
      const ideal = xs.sort((a, b) => a - b);
      const placed = spread(ideal, 40, 20, 480);
      expect(placed).toHaveLength(ideal.length);
      for (const [i, x] of placed.entries()) {
        expect(x).toBeGreaterThanOrEqual(20);
        expect(x).toBeLessThanOrEqual(480);
        if (i > 0) expect(x - at(placed, i - 1)).toBeGreaterThanOrEqual(40 - 1e-9);
      }
    }),
  );
  expect(spread([100, 200, 300], 40, 0, 400)).toEqual([100, 200, 300]);
});

test("too many for the range overlap evenly inside it", () => {
  expect(spread([5, 5, 5], 40, 0, 20)).toEqual([0, 10, 20]);
});
