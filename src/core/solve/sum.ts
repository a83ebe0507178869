import type { Problem } from "../plan/problem.ts";
import { figureOf } from "../predict/prediction.ts";
import { err, ok, type Result } from "../result.ts";
import { statusOf } from "./certificate.ts";
import { whyNothingFits } from "./infeasible.ts";
import type { Solution, SolveRequest, Solver } from "./solver.ts";
import { type Incumbent, searchSum, splitMix } from "./sum-search.ts";

export const CHAIN_SCOPE = "over all contiguous placements, any order and subset of the devices";
const METHOD = "ladder minimum cut, branch and bound over device orders";
/** Minimum cuts before the search ends with a gap. */
const CUT_LIMIT = 4000;

function solveSum(problem: Problem, request: SolveRequest): Result<Solution> {
  const { objective, limits = {} } = request;
  const progress = (incumbent: Incumbent | null, bound: number) => {
    const known = incumbent === null ? null : { ...incumbent, value: figureOf(incumbent.prediction, objective) };
    const fraction = known === null || known.value === 0 ? 0 : Math.max(0, bound) / known.value;
    request.onProgress?.({ fraction, incumbent: known, bound: Math.max(0, bound) });
  };
  const { incumbent, bound, complete } = searchSum(problem, {
    objective,
    mix: splitMix(objective).mix,
    limits,
    cutLimit: CUT_LIMIT,
    onProgress: progress,
    ...(request.start === undefined ? {} : { start: request.start }),
    ...(request.shouldStop === undefined ? {} : { shouldStop: request.shouldStop }),
  });
  if (incumbent === null) return err(whyNothingFits(problem, limits, complete));
  const value = figureOf(incumbent.prediction, objective);
  const certificate = {
    status: statusOf(value, bound),
    bound: Math.max(0, Math.min(value, bound)),
    scope: CHAIN_SCOPE,
  };
  return ok({ objective, ...incumbent, value, certificate, method: METHOD });
}

/** Least latency, energy, traffic, or mix of them, within constraints and limits, proven over contiguous placements. */
export const sumSolver: Solver = {
  id: "sum-ladder",
  handles: ({ delivery }, { objective }) =>
    delivery === "relayed" && splitMix(objective).period === 0 ? "exact" : false,
  solve: solveSum,
};
