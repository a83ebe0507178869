import { at, type Csr, i32, item, row, u8 } from "../columns.ts";
import type { FilmstripLayout } from "./filmstrip.ts";
import { GUTTER } from "./metrics.ts";
import { joinSegments, type Segment } from "./segments.ts";
import { groupBy } from "./wires.ts";

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
  readonly borders: number[];
  readonly labels: number[];
}

/**
 * The line between the ops with `before` 1 and the others: vertical between columns, through a column between its
 * rows and lanes. It separates any set of ops (through the middle of a folded block that is split); for a
 * down-set it is short. O(ops + rows log rows).
 */
export function splitLine(layout: FilmstripLayout, before: Uint8Array): SplitLine {
  const { height } = layout;
  const plain = borderSegments(layout, before, false);
  const fitted = borderSegments(layout, before, true);
  const [simpler = plain] = [fitted, plain].sort((a, b) => cornerCount(a.lines) - cornerCount(b.lines));
  if (simpler.lines.length > 0) return { lines: simpler.lines, knob: knobOf(simpler.segments, height) };
  const x = before.includes(1) ? layout.width : 0;
  return { lines: [Float64Array.of(x, 0, x, height)], knob: { x, y: height / 2 } };
}

function cornerCount(lines: readonly Float64Array[]): number {
  return lines.reduce((sum, line) => sum + line.length, 0);
}

/** `fitted`: wires count as part of their source's side, and the line hugs what it parts off. */
function borderSegments(layout: FilmstripLayout, before: Uint8Array, fitted: boolean) {
  const { columns } = layout;
  const bendsOf = groupBy(layout.bends.row, layout.rows.top.length);
  const bands = Array.from({ length: columns.count }, (_, column) => bandsOf(layout, bendsOf, before, column, fitted));
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
    if (following !== undefined) pushVertical(segments, own, following, at(columns.edgeX, column + 1));
  }
  return { segments, lines: joinSegments(segments) };
}

function bandsOf(layout: FilmstripLayout, bendsOf: Csr, before: Uint8Array, column: number, fitted: boolean): Band[] {
  const { columns, nodes, rows, height } = layout;
  const left = at(columns.edgeX, column);
  const right = at(columns.edgeX, column + 1);
  const firstRow = i32(columns.firstRow, column);
  const rowCount = i32(columns.firstRow, column + 1) - firstRow;
  const byRow: number[][] = Array.from({ length: rowCount }, () => []);
  for (let node = i32(columns.firstNode, column); node < i32(columns.firstNode, column + 1); node++) {
    item(byRow, i32(nodes.row, node) - firstRow).push(node);
  }
  const bands: Band[] = [];
  let top = 0;
  for (const [index, unsorted] of byRow.entries()) {
    const rowNumber = firstRow + index;
    const bends = [...(fitted ? row(bendsOf, rowNumber) : [])].map((bend) => bendIn(layout, before, bend));
    const boxes = [...unsorted.map((node) => box(layout, before, node)), ...bends].sort((a, b) => a.left - b.left);
    const below = byRow[index + 1]?.[0];
    const bottom = below === undefined ? height : between(layout, item(unsorted, 0), below, rowNumber);
    const rowTop = at(rows.top, rowNumber);
    const rowHeight = at(rows.bottom, rowNumber) - rowTop;
    const parts = [...new Set(boxes.map(({ share }) => share).filter((share) => share > 0 && share < 1))].sort(
      (a, b) => a - b,
    );
    const levels = parts.map((share) => rowTop + share * rowHeight);
    for (const [part, end] of [...levels, bottom].entries()) {
      // A box that is split to a share counts as before the split down to the level of that share.
      const reached = part === 0 ? 0 : item(parts, part - 1);
      const stretches = label(boxes, reached, left, right, fitted);
      bands.push({ top, bottom: end, ...stretches });
      top = end;
    }
  }
  return bands;
}

/** Something that stands in a row, with the share of its ops that come before the split. */
interface Place {
  readonly left: number;
  readonly right: number;
  readonly share: number;
}

function box({ nodes, opX, opWidth }: FilmstripLayout, before: Uint8Array, node: number): Place {
  const from = i32(nodes.firstOp, node);
  const to = i32(nodes.firstOp, node + 1);
  let inside = 0;
  for (let op = from; op < to; op++) inside += u8(before, op);
  const half = at(opWidth, from) / 2;
  return { left: at(opX, from) - half, right: at(opX, from) + half, share: inside / (to - from) };
}

/** A wire belongs to the side of the op that it comes from: the split then crosses it where it is read. */
function bendIn({ nodes, bends }: FilmstripLayout, before: Uint8Array, bend: number): Place {
  const x = at(bends.x, bend);
  const lastOp = i32(nodes.firstOp, i32(bends.node, bend) + 1) - 1;
  return { left: x, right: x, share: u8(before, lastOp) };
}

/** Free space at a column's edge wider than this may fall to the neighbouring column's side. */
const WIDE_EDGE = 40;
const HUG = 6;

/**
 * Stretches of a row by side. What is free between two places falls to the nearer one; in a row that is split, wide
 * free space at the edges falls to the column beside it, so that the line stays close to what it parts off.
 */
function label(places: readonly Place[], reached: number, left: number, right: number, hugs: boolean) {
  const labels = places.map(({ share }) => (share > reached ? 1 : 0));
  const borders = places.slice(1).map((own, i) => (item(places, i).right + own.left) / 2);
  const [first, last] = [item(places, 0), item(places, places.length - 1)];
  const isSplit = hugs && labels.includes(0) && labels.includes(1);
  if (isSplit && labels[0] === 0 && first.left - left > WIDE_EDGE) {
    labels.unshift(1);
    borders.unshift(first.left - HUG);
  }
  if (isSplit && labels.at(-1) === 1 && right - last.right > WIDE_EDGE) {
    labels.push(0);
    borders.push(last.right + HUG);
  }
  return { labels, borders: [left, ...borders, right] };
}

/** Where a line runs between a row and the one below: in the gap, or between the panels of two blocks. */
function between({ nodes, panels, rows }: FilmstripLayout, node: number, below: number, row: number): number {
  const block = i32(nodes.blockOf, node);
  const next = i32(nodes.blockOf, below);
  if (block === next) return (at(rows.bottom, row) + at(rows.top, row + 1)) / 2;
  return (at(panels.y, block) + at(panels.height, block) + at(panels.y, next)) / 2;
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

/** The middle of the longest step through a column; of a line without steps the middle of its height. */
function knobOf(segments: readonly Segment[], height: number) {
  let best: Segment | null = null;
  for (const segment of segments) {
    const length = segment.x1 - segment.x0;
    if (length > (best === null ? 0 : best.x1 - best.x0)) best = segment;
  }
  if (best !== null) return { x: (best.x0 + best.x1) / 2, y: best.y0 };
  return { x: segments[0]?.x0 ?? 0, y: height / 2 };
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
