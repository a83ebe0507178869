import fc from "fast-check";
import { expect, test } from "vitest";
import { at } from "../columns.ts";
import { GUTTER, PANEL_GAP } from "./metrics.ts";
import { packColumns } from "./packing.ts";

/** Size of the square-ish picture (its height at the viewport's aspect) for given first blocks of the columns. */
function sizeOf(heights: Float64Array, widths: Float64Array, starts: readonly number[], aspect: number): number {
  let width = 0;
  let height = 0;
  for (const [column, start] of starts.entries()) {
    const end = starts[column + 1] ?? heights.length;
    let own = -PANEL_GAP;
    let widest = 0;
    for (let block = start; block < end; block++) {
      own += at(heights, block) + PANEL_GAP;
      widest = Math.max(widest, at(widths, block));
    }
    width += widest + GUTTER;
    height = Math.max(height, own);
  }
  return Math.max(height, width / aspect);
}

const blocks = fc.array(
  fc.record({ height: fc.integer({ min: 30, max: 500 }), width: fc.integer({ min: 80, max: 400 }) }),
  {
    minLength: 1,
    maxLength: 9,
  },
);

test("no other stacking of the blocks can be drawn notably larger", () => {
  fc.assert(
    fc.property(blocks, fc.double({ min: 0.5, max: 5, noNaN: true }), (sizes, aspect) => {
      const heights = Float64Array.from(sizes, ({ height }) => height);
      const widths = Float64Array.from(sizes, ({ width }) => width);
      let best = Number.POSITIVE_INFINITY;
      for (let breaks = 0; breaks < 2 ** (sizes.length - 1); breaks++) {
        const starts = sizes.map((_, block) => block).filter((block) => block === 0 || (breaks >> (block - 1)) & 1);
        best = Math.min(best, sizeOf(heights, widths, starts, aspect));
      }
      const found = packColumns(heights, widths, aspect);
      expect(found[0]).toBe(0);
      expect([...found]).toEqual([...new Set(found)].sort((a, b) => a - b));
      expect(sizeOf(heights, widths, found, aspect)).toBeLessThanOrEqual(best * 1.02 + 4);
    }),
    { numRuns: 200 },
  );
});

test("a wide window gets more columns than a narrow one", () => {
  const heights = new Float64Array(24).fill(120);
  const widths = new Float64Array(24).fill(80);
  const columns = [0.5, 1, 2, 4].map((aspect) => packColumns(heights, widths, aspect).length);
  expect(columns).toEqual([...columns].sort((a, b) => a - b));
  expect(new Set(columns).size).toBe(4);
});
