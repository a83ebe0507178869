import { solve } from "../core/solve/solve.ts";
import type { Request } from "./protocol.ts";
import type { Post } from "./scope.ts";

/** Answers a "solve" request: progress as it goes, then the solution or the reason why there is none. */
export function runSolve(request: Request, post: Post): void {
  if (request.kind !== "solve") throw new Error(`the solver's worker was asked for "${request.kind}"`);
  const { job, problem, objective, limits = {}, names } = request;
  const result = solve(problem, {
    objective,
    limits,
    ...(names === undefined ? {} : { names }),
    onProgress: (progress) => post({ kind: "solve-progress", job, progress }),
  });
  post({ kind: "solved", job, result });
}
