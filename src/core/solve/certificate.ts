import type { Certificate } from "./solver.ts";

const OPTIMAL_GAP = 1e-6;

/** "optimal" where the bound is within 1e-6 of the value, else "gap"; "best-found" where no bound above 0 is known. */
export function statusOf(value: number, bound: number): Certificate["status"] {
  if (value - bound <= OPTIMAL_GAP * value) return "optimal";
  return bound > 0 ? "gap" : "best-found";
}
