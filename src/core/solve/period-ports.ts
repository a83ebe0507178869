import { i32, item } from "../columns.ts";
import { stageOrder } from "../plan/order.ts";
import type { Plan } from "../plan/plan.ts";
import { normalisePlan, noSplitPlan } from "../plan/plan-edit.ts";
import type { Problem } from "../plan/problem.ts";
import { predict } from "../predict/predict.ts";
import { isAdmissible, type Prediction } from "../predict/prediction.ts";
import { err, ok, type Result } from "../result.ts";
import { statusOf } from "./certificate.ts";
import { idealLattice } from "./ideal-lattice.ts";
import { whyNothingFits } from "./infeasible.ts";
import { type Lattice, prefixLattice } from "./lattice.ts";
import { candidateOrders } from "./orders.ts";
import { periodSolver } from "./period.ts";
import { periodFloor } from "./period-bound.ts";
import { periodLimitedSolver } from "./period-limited.ts";
import { isBetter } from "./preference.ts";
import type { Solution, SolveRequest, Solver } from "./solver.ts";
import {
  commonLinkRate,
  type StageGraph,
  stageGraph,
  weightsMatter,
  withoutDearCuts,
  withoutIdleOps,
} from "./stage-graph.ts";
import { type StageChain, StageReach } from "./stage-reach.ts";

const SCOPE = "over all contiguous placements, any order and subset of the devices";
const TOLERANCE = 1e-9;
/** Down-sets up to which all of them are searched. */
const IDEAL_LIMIT = 120_000;
/** Rounds of searches over topological orders. */
const ORDER_ROUNDS = 3;
/** Down-sets that are extended by number of devices in searches that are to find better plans soon. */
const WIDTHS = [8, 8, 32];
/** Better plans that are asked for over all down-sets before the best one is. */
const TEST_LIMIT = 20;

class PortSearch {
  readonly #problem: Problem;
  readonly #request: SolveRequest;
  #incumbent: { plan: Plan; prediction: Prediction } | null = null;
  #bound = 0;
  #searchedAll = false;
  #stopped = false;

  constructor(problem: Problem, request: SolveRequest) {
    this.#problem = problem;
    this.#request = request;
  }

