import type { Delivery, Problem } from "../../plan/problem.ts";
import { CHAIN_SCOPE } from "../sum.ts";

const ASSIGNMENT_SCOPE = "over all assignments of ops to devices, which may be returned to";

/** The plans that mixed-integer search speaks of. */
export function scopeOf({ delivery }: Pick<Problem, "delivery">): string {
  return delivery === "relayed" ? CHAIN_SCOPE : ASSIGNMENT_SCOPE;
}

const ASSIGNMENT_METHOD = "assignment program, HiGHS branch and cut";

export const METHODS: Readonly<Record<Delivery, string>> = {
  relayed: "ladder programs over device orders, HiGHS branch and cut",
  direct: ASSIGNMENT_METHOD,
  port: ASSIGNMENT_METHOD,
};
