import { solveByMilp } from "../core/solve/milp/milp-search.ts";
import type { SolveProgress } from "../core/solve/solver.ts";
import { loadHighs } from "../engine/highs.ts";
import type { Request } from "./protocol.ts";
import type { Post } from "./scope.ts";

/** Progress without a better plan is told no more often. */
const PROGRESS_MS = 100;

/** Answers an "improve" request: better plans and bounds as they are found, then the solution. */
export async function runMilp(request: Request, post: Post): Promise<void> {
  if (request.kind !== "improve") throw new Error(`the mixed-integer solver's worker was asked for "${request.kind}"`);
  const { job, problem, objective, limits, names, known, seconds } = request;
  const end = performance.now() + 1e3 * seconds;
  const solve = await loadHighs();
  let told = Number.NEGATIVE_INFINITY;
  let value = Number.POSITIVE_INFINITY;
  const onProgress = (progress: SolveProgress) => {
    const now = performance.now();
    const here = progress.incumbent?.value ?? Number.POSITIVE_INFINITY;
    if (now - told < PROGRESS_MS && here >= value) return;
    told = now;
    value = here;
    post({ kind: "solve-progress", job, progress });
  };
  const secondsLeft = () => (end - performance.now()) / 1e3;
  const result = solveByMilp(
    problem,
    { objective, limits, ...(names === undefined ? {} : { names }), onProgress },
    known,
    { solve, secondsLeft },
  );
  post({ kind: "solved", job, result });
}