  get #value(): number {
    return this.#incumbent?.prediction.periodSeconds ?? Number.POSITIVE_INFINITY;
  }

  /** Only plans of a shorter period are looked for. */
  get #limit(): number {
    return this.#value * (1 - TOLERANCE);
  }

  #offer(candidate: Plan): void {
    const plan = normalisePlan(this.#problem, candidate);
    const prediction = predict(this.#problem, plan);
    if (!isAdmissible(prediction, this.#request.limits)) return;
    if (this.#incumbent === null || isBetter("period", prediction, this.#incumbent.prediction))
      this.#incumbent = { plan, prediction };
  }

  #report(fraction: number): void {
    const incumbent = this.#incumbent === null ? null : { plan: this.#incumbent.plan, value: this.#value };
    this.#request.onProgress?.({ fraction, incumbent, bound: this.#bound });
    if (this.#request.shouldStop?.() === true) this.#stopped = true;
  }

  #mustStop(fraction: number): boolean {
    this.#report(fraction);
    return this.#stopped;
  }

  run(): Result<Solution> {
    const problem = this.#problem;
    for (const device of problem.devices.keys()) this.#offer(noSplitPlan(problem, device));
    for (const plan of this.#request.start ?? []) this.#offer(plan);
    this.#report(0);
    if (!this.#stopped) this.#bound = periodFloor(problem);
    const graph = withoutDearCuts(stageGraph(problem), problem.overlap, Number.POSITIVE_INFINITY);
    if (StageReach.fits(graph.kinds)) {
      const firm = this.#searchOrders(withoutIdleOps(graph));
      const lattice = this.#stopped ? null : idealLattice(firm.wiring, IDEAL_LIMIT, () => this.#mustStop(0.2));
      if (lattice !== null) this.#searchAll(firm, lattice);
    }
    return this.#solution();
  }

  /**
   * Searches some topological orders, puts together what no plan better than the one found can cut, and begins anew as
   * long as that finds a better one. Gives the graph with which it ends.
   */
  #searchOrders(graph: StageGraph): StageGraph {
    let firm = graph;
    for (let round = 0; round < ORDER_ROUNDS && !this.#stopped; round++) {
      const before = this.#value;
      for (const order of candidateOrders(firm.wiring)) {
        this.#search(firm, order);
        this.#report(0.1);
      }
      firm = withoutIdleOps(withoutDearCuts(firm, this.#problem.overlap, this.#limit));
      if (this.#value === before) break;
    }
    return firm;
  }

  /**
   * Asks over all down-sets for a better plan, and goes on from each in its own order, until there is none. Where what
   * prediction alone knows of rules a plan out, the best chain gives a bound.
   */
  #searchAll(graph: StageGraph, lattice: Lattice): void {
    if (this.#mustStop(0.3)) return;
    const reach = this.#reach(graph, lattice, 0.5);
    if (this.#mustStop(0.3)) return;
    for (const width of WIDTHS) if (!this.#stopped) this.#offerChain(graph, lattice, reach.narrow(this.#limit, width));
    for (let test = 0; test < TEST_LIMIT && !this.#stopped; test++) {
      const limit = this.#limit;
      const chain = reach.some(limit);
      if (chain === "unknown") return;
      if (chain === null) {
        this.#raiseBound(limit);
        return;
      }
      const plan = planOf(graph, lattice, chain);
      this.#offer(plan);
      if (!(this.#value < limit)) break;
      this.#search(graph, stageOrder({ stages: plan.stages, stageOf: stageOfParts(graph, plan) }));
    }
    const limit = this.#limit;
    const chain = this.#stopped ? "unknown" : reach.best(limit);
    if (chain === "unknown") return;
    this.#offerChain(graph, lattice, chain);
    this.#raiseBound(chain === null ? limit : chain.value);
  }

  /** Down-sets tell that nothing is below a limit, sums in another order aside. */
  #raiseBound(limit: number): void {
    this.#searchedAll = true;
    this.#bound = Math.max(this.#bound, limit * (1 - TOLERANCE));
  }

  #reach(graph: StageGraph, lattice: Lattice, fraction: number): StageReach {
    const kindOf = (device: number) => graph.kinds.findIndex(({ devices }) => devices.includes(device));
    return new StageReach(graph, lattice, {
      overlap: this.#problem.overlap,
      maxStages: this.#problem.maxStages,
      source: kindOf(this.#problem.source),
      sink: kindOf(this.#problem.sink),
      shouldStop: () => this.#mustStop(fraction),
    });
  }

  /** Offers the best chain over the prefixes of an order, if it is better than the incumbent. */
  #search(graph: StageGraph, order: Int32Array): void {
    const lattice = prefixLattice(graph.wiring, order);
    this.#offerChain(graph, lattice, this.#reach(graph, lattice, 0.1).best(this.#limit));
  }

  #offerChain(graph: StageGraph, lattice: Lattice, chain: StageChain | null | "unknown"): void {
    if (chain !== null && chain !== "unknown") this.#offer(planOf(graph, lattice, chain));
  }

  #solution(): Result<Solution> {
    if (this.#incumbent === null) return err(whyNothingFits(this.#problem, this.#request));
    const { plan, prediction } = this.#incumbent;
    const value = prediction.periodSeconds;
    const bound = Math.min(value, this.#bound);
    const status = statusOf(value, bound);
    const network = this.#problem.delivery === "port" ? "one port per device" : "links all alike";
    const method = `dynamic program over ${this.#searchedAll ? "all down-sets" : "topological orders"}, ${network}`;
    return ok({ objective: "period", plan, prediction, value, certificate: { status, bound, scope: SCOPE }, method });
  }
}

/** Ops by the first of the nested sets that holds them; devices of a kind in turn. O(stages x ops). */
function planOf(graph: StageGraph, lattice: Lattice, chain: StageChain): Plan {
  const used = new Int32Array(graph.kinds.length);
  const stages = chain.stages.map(({ kind }) => {
    const turn = i32(used, kind);
    used[kind] = turn + 1;
    return item(item(graph.kinds, kind).devices, turn);
  });
  const stageOf = new Int32Array(graph.wiring.opCount);
  for (const [stage, { set: end }] of [...chain.stages.entries()].reverse()) {
    for (let set = end; set > 0; set = i32(lattice.belowSet, set)) stageOf[i32(lattice.belowOp, set)] = stage;
  }
  return { stages, stageOf: graph.partOf.map((part) => i32(stageOf, part)) };
}

/** Stage of each part of a graph under a plan of its ops. O(ops). */
function stageOfParts(graph: StageGraph, { stageOf }: Plan): Int32Array {
  const stages = new Int32Array(graph.wiring.opCount);
  for (const [op, part] of graph.partOf.entries()) stages[part] = i32(stageOf, op);
  return stages;
}

/**
 * Shortest steady-state period where each device has one port for all that it sends and receives. Limits on other figures
 * are kept to, but not searched for.
 */
export const periodPortsSolver: Solver = {
  id: "period-ports",
  handles: ({ delivery }, { objective, limits }) => {
    if (objective !== "period" || delivery !== "port") return false;
    return Object.keys(limits ?? {}).length === 0 ? "exact" : "best-found";
  },
  solve: (problem, request) => new PortSearch(problem, request).run(),
};

/** Whether groups, stages or memory are limited: what `periodSolver` is slow at or does not take. */
function isConstrained(problem: Problem): boolean {
  return (
    problem.maxStages < Number.POSITIVE_INFINITY ||
    problem.groupOf.some((group) => group >= 0) ||
    weightsMatter(stageGraph(problem))
  );
}

/** The general methods for a relayed period, the preferred one first. */
const GENERAL: readonly Solver[] = [periodSolver, periodLimitedSolver];

/**
 * Shortest steady-state period over links that are all alike, between devices that inputs reach and outputs leave at no
 * cost, with groups, memory or a limit on stages. Weights count exactly, activations are checked in the
 * end: where they rule the best plan out, the general methods go on from what was found.
 */
export const periodAlikeSolver: Solver = {
  id: "period-alike",
  handles: (problem, { objective, limits }) =>
    objective === "period" &&
    Object.keys(limits ?? {}).length === 0 &&
    commonLinkRate(problem) !== null &&
    isConstrained(problem)
      ? "exact"
      : false,
  solve: (problem, request) => {
    const found = new PortSearch(problem, request).run();
    if (found.ok && found.value.certificate.status === "optimal") return found;
    const general = GENERAL.find((solver) => solver.handles(problem, request) !== false);
    if (general === undefined || request.shouldStop?.() === true) return found;
    const plans = found.ok ? [...(request.start ?? []), found.value.plan] : (request.start ?? []);
    const other = general.solve(problem, { ...request, start: plans });
    if (!found.ok || !other.ok) return found.ok ? found : other;
    return better(found.value, other.value);
  },
};

/** The better plan with the higher of two bounds, both of which hold. */
function better(one: Solution, two: Solution): Result<Solution> {
  const best = two.value <= one.value ? two : one;
  const bound = Math.min(best.value, Math.max(one.certificate.bound, two.certificate.bound));
  const status = statusOf(best.value, bound);
  return ok({ ...best, certificate: { ...best.certificate, bound, status } });
}
