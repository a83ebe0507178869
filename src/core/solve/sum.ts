import type { Plan } from "../plan/plan.ts";
import type { Problem } from "../plan/problem.ts";
import { figureOf } from "../predict/prediction.ts";
import { err, ok, type Result } from "../result.ts";
import { statusOf } from "./certificate.ts";
import { coarsen } from "./coarsen.ts";
import { expandPlan } from "./condense.ts";
import { whyNothingFits } from "./infeasible.ts";
import type { Solution, SolveRequest, Solver } from "./solver.ts";
import { type Incumbent, type SumRequest, searchSum, splitMix } from "./sum-search.ts";

export const CHAIN_SCOPE = "over all contiguous placements, any order and subset of the devices";
const METHOD = "ladder minimum cut, branch and bound over device orders";
/** Minimum cuts before the search ends with a gap. */
const CUT_LIMIT = 4000;
/** Above so many ops the search begins with the best plan of a problem of fewer ops, and ends after fewer cuts. */
const LARGE = 5000;
const COARSE_OPS = 1500;
const LARGE_CUT_LIMIT = 400;

function solveSum(problem: Problem, request: SolveRequest): Result<Solution> {
  const { objective, limits = {} } = request;
  const progress = (incumbent: Incumbent | null, bound: number) => {
    const known = incumbent === null ? null : { ...incumbent, value: figureOf(incumbent.prediction, objective) };
    const fraction = known === null || known.value === 0 ? 0 : Math.max(0, bound) / known.value;
    request.onProgress?.({ fraction, incumbent: known, bound: Math.max(0, bound) });
  };
  const isLarge = problem.opCount > LARGE;
  const common = {
    objective,
    mix: splitMix(objective).mix,
    limits,
    ...(request.shouldStop === undefined ? {} : { shouldStop: request.shouldStop }),
  };
  const { incumbent, bound, complete } = searchSum(problem, {
    ...common,
    cutLimit: isLarge ? LARGE_CUT_LIMIT : CUT_LIMIT,
    onProgress: progress,
    start: [...(request.start ?? []), ...(isLarge ? coarsePlans(problem, common) : [])],
  });
  if (incumbent === null) return err(whyNothingFits(problem, request, complete));
  const value = figureOf(incumbent.prediction, objective);
  const certificate = {
    status: statusOf(value, bound),
    bound: Math.max(0, Math.min(value, bound)),
    scope: CHAIN_SCOPE,
  };
  return ok({ objective, ...incumbent, value, certificate, method: METHOD });
}

/** The best plan of a problem of fewer ops, as a plan of this one. Groups are not kept together by coarsening. */
function coarsePlans(problem: Problem, request: Omit<SumRequest, "cutLimit">): readonly Plan[] {
  if (problem.groupOf.some((group) => group >= 0)) return [];
  const coarse = coarsen(problem, COARSE_OPS);
  const { incumbent } = searchSum(coarse.problem, { ...request, cutLimit: LARGE_CUT_LIMIT });
  return incumbent === null ? [] : [expandPlan(coarse, incumbent.plan)];
}

/** Least latency, energy, traffic, or mix of them, within constraints and limits, proven over contiguous placements. */
export const sumSolver: Solver = {
  id: "sum-ladder",
  handles: ({ delivery }, { objective }) =>
    delivery === "relayed" && splitMix(objective).period === 0 ? "exact" : false,
  solve: solveSum,
};
