import { f64, item } from "../../core/columns.ts";
import type { CrossoverMap } from "../../core/solve/crossover-map.ts";
import type { ThemeColors } from "../shared/use-theme-colors.ts";
import { regionColor } from "./region-colors.ts";

const WIDTH = 320;
const HEIGHT = 160;

/**
 * The regions as a picture, finer than the grid of the map: between its points the logarithm of each plan's value is
 * interpolated, and the least wins. Borders are drawn over it from their bisected places.
 */
export function regionPicture(map: CrossoverMap, theme: ThemeColors): string {
  const canvas = document.createElement("canvas");
  canvas.width = WIDTH;
  canvas.height = HEIGHT;
  const context = canvas.getContext("2d");
  if (context === null) return "";
  const colors = [-1, ...map.plans.keys()].map((index) => regionColor(map.plans, index, theme));
  const logs = map.values.map((values) => values.map((value) => Math.log(Math.max(value, Number.MIN_VALUE))));
  for (let top = 0; top < HEIGHT; top++) {
    for (let left = 0; left < WIDTH; left++) {
      const winner = winnerAt(map, logs, (left + 0.5) / WIDTH, 1 - (top + 0.5) / HEIGHT);
      context.fillStyle = item(colors, winner + 1);
      context.fillRect(left, top, 1, 1);
    }
  }
  return canvas.toDataURL("image/png");
}

function winnerAt({ columns, rows }: CrossoverMap, logs: readonly Float64Array[], x: number, y: number): number {
  const column = Math.min(columns - 2, Math.floor(x * (columns - 1)));
  const row = Math.min(rows - 2, Math.floor(y * (rows - 1)));
  const right = x * (columns - 1) - column;
  const up = y * (rows - 1) - row;
  const corner = row * columns + column;
  let winner = -1;
  let least = Number.POSITIVE_INFINITY;
  for (const [plan, values] of logs.entries()) {
    const value =
      f64(values, corner) * (1 - right) * (1 - up) +
      f64(values, corner + 1) * right * (1 - up) +
      f64(values, corner + columns) * (1 - right) * up +
      f64(values, corner + columns + 1) * right * up;
    // Infinity times a share of nothing is no number: such a corner does not count.
    if (!(value < least - 1e-12)) continue;
    winner = plan;
    least = value;
  }
  return winner;
}
