import { f64 } from "../columns.ts";
import { FIGURES, type Figure, type Limits } from "../plan/objective.ts";
import { frontierBytes } from "../plan/order.ts";
import type { Plan } from "../plan/plan.ts";
import { normalisePlan, noSplitPlan } from "../plan/plan-edit.ts";
import type { Problem } from "../plan/problem.ts";
import { predict } from "../predict/predict.ts";
import { figure, isAdmissible, type Prediction } from "../predict/prediction.ts";
import { withoutBarred } from "./barred.ts";
import { candidateOrders } from "./orders.ts";
import { labelledPlans } from "./pareto-labels.ts";
import { solve } from "./solve.ts";

/** Figures that differ by less than this fraction count as equal. */
const TIE = 1e-9;
/** Positions at which an order may be cut; of longer orders those with the smallest frontiers, spread evenly. */
const POSITION_LIMIT = 140;
/** Points that differ by less than this fraction in every figure are shown as one. */
const RESOLUTION = 2e-3;

export interface ParetoPoint {
  readonly plan: Plan;
  readonly prediction: Prediction;
  /** Figures in which no plan at all is better, by a solver's certificate. */
  readonly bestIn: readonly Figure[];
}

export interface ParetoFront {
  /** By latency. None is at least as bad as another in every figure and worse in one. */
  readonly points: readonly ParetoPoint[];
  /** The plans among which they were found, in words. */
  readonly scope: string;
}

export interface ParetoRequest {
  readonly limits?: Limits;
  readonly shouldStop?: () => boolean;
}

/** Whether `a` is at least as good as `b` in every figure, and better in one. O(1). */
export function dominates(a: Prediction, b: Prediction): boolean {
  let better = false;
  for (const name of FIGURES) {
    const mine = figure(a, name);
    const other = figure(b, name);
    if (mine > other * (1 + TIE)) return false;
    if (mine * (1 + TIE) < other) better = true;
  }
  return better;
}

/**
 * Plans that are not beaten in latency, period, energy and traffic at once: the proven best of each figure, no split,
 * and all that label dynamic programming finds along a few topological orders over every order and subset of the
 * devices. Every point is a plan with its prediction that keeps to constraints and limits; points nearer than 0.2 %
 * in every figure are one. Empty where no plan keeps to all. Time: four solutions + O(orders x labelledPlans).
 */
export function paretoFront(problem: Problem, request: ParetoRequest = {}): ParetoFront {
  const { limits = {}, shouldStop = () => false } = request;
  const pool = new Pool(problem, limits);
  for (const device of problem.devices.keys()) pool.offer(noSplitPlan(problem, device));
  for (const objective of FIGURES) {
    if (shouldStop()) break;
    const best = solve(problem, { objective, limits, shouldStop });
    if (!best.ok) continue;
    pool.offer(best.value.plan, best.value.certificate.status === "optimal" ? objective : null);
  }
  const searched = problem.delivery === "relayed" && problem.overlap;
  const bare = withoutBarred(problem);
  const orders = searched ? candidateOrders(bare) : [];
  for (const order of orders) {
    if (shouldStop()) break;
    const known = pool.predictions().map((prediction) => ({
      latency: prediction.latencySeconds,
      period: prediction.periodSeconds,
      energy: prediction.energyJoules,
      traffic: prediction.trafficBytes,
    }));
    const positions = cutPositions(bare, order);
    for (const plan of labelledPlans({ problem: bare, order, positions, known, shouldStop })) pool.offer(plan);
  }
  const scope = searched
    ? `cuts of ${orders.length} op orders over every order and subset of the devices`
    : "the best plans of each figure and no split";
  return { points: pool.front(), scope };
}

