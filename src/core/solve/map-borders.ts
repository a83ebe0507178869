import { at } from "../columns.ts";
import type { MapPoint } from "./crossover-map.ts";

/** A piece of the border between the regions of two plans (-1 = no plan keeps to the limits). */
export interface MapBorder {
  readonly between: readonly [number, number];
  readonly from: MapPoint;
  readonly to: MapPoint;
}

export interface WinnerGrid {
  readonly columns: number;
  readonly rows: number;
  readonly winners: Int16Array;
}

const BISECTIONS = 12;

interface Crossing {
  readonly point: MapPoint;
  readonly between: readonly [number, number];
}

/**
 * Borders by marching squares: on every grid line between two points of different winners the change is found by
 * bisection, and the changes around a cell are joined, through its middle where more than two regions meet.
 * O(cells + changes x bisections x winnerAt).
 */
export function bordersOf(grid: WinnerGrid, winnerAt: (point: MapPoint) => number): readonly MapBorder[] {
  const { columns, rows } = grid;
  const known = new Map<string, Crossing | null>();
  const crossing = (a: number, b: number): Crossing | null => {
    const key = `${a} ${b}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const found = changeBetween(grid, a, b, winnerAt);
    known.set(key, found);
    return found;
  };
  const borders: MapBorder[] = [];
  for (let row = 0; row + 1 < rows; row++) {
    for (let column = 0; column + 1 < columns; column++) {
      const corner = row * columns + column;
      const sides = [
        crossing(corner, corner + 1),
        crossing(corner + columns, corner + columns + 1),
        crossing(corner, corner + columns),
        crossing(corner + 1, corner + columns + 1),
      ].filter((side) => side !== null);
      const [first, second] = sides;
      if (first === undefined || second === undefined) continue;
      if (sides.length === 2) {
        borders.push({ between: first.between, from: first.point, to: second.point });
        continue;
      }
      const middle = {
        x: sides.reduce((sum, { point }) => sum + point.x, 0) / sides.length,
        y: sides.reduce((sum, { point }) => sum + point.y, 0) / sides.length,
      };
      for (const { point, between } of sides) borders.push({ between, from: point, to: middle });
    }
  }
  return borders;
}

function placeOf({ columns, rows }: WinnerGrid, index: number): MapPoint {
  return { x: (index % columns) / (columns - 1), y: Math.floor(index / columns) / (rows - 1) };
}

/** Where the winner of grid point `a` stops winning on the way to `b`; null where both have the same. */
function changeBetween(grid: WinnerGrid, a: number, b: number, winnerAt: (point: MapPoint) => number): Crossing | null {
  const first = at(grid.winners, a);
  const last = at(grid.winners, b);
  if (first === last) return null;
  const start = placeOf(grid, a);
  const end = placeOf(grid, b);
  const on = (share: number) => ({
    x: start.x + (end.x - start.x) * share,
    y: start.y + (end.y - start.y) * share,
  });
  let low = 0;
  let high = 1;
  for (let step = 0; step < BISECTIONS; step++) {
    const middle = (low + high) / 2;
    if (winnerAt(on(middle)) === first) low = middle;
    else high = middle;
  }
  return { point: on((low + high) / 2), between: first < last ? [first, last] : [last, first] };
}
