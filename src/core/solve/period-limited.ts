import type { Problem } from "../plan/problem.ts";
import { figureOf } from "../predict/prediction.ts";
import { err, ok, type Result } from "../result.ts";
import { statusOf } from "./certificate.ts";
import { whyNothingFits } from "./infeasible.ts";
import { periodFloor } from "./period-bound.ts";
import { isBetter } from "./preference.ts";
import type { Solution, SolveRequest, Solver } from "./solver.ts";
import { CHAIN_SCOPE } from "./sum.ts";
import { type Incumbent, searchSum, splitMix } from "./sum-search.ts";

const METHOD = "ladder minimum cuts under falling limits on the period";
/** Below a plan's period by this fraction the next one is looked for: more than limits are rounded by. */
const STEP = 3e-9;
/** Searches before the method ends with a gap, and minimum cuts of each. */
const SEARCH_LIMIT = 200;
const CUT_LIMIT = 2000;

/**
 * Objectives with the period in them, alone or in a mix: the other part is made as small as possible under a limit on
 * the period that falls from plan to plan (the epsilon-constraint method), as far as any plan could still be better.
 */
class PeriodDescent {
  readonly #problem: Problem;
  readonly #request: SolveRequest;
  readonly #weight: number;
  /** The part of the objective that is a sum; null where there is none, and the latency only leads the way. */
  readonly #hasSum: boolean;
  readonly #mix: ReturnType<typeof splitMix>["mix"];
  #best: Incumbent | null = null;
  /** No plan has a shorter period. */
  #floor: number;
  /** No plan of a period above the present limit has a smaller value. */
  #closed = Number.POSITIVE_INFINITY;
  #stopped = false;
  #complete = false;

  constructor(problem: Problem, request: SolveRequest) {
    this.#problem = problem;
    this.#request = request;
    const { mix, period } = splitMix(request.objective);
    this.#weight = period;
    this.#hasSum = Object.values(mix).some((weight) => weight > 0);
    this.#mix = this.#hasSum ? mix : { latency: 1 };
    this.#floor = periodFloor(problem);
  }

  get #value(): number {
    return this.#best === null ? Number.POSITIVE_INFINITY : figureOf(this.#best.prediction, this.#request.objective);
  }

  run(): Result<Solution> {
    const { objective, limits = {} } = this.#request;
    let cap = limits.period ?? Number.POSITIVE_INFINITY;
    let low = this.#floor;
    let atTop = true;
    for (let search = 0; search < SEARCH_LIMIT && !this.#stopped && !this.#complete; search++) {
      // With no sum beside it the period alone is narrowed down from both sides.
      const trial = this.#hasSum || atTop ? cap : (low + cap) / 2;
      const sum = this.#search(trial);
      if (this.#stopped) break;
      if (sum === null) {
        if (trial === cap) this.#complete = true;
        else low = trial;
        atTop = true;
        this.#floor = Math.max(this.#floor, this.#hasSum ? 0 : trial);
        continue;
      }
      const before = cap;
      cap = Math.min(cap, sum.period);
      if (this.#hasSum) cap = Math.min(cap, (this.#value - sum.bound) / this.#weight);
      cap *= 1 - STEP;
      if (!(cap < before)) break;
      this.#closed = Math.min(this.#closed, this.#weight * cap + (this.#hasSum ? sum.bound : 0));
      if (cap < this.#floor) this.#complete = true;
      atTop = !atTop;
    }
    if (this.#best === null) return err(whyNothingFits(this.#problem, this.#request, this.#complete));
    const value = this.#value;
    const proven = this.#complete ? Math.min(value, this.#closed) : this.#weight * this.#floor;
    const bound = Math.min(value, proven);
    const certificate = { status: statusOf(value, bound), bound, scope: CHAIN_SCOPE };
    return ok({ objective, ...this.#best, value, certificate, method: METHOD });
  }

  /** The plan of least sum whose period is within the limit; null where none is left that could be better. */
  #search(cap: number): { readonly period: number; readonly bound: number } | null {
    const { limits = {}, shouldStop, start } = this.#request;
    const outcome = searchSum(this.#problem, {
      objective: { mix: this.#mix },
      mix: this.#mix,
      limits: cap === Number.POSITIVE_INFINITY ? limits : { ...limits, period: cap },
      cutLimit: CUT_LIMIT,
      firstWillDo: !this.#hasSum,
      ...(this.#hasSum && this.#best !== null ? { target: this.#value - this.#weight * this.#floor } : {}),
      ...(start === undefined ? {} : { start }),
      ...(shouldStop === undefined ? {} : { shouldStop }),
      onProgress: (incumbent) => this.#consider(incumbent),
    });
    this.#consider(outcome.incumbent);
    if (!outcome.complete) this.#stopped = true;
    if (outcome.incumbent === null) return null;
    return { period: outcome.incumbent.prediction.periodSeconds, bound: Math.max(0, outcome.bound) };
  }

  #consider(incumbent: Incumbent | null): void {
    const { objective, onProgress } = this.#request;
    if (incumbent !== null && (this.#best === null || isBetter(objective, incumbent.prediction, this.#best.prediction)))
      this.#best = incumbent;
    const known = this.#best === null ? null : { plan: this.#best.plan, value: this.#value };
    onProgress?.({ fraction: 0, incumbent: known, bound: this.#weight * this.#floor });
  }
}

/** The period under constraints and limits, and mixes with the period in them. */
export const periodLimitedSolver: Solver = {
  id: "period-descent",
  handles: ({ delivery }, { objective }) =>
    delivery === "relayed" && splitMix(objective).period > 0 ? "exact" : false,
  solve: (problem, request) => new PeriodDescent(problem, request).run(),
};
