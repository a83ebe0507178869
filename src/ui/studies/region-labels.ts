import { at as element } from "../../core/columns.ts";
import type { CrossoverMap, MapPoint } from "../../core/solve/crossover-map.ts";

/** Regions smaller than this share of the map carry no label. */
const LEAST_SHARE = 0.04;

export interface RegionLabel {
  readonly plan: number;
  readonly at: MapPoint;
  /** Share of the map's width that is free around the place, half on either side. */
  readonly room: number;
}

/** A place for the name of each region that is large enough: the point of it that is the farthest from its edge. */
export function labelPlaces(map: CrossoverMap): readonly RegionLabel[] {
  const { columns, rows, winners } = map;
  const counts = new Map<number, number>();
  for (const winner of winners) counts.set(winner, (counts.get(winner) ?? 0) + 1);
  return [...counts]
    .filter(([, count]) => count >= LEAST_SHARE * winners.length)
    .map(([plan]) => {
      let place = 0;
      let farthest = -1;
      for (let index = 0; index < winners.length; index++) {
        if (element(winners, index) !== plan) continue;
        // Of equals the one nearest to the middle of the height.
        const depth = depthAt(map, index) - Math.abs(Math.floor(index / columns) - rows / 2) / (10 * rows);
        if (depth <= farthest) continue;
        farthest = depth;
        place = index;
      }
      const at = { x: (place % columns) / (columns - 1), y: Math.floor(place / columns) / (rows - 1) };
      return { plan, at, room: (2 * Math.min(runAt(map, place, 1, 0), runAt(map, place, -1, 0)) - 1) / (columns - 1) };
    });
}

/** Steps from a grid point to the nearest one of another region or the map's edge; sideways counts less, as names are wide. */
function depthAt(map: CrossoverMap, index: number): number {
  return Math.min(
    runAt(map, index, 1, 0) / 2,
    runAt(map, index, -1, 0) / 2,
    runAt(map, index, 0, 1),
    runAt(map, index, 0, -1),
  );
}

/** Grid points of one region in a row from a point on, itself included. */
function runAt({ columns, rows, winners }: CrossoverMap, index: number, stepColumn: number, stepRow: number): number {
  const plan = element(winners, index);
  let steps = 0;
  let column = index % columns;
  let row = Math.floor(index / columns);
  while (
    column >= 0 &&
    column < columns &&
    row >= 0 &&
    row < rows &&
    element(winners, row * columns + column) === plan
  ) {
    steps += 1;
    column += stepColumn;
    row += stepRow;
  }
  return steps;
}