/** Positions of an order at which it may be cut: all, or of a long one the smallest frontier of every stretch. */
function cutPositions(problem: Problem, order: Int32Array): Int32Array {
  const count = order.length;
  if (count < POSITION_LIMIT) return Int32Array.from({ length: count + 1 }, (_, position) => position);
  const bytes = frontierBytes(problem, order);
  const chosen = [0];
  for (let stretch = 0; stretch < POSITION_LIMIT; stretch++) {
    const from = 1 + Math.floor((stretch * (count - 1)) / POSITION_LIMIT);
    const to = 1 + Math.floor(((stretch + 1) * (count - 1)) / POSITION_LIMIT);
    let best = from;
    for (let position = from + 1; position < to; position++) {
      if (f64(bytes, position) < f64(bytes, best) || Number.isNaN(f64(bytes, best))) best = position;
    }
    if (best > (chosen.at(-1) ?? 0) && best < count) chosen.push(best);
  }
  return Int32Array.from([...chosen, count]);
}

class Pool {
  readonly #problem: Problem;
  readonly #limits: Limits;
  #points: ParetoPoint[] = [];

  constructor(problem: Problem, limits: Limits) {
    this.#problem = problem;
    this.#limits = limits;
  }

  predictions(): readonly Prediction[] {
    return this.#points.map(({ prediction }) => prediction);
  }

  offer(candidate: Plan, bestIn: Figure | null = null): void {
    const plan = normalisePlan(this.#problem, candidate);
    const prediction = predict(this.#problem, plan);
    if (!isAdmissible(prediction, this.#limits)) return;
    const twin = this.#points.findIndex((point) => isNear(point.prediction, prediction));
    const other = this.#points[twin];
    if (other !== undefined && bestIn !== null) {
      this.#points[twin] = { ...other, bestIn: [...other.bestIn, bestIn] };
      return;
    }
    if (other !== undefined || this.#points.some((point) => dominates(point.prediction, prediction))) return;
    this.#points = this.#points.filter((point) => !dominates(prediction, point.prediction));
    this.#points.push({ plan, prediction, bestIn: bestIn === null ? [] : [bestIn] });
  }

  /** Without points that show nothing new beside a proven best, or beside one of less latency. */
  front(): readonly ParetoPoint[] {
    const byRank = [...this.#points].sort(
      (a, b) => b.bestIn.length - a.bestIn.length || a.prediction.latencySeconds - b.prediction.latencySeconds,
    );
    const kept: ParetoPoint[] = [];
    for (const point of byRank) {
      const shown = kept.some((other) => isNear(other.prediction, point.prediction, RESOLUTION));
      if (!shown) kept.push(point);
    }
    return kept.sort((a, b) => a.prediction.latencySeconds - b.prediction.latencySeconds);
  }
}

function isNear(a: Prediction, b: Prediction, fraction = TIE): boolean {
  return FIGURES.every((name) => {
    const [mine, other] = [figure(a, name), figure(b, name)];
    return Math.abs(mine - other) <= fraction * Math.max(mine, other);
  });
}

/**
 * Whether it is proven that no plan dominates a point: the least weighted sum of latency, energy and traffic under limits
 * of the point's own four figures is the point's own. A plan of equal sums and a shorter period is not excluded by less
 * than 1e-6. False where the solver has no certificate. One solution of `solve`.
 */
export function isProvenUndominated(
  problem: Problem,
  { prediction }: ParetoPoint,
  request: ParetoRequest = {},
): boolean {
  const summed: readonly Figure[] = ["latency", "energy", "traffic"];
  const mix: Partial<Record<Figure, number>> = {};
  const limits: Partial<Record<Figure, number>> = { ...request.limits };
  for (const name of FIGURES) limits[name] = figure(prediction, name);
  for (const name of summed) if (figure(prediction, name) > 0) mix[name] = 1 / figure(prediction, name);
  const own = summed.reduce((sum, name) => sum + (mix[name] ?? 0) * figure(prediction, name), 0);
  const best = solve(problem, { objective: { mix }, limits, ...request });
  return best.ok && best.value.certificate.status === "optimal" && best.value.value >= own * (1 - 1e-6);
}
