import type { Problem } from "../core/plan/problem.ts";
import { predict } from "../core/predict/predict.ts";
import { ok, type Result } from "../core/result.ts";
import { statusOf } from "../core/solve/certificate.ts";
import { METHODS, scopeOf } from "../core/solve/milp/scope.ts";
import type { ProblemNames } from "../core/solve/names.ts";
import { isOpen } from "../core/solve/portfolio.ts";
import type { Limits, Objective, Solution, SolveProgress } from "../core/solve/solver.ts";
import { createJobRunner, spawnMilpWorker, spawnSolveWorker } from "../worker/client.ts";
import { problemOf } from "./derive.ts";
import type { Access } from "./store.ts";

/** Seconds after which the mixed-integer search ends with a gap. */
const SECONDS = 30;

/**
 * Looks for the best plan of the present model, setting and objective: `onFirst` hears of the first answer, at once,
 * where it is not proven yet; the promise of the last. Null when cancelled before there is a plan, stale or impossible.
 */
export type PlanSearch = (onFirst?: (solution: Solution) => void) => Promise<Solution | null>;

const isAbort = (reason: unknown) => reason instanceof DOMException && reason.name === "AbortError";

/** The best plan that a search has found when it is cancelled. */
function soFar(problem: Problem, objective: Objective, first: Result<Solution>, progress: SolveProgress | null) {
  const plan = progress?.incumbent?.plan;
  if (progress === null || plan === undefined) return first;
  const value = progress.incumbent?.value ?? Number.POSITIVE_INFINITY;
  const certificate = { status: statusOf(value, progress.bound), bound: progress.bound, scope: scopeOf(problem) };
  return ok({
    objective,
    plan,
    prediction: predict(problem, plan),
    value,
    certificate,
    method: METHODS[problem.delivery],
  });
}

interface Sought {
  readonly objective: Objective;
  readonly limits: Limits;
  readonly names: ProblemNames;
}

interface Running {
  readonly abort: AbortController;
  readonly report: (label: string, fraction: number) => void;
  /** Whether the answer is no longer wanted: the model or setting is another, or a newer search runs. */
  readonly isStale: () => boolean;
}

/** One search at a time: a newer one stops the older. Its two workers, the mixed-integer one started only where needed. */
export function createPlanSearch({ get, set }: Access): PlanSearch {
  const solver = createJobRunner(spawnSolveWorker);
  const milp = createJobRunner(spawnMilpWorker);
  let latest: AbortController | null = null;

  const improve = async (
    problem: Problem,
    { objective, limits, names }: Sought,
    first: Result<Solution>,
    { abort, report, isStale }: Running,
  ): Promise<Result<Solution>> => {
    let last: SolveProgress | null = null;
    const onProgress = (progress: SolveProgress) => {
      last = progress;
      const value = progress.incumbent?.value;
      const gain = value === undefined || value === 0 ? 1 : 1 - progress.bound / value;
      report(`Looking for a better split: at most ${(100 * gain).toFixed(1)} % can be gained`, 1 - gain);
    };
    report("Looking for a better split", 0);
    try {
      const response = await milp.run(
        { kind: "improve", problem, objective, limits, names, known: first, seconds: SECONDS },
        {
          signal: abort.signal,
          onMessage: (message) => {
            if (message.kind !== "solve-progress") return;
            if (isStale()) abort.abort();
            else onProgress(message.progress);
          },
        },
      );
      if (response.kind === "failed") get().notify("error", `The mixed-integer solver stopped: ${response.message}`);
      return response.kind === "solved" ? response.result : first;
    } catch (reason) {
      if (isAbort(reason) && abort.signal.aborted) return soFar(problem, objective, first, last);
      throw reason;
    } finally {
      // Its memory is mostly the solver's heap.
      if (!abort.signal.aborted) milp.dispose();
    }
  };

  return async (onFirst) => {
    const { model, objective, session } = get();
    if (model === null) return null;
    const problem = problemOf(model, session.setting);
    if (!problem.ok) {
      get().notify("error", problem.error);
      return null;
    }
    const { limits } = session.setting.constraints;
    const names = { ops: model.graph.opNames, links: session.setting.rig.links.map(({ id }) => id) };
    latest?.abort();
    const abort = new AbortController();
    latest = abort;
    const report = (label: string, fraction: number | null) =>
      set({ solving: { label, fraction, cancel: () => abort.abort() } });
    report("Looking for the best split", null);
    const isStale = () => get().model !== model || get().session.setting !== session.setting || latest !== abort;
    try {
      const response = await solver.run(
        { kind: "solve", problem: problem.value, objective, limits, names },
        {
          signal: abort.signal,
          onMessage: (message) => {
            if (message.kind === "solve-progress") report("Looking for the best split", message.progress.fraction);
          },
        },
      );
      if (response.kind === "failed") get().notify("error", `The solver stopped: ${response.message}`);
      let result = response.kind === "solved" ? response.result : null;
      if (result !== null && !isStale() && isOpen(problem.value, result)) {
        if (result.ok) onFirst?.(result.value);
        result = await improve(problem.value, { objective, limits, names }, result, { abort, report, isStale });
      }
      if (latest === abort) set({ solving: null });
      if (result === null || isStale()) return null;
      if (result.ok) return result.value;
      get().notify("error", result.error);
      void get().findRelaxations(result.error);
    } catch (reason) {
      const cancelled = isAbort(reason);
      if (!cancelled) get().notify("error", `The solver stopped: ${reason instanceof Error ? reason.message : reason}`);
      // A newer search has put up its own activity.
      if (latest === abort) set({ solving: null });
    }
    return null;
  };
}
