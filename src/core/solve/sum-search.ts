import { f64, i32, item, u8 } from "../columns.ts";
import { MinHeap } from "../min-heap.ts";
import { type Limits, type Mix, type Objective, weightsOf } from "../plan/objective.ts";
import type { Plan } from "../plan/plan.ts";
import { normalisePlan, noSplitPlan } from "../plan/plan-edit.ts";
import type { Problem } from "../plan/problem.ts";
import { predict } from "../predict/predict.ts";
import { figureOf, isAdmissible, type Prediction } from "../predict/prediction.ts";
import { type Chain, excessCosts, pricedCosts } from "./chain-costs.ts";
import { firstPlan } from "./first-plan.ts";
import { type LadderCosts, type LadderCut, ladderMinCut, ladderSum } from "./ladder-min-cut.ts";
import { type LadderShape, ladderShape } from "./ladder-shape.ts";
import { fastestWithin } from "./latency-within.ts";
import { isBetter } from "./preference.ts";
import { ceilingOf, type Resource, resourcesOf, type SumTerms, sumObjective } from "./sum-terms.ts";
import { devicesBefore } from "./symmetry.ts";

/** What is not better than the incumbent by this fraction is not looked for. */
const TOLERANCE = 1e-9;
/** Attempts to find a first plan within memory, and plans looked at in each. */
const ROUNDS = 4;
const PLANS_PER_ROUND = 40;
/** Prices tried per resource and node. */
const PRICE_STEPS = 8;

/** A set of plans that is still open: those of a chain, ops within a range of its labels. */
interface Node {
  readonly chain: Chain;
  /** Most devices of a chain. */
  readonly depth: number;
  readonly range: LadderCosts["range"];
  /** By resource. */
  readonly prices: Float64Array;
  /** No plan of the set is better. */
  readonly bound: number;
}

/** A plan and its figures. */
export interface Incumbent {
  readonly plan: Plan;
  readonly prediction: Prediction;
}

export interface SumRequest {
  readonly objective: Objective;
  /** The objective as weights of figures; without the period. */
  readonly mix: Mix;
  readonly limits: Limits;
  /** Plans are wanted only where they are better than this. */
  readonly target?: number;
  /** Whether the first plan that is found will do. */
  readonly firstWillDo?: boolean;
  /** Plans to begin with. */
  readonly start?: readonly Plan[];
  /** Minimum cuts before the search ends with a gap. */
  readonly cutLimit: number;
  readonly shouldStop?: () => boolean;
  readonly onProgress?: (incumbent: Incumbent | null, bound: number) => void;
}

export interface SumOutcome {
  /** Null where no plan keeps to everything; or none better than the target, or none was found before the end. */
  readonly incumbent: Incumbent | null;
  /** No admissible plan has a smaller value; Infinity where there is none, up to the target. */
  readonly bound: number;
  /** Whether the search came to its end. */
  readonly complete: boolean;
}

/**
 * The least value of a sum over all contiguous placements, any order and subset of the devices, within the problem's
 * constraints and the limits. Branch and bound, best bound first, over orders of devices, with a minimum cut of a
 * ladder as the bound of a node; over prices on what is limited; and last over the stages of single ops.
 */
export function searchSum(problem: Problem, request: SumRequest): SumOutcome {
  const { limits, mix, target = Number.POSITIVE_INFINITY, start = [] } = request;
  const isWanted = (prediction: Prediction) =>
    isAdmissible(prediction, limits) && figureOf(prediction, { mix }) <= target;
  // Before anything else is worked out: plans can take a while to find.
  const first = start.length === 0 ? firstPlan(problem, isWanted) : null;
  if (first !== null) request.onProgress?.(first, 0);
  const outcome = new SumSearch(problem, request).run();
  if (first === null || outcome.incumbent !== null) return outcome;
  return { ...outcome, incumbent: first, bound: Math.min(outcome.bound, figureOf(first.prediction, { mix })) };
}

class SumSearch {
  readonly #problem: Problem;
  readonly #request: SumRequest;
  readonly #terms: SumTerms;
  readonly #resources: readonly Resource[];
  readonly #shape: LadderShape;
  readonly #before: Int32Array;
  /** More than any plan that can run comes to. */
  readonly #ceiling: number;
  #incumbent: Incumbent | null = null;
  /** Least bound among the sets that were given up as not better than the incumbent. */
  #closedBound = Number.POSITIVE_INFINITY;
  /** Prices that served a full chain last: any prices give a bound for any chain, and good ones are much alike. */
  #hint: Float64Array | null = null;
  #cuts = 0;
  #stopped = false;

