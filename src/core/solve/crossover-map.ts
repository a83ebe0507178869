import { at, item } from "../columns.ts";
import type { Limits, Objective } from "../plan/objective.ts";
import type { Plan } from "../plan/plan.ts";
import { isSamePlan } from "../plan/plan-difference.ts";
import { normalisePlan, noSplitPlan } from "../plan/plan-edit.ts";
import type { Problem } from "../plan/problem.ts";
import { predict } from "../predict/predict.ts";
import { figureOf, isAdmissible } from "../predict/prediction.ts";
import { bordersOf, type MapBorder } from "./map-borders.ts";
import { solve } from "./solve.ts";
import { type Variation, varied } from "./variation.ts";

/** One axis of the map: what varies, and between which values, evenly spaced on a logarithmic scale. Plain data. */
export interface AxisSpec {
  readonly kind: Exclude<Variation["kind"], "port">;
  /** Number of the link or the device; 0 for arrivals. */
  readonly subject: number;
  /** In the unit of the variation, above 0. */
  readonly from: number;
  readonly to: number;
}

export interface MapRequest {
  readonly objective: Objective;
  readonly limits: Limits;
  readonly x: AxisSpec;
  readonly y: AxisSpec;
}

/** A place on the map: shares of the way along both axes, 0..1. */
export interface MapPoint {
  readonly x: number;
  readonly y: number;
}

/** A plan that is the best somewhere, or runs everything on one device. */
export interface MapPlan {
  readonly plan: Plan;
  /** The device that runs everything; null for a split. */
  readonly wholeOn: number | null;
}

export interface CrossoverMap {
  readonly plans: readonly MapPlan[];
  /** Points along each axis at which a winner is known. */
  readonly columns: number;
  readonly rows: number;
  /** Index of the best plan by row * columns + column, from the least values on; -1 where none keeps to the limits. */
  readonly winners: Int16Array;
  /** Per plan its value at every such point, in the objective's unit; Infinity where it breaks a limit. */
  readonly values: readonly Float64Array[];
  readonly borders: readonly MapBorder[];
}

/** Points at which the best plan is looked for first, per axis. */
const SOLVED_COLUMNS = 7;
const SOLVED_ROWS = 5;
/** Points per axis at which known plans are compared. */
const COLUMNS = 33;
const ROWS = 25;
/** Points on borders at which a better plan is looked for, per round. */
const DOUBTS = 16;
/** Rounds of looking for better plans on the borders. */
export const MAP_ROUNDS = 3;
const TIE = 1e-9;

function variationOf({ kind, subject }: AxisSpec, value: number): Variation {
  switch (kind) {
    case "bandwidth":
    case "latency":
      return { kind, link: subject, value };
    case "load":
      return { kind, device: subject, value };
    case "arrivals":
      return { kind, value };
  }
}

/** The value at a share of the way along an axis. O(1). */
export function axisValue({ from, to }: Pick<AxisSpec, "from" | "to">, share: number): number {
  return from * (to / from) ** share;
}

/** The share of the way along an axis at which a value lies. O(1). */
export function axisShare({ from, to }: Pick<AxisSpec, "from" | "to">, value: number): number {
  return Math.log(value / from) / Math.log(to / from);
}

function circumstancesAt(problem: Problem, { limits, x, y }: MapRequest, point: MapPoint) {
  return varied(problem, limits, [variationOf(x, axisValue(x, point.x)), variationOf(y, axisValue(y, point.y))]);
}

/** The points to solve first: an even grid with the corners. */
export function firstPoints(): readonly MapPoint[] {
  return Array.from({ length: SOLVED_COLUMNS * SOLVED_ROWS }, (_, index) => ({
    x: (index % SOLVED_COLUMNS) / (SOLVED_COLUMNS - 1),
    y: Math.floor(index / SOLVED_COLUMNS) / (SOLVED_ROWS - 1),
  }));
}

/** The best plan at a point; null where none keeps to the limits. One solution of `solve`. */
export function bestAt(problem: Problem, request: MapRequest, point: MapPoint): Plan | null {
  const { problem: here, limits } = circumstancesAt(problem, request, point);
  const found = solve(here, { objective: request.objective, limits });
  return found.ok ? normalisePlan(problem, found.value.plan) : null;
}

