import { f64, i32, item } from "../columns.ts";
import { MinHeap } from "../min-heap.ts";
import type { Problem } from "../plan/problem.ts";
import { type Chain, excessCosts, pricedCosts } from "./chain-costs.ts";
import { type LadderCut, ladderMinCut, ladderSum } from "./ladder-min-cut.ts";
import { type LadderShape, ladderShape } from "./ladder-shape.ts";
import { busyResources, type Resource, type SumTerms, sumObjective } from "./sum-terms.ts";
import { devicesBefore } from "./symmetry.ts";

/** Weights that are tried over the ops alone. */
const WORK_STEPS = 60;
/** Weights that are tried over a few orders, between two looks at all. */
const SUITING_STEPS = 12;
/** Share by which sums of the same terms in another order differ at most. */
const ROUNDING = 1e-9;
/** Share of all weight that links have at first. */
const LINK_SHARE = 0.3;

/** A lower bound on the period, and the weights of the devices' time that give it. */
interface Weighted {
  readonly bound: number;
  readonly weights: Float64Array;
}

/**
 * With weights w of the devices' time that sum up to 1, the busiest device takes at least the weighted mean of all, and
 * each op adds at least min over devices of w x its seconds: the dual of the assignment of ops in parts (Lenstra, Shmoys
 * and Tardos 1990). Holds for every way of delivery. O(steps x ops x devices).
 */
export function workBound({ opCount, devices }: Problem): Weighted {
  let weights = new Float64Array(devices.length).fill(1 / devices.length);
  let best: Weighted = { bound: 0, weights };
  for (let step = 1; step <= WORK_STEPS; step++) {
    const busy = new Float64Array(devices.length);
    let sum = 0;
    for (let op = 0; op < opCount; op++) {
      let least = Number.POSITIVE_INFINITY;
      let on = 0;
      for (let device = 0; device < devices.length; device++) {
        const seconds = f64(item(devices, device).opSeconds, op);
        if (seconds === Number.POSITIVE_INFINITY || f64(weights, device) * seconds >= least) continue;
        least = f64(weights, device) * seconds;
        on = device;
      }
      if (least === Number.POSITIVE_INFINITY) continue;
      sum += least;
      busy[on] = f64(busy, on) + f64(item(devices, on).opSeconds, op);
    }
    if (sum * (1 - ROUNDING) > best.bound) best = { bound: sum * (1 - ROUNDING), weights };
    weights = reweighted(weights, busy, 1 / Math.sqrt(step));
  }
  return best;
}

/** The op that takes longest where it is fastest takes that long in every plan. O(ops x devices). */
export function largestUnavoidable({ opCount, devices }: Problem): number {
  let most = 0;
  for (let op = 0; op < opCount; op++) {
    let least = Number.POSITIVE_INFINITY;
    for (const { opSeconds } of devices) least = Math.min(least, f64(opSeconds, op));
    most = Math.max(most, least);
  }
  return most;
}

/** A time that no plan's period is below, at once. O(ops x devices). */
export function periodFloor(problem: Problem): number {
  return Math.max(largestUnavoidable(problem), workBound(problem).bound);
}

/** More weight for what is busy for longer than the weighted mean (exponentiated gradient); the sum stays 1. */
function reweighted(weights: Float64Array, busy: Float64Array, rate: number): Float64Array<ArrayBuffer> {
  const mean = busy.reduce((sum, seconds, i) => sum + seconds * f64(weights, i), 0);
  const most = busy.reduce((largest, seconds) => Math.max(largest, Math.abs(seconds - mean)), Number.MIN_VALUE);
  const next = weights.map((weight, i) => weight * Math.exp((rate * (f64(busy, i) - mean)) / most));
  const total = next.reduce((sum, weight) => sum + weight, 0);
  return next.map((weight) => weight / total);
}

/** Chains that begin alike, a weighted mean of busy times that none of them is below, and the cut that tells so. */
interface Node {
  readonly chain: Chain;
  readonly bound: number;
  readonly cut: LadderCut | null;
}

export interface BoundRequest {
  /** Period of a known plan. */
  readonly value: number;
  /** Minimum cuts that may be taken. */
  readonly cutLimit: number;
  /** Asked between cuts, and within them. */
  readonly shouldStop: () => boolean;
  /** Told each better bound. */
  readonly onBound: (bound: number) => void;
}

/**
 * A lower bound on the period of relayed chains, any order and subset of the devices, over all down-sets, however many:
 * with weights of the devices' and links' time that sum up to 1, the weighted mean of their busy times is a sum over the
 * chain, of which a minimum cut gives the least (Lagrangian relaxation). Orders are searched as for any sum; weights grow
 * where the cheapest plan is busy.
 */
export function raisePeriodBound(problem: Problem, request: BoundRequest): void {
  new PeriodBound(problem, request).run();
}

