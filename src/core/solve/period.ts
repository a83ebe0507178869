import { item } from "../columns.ts";
import { stageOrder } from "../plan/order.ts";
import type { Plan } from "../plan/plan.ts";
import { normalisePlan, noSplitPlan } from "../plan/plan-edit.ts";
import type { Problem, Route } from "../plan/problem.ts";
import { predict } from "../predict/predict.ts";
import { isAdmissible, type Prediction } from "../predict/prediction.ts";
import { err, ok, type Result } from "../result.ts";
import { statusOf } from "./certificate.ts";
import { type Condensed, condense, expandPlan, relaysArePointless } from "./condense.ts";
import { firstPlan } from "./first-plan.ts";
import { idealLattice, idealsWithin } from "./ideal-lattice.ts";
import { whyNothingFits } from "./infeasible.ts";
import { fastestWithin } from "./latency-within.ts";
import { type Lattice, prefixLattice, sumOver } from "./lattice.ts";
import { candidateOrders } from "./orders.ts";
import { periodFloor, raisePeriodBound } from "./period-bound.ts";
import { isBetter, tiedLimit } from "./preference.ts";
import { type LimitTest, Reach } from "./reach.ts";
import { LabelReach } from "./reach-labels.ts";
import type { Solution, SolveRequest, Solver } from "./solver.ts";
import { sumSolver } from "./sum.ts";

const SCOPE = "over all contiguous placements, any order and subset of the devices";
const TOLERANCE = 1e-9;
/** Down-sets up to which all of them are searched. */
const IDEAL_LIMIT = 120_000;
/** Down-sets of a first stage that are looked at before all. */
const FIRST_STAGE_LIMIT = 20_000;
/** Tests of a limit per lattice. */
const TEST_LIMIT = 80;
/** Minimum cuts for a bound where there are more down-sets than that: fewer of more ops. */
const BOUND_WORK = 600_000;
const FEWEST_CUTS = 60;
const MOST_CUTS = 1500;
/** Orders of best plans in which ties are broken. */
const TIE_ROUNDS = 3;

class PeriodSearch {
  readonly #problem: Problem;
  readonly #request: SolveRequest;
  #incumbent: { plan: Plan; prediction: Prediction } | null = null;
  #bound = 0;
  #stopped = false;
  #complete = false;
  /** By what the bound is known, if not by all down-sets. */
  #boundedBy = "";

  constructor(problem: Problem, request: SolveRequest) {
    this.#problem = problem;
    this.#request = request;
  }

