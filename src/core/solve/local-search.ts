import { f64 } from "../columns.ts";
import type { Plan } from "../plan/plan.ts";
import { moveOp, normalisePlan, noSplitPlan } from "../plan/plan-edit.ts";
import type { Problem } from "../plan/problem.ts";
import { predict } from "../predict/predict.ts";
import { figureOf, isAdmissible, type Prediction } from "../predict/prediction.ts";
import { err, ok, type Result } from "../result.ts";
import { statusOf } from "./certificate.ts";
import { whyNothingFits } from "./infeasible.ts";
import { listSchedule } from "./list-schedule.ts";
import { planOfAssignment } from "./milp/assignment-plan.ts";
import { periodSolver } from "./period.ts";
import { periodFloor } from "./period-bound.ts";
import { periodLimitedSolver } from "./period-limited.ts";
import { isBetter } from "./preference.ts";
import type { Solution, SolveRequest, Solver } from "./solver.ts";
import { searchSum, splitMix } from "./sum-search.ts";
import { sumObjective } from "./sum-terms.ts";

const SCOPE = "over all assignments of ops to devices, which may be returned to";
const METHOD = "plans for relayed delivery and a list schedule, improved by moves of single ops";
/** Predictions that the improvement may take, times ops: some hundred ms. */
const WORK_LIMIT = 6_000_000;
const CUT_LIMIT = 200;

/** Nothing can be below: each op on the device where it costs least, and nothing sent. */
function lowerBound(problem: Problem, { objective }: SolveRequest): number {
  const { mix, period } = splitMix(objective);
  const { ops } = sumObjective(problem, mix).terms;
  let sum = 0;
  for (let op = 0; op < problem.opCount; op++) {
    const times = ops.map((column) => (column === null ? 0 : f64(column, op)));
    sum += Math.min(...times);
  }
  return (Object.keys(mix).length === 0 ? 0 : sum) + period * periodFloor(problem);
}

interface Known {
  readonly plan: Plan;
  readonly prediction: Prediction;
}

class LocalSearch {
  readonly #problem: Problem;
  readonly #request: SolveRequest;
  readonly #bound: number;
  #best: Known | null = null;
  /** Where the improvement under way has got to. */
  #current: Known | null = null;
  #work = 0;

  constructor(problem: Problem, request: SolveRequest) {
    this.#problem = problem;
    this.#request = request;
    this.#bound = lowerBound(problem, request);
  }

  get #value(): number {
    return this.#best === null ? Number.POSITIVE_INFINITY : figureOf(this.#best.prediction, this.#request.objective);
  }

  get #isOver(): boolean {
    return this.#work > WORK_LIMIT || this.#value <= this.#bound || this.#request.shouldStop?.() === true;
  }

  /** Takes a plan as the current one if it is better than that. */
  #offer(plan: Plan): boolean {
    this.#work += this.#problem.opCount + 20;
    const prediction = predict(this.#problem, plan);
    const { objective, limits = {}, onProgress } = this.#request;
    if (!isAdmissible(prediction, limits)) return false;
    if (this.#current !== null && !isBetter(objective, prediction, this.#current.prediction)) return false;
    this.#current = { plan, prediction };
    if (this.#best !== null && !isBetter(objective, prediction, this.#best.prediction)) return true;
    this.#best = this.#current;
    onProgress?.({ fraction: 0, incumbent: { plan, value: this.#value }, bound: this.#bound });
    return true;
  }

  /** Plans to begin with: the request's, those of the relayed problem, the list schedule's, and one per device. */
  #beginnings(): readonly Plan[] {
    const problem = this.#problem;
    const { objective, limits = {}, shouldStop, start = [] } = this.#request;
    const alone = [...problem.devices.keys()].map((device) => noSplitPlan(problem, device));
    for (const plan of alone) this.#offer(plan);
    const found = start.map((plan) => normalisePlan(problem, plan));
    const relayed: Problem = { ...problem, delivery: "relayed" };
    const stop = shouldStop === undefined ? {} : { shouldStop };
    const { mix, period } = splitMix(objective);
    if (period > 0) {
      const request = { ...stop, objective, limits };
      const solver = periodSolver.handles(relayed, request) === "exact" ? periodSolver : periodLimitedSolver;
      const solution = solver.solve(relayed, request);
      if (solution.ok) found.push(solution.value.plan);
    }
    const guide = Object.keys(mix).length > 0 ? mix : { latency: 1 };
    const sum = { objective: { mix: guide }, mix: guide, limits, cutLimit: CUT_LIMIT, ...stop };
    const { incumbent } = searchSum(relayed, sum);
    if (incumbent !== null) found.push(incumbent.plan);
    const schedule = listSchedule(problem);
    if (schedule !== null) found.push(planOfAssignment(problem, schedule.deviceOf));
    return [...found, ...alone];
  }

  /** Single ops into every other stage, and every stage onto every other device, as long as that improves. */
  #improve(): void {
    const stageCount = () => this.#current?.plan.stages.length ?? 0;
    for (let improved = true; improved && !this.#isOver; ) {
      improved = false;
      for (let op = 0; op < this.#problem.opCount && !this.#isOver; op++) {
        for (let stage = 0; stage < stageCount() && this.#current !== null; stage++) {
          if (this.#offer(moveOp(this.#problem, this.#current.plan, op, stage))) improved = true;
        }
      }
      for (let stage = 0; stage < stageCount() && !this.#isOver; stage++) {
        for (const device of this.#problem.devices.keys()) {
          for (const plan of this.#changes(stage, device)) if (this.#offer(plan)) improved = true;
        }
      }
    }
  }

  /** The current plan with a stage on another device, and with the last or the first op of a stage on it. */
  #changes(stage: number, device: number): readonly Plan[] {
    if (this.#current === null || stage >= this.#current.plan.stages.length) return [];
    const { stages, stageOf } = this.#current.plan;
    const changed: Plan[] = [];
    if (stage > 0) changed.push({ stages: stages.with(stage, device), stageOf });
    const inStage = [...stageOf.keys()].filter((op) => stageOf[op] === stage);
    for (const [op, after] of [
      [inStage.at(-1), true],
      [inStage[0], false],
    ] as const) {
      if (op === undefined) continue;
      const begins = after ? stage + 1 : stage;
      const parted = stageOf.map((other, index) => (index === op ? begins : other >= begins ? other + 1 : other));
      changed.push({ stages: stages.toSpliced(begins, 0, device), stageOf: parted });
    }
    return changed
      .filter((plan) => plan.stages[0] === this.#problem.source)
      .map((plan) => normalisePlan(this.#problem, plan));
  }

  run(): Result<Solution> {
    const { objective } = this.#request;
    for (const plan of this.#beginnings()) {
      if (this.#isOver) break;
      this.#current = null;
      if (this.#offer(plan)) this.#improve();
    }
    if (this.#best === null) return err(whyNothingFits(this.#problem, this.#request, false));
    const value = this.#value;
    const bound = Math.min(value, this.#bound);
    const status = statusOf(value, bound) === "optimal" ? "optimal" : "best-found";
    return ok({ objective, ...this.#best, value, certificate: { status, bound, scope: SCOPE }, method: METHOD });
  }
}

/** Direct delivery and ports, where nothing here can prove an answer: what is found by moving ops, with a plain bound. */
export const localSearchSolver: Solver = {
  id: "local-search",
  handles: ({ delivery }) => (delivery === "relayed" ? false : "best-found"),
  solve: (problem, request) => new LocalSearch(problem, request).run(),
};
