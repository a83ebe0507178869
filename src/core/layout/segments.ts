import { item } from "../columns.ts";

/** A horizontal or vertical piece of a line, x0 <= x1 and y0 <= y1. */
export interface Segment {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

interface End {
  readonly segment: number;
  /** The segment's other end. */
  readonly x: number;
  readonly y: number;
}

/**
 * Joins segments that share ends into polylines (corners x, y, x, y, ...), open ones first; a closed one ends where
 * it begins. At a crossing of four the straight way is not preferred. O(segments).
 */
export function joinSegments(segments: readonly Segment[]): Float64Array[] {
  const ends = new Map<string, End[]>();
  const key = (x: number, y: number) => `${Math.round(x * 1000)} ${Math.round(y * 1000)}`;
  const note = (x: number, y: number, end: End) => {
    const place = key(x, y);
    const known = ends.get(place);
    if (known === undefined) ends.set(place, [end]);
    else known.push(end);
  };
  for (const [segment, { x0, y0, x1, y1 }] of segments.entries()) {
    note(x0, y0, { segment, x: x1, y: y1 });
    note(x1, y1, { segment, x: x0, y: y0 });
  }
  const used = new Uint8Array(segments.length);
  const walk = (startX: number, startY: number): Float64Array => {
    const points = [startX, startY];
    let [x, y] = [startX, startY];
    while (true) {
      const next = ends.get(key(x, y))?.find(({ segment }) => used[segment] === 0);
      if (next === undefined) return Float64Array.from(points);
      used[next.segment] = 1;
      const count = points.length;
      const [beforeX, beforeY] = [points[count - 4], points[count - 3]];
      const straight = (beforeX === x && next.x === x) || (beforeY === y && next.y === y);
      if (straight) points.splice(count - 2, 2);
      points.push(next.x, next.y);
      [x, y] = [next.x, next.y];
    }
  };
  const lines: Float64Array[] = [];
  for (const own of ends.values()) {
    const [end] = own;
    if (own.length !== 1 || end === undefined || used[end.segment] === 1) continue;
    const { x0, y0, x1, y1 } = item(segments, end.segment);
    const atFirst = end.x === x1 && end.y === y1;
    lines.push(atFirst ? walk(x0, y0) : walk(x1, y1));
  }
  for (const [segment, { x0, y0 }] of segments.entries()) if (used[segment] === 0) lines.push(walk(x0, y0));
  return lines;
}
