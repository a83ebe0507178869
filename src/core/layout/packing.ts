import { f64, i32 } from "../columns.ts";
import { GUTTER, PANEL_GAP } from "./metrics.ts";

const SEARCH_STEPS = 14;

interface Packing {
  readonly starts: number[];
  readonly width: number;
  readonly height: number;
}

/**
 * Stacks consecutive blocks into columns so that the whole picture, scaled to fit a viewport of the given aspect
 * (width / height), is as large as possible. Gives the first block of each column. For a bound on the height the
 * narrowest stacking is found by dynamic programming; the bound by bisection. O(blocks x blocks per column).
 */
export function packColumns(heights: Float64Array, widths: Float64Array, aspect: number): number[] {
  if (heights.length === 0) return [];
  let low = 0;
  let high = -PANEL_GAP;
  for (const height of heights) {
    low = Math.max(low, height);
    high += height + PANEL_GAP;
  }
  const size = (packing: Packing) => Math.max(packing.height, packing.width / aspect);
  let best = narrowest(heights, widths, low);
  const single = narrowest(heights, widths, high);
  if (size(single) < size(best)) best = single;
  for (let step = 0; step < SEARCH_STEPS && high - low > 1; step++) {
    const bound = (low + high) / 2;
    const packing = narrowest(heights, widths, bound);
    if (size(packing) < size(best) - 1e-9) best = packing;
    if (packing.width / aspect > packing.height) low = bound;
    else high = bound;
  }
  return best.starts;
}

/** The narrowest stacking into columns not higher than `bound`; of equally narrow ones an evenly filled one. */
function narrowest(heights: Float64Array, widths: Float64Array, bound: number): Packing {
  const count = heights.length;
  const cost = new Float64Array(count + 1).fill(Number.POSITIVE_INFINITY);
  const previous = new Int32Array(count + 1);
  cost[0] = 0;
  for (let end = 1; end <= count; end++) {
    let height = -PANEL_GAP;
    let width = 0;
    for (let start = end - 1; start >= 0; start--) {
      height += f64(heights, start) + PANEL_GAP;
      width = Math.max(width, f64(widths, start));
      if (height > bound && start < end - 1) break;
      const unfilled = Math.max(0, 1 - height / bound);
      const total = f64(cost, start) + width + GUTTER + 4 * unfilled * unfilled;
      if (total >= f64(cost, end)) continue;
      cost[end] = total;
      previous[end] = start;
    }
  }
  const starts: number[] = [];
  let tallest = 0;
  let total = 0;
  for (let end = count; end > 0; end = i32(previous, end)) {
    const start = i32(previous, end);
    starts.push(start);
    let height = -PANEL_GAP;
    let width = 0;
    for (let block = start; block < end; block++) {
      height += f64(heights, block) + PANEL_GAP;
      width = Math.max(width, f64(widths, block));
    }
    tallest = Math.max(tallest, height);
    total += width + GUTTER;
  }
  return { starts: starts.reverse(), width: total, height: tallest };
}
