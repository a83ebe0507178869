import type { Problem } from "../core/plan/problem.ts";
import type { Result } from "../core/result.ts";
import { solveByMilp } from "../core/solve/milp/milp-search.ts";
import { betterOf, isOpen } from "../core/solve/portfolio.ts";
import { solve } from "../core/solve/solve.ts";
import type { Solution, SolveRequest } from "../core/solve/solver.ts";
import { loadHighs } from "./highs.ts";

/**
 * The best plan by the registry's methods first, and by mixed-integer search where those leave a gap: HiGHS is loaded
 * only then. Ends with a certificate, or after `seconds` with a gap. Blocks while it works.
 */
export async function solveFully(problem: Problem, request: SolveRequest, seconds: number): Promise<Result<Solution>> {
  const end = performance.now() + 1e3 * seconds;
  const secondsLeft = () => (end - performance.now()) / 1e3;
  const shouldStop = () => secondsLeft() <= 0 || request.shouldStop?.() === true;
  const first = solve(problem, { ...request, shouldStop });
  if (!isOpen(problem, first) || shouldStop()) return first;
  const engine = await loadHighs();
  return betterOf(first, solveByMilp(problem, request, first, { solve: engine, secondsLeft }));
}