class PeriodBound {
  readonly #problem: Problem;
  readonly #request: BoundRequest;
  readonly #resources: readonly Resource[];
  readonly #shape: LadderShape;
  readonly #before: Int32Array;
  /** What cannot run has no weighted time either. */
  readonly #possible: SumTerms;
  #best = 0;
  #cuts = 0;
  #stopped = false;

  constructor(problem: Problem, request: BoundRequest) {
    this.#problem = problem;
    this.#request = request;
    this.#resources = busyResources(problem);
    this.#shape = ladderShape(problem);
    this.#before = devicesBefore(problem);
    this.#possible = sumObjective(problem, {}).terms;
  }

  run(): void {
    let weights = this.#firstWeights();
    // Orders that had the least mean once; weights that suit those suit the others mostly.
    const known = new Map<string, Chain>();
    while (!this.#isOver) {
      const found = this.#leastMean(weights);
      this.#raise(found.bound);
      if (found.cut === null) return;
      known.set(found.chain.devices.join(), found.chain);
      weights = this.#suited(reweighted(weights, this.#busyOf(found.chain, found.cut), 1), [...known.values()]);
    }
  }

  #raise(bound: number): void {
    if (bound <= this.#best) return;
    this.#best = bound;
    this.#request.onBound(bound * (1 - ROUNDING));
  }

  #busyOf(chain: Chain, cut: LadderCut): Float64Array {
    return Float64Array.from(this.#resources, (resource) =>
      ladderSum(this.#shape, excessCosts(this.#problem, resource, chain), cut),
    );
  }

  /** Weights, of some that are tried, with which the least mean over a few orders is the largest. */
  #suited(first: Float64Array, chains: readonly Chain[]): Float64Array {
    let best = { weights: first, bound: Number.NEGATIVE_INFINITY };
    let weights = first;
    for (let step = 1; step <= SUITING_STEPS && !this.#isOver; step++) {
      let least: { chain: Chain; cut: LadderCut } | null = null;
      for (const chain of chains) {
        const cut = this.#cut(chain, weights);
        if (cut === "stopped") return best.weights;
        if (cut !== null && (least === null || cut.bound < least.cut.bound)) least = { chain, cut };
      }
      if (least === null) return weights;
      if (least.cut.bound > best.bound) best = { weights, bound: least.cut.bound };
      weights = reweighted(weights, this.#busyOf(least.chain, least.cut), 1 / Math.sqrt(step + 1));
    }
    return best.weights;
  }

  /** Null where every plan of the chain has a larger weighted mean than the known one has a period. */
  #cut(chain: Chain, weights: Float64Array): LadderCut | null | "stopped" {
    this.#cuts++;
    const costs = pricedCosts(this.#problem, this.#possible, this.#resources, weights, chain, null);
    return ladderMinCut(this.#shape, costs, this.#request.value, this.#request.shouldStop);
  }

  get #isOver(): boolean {
    this.#stopped ||= this.#cuts >= this.#request.cutLimit || this.#request.shouldStop();
    return this.#stopped;
  }

  /** Devices as is best for their work alone, and links all alike. */
  #firstWeights(): Float64Array {
    const { weights } = workBound(this.#problem);
    const links = this.#resources.filter(({ device }) => device < 0).length;
    const first = Float64Array.from(this.#resources, ({ device }) =>
      device < 0 ? LINK_SHARE / links : f64(weights, device),
    );
    const total = first.reduce((sum, weight) => sum + weight, 0);
    return first.map((weight) => weight / total);
  }

  /** The least weighted mean over all chains, and one that has it; no cut where the search ends before that is known. */
  #leastMean(weights: Float64Array): Node {
    const { devices, source } = this.#problem;
    const open = new MinHeap<Node>((node) => node.bound);
    const rest = [...devices.keys()].filter((device) => device !== source);
    open.push({ chain: { devices: [source], rest }, bound: 0, cut: null });
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      const { chain, cut, bound } = node;
      if (cut !== null && chain.rest.length === 0) return node;
      for (const next of cut === null ? [chain] : this.#longer(chain)) {
        const least = this.#isOver ? "stopped" : this.#cut(next, weights);
        if (least === "stopped") return { chain, bound, cut: null };
        if (least !== null) open.push({ chain: next, bound: Math.max(bound, least.bound), cut: least });
      }
    }
    // No chain has a weighted mean of less than the known plan's period.
    return { chain: { devices: [source], rest }, bound: this.#request.value, cut: null };
  }

  /** The chain with each device that can come next; the one that ends here is part of each. */
  #longer({ devices, rest }: Chain): readonly Chain[] {
    return rest
      .filter((device) => {
        const earlier = i32(this.#before, device);
        return earlier < 0 || devices.includes(earlier) || earlier === this.#problem.source;
      })
      .map((device) => ({ devices: [...devices, device], rest: rest.filter((other) => other !== device) }));
  }
}
