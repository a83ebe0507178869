import { at, f64, i32, item, u8 } from "../columns.ts";
import type { FilmstripLayout } from "./filmstrip.ts";
import { GUTTER } from "./metrics.ts";
import { joinSegments, type Segment } from "./segments.ts";
import { type Places, type SplitColumn, type SplitRow, splitColumns } from "./split-rows.ts";

/** The line that parts the ops before a split from those after it. */
export interface SplitLine {
  /** Corners x, y, x, y, ... of each piece; one piece for most splits, closed where an island is parted off. */
  readonly lines: readonly Float64Array[];
  /** Where to take hold of it. */
  readonly knob: { readonly x: number; readonly y: number };
}

/** A horizontal band of a column: labels of the stretches between its borders, 1 before the split and 0 after. */
interface Band {
  readonly top: number;
  readonly bottom: number;
  /** labels.length + 1 entries, from the column's left edge to its right edge. */
  readonly borders: readonly number[];
  readonly labels: readonly number[];
}

/**
 * The line between the ops with `before` 1 and the others: vertical between columns, through a column between its
 * rows and lanes. It separates any set of ops (through the middle of a folded block that is split); for a
 * down-set it is short. O(ops + rows of the columns that are split), and once per layout O(ops + rows log rows).
 */
export function splitLine(layout: FilmstripLayout, before: Uint8Array): SplitLine {
  const { height } = layout;
  const columns = splitColumns(layout);
  const sums = prefixSums(before);
  const plain = borderSegments(columns, sums, height, false);
  const fitted = borderSegments(columns, sums, height, true);
  const simpler = cornerCount(plain.lines) < cornerCount(fitted.lines) ? plain : fitted;
  if (simpler.lines.length > 0) return { lines: simpler.lines, knob: knobOf(simpler.segments, layout) };
  const x = before.includes(1) ? layout.width : 0;
  return { lines: [Float64Array.of(x, 0, x, height)], knob: { x, y: height / 2 } };
}

/** Per op, and for the end: how many ops of lower number are before the split. */
function prefixSums(before: Uint8Array): Int32Array {
  const sums = new Int32Array(before.length + 1);
  let sum = 0;
  for (let op = 0; op < before.length; op++) {
    sum += u8(before, op);
    sums[op + 1] = sum;
  }
  return sums;
}

function cornerCount(lines: readonly Float64Array[]): number {
  return lines.reduce((sum, line) => sum + line.length, 0);
}

/** `fitted`: wires count as part of their source's side, and the line hugs what it parts off. */
function borderSegments(columns: readonly SplitColumn[], sums: Int32Array, height: number, fitted: boolean) {
  const bands = columns.map((column) => bandsOf(column, sums, height, fitted));
  const segments: Segment[] = [];
  for (const [column, own] of bands.entries()) {
    for (const [index, band] of own.entries()) {
      for (let stretch = 1; stretch < band.labels.length; stretch++) {
        if (band.labels[stretch] === band.labels[stretch - 1]) continue;
        const x = item(band.borders, stretch);
        segments.push({ x0: x, y0: band.top, x1: x, y1: band.bottom });
      }
      const next = own[index + 1];
      if (next !== undefined) pushHorizontal(segments, band, next);
    }
    const following = bands[column + 1];
    if (following !== undefined) pushVertical(segments, own, following, item(columns, column).right);
  }
  return { segments, lines: joinSegments(segments) };
}

function bandsOf(column: SplitColumn, sums: Int32Array, height: number, fitted: boolean): readonly Band[] {
  const { left, right, firstOp, endOp, wireOps, rows } = column;
  const inside = i32(sums, endOp) - i32(sums, firstOp);
  const side = inside === 0 ? 0 : 1;
  const isWhole = inside === 0 || inside === endOp - firstOp;
  // Most columns lie on one side with all that passes them.
  if (isWhole && (!fitted || wireOps.every((op) => i32(sums, op + 1) - i32(sums, op) === side))) {
    return [{ top: 0, bottom: height, borders: [left, right], labels: [side] }];
  }
  const bands: Band[] = [];
  let top = 0;
  for (const row of rows) {
    const places = fitted ? row.withWires : row.boxes;
    const shares = sharesOf(places, sums);
    const parts = [...new Set(shares.filter((share) => share > 0 && share < 1))].sort((a, b) => a - b);
    for (const [part, bottom] of levelsOf(row, parts).entries()) {
      // A box that is split to a share counts as before the split down to the level of that share.
      const reached = part === 0 ? 0 : item(parts, part - 1);
      const labels = Array.from(shares, (share) => (share > reached ? 1 : 0));
      bands.push({ top, bottom, ...(fitted ? hugging(places, labels) : { labels, borders: places.borders }) });
      top = bottom;
    }
  }
  return bands;
}

/** Of each place the share of its ops that come before the split. */
function sharesOf({ firstOp, endOp }: Places, sums: Int32Array): Float64Array {
  const shares = new Float64Array(firstOp.length);
  for (let place = 0; place < shares.length; place++) {
    const [first, end] = [i32(firstOp, place), i32(endOp, place)];
    shares[place] = (i32(sums, end) - i32(sums, first)) / (end - first);
  }
  return shares;
}

/** Where the bands of a row end: at the level of each share, and at the row's end. */
function levelsOf({ top, height, bottom }: SplitRow, parts: readonly number[]): readonly number[] {
  return [...parts.map((share) => top + share * height), bottom];
}

