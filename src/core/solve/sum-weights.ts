import { item } from "../columns.ts";
import { normalisePlan } from "../plan/plan-edit.ts";
import type { Problem } from "../plan/problem.ts";
import { predict } from "../predict/predict.ts";
import { figureOf, isAdmissible } from "../predict/prediction.ts";
import { idealLattice } from "./ideal-lattice.ts";
import { isBetter } from "./preference.ts";
import { SumLattice } from "./sum-lattice.ts";
import type { Incumbent, SumOutcome, SumRequest } from "./sum-search.ts";
import { sumObjective } from "./sum-terms.ts";

/** Only chains that are cheaper by this fraction are looked for. */
const TOLERANCE = 1e-9;
/** Down-sets up to which all of them are searched, and times the chains' sets of devices and last ones. */
const SET_LIMIT = 60_000;
const WORK_LIMIT = 3_000_000;
/** Searches with less room, where activations did not fit. */
const ROUNDS = 4;

type Request = Pick<SumRequest, "objective" | "mix" | "limits" | "shouldStop" | "onProgress">;

/**
 * The least value of a sum where the memories do not hold all weights, by a dynamic program over all down-sets. A plan
 * whose activations do not fit beside its weights gives a bound, and the search is done again with so much less room
 * for a plan to show. Null where there are too many down-sets, or the search was ended.
 */
export function searchWeights(problem: Problem, request: Request, known: Incumbent | null): SumOutcome | null {
  const { shouldStop = () => false, onProgress } = request;
  const states = problem.devices.length * 2 ** (problem.devices.length - 2);
  const lattice = idealLattice(problem, Math.min(SET_LIMIT, WORK_LIMIT / states), shouldStop);
  if (lattice === null) return null;
  const chains = new SumLattice(problem, sumObjective(problem, request.mix), lattice, shouldStop);
  const room = problem.devices.map(({ memoryBytes }) => memoryBytes);
  let incumbent = known;
  let bound: number | null = null;
  for (let round = 0; round < ROUNDS; round++) {
    const value = incumbent === null ? Number.POSITIVE_INFINITY : figureOf(incumbent.prediction, request.objective);
    const limit = value * (1 - TOLERANCE);
    const found = chains.best(limit, room);
    if (found === "unknown") break;
    bound ??= found === null ? limit : found.cost * (1 - TOLERANCE);
    if (found === null) break;
    const plan = normalisePlan(problem, found.plan);
    const prediction = predict(problem, plan);
    const isWanted = isAdmissible(prediction, request.limits);
    if (isWanted && (incumbent === null || isBetter(request.objective, prediction, incumbent.prediction))) {
      incumbent = { plan, prediction };
      onProgress?.(incumbent, bound);
    }
    let isTightened = false;
    for (const violation of prediction.violations) {
      if (violation.kind !== "memory") continue;
      const { weightBytes, activationBytes } = item(prediction.devices, violation.device);
      const excess = weightBytes + activationBytes - violation.limit;
      isTightened ||= excess > 0;
      room[violation.device] = item(room, violation.device) - Math.max(0, excess);
    }
    if (!isTightened) break;
  }
  if (bound === null) return null;
  const value = incumbent === null ? Number.POSITIVE_INFINITY : figureOf(incumbent.prediction, request.objective);
  return { incumbent, bound: Math.min(value, bound), complete: bound >= value * (1 - 3 * TOLERANCE) };
}
