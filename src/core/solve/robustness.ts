import type { Limits, Objective } from "../plan/objective.ts";
import type { Plan } from "../plan/plan.ts";
import type { Problem } from "../plan/problem.ts";
import { predict } from "../predict/predict.ts";
import { figureOf, isAdmissible } from "../predict/prediction.ts";
import { createRandom } from "../random.ts";
import { solve } from "./solve.ts";
import { type Variation, varied } from "./variation.ts";

/** A plan is still the best where it is within this fraction of the best. */
const TIE = 1e-6;

export interface RobustnessRequest {
  readonly objective: Objective;
  readonly limits?: Limits;
  /** Draws, and the fraction by which they vary: 0.2 = from 20 % less to 20 % more. */
  readonly samples: number;
  readonly spread: number;
  readonly seed: number;
  readonly onProgress?: (fraction: number) => void;
  readonly shouldStop?: () => boolean;
}

export interface Robustness {
  /** Draws that were looked at; fewer than asked for when stopped. */
  readonly samples: number;
  /** Of these, how many left the plan the best there is. */
  readonly best: number;
  /** Of these, in how many it breaks a limit that another plan keeps to. */
  readonly broken: number;
  /** Of these, in how many no plan was found that keeps to the limits. */
  readonly impossible: number;
  /** Of these, how many had a proven best plan to compare with. */
  readonly proven: number;
  /**
   * By how much the plan is worse than the best of a draw, as a fraction of it, over the draws in which it keeps to the
   * limits: mean and largest. 0 where there is no such draw.
   */
  readonly meanRegret: number;
  readonly largestRegret: number;
  /** The draw of the largest regret: one in which it breaks a limit, if there is one. */
  readonly worst: readonly Variation[];
}

/**
 * How a plan fares when the figures it rests on are wrong: the op times of each device and the bandwidth of each link (or
 * port) are multiplied by factors drawn evenly and independently from 1 - spread to 1 + spread, and the best plan that
 * keeps to the limits is looked for anew. One solution of `solve` per draw; the same seed gives the same draws.
 */
export function robustness(problem: Problem, plan: Plan, request: RobustnessRequest): Robustness {
  const { objective, limits = {}, samples, spread, seed, onProgress, shouldStop = () => false } = request;
  const random = createRandom(seed);
  const factor = () => 1 + spread * (2 * random.next() - 1);
  // With ports, routes do not count.
  const isPort = problem.delivery === "port";
  const links = isPort ? [] : linksOf(problem);
  const ports = isPort ? problem.devices.flatMap(({ port }, i) => (port === null ? [] : [i])) : [];
  let done = 0;
  let best = 0;
  let broken = 0;
  let impossible = 0;
  let proven = 0;
  let total = 0;
  let largestRegret = 0;
  let worst: readonly Variation[] = [];
  for (; done < samples && !shouldStop(); done++) {
    const variations: readonly Variation[] = [
      ...problem.devices.map((_, device) => ({ kind: "load", device, value: factor() }) as const),
      ...links.map((link) => ({ kind: "bandwidth", link, value: factor() }) as const),
      ...ports.map((device) => ({ kind: "port", device, value: factor() }) as const),
    ];
    const drawn = varied(problem, limits, variations);
    const mine = predict(drawn.problem, plan);
    const value = isAdmissible(mine, drawn.limits) ? figureOf(mine, objective) : Number.POSITIVE_INFINITY;
    const found = solve(drawn.problem, { objective, limits: drawn.limits, start: [plan], shouldStop });
    if (shouldStop()) break;
    if (found.ok && found.value.certificate.status === "optimal") proven += 1;
    if (value < Number.POSITIVE_INFINITY) {
      const least = found.ok ? Math.min(found.value.value, value) : value;
      const regret = value <= least * (1 + TIE) ? 0 : value / least - 1;
      if (regret === 0) best += 1;
      if (regret > largestRegret && broken === 0) worst = variations;
      largestRegret = Math.max(largestRegret, regret);
      total += regret;
    } else if (found.ok) {
      if (broken === 0) worst = variations;
      broken += 1;
    } else impossible += 1;
    onProgress?.((done + 1) / samples);
  }
  const kept = done - broken - impossible;
  return {
    samples: done,
    best,
    broken,
    impossible,
    proven,
    meanRegret: kept === 0 ? 0 : total / kept,
    largestRegret,
    worst,
  };
}

/** Numbers of the links that some route uses, ascending. */
function linksOf({ routes }: Problem): readonly number[] {
  const links = new Set(routes.flatMap((row) => row.flatMap((route) => route?.hops.map(({ link }) => link) ?? [])));
  return [...links].sort((a, b) => a - b);
}
