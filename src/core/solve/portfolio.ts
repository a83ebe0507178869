import { item } from "../columns.ts";
import type { Problem } from "../plan/problem.ts";
import type { Result } from "../result.ts";
import { scopeOf } from "./milp/scope.ts";
import type { Solution } from "./solver.ts";

/**
 * Whether mixed-integer search may know more than a method of the registry: a plan at all, a better one, a proof, or that
 * there is none. With ports a proof over contiguous placements leaves out those in which the source, where a plan begins,
 * runs what comes later.
 */
export function isOpen(problem: Problem, result: Result<Solution>): boolean {
  if (!result.ok || result.value.certificate.status !== "optimal") return true;
  if (problem.delivery !== "port" || result.value.certificate.scope === scopeOf(problem)) return false;
  return item(problem.devices, problem.source).opSeconds.some((seconds) => seconds < Number.POSITIVE_INFINITY);
}

/** The better of two answers to one request; of equals the one with the better bound. */
export function betterOf(known: Result<Solution>, next: Result<Solution>): Result<Solution> {
  if (!known.ok) return next;
  if (!next.ok) return known;
  if (next.value.certificate.status === "optimal" || next.value.value < known.value.value) return next;
  if (next.value.value > known.value.value) return known;
  return next.value.certificate.bound > known.value.certificate.bound ? next : known;
}
