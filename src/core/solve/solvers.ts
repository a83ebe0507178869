import { localSearchSolver } from "./local-search.ts";
import { periodSolver } from "./period.ts";
import { periodLimitedSolver } from "./period-limited.ts";
import { periodAlikeSolver, periodPortsSolver } from "./period-ports.ts";
import type { Solver } from "./solver.ts";
import { sumSolver } from "./sum.ts";

/** Every method, the preferred one for a request first. To add one: README.md beside this file. */
export const SOLVERS: readonly Solver[] = [
  sumSolver,
  periodPortsSolver,
  periodAlikeSolver,
  periodSolver,
  periodLimitedSolver,
  localSearchSolver,
];
