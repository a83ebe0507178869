import { item } from "../../columns.ts";
import type { Plan } from "../../plan/plan.ts";
import { normalisePlan, noSplitPlan } from "../../plan/plan-edit.ts";
import type { Problem } from "../../plan/problem.ts";
import { predict } from "../../predict/predict.ts";
import { figureOf, isAdmissible, type Prediction } from "../../predict/prediction.ts";
import { err, ok, type Result } from "../../result.ts";
import { withoutBarred } from "../barred.ts";
import { statusOf } from "../certificate.ts";
import { whyNothingFits } from "../infeasible.ts";
import { largestUnavoidable } from "../period-bound.ts";
import type { Solution, SolveRequest } from "../solver.ts";
import { splitMix } from "../sum-search.ts";
import { assignmentProgram } from "./assignment-program.ts";
import { deviceOrders } from "./device-orders.ts";
import { ladderProgram } from "./ladder-program.ts";
import { ladderSetting } from "./ladder-terms.ts";
import type { MilpOutcome, SolveMilp } from "./milp.ts";
import type { PlacementProgram } from "./placement-program.ts";
import { METHODS, scopeOf } from "./scope.ts";
import { stagings } from "./stagings.ts";

/** Only plans that are better by this fraction are asked for: less than an optimal certificate allows. */
const STEP = 5e-7;
/** Where the program's objective and the prediction are this close, they are the same. */
const AGREEMENT = 1e-7;
/** Decisions that are excluded one by one before a search ends with a gap. */
const EXCLUSION_LIMIT = 200;

/** Stages that are tried for the other ways to run one assignment, and the same times ops. */
const MOST_STAGINGS = 5000;
const STAGING_WORK = 100_000;

export interface MilpTools {
  readonly solve: SolveMilp;
  /** Seconds that are left for the search. */
  readonly secondsLeft: () => number;
}

/**
 * Mixed-integer search for a better plan than `known`, and for the proof that there is none: with relayed delivery one
 * ladder program per order of devices, else one program over all assignments. Whatever the engine answers is predicted
 * again; where a program does not tell all of a plan's costs it is refined, or the plan excluded, until both agree. Ends
 * when proven, when the time is up, or when asked to stop, with what it has.
 */
export function solveByMilp(
  problem: Problem,
  request: SolveRequest,
  known: Result<Solution> | null,
  tools: MilpTools,
): Result<Solution> {
  return new MilpSearch(problem, request, known, tools).run();
}

class MilpSearch {
  readonly #problem: Problem;
  readonly #bare: Problem;
  readonly #request: SolveRequest;
  readonly #known: Result<Solution> | null;
  readonly #tools: MilpTools;
  /** No plan of the scope is below this, by what is known from before. */
  readonly #floor: number;
  /** Bound over the sets of plans that have been searched. */
  #closed = Number.POSITIVE_INFINITY;
  #best: { readonly plan: Plan; readonly prediction: Prediction } | null = null;
  #stopped = false;
  #fraction = 0;

  constructor(problem: Problem, request: SolveRequest, known: Result<Solution> | null, tools: MilpTools) {
    this.#problem = problem;
    this.#bare = withoutBarred(problem);
    this.#request = request;
    this.#known = known;
    this.#tools = tools;
    this.#floor =
      known?.ok === true && known.value.certificate.scope === scopeOf(problem) ? known.value.certificate.bound : 0;
  }