  get #value(): number {
    return this.#incumbent?.prediction.periodSeconds ?? Number.POSITIVE_INFINITY;
  }

  /** Predicts a plan and keeps it if it is the best so far. */
  #offer(candidate: Plan): Prediction {
    const plan = normalisePlan(this.#problem, candidate);
    const prediction = predict(this.#problem, plan);
    const current = this.#incumbent?.prediction;
    if (isAdmissible(prediction) && (current === undefined || isBetter("period", prediction, current)))
      this.#incumbent = { plan, prediction };
    return prediction;
  }

  get #latency(): number {
    return this.#incumbent?.prediction.latencySeconds ?? Number.POSITIVE_INFINITY;
  }

  #report(fraction: number): void {
    const incumbent = this.#incumbent === null ? null : { plan: this.#incumbent.plan, value: this.#value };
    this.#request.onProgress?.({ fraction, incumbent, bound: this.#bound });
    if (this.#request.shouldStop?.() === true) this.#stopped = true;
  }

  readonly #mustStop = (): boolean => {
    this.#report(0.2);
    return this.#stopped;
  };

  run(): Result<Solution> {
    const problem = this.#problem;
    for (const device of problem.devices.keys()) this.#offer(noSplitPlan(problem, device));
    for (const plan of this.#request.start ?? []) this.#offer(plan);
    if (this.#incumbent === null) this.#incumbent = firstPlan(problem, (prediction) => isAdmissible(prediction));
    this.#report(0);
    if (this.#stopped && this.#incumbent !== null) return this.#solution();
    this.#bound = periodFloor(problem);
    if (this.#mustStop() && this.#incumbent !== null) return this.#solution();
    if (this.#incumbent === null) {
      const latency = sumSolver.solve(problem, {
        ...this.#request,
        objective: "latency",
        onProgress: () => undefined,
      });
      if (!latency.ok) return latency;
      this.#offer(latency.value.plan);
    }
    const condensed = condense(problem);
    // A relay that runs nothing may spare a device that waits while it sends.
    const mergeable = problem.overlap && relaysArePointless(problem) && !LabelReach.memoryMatters(problem);
    const exact = condensed.problem === problem || mergeable;
    const orders = candidateOrders(problem);
    const condensedOrders = candidateOrders(condensed.problem);
    for (const [index, order] of condensedOrders.entries()) {
      this.#report((0.2 * index) / condensedOrders.length);
      this.#search(prefixLattice(condensed.problem, order), condensed, false);
    }
    this.#report(0.2);
    if (!this.#stopped) this.#boundFirstStage();
    if (!this.#isProven) this.#searchLattices(condensed, exact, orders);
    if (!this.#stopped && !this.#complete && !this.#isProven) this.#raiseBound();
    if (!this.#stopped) this.#breakTies(orders);
    return this.#solution();
  }

  get #isProven(): boolean {
    return this.#bound >= this.#value * (1 - TOLERANCE);
  }

  /** All down-sets of the condensed problem, and of the problem itself where those do not prove it. */
  #searchLattices(condensed: Condensed, exact: boolean, orders: readonly Int32Array[]): void {
    const problem = this.#problem;
    const groups = this.#stopped ? null : idealLattice(condensed.problem, IDEAL_LIMIT, this.#mustStop);
    if (groups !== null) this.#searchAll(groups, condensed, exact);
    if (this.#complete || this.#stopped || condensed.problem.opCount === problem.opCount) return;
    const whole = { problem, groupOf: Int32Array.from({ length: problem.opCount }, (_, op) => op) };
    const all = idealLattice(problem, IDEAL_LIMIT, this.#mustStop);
    if (all !== null) this.#searchAll(all, whole, true);
    else for (const order of orders) this.#search(prefixLattice(problem, order), whole, false);
  }

  /** Where there are too many down-sets to look at all: a bound all the same. */
  #raiseBound(): void {
    const cuts = BOUND_WORK / this.#problem.opCount;
    raisePeriodBound(this.#problem, {
      value: this.#value,
      cutLimit: Math.round(Math.min(MOST_CUTS, Math.max(FEWEST_CUTS, cuts))),
      shouldStop: () => {
        this.#report(0.9);
        return this.#stopped;
      },
      onBound: (bound) => {
        if (bound <= this.#bound) return;
        this.#bound = bound;
        this.#boundedBy = ", bounded by minimum cuts over weighted busy times";
      },
    });
  }

  #solution(): Result<Solution> {
    if (this.#incumbent === null) return err(whyNothingFits(this.#problem, this.#request));
    const { plan, prediction } = this.#incumbent;
    const { limits = {} } = this.#request;
    const value = prediction.periodSeconds;
    if (!isAdmissible(prediction, limits)) {
      const impossible = this.#bound > (limits.period ?? Number.POSITIVE_INFINITY);
      return err(whyNothingFits(this.#problem, this.#request, impossible));
    }
    const bound = Math.min(value, this.#bound);
    const status = statusOf(value, bound);
    const searched = this.#complete ? "all down-sets" : "topological orders";
    const method = `bottleneck search over ${searched}${this.#complete ? "" : this.#boundedBy}`;
    return ok({ objective: "period", plan, prediction, value, certificate: { status, bound, scope: SCOPE }, method });
  }

  /** A search over all down-sets; `proves` if they cover every plan worth having. */
  #searchAll(lattice: Lattice, condensed: Condensed, proves: boolean): void {
    if (proves) this.#complete = true;
    this.#search(lattice, condensed, proves);
  }

  /**
   * Narrows the period between a bound and the incumbent by asking whether a limit can be met. Just below the incumbent
   * first: mostly that is refused, which ends the search. Raises the bound only where the lattice holds all down-sets.
   */
  #search(lattice: Lattice, condensed: Condensed, allSets: boolean): void {
    const { problem } = condensed;
    const reach: LimitTest = LabelReach.isNeeded(problem)
      ? new LabelReach(problem, lattice, this.#request.shouldStop)
      : new Reach(problem, lattice, this.#request.shouldStop);
    let low = this.#bound;
    let atTop = true;
    for (let test = 0; test < TEST_LIMIT && !this.#stopped; test++) {
      const top = this.#value * (1 - TOLERANCE);
      if (low >= top) return;
      const limit: number = atTop ? top : Math.max((low + top) / 2, Number.MIN_VALUE);
      const plan = reach.within(limit);
      if (plan === "unknown") return;
      const kept: boolean =
        plan !== null && this.#offer(expandPlan(condensed, plan)).periodSeconds <= limit * (1 + 1e-12);
      if (plan === null && allSets) this.#bound = Math.max(this.#bound, limit);
      if (!kept) low = limit;
      atTop = !kept && !atTop;
      this.#report(allSets ? 0.2 + 0.8 * (test / TEST_LIMIT) : 0.2);
    }
  }

  /**
   * The down-sets that the source can run within the incumbent's period are mostly few. If after none of them it can send
   * on what crosses in less time than that, and it cannot run everything, no plan is better.
   */
  #boundFirstStage(): void {
    const problem = this.#problem;
    const limit = this.#value * (1 - TOLERANCE);
    const { opSeconds, stageOverheadSeconds } = item(problem.devices, problem.source);
    const budget = { column: opSeconds, limit: limit - stageOverheadSeconds };
    if (this.#stopped || this.#isProven) return;
    const lattice = idealsWithin(problem, budget, FIRST_STAGE_LIMIT, this.#mustStop);
    if (lattice === null) return;
    const largest = (route: Route | null) =>
      route === null
        ? -1
        : route.hops.reduce((most, hop) => Math.min(most, limit / hop.secondsPerByte), Number.POSITIVE_INFINITY);
    const routes = item(problem.routes, problem.source).filter((_, device) => device !== problem.source);
    const most = routes.reduce((best, route) => Math.max(best, largest(route)), -1);
    const runsAll = sumOver(lattice, new Float64Array(problem.opCount).fill(1)).includes(problem.opCount);
    if (runsAll || lattice.bytes.some((bytes) => bytes <= most)) return;
    this.#bound = limit;
    this.#boundedBy = ", bounded by the first stage";
  }

  /** Among plans of the best period, one of less latency: cuts of known orders and of the best plan's own. */
  #breakTies(orders: readonly Int32Array[]): void {
    for (const order of orders) this.#breakTiesOn(order);
    // An order in which a better plan was found may hold a better one still.
    for (let round = 0, before: Plan | null = null; round < TIE_ROUNDS; round++) {
      const plan = this.#incumbent?.plan ?? null;
      if (plan === null || plan === before) return;
      this.#breakTiesOn(stageOrder(plan));
      before = plan;
    }
  }

  #breakTiesOn(order: Int32Array): void {
    if (this.#incumbent === null) return;
    const limit = tiedLimit(this.#value);
    for (const { plan, latencySeconds } of fastestWithin(this.#problem, order, limit, this.#latency)) {
      if (latencySeconds > tiedLimit(this.#latency)) return;
      this.#offer(plan);
    }
  }
}

/** Whether nothing constrains a plan that the search over down-sets does not know of. */
function isFree(problem: Problem): boolean {
  const { delivery, overlap, maxStages, groupOf, linkMaxBytes, queuedFrames, devices } = problem;
  const special = LabelReach.isNeeded(problem);
  return (
    delivery === "relayed" &&
    (overlap || !special) &&
    (maxStages >= devices.length || !special) &&
    queuedFrames === 0 &&
    !groupOf.some((group) => group >= 0) &&
    linkMaxBytes.every((limit) => limit === Number.POSITIVE_INFINITY)
  );
}

/** Shortest steady-state period of a pipeline whose devices and links all work at once. */
export const periodSolver: Solver = {
  id: "period-reach",
  handles: (problem, { objective, limits = {} }) =>
    objective === "period" && isFree(problem) && Object.keys(limits).every((name) => name === "period")
      ? "exact"
      : false,
  solve: (problem, request) => new PeriodSearch(problem, request).run(),
};