/** Free space at a column's edge wider than this may fall to the neighbouring column's side. */
const WIDE_EDGE = 40;
const HUG = 6;

/**
 * In a row that is split, wide free space at the edges falls to the column beside it, so that the line stays close to
 * what it parts off. What is free between two places always falls to the nearer one.
 */
function hugging({ left, right, borders }: Places, labels: readonly number[]): Pick<Band, "labels" | "borders"> {
  if (!labels.includes(0) || !labels.includes(1)) return { labels, borders };
  const first = f64(left, 0);
  const last = f64(right, right.length - 1);
  const [start, end] = [item(borders, 0), item(borders, borders.length - 1)];
  const hugsStart = labels[0] === 0 && first - start > WIDE_EDGE;
  const hugsEnd = labels.at(-1) === 1 && end - last > WIDE_EDGE;
  if (!hugsStart && !hugsEnd) return { labels, borders };
  return {
    labels: [...(hugsStart ? [1] : []), ...labels, ...(hugsEnd ? [0] : [])],
    borders: [
      start,
      ...(hugsStart ? [first - HUG] : []),
      ...borders.slice(1, -1),
      ...(hugsEnd ? [last + HUG] : []),
      end,
    ],
  };
}

/** Pieces of the border between two bands, one above the other, where their labels differ. */
function pushHorizontal(segments: Segment[], upper: Band, lower: Band): void {
  const y = upper.bottom;
  let u = 0;
  let l = 0;
  let x0 = item(upper.borders, 0);
  while (u < upper.labels.length && l < lower.labels.length) {
    const upperEnd = item(upper.borders, u + 1);
    const lowerEnd = item(lower.borders, l + 1);
    const x1 = Math.min(upperEnd, lowerEnd);
    if (x1 > x0 && upper.labels[u] !== lower.labels[l]) segments.push({ x0, y0: y, x1, y1: y });
    x0 = x1;
    if (upperEnd <= x1) u += 1;
    if (lowerEnd <= x1) l += 1;
  }
}

/** Pieces of the border between two columns where the labels left and right of it differ. */
function pushVertical(segments: Segment[], left: readonly Band[], right: readonly Band[], x: number): void {
  let l = 0;
  let r = 0;
  let y0 = 0;
  while (l < left.length && r < right.length) {
    const leftBand = item(left, l);
    const rightBand = item(right, r);
    const y1 = Math.min(leftBand.bottom, rightBand.bottom);
    if (y1 > y0 && leftBand.labels.at(-1) !== rightBand.labels[0]) segments.push({ x0: x, y0, x1: x, y1 });
    y0 = y1;
    if (leftBand.bottom <= y1) l += 1;
    if (rightBand.bottom <= y1) r += 1;
  }
}

/**
 * The middle of the longest step through a column, or its left end where it runs through the name in a folded block; of
 * a line without steps the middle of its height.
 */
function knobOf(segments: readonly Segment[], layout: FilmstripLayout) {
  let best: Segment | null = null;
  for (const segment of segments) {
    const length = segment.x1 - segment.x0;
    if (length > (best === null ? 0 : best.x1 - best.x0)) best = segment;
  }
  if (best === null) return { x: segments[0]?.x0 ?? 0, y: layout.height / 2 };
  const middle = (best.x0 + best.x1) / 2;
  // As far from the column's edge as a pointer must be to ask for a split inside the column.
  return { x: runsThroughBlock(layout, best) ? Math.min(middle, best.x0 + GUTTER) : middle, y: best.y0 };
}

function runsThroughBlock({ nodes, opX, opY, opWidth, opHeight }: FilmstripLayout, step: Segment): boolean {
  for (let node = 0; node < nodes.count; node++) {
    if (nodes.folded[node] !== 1) continue;
    const op = i32(nodes.firstOp, node);
    const [dx, dy] = [at(opWidth, op) / 2, at(opHeight, op) / 2];
    const isAcross = step.x0 < at(opX, op) + dx && step.x1 > at(opX, op) - dx;
    if (isAcross && Math.abs(step.y0 - at(opY, op)) < dy) return true;
  }
  return false;
}

/**
 * The split (as a position 0..ops in op order) that a pointer at (x, y) asks for: near the middle of a gutter the
 * boundary between its columns; over a column the ops above the pointer come before the split. O(columns + ops of
 * the column).
 */
export function splitAt(layout: FilmstripLayout, x: number, y: number): number {
  const { columns, nodes, opY, opHeight } = layout;
  const last = columns.count - 1;
  if (x <= at(columns.edgeX, 0) + GUTTER / 2) return 0;
  if (x >= at(columns.edgeX, columns.count) - GUTTER / 2) return i32(columns.firstOp, columns.count);
  let column = 0;
  while (column < last && x > at(columns.edgeX, column + 1)) column += 1;
  if (x - at(columns.edgeX, column) < GUTTER) return i32(columns.firstOp, column);
  if (at(columns.edgeX, column + 1) - x < GUTTER) return i32(columns.firstOp, column + 1);
  let position = i32(columns.firstOp, column);
  for (let node = i32(columns.firstNode, column); node < i32(columns.firstNode, column + 1); node++) {
    const from = i32(nodes.firstOp, node);
    const count = i32(nodes.firstOp, node + 1) - from;
    const share = (y - at(opY, from)) / at(opHeight, from) + 0.5;
    position += count === 1 ? (share > 0.5 ? 1 : 0) : Math.round(Math.min(1, Math.max(0, share)) * count);
  }
  return position;
}
