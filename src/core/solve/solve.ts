import { objectiveText } from "../plan/objective.ts";
import type { Problem } from "../plan/problem.ts";
import { err, type Result } from "../result.ts";
import type { Solution, SolveRequest } from "./solver.ts";
import { SOLVERS } from "./solvers.ts";

/**
 * The best plan for an objective that the first method registered for it can find, with what it can prove. Fails with
 * one sentence where no plan can run on the devices and fit their memories.
 */
export function solve(problem: Problem, request: SolveRequest): Result<Solution> {
  const solver = SOLVERS.find((candidate) => candidate.handles(problem, request) !== false);
  if (solver === undefined)
    return err(`No solver is registered for the objective "${objectiveText(request.objective)}".`);
  return solver.solve(problem, request);
}