/** Each device alone, then the given plans without repetitions: what the map compares. O(plans^2 x ops). */
export function mapPlans(problem: Problem, found: readonly Plan[]): readonly MapPlan[] {
  const plans: MapPlan[] = problem.devices.map((_, device) => ({
    plan: noSplitPlan(problem, device),
    wholeOn: device,
  }));
  for (const plan of found) {
    if (!plans.some((known) => isSamePlan(known.plan, plan))) plans.push({ plan, wholeOn: null });
  }
  return plans;
}

/**
 * Which of the given plans is the best where: winners on an even grid, and borders between them, each found by bisection
 * along the grid's lines to a 4096th of a step. Of equals the plan listed first wins, so no split before a split.
 * O(grid x plans x predict).
 */
export function mapRegions(problem: Problem, request: MapRequest, plans: readonly MapPlan[]): CrossoverMap {
  const valuesAt = (point: MapPoint): Float64Array => {
    const { problem: here, limits } = circumstancesAt(problem, request, point);
    return Float64Array.from(plans, ({ plan }) => {
      const prediction = predict(here, plan);
      return isAdmissible(prediction, limits) ? figureOf(prediction, request.objective) : Number.POSITIVE_INFINITY;
    });
  };
  const winners = new Int16Array(COLUMNS * ROWS);
  const values = plans.map(() => new Float64Array(COLUMNS * ROWS));
  for (let row = 0; row < ROWS; row++) {
    for (let column = 0; column < COLUMNS; column++) {
      const here = valuesAt({ x: column / (COLUMNS - 1), y: row / (ROWS - 1) });
      winners[row * COLUMNS + column] = winnerOf(here);
      for (const [plan, list] of values.entries()) list[row * COLUMNS + column] = at(here, plan);
    }
  }
  const grid = { columns: COLUMNS, rows: ROWS, winners };
  return {
    plans,
    columns: COLUMNS,
    rows: ROWS,
    winners,
    values,
    borders: bordersOf(grid, (p) => winnerOf(valuesAt(p))),
  };
}

function winnerOf(values: Float64Array): number {
  let winner = -1;
  let least = Number.POSITIVE_INFINITY;
  for (const [index, value] of values.entries()) {
    if (value >= least * (1 - TIE)) continue;
    winner = index;
    least = value;
  }
  return winner;
}

/** Points on the borders, spread evenly over them, where a plan that is not known yet is the most likely to be better. */
export function doubtfulPoints({ borders }: CrossoverMap): readonly MapPoint[] {
  const step = Math.max(1, borders.length / DOUBTS);
  return Array.from({ length: Math.min(DOUBTS, borders.length) }, (_, index) => {
    const { from, to } = item(borders, Math.floor(index * step));
    return { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 };
  });
}

export interface MapProgress {
  readonly onProgress?: (fraction: number) => void;
  readonly shouldStop?: () => boolean;
}

/**
 * The whole map: solves a coarse grid, compares what it found on a fine one, then solves points on the borders until
 * no new plan turns up, at most MAP_ROUNDS times. The best plan is proven at solved points as far as `solve` proves it;
 * between them the map shows the best of the plans found. About 35 + 16 rounds solutions.
 */
export function crossoverMap(problem: Problem, request: MapRequest, progress: MapProgress = {}): CrossoverMap {
  const { onProgress, shouldStop = () => false } = progress;
  const found: Plan[] = [];
  let points = firstPoints();
  let map: CrossoverMap | null = null;
  for (let round = 0; round <= MAP_ROUNDS; round++) {
    const before = mapPlans(problem, found).length;
    for (const [index, point] of points.entries()) {
      if (shouldStop()) break;
      const plan = bestAt(problem, request, point);
      if (plan !== null) found.push(plan);
      onProgress?.((round + (index + 1) / points.length) / (MAP_ROUNDS + 1));
    }
    const plans = mapPlans(problem, found);
    if (map !== null && plans.length === before) return map;
    map = mapRegions(problem, request, plans);
    if (shouldStop()) return map;
    points = doubtfulPoints(map);
  }
  if (map === null) throw new Error("a map has at least one round");
  return map;
}
