import type { Result } from "../result.ts";
import type { Solution } from "./solver.ts";

/** The better of two answers to one request; of equals the one with the better bound. */
export function betterOf(known: Result<Solution>, next: Result<Solution>): Result<Solution> {
  if (!known.ok) return next;
  if (!next.ok) return known;
  if (next.value.certificate.status === "optimal" || next.value.value < known.value.value) return next;
  if (next.value.value > known.value.value) return known;
  return next.value.certificate.bound > known.value.certificate.bound ? next : known;
}