  get #value(): number {
    return this.#best === null ? Number.POSITIVE_INFINITY : figureOf(this.#best.prediction, this.#request.objective);
  }

  #offer(plan: Plan): Prediction {
    const prediction = predict(this.#problem, plan);
    if (!isAdmissible(prediction, this.#request.limits)) return prediction;
    if (figureOf(prediction, this.#request.objective) >= this.#value) return prediction;
    this.#best = { plan, prediction };
    this.#report(this.#floor);
    return prediction;
  }

  #report(bound: number): void {
    const incumbent = this.#best === null ? null : { plan: this.#best.plan, value: this.#value };
    this.#request.onProgress?.({ fraction: this.#fraction, incumbent, bound: Math.min(bound, this.#value) });
    if (this.#request.shouldStop?.() === true) this.#stopped = true;
  }

  run(): Result<Solution> {
    const { devices } = this.#problem;
    for (const device of devices.keys()) this.#offer(noSplitPlan(this.#problem, device));
    for (const plan of this.#request.start ?? []) this.#offer(normalisePlan(this.#problem, plan));
    if (this.#known?.ok === true) this.#offer(this.#known.value.plan);
    const complete = this.#problem.delivery === "relayed" ? this.#searchOrders() : this.#searchAssignments();
    return this.#solution(complete);
  }

  get #isOver(): boolean {
    return this.#stopped || this.#tools.secondsLeft() <= 0 || this.#floor >= this.#value * (1 - STEP);
  }

  /** Seconds that the times of a plan are measured in. */
  #timeUnit(): number {
    const best = this.#best?.prediction;
    const unit = best?.periodSeconds ?? largestUnavoidable(this.#bare);
    return unit > 0 && unit < Number.POSITIVE_INFINITY ? unit : 1;
  }

  /** Whether all orders were searched to the end. */
  #searchOrders(): boolean {
    const { objective, limits = {} } = this.#request;
    const setting = ladderSetting(this.#bare, objective, limits, this.#timeUnit());
    const { orders, complete } = deviceOrders(this.#bare, this.#best?.plan.stages ?? []);
    for (const [index, order] of orders.entries()) {
      if (this.#isOver) return this.#close(this.#floor);
      this.#fraction = index / orders.length;
      const program = ladderProgram(setting, order);
      if (program !== null) this.#closed = Math.min(this.#closed, this.#search(program));
    }
    return complete ? !this.#stopped : this.#close(this.#floor);
  }

  #searchAssignments(): boolean {
    const { objective, limits = {} } = this.#request;
    const program = assignmentProgram(this.#bare, objective, limits, this.#timeUnit());
    if (program !== null) this.#closed = this.#isOver ? this.#floor : this.#search(program);
    return !this.#stopped;
  }

  #close(bound: number): false {
    this.#closed = Math.min(this.#closed, bound);
    return false;
  }

  /** A lower bound on the plans of a program. Better ones than the best so far are taken over. */
  #search(program: PlacementProgram): number {
    const { builder } = program;
    // A mix with the period in it is bounded better by a limit below the best plan than by a search from it.
    const fromBest = splitMix(this.#request.objective).period === 0;
    let doubt = Number.POSITIVE_INFINITY;
    for (let exclusions = 0; exclusions < EXCLUSION_LIMIT; ) {
      if (this.#isOver) return Math.min(doubt, this.#floor);
      const start = fromBest && this.#best !== null ? program.pointOf(this.#best.plan) : null;
      const cutoff = start === null ? this.#value * (1 - STEP) : Number.POSITIVE_INFINITY;
      const unit = builder.scale(this.#value);
      const outcome = this.#ask(program, { start, cutoff, unit, doubt });
      if (outcome.status === "infeasible") return Math.min(doubt, cutoff);
      const bound = Math.min(doubt, Math.max(this.#floor, outcome.bound * unit));
      if (outcome.values === null || outcome.status === "stopped") return bound;
      const plan = program.planOf(outcome.values);
      const prediction = this.#offer(plan);
      const point = program.pointOf(plan);
      const promised = point === null ? Number.NEGATIVE_INFINITY : builder.objectiveAt(point);
      const admissible = isAdmissible(prediction, this.#request.limits);
      const value = figureOf(prediction, this.#request.objective);
      if (admissible && value - promised <= AGREEMENT * value) return bound;
      if (program.refine(plan, prediction)) continue;
      if (!program.onePlanPerPoint) {
        const isSettled = this.#tryStagings(plan, promised);
        if (this.#isReached(promised)) return bound;
        if (!isSettled) doubt = Math.min(doubt, Math.max(this.#floor, promised));
      }
      program.exclude(outcome.values);
      exclusions++;
    }
    return this.#floor;
  }

  #isReached(promised: number): boolean {
    return this.#best !== null && this.#value - promised <= AGREEMENT * this.#value;
  }

  /** Offers other ways to run a plan's assignment, until one is as good as promised; whether no more is to be found. */
  #tryStagings({ stages, stageOf }: Plan, promised: number): boolean {
    const deviceOf = stageOf.map((stage) => item(stages, stage));
    const most = Math.min(MOST_STAGINGS, Math.ceil(STAGING_WORK / this.#problem.opCount));
    const others = stagings(this.#bare, deviceOf, most);
    for (let next = others.next(); ; next = others.next()) {
      if (next.done === true) return next.value;
      this.#offer(next.value);
      if (this.#isReached(promised)) return true;
      if (this.#stopped || this.#tools.secondsLeft() <= 0) return false;
    }
  }

  #ask({ builder, planOf }: PlacementProgram, { start, cutoff, unit, doubt }: Question): MilpOutcome {
    const milp = builder.build(unit, cutoff);
    this.#stopped ||= this.#request.shouldStop?.() === true;
    const outcome = this.#tools.solve(milp, {
      start,
      seconds: this.#tools.secondsLeft(),
      onImproved: (values) => this.#offer(planOf(values)),
      shouldStop: (bound) => {
        const here = Math.max(this.#floor, Math.min(bound * unit, doubt, this.#closed));
        // With one program the bound is everybody's; with several, what the others hold is open.
        this.#report(this.#problem.delivery === "relayed" ? this.#floor : here);
        return this.#stopped;
      },
    });
    if (outcome.status === "stopped") this.#stopped = true;
    return outcome;
  }

  #solution(complete: boolean): Result<Solution> {
    const { objective } = this.#request;
    if (this.#best === null) {
      if (this.#known?.ok === false) return this.#known;
      return err(whyNothingFits(this.#problem, this.#request, complete));
    }
    const value = this.#value;
    const bound = Math.max(0, Math.min(value, Math.max(this.#floor, this.#closed)));
    const certificate = { status: statusOf(value, bound), bound, scope: scopeOf(this.#problem) };
    return ok({ objective, ...this.#best, value, certificate, method: METHODS[this.#problem.delivery] });
  }
}

interface Question {
  readonly start: Float64Array | null;
  readonly cutoff: number;
  readonly unit: number;
  /** Bound on what has been excluded. */
  readonly doubt: number;
}
