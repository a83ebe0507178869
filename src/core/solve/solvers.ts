import { latencySolver } from "./latency.ts";
import { periodSolver } from "./period.ts";
import type { Solver } from "./solver.ts";

/** Every method, the preferred one of an objective first. To add one: README.md beside this file. */
export const SOLVERS: readonly Solver[] = [latencySolver, periodSolver];
