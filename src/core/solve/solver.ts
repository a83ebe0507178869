import type { Limits, Objective } from "../plan/objective.ts";
import type { Plan } from "../plan/plan.ts";
import type { Problem } from "../plan/problem.ts";
import type { Prediction } from "../predict/prediction.ts";
import type { Result } from "../result.ts";
import type { ProblemNames } from "./names.ts";

export type { Limits, Objective } from "../plan/objective.ts";

/** What is known about a plan's value: nothing below `bound` exists within `scope`. */
export interface Certificate {
  /** "optimal" only where value - bound <= 1e-6 of the value. */
  readonly status: "optimal" | "gap" | "best-found";
  /** In the objective's unit; a proven lower bound, 0 where none is known. */
  readonly bound: number;
  /** The plans that the statement covers, in words. */
  readonly scope: string;
}

export interface Solution {
  readonly objective: Objective;
  readonly plan: Plan;
  readonly prediction: Prediction;
  /** `figureOf(prediction, objective)`. */
  readonly value: number;
  readonly certificate: Certificate;
  /** Name of the method, for the inspector. */
  readonly method: string;
}

export interface SolveProgress {
  /** 0..1 */
  readonly fraction: number;
  /** Best plan so far, null before the first. */
  readonly incumbent: { readonly plan: Plan; readonly value: number } | null;
  readonly bound: number;
}

export interface SolveRequest {
  readonly objective: Objective;
  /** Limits on figures that the plan must keep to. */
  readonly limits?: Limits;
  /** For sentences on why there is no plan. */
  readonly names?: ProblemNames;
  /** Plans that are known already, to begin with. */
  readonly start?: readonly Plan[];
  /** Called between units of work of at most some tens of ms. */
  readonly onProgress?: (progress: SolveProgress) => void;
  /** Asked between units of work; once true, the search ends with what it has, and its certificate says so. */
  readonly shouldStop?: () => boolean;
}

/** A method of the registry: a pure function from a problem to the best plan it can find and prove. */
export interface Solver {
  readonly id: string;
  /** Whether the method takes the request, and whether it can prove its answer the best one. */
  readonly handles: (problem: Problem, request: SolveRequest) => "exact" | "best-found" | false;
  readonly solve: (problem: Problem, request: SolveRequest) => Result<Solution>;
}
