import { objectiveText } from "../plan/objective.ts";
import type { Problem } from "../plan/problem.ts";
import { predict } from "../predict/predict.ts";
import { err, ok, type Result } from "../result.ts";
import { withoutBarred } from "./barred.ts";
import { conflictText } from "./conflict.ts";
import type { Solution, SolveRequest } from "./solver.ts";
import { SOLVERS } from "./solvers.ts";

/**
 * The best plan for an objective within the problem's constraints and the request's limits that the registered methods
 * can find, with what they can prove: the first method that can prove its answer, else the first that takes the request.
 * Fails with one sentence where no plan keeps to everything.
 */
export function solve(problem: Problem, request: SolveRequest): Result<Solution> {
  const bare = withoutBarred(problem);
  const able = SOLVERS.map((solver) => ({ solver, promise: solver.handles(bare, request) }));
  const chosen = able.find(({ promise }) => promise === "exact") ?? able.find(({ promise }) => promise !== false);
  if (chosen === undefined) {
    return err(`No solver is registered for the objective "${objectiveText(request.objective)}" on this problem.`);
  }
  const solution = chosen.solver.solve(bare, request);
  if (!solution.ok) {
    const stopped = request.shouldStop?.() === true;
    return err((stopped ? null : conflictText(problem, request)) ?? solution.error);
  }
  if (bare === problem) return solution;
  return ok({ ...solution.value, prediction: predict(problem, solution.value.plan) });
}
