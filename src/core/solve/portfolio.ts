import type { Problem } from "../plan/problem.ts";
import type { Result } from "../result.ts";
import { solve } from "./solve.ts";
import type { Solution, SolveRequest } from "./solver.ts";

/** A method that goes on from what is known, to a better plan or a better bound: never to a worse answer. */
export type Further = (known: Result<Solution> | null) => Result<Solution>;

/** The better of two answers to one request, with the better bound where both speak of the same plans. */
export function betterOf(known: Result<Solution>, next: Result<Solution>): Result<Solution> {
  if (!known.ok) return next;
  if (!next.ok) return known;
  if (next.value.certificate.status === "optimal" || next.value.value < known.value.value) return next;
  if (next.value.value > known.value.value) return known;
  return next.value.certificate.bound > known.value.certificate.bound ? next : known;
}

/**
 * The cheap methods first, which show a plan at once; then, where those prove nothing, `further` (mixed-integer search,
 * where an engine for it is at hand), until the answer is proven, the time is up, or the request says to stop.
 */
export function solvePortfolio(problem: Problem, request: SolveRequest, further: Further | null): Result<Solution> {
  const known = solve(problem, request);
  const isProven = known.ok && known.value.certificate.status === "optimal";
  if (isProven || further === null || request.shouldStop?.() === true) return known;
  return betterOf(known, further(known));
}
