import { figureOf, type Prediction } from "../predict/prediction.ts";
import type { Objective } from "./solver.ts";

/** Figures whose difference is less than this fraction count as equal. */
const TIE = 1e-12;

/** The most that a figure may be to count as equal to `value`. */
export function tiedLimit(value: number): number {
  return value * (1 + TIE);
}

/**
 * Whether one plan is a better answer than another: a smaller value of the objective; of equals the shorter latency;
 * then fewer devices; then fewer bytes on the links. Plans that cannot run come last. O(stages + links).
 */
export function isBetter(objective: Objective, candidate: Prediction, current: Prediction): boolean {
  const others = figures(objective, current);
  for (const [index, value] of figures(objective, candidate).entries()) {
    const other = others[index] ?? 0;
    if (value > tiedLimit(other)) return false;
    if (tiedLimit(value) < other) return true;
  }
  return false;
}

function figures(objective: Objective, prediction: Prediction): readonly number[] {
  const devices = new Set(prediction.stages.map(({ device }) => device)).size;
  return [figureOf(prediction, objective), prediction.latencySeconds, devices, prediction.trafficBytes];
}
