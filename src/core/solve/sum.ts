import type { Plan } from "../plan/plan.ts";
import type { Problem } from "../plan/problem.ts";
import { figureOf } from "../predict/prediction.ts";
import { err, ok, type Result } from "../result.ts";
import { statusOf } from "./certificate.ts";
import { coarsen } from "./coarsen.ts";
import { expandPlan } from "./condense.ts";
import { whyNothingFits } from "./infeasible.ts";
import type { Solution, SolveRequest, Solver } from "./solver.ts";
import { isBeyondWeights, isMemoryTight } from "./sum-lattice.ts";
import { type Incumbent, type SumOutcome, type SumRequest, searchSum, splitMix } from "./sum-search.ts";
import { searchWeights } from "./sum-weights.ts";

export const CHAIN_SCOPE = "over all contiguous placements, any order and subset of the devices";
const METHOD = "ladder minimum cut, branch and bound over device orders";
const BY_WEIGHTS = "dynamic program over all down-sets and the weights before them";
const BEGUN_COARSELY = "; begun with the best plan of a problem of fewer ops";
/** Minimum cuts before all down-sets are looked at, where memories are too small for all weights. */
const FIRST_CUTS = 20;
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
  const start = [...(request.start ?? []), ...(isLarge ? coarsePlans(problem, common) : [])];
  const search = (cutLimit: number, plans: readonly Plan[]) =>
    searchSum(problem, { ...common, cutLimit, onProgress: progress, start: plans });
  const cutLimit = isLarge ? LARGE_CUT_LIMIT : CUT_LIMIT;
  const isHeavy = isMemoryTight(problem) && !isBeyondWeights(problem) && Object.keys(limits).length === 0;
  const first = search(isHeavy ? FIRST_CUTS : cutLimit, start);
  const weighed =
    isHeavy && !first.complete ? searchWeights(problem, { ...common, onProgress: progress }, first.incumbent) : null;
  let outcome = weighed === null ? first : joined(first, weighed);
  if (isHeavy && !outcome.complete && request.shouldStop?.() !== true) {
    const plans = outcome.incumbent === null ? start : [...start, outcome.incumbent.plan];
    outcome = joined(outcome, search(cutLimit, plans));
  }
  const method = (weighed === null ? METHOD : `${METHOD}; ${BY_WEIGHTS}`) + (isLarge ? BEGUN_COARSELY : "");
  const { incumbent, bound, complete } = outcome;
  if (incumbent === null) return err(whyNothingFits(problem, request, complete));
  const value = figureOf(incumbent.prediction, objective);
  const certificate = {
    status: statusOf(value, bound),
    bound: Math.max(0, Math.min(value, bound)),
    scope: CHAIN_SCOPE,
  };
  return ok({ objective, ...incumbent, value, certificate, method });
}

/** What two searches of one problem tell together; the later one began with the plan of the earlier. */
function joined(earlier: SumOutcome, later: SumOutcome): SumOutcome {
  return {
    incumbent: later.incumbent ?? earlier.incumbent,
    bound: Math.max(earlier.bound, later.bound),
    complete: earlier.complete || later.complete,
  };
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