  constructor(problem: Problem, request: SumRequest) {
    this.#problem = problem;
    this.#request = request;
    const objective = sumObjective(problem, request.mix);
    this.#terms = objective.terms;
    this.#resources = resourcesOf(problem, objective, request.limits);
    this.#shape = ladderShape(problem);
    this.#before = devicesBefore(problem);
    this.#ceiling = Math.min(request.target ?? Number.POSITIVE_INFINITY, ceilingOf(problem, objective));
  }

  #valueOf(prediction: Prediction): number {
    return figureOf(prediction, { mix: this.#request.mix });
  }

  get #value(): number {
    return this.#incumbent === null ? Number.POSITIVE_INFINITY : this.#valueOf(this.#incumbent.prediction);
  }

  /** Only plans of a value below this are looked for. */
  get #target(): number {
    return Math.min(this.#ceiling, this.#value * (1 - TOLERANCE));
  }

  #offer(plan: Plan): { readonly prediction: Prediction; readonly admissible: boolean } {
    const prediction = predict(this.#problem, plan);
    const { limits, objective } = this.#request;
    const admissible = isAdmissible(prediction, limits);
    const current = this.#incumbent?.prediction;
    const wanted = admissible && this.#valueOf(prediction) <= this.#ceiling;
    if (wanted && (current === undefined || this.#improves(prediction, current, objective)))
      this.#incumbent = { plan, prediction };
    return { prediction, admissible };
  }

  #improves(candidate: Prediction, current: Prediction, objective: Objective): boolean {
    const [a, b] = [this.#valueOf(candidate), this.#valueOf(current)];
    if (a < b * (1 - TOLERANCE)) return true;
    return a <= b && isBetter(objective, candidate, current);
  }

  run(): SumOutcome {
    const problem = this.#problem;
    for (const device of problem.devices.keys()) this.#offer(noSplitPlan(problem, device));
    for (const plan of this.#request.start ?? []) this.#offer(normalisePlan(problem, plan));
    if (this.#incumbent === null) this.#offerCuts();
    const open = new MinHeap<Node>((node) => node.bound);
    for (const root of this.#roots()) open.push(root);
    this.#report(0);
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      if (node.bound >= this.#target) {
        this.#closedBound = Math.min(this.#closedBound, node.bound);
        break;
      }
      if (this.#request.firstWillDo === true && this.#incumbent !== null) break;
      if (this.#stopped || this.#cuts >= this.#request.cutLimit) {
        this.#stopped = true;
        this.#closedBound = Math.min(this.#closedBound, node.bound);
        break;
      }
      for (const child of this.#expand(node)) open.push(child);
      this.#report(Math.min(open.least(), this.#closedBound, this.#value));
    }
    const bound = Math.min(this.#value, this.#closedBound, open.least());
    return { incumbent: this.#incumbent, bound, complete: !this.#stopped };
  }

  /**
   * Plans that cut the file's order, with which to begin where nothing else fits: the fastest for each set of devices
   * whose memories hold the weights, and, since activations take room too, again with less memory.
   */
  #offerCuts(): void {
    const problem = this.#problem;
    const order = Int32Array.from({ length: problem.opCount }, (_, op) => op);
    const room = problem.devices.map(({ memoryBytes }) => memoryBytes);
    for (let round = 0; round < ROUNDS && this.#incumbent === null; round++) {
      if (this.#request.shouldStop?.() === true) return;
      const devices = problem.devices.map((device, number) => ({ ...device, memoryBytes: item(room, number) }));
      const { shouldStop } = this.#request;
      const plans = fastestWithin(
        { ...problem, devices },
        order,
        Number.POSITIVE_INFINITY,
        Number.MAX_VALUE,
        shouldStop,
      );
      let tightened = false;
      for (const { plan } of plans.slice(0, PLANS_PER_ROUND)) {
        const { prediction } = this.#offer(normalisePlan(problem, plan));
        for (const violation of prediction.violations) {
          if (violation.kind !== "memory") continue;
          const { activationBytes, queueBytes } = item(prediction.devices, violation.device);
          const less = violation.limit - activationBytes - queueBytes;
          tightened ||= less < item(room, violation.device);
          room[violation.device] = Math.min(item(room, violation.device), less);
        }
      }
      if (!tightened) return;
    }
  }

  #report(bound: number): void {
    this.#request.onProgress?.(this.#incumbent, bound);
    if (this.#request.shouldStop?.() === true) this.#stopped = true;
  }

  /**
   * All chains; where the number of stages is limited, those whose first stage holds nothing may have one device more
   * than the others.
   */
  #roots(): readonly Node[] {
    const { devices, source, maxStages, opCount } = this.#problem;
    const rest = [...devices.keys()].filter((device) => device !== source);
    const node = (depth: number, range: LadderCosts["range"]): Node => ({
      chain: { devices: [source], rest: depth > 1 ? rest : [] },
      depth,
      range,
      prices: new Float64Array(this.#resources.length),
      bound: 0,
    });
    if (maxStages >= devices.length) return [node(devices.length, null)];
    const elsewhere = { low: new Uint8Array(opCount).fill(1), high: new Uint8Array(opCount).fill(maxStages) };
    return [node(maxStages, null), node(maxStages + 1, elsewhere)];
  }

  /** Null where nothing better than the target is left; "stopped" where the search has to end. */
  #cut(chain: Chain, prices: Float64Array, range: LadderCosts["range"]): LadderCut | null | "stopped" {
    this.#cuts++;
    const costs = pricedCosts(this.#problem, this.#terms, this.#resources, prices, chain, range);
    const cut = ladderMinCut(this.#shape, costs, this.#target, this.#request.shouldStop);
    if (cut === "stopped") this.#stopped = true;
    return cut;
  }

  #close(bound: number): readonly Node[] {
    this.#closedBound = Math.min(this.#closedBound, bound);
    return [];
  }

  /** Sets that together hold every plan of the node that could be better than the incumbent. */
  #expand(node: Node): readonly Node[] {
    const { chain, range, depth } = node;
    const target = this.#target;
    const prices = this.#hint !== null && node.range === null ? this.#hint : node.prices;
    const cut = this.#cut(chain, prices, range);
    if (cut === "stopped") return [node];
    if (cut === null) return this.#close(target);
    const bound = Math.max(node.bound, cut.bound);
    const room = depth - chain.devices.length;
    if (chain.rest.length > 1 && room > 0) {
      const joined = this.#offerEnds(chain, cut.labelOf);
      // Where the bound needs none of the rest, or is reached by one of them alone, it is a plan's value.
      if (cut.bound >= joined * (1 - TOLERANCE)) return this.#close(cut.bound);
      return this.#orders(node, bound);
    }
    const devices = [...chain.devices, ...chain.rest];
    const plan = normalisePlan(this.#problem, { stages: devices, stageOf: cut.labelOf });
    const { prediction, admissible } = this.#offer(plan);
    if (admissible && cut.bound >= this.#valueOf(prediction) * (1 - TOLERANCE)) return this.#close(cut.bound);
    return this.#refine({ ...node, chain: { devices, rest: [] }, prices, bound }, cut);
  }

  /** Offers the plans in which one of the rest takes all that the relaxation gives to it; the best value. */
  #offerEnds(chain: Chain, labelOf: Int32Array): number {
    let best = Number.POSITIVE_INFINITY;
    for (const end of chain.rest) {
      const plan = normalisePlan(this.#problem, { stages: [...chain.devices, end], stageOf: labelOf });
      const { prediction, admissible } = this.#offer(plan);
      if (admissible) best = Math.min(best, this.#valueOf(prediction));
    }
    return best;
  }

  /** One child per device that can come next. The chain that ends here is part of each of them. */
  #orders({ chain, depth, range, prices }: Node, bound: number): readonly Node[] {
    return chain.rest
      .filter((device) => {
        const earlier = i32(this.#before, device);
        return earlier < 0 || chain.devices.includes(earlier) || earlier === this.#problem.source;
      })
      .map((device) => {
        const devices = [...chain.devices, device];
        const rest = devices.length < depth ? chain.rest.filter((other) => other !== device) : [];
        return { chain: { devices, rest }, depth, range, prices, bound };
      });
  }

  /** Better prices for a full chain; if a gap stays, a split of the set by the label of one op. */
  #refine(node: Node, first: LadderCut): readonly Node[] {
    const prices = node.prices.slice();
    let best = first;
    let differing: OpLabel | null = null;
    for (const [index, { device }] of this.#resources.entries()) {
      if (device >= 0 && !node.chain.devices.includes(device)) continue;
      const priced = this.#raise(node, prices, index, best);
      if (priced === "stopped") return [node];
      if (priced === null) return this.#close(this.#target);
      best = priced.best;
      differing = priced.differing ?? differing;
    }
    const bound = Math.max(node.bound, best.bound);
    this.#hint = prices;
    if (bound >= this.#target) return this.#close(bound);
    const split = this.#splittable(node, differing) ?? this.#undecided(node, best.labelOf);
    // Every label is decided: the set is a single plan, which has been offered.
    if (split === null) return [];
    return this.#splitLabel({ ...node, prices, bound }, split.op, split.label);
  }

  /**
   * Raises one price as long as the bound grows: the bound is concave and piecewise linear in it, so the next price to
   * try is where the lines of the plans on both sides meet. Null when no plan of the node is better than the incumbent.
   */
  #raise(node: Node, prices: Float64Array, index: number, first: LadderCut): Priced | null | "stopped" {
    const { chain } = node;
    const resource = item(this.#resources, index);
    const excess = excessCosts(this.#problem, resource, chain);
    const line = (cut: LadderCut, price: number) => ({ cut, price, slope: ladderSum(this.#shape, excess, cut) });
    const at = (price: number) => {
      prices[index] = price;
      const cut = this.#cut(chain, prices, node.range);
      if (cut === null || cut === "stopped") return cut;
      this.#offer(normalisePlan(this.#problem, { stages: chain.devices, stageOf: cut.labelOf }));
      return line(cut, price);
    };
    let low = line(first, f64(prices, index));
    let best = low;
    let high: typeof low | null = null;
    if (low.slope < 0 && low.price > 0) {
      high = low;
      const free = at(0);
      if (free === null || free === "stopped") return free;
      low = free;
    }
    for (let step = 0; step < PRICE_STEPS && low.slope > 0 && (high === null || high.slope < 0); step++) {
      // At this price the plan of the lower line is as good as the best known one.
      const closing = low.price + (this.#target - low.cut.bound) / low.slope;
      let price = Math.min(resource.maxPrice, closing * (1 + TOLERANCE));
      if (high !== null) {
        const rise = high.cut.bound - low.cut.bound + low.slope * low.price - high.slope * high.price;
        price = rise / (low.slope - high.slope);
      }
      if (!(price > low.price) || (high !== null && price >= high.price)) break;
      const next = at(price);
      if (next === null || next === "stopped") return next;
      if (next.cut.bound > best.cut.bound) best = next;
      if (next.slope > 0) {
        low = next;
        if (price === resource.maxPrice) break;
      } else high = next;
      if (next.slope === 0) break;
    }
    prices[index] = best.price;
    return { best: best.cut, differing: high === null ? null : differingOp(low.cut.labelOf, high.cut.labelOf) };
  }

  /** The op, if its label is still free. */
  #splittable({ range, chain }: Node, split: OpLabel | null): OpLabel | null {
    if (split === null) return null;
    return isFree(range, chain, split.op) ? split : null;
  }

  /** Some op whose label is still free, the middle one; its label in the relaxation. */
  #undecided({ range, chain }: Node, labelOf: Int32Array): OpLabel | null {
    const free: number[] = [];
    for (let op = 0; op < labelOf.length; op++) if (isFree(range, chain, op)) free.push(op);
    const op = free[free.length >> 1];
    return op === undefined ? null : { op, label: i32(labelOf, op) };
  }

  #splitLabel(node: Node, op: number, label: number): readonly Node[] {
    const count = this.#problem.opCount;
    const last = node.chain.devices.length - 1;
    const range = node.range ?? { low: new Uint8Array(count), high: new Uint8Array(count).fill(last) };
    const high = Math.min(last, u8(range.high, op));
    const parts = [
      [u8(range.low, op), label - 1],
      [label, label],
      [label + 1, high],
    ] as const;
    return parts
      .filter(([from, to]) => from <= to && from >= u8(range.low, op) && to <= high)
      .map(([from, to]) => ({ ...node, range: { low: range.low.with(op, from), high: range.high.with(op, to) } }));
  }
}

interface OpLabel {
  readonly op: number;
  readonly label: number;
}

interface Priced {
  readonly best: LadderCut;
  /** An op whose label differs between two neighbouring relaxations. */
  readonly differing: OpLabel | null;
}

function isFree(range: LadderCosts["range"], { devices }: Chain, op: number): boolean {
  const last = devices.length - 1;
  return range === null ? last > 0 : u8(range.low, op) < Math.min(last, u8(range.high, op));
}

function differingOp(a: Int32Array, b: Int32Array): OpLabel | null {
  const differing: number[] = [];
  for (let op = 0; op < a.length; op++) if (i32(a, op) !== i32(b, op)) differing.push(op);
  const op = differing[differing.length >> 1];
  return op === undefined ? null : { op, label: i32(a, op) };
}

/** The mix of an objective without the period, and the weight of the period. */
export function splitMix(objective: Objective): { readonly mix: Mix; readonly period: number } {
  const { period = 0, ...mix } = weightsOf(objective);
  return { mix, period };
}
