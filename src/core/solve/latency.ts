import { at, f64, i32, item, u8 } from "../columns.ts";
import { MinHeap } from "../min-heap.ts";
import type { Plan } from "../plan/plan.ts";
import { normalisePlan, noSplitPlan } from "../plan/plan-edit.ts";
import type { Problem } from "../plan/problem.ts";
import { predict } from "../predict/predict.ts";
import type { Prediction } from "../predict/prediction.ts";
import { err, ok, type Result } from "../result.ts";
import { type Chain, type ChainTerms, chainTerms, latencyCosts, noPrices, type Prices } from "./chain-costs.ts";
import { whyNothingFits } from "./infeasible.ts";
import { type LadderCosts, ladderMinCut } from "./ladder-min-cut.ts";
import { type LadderShape, ladderShape } from "./ladder-shape.ts";
import { isBetter } from "./preference.ts";
import type { Certificate, Solution, SolveRequest, Solver } from "./solver.ts";
import { devicesBefore } from "./symmetry.ts";

const SCOPE = "over all contiguous placements, any order and subset of the devices";
const METHOD = "ladder minimum cut, branch and bound over device orders";

/** What is not better than the incumbent by this fraction is not looked for. */
const TOLERANCE = 1e-9;
const OPTIMAL_GAP = 1e-6;
/** Minimum cuts before the search ends with a gap. */
const CUT_LIMIT = 4000;
/** Prices tried per device and node. */
const PRICE_STEPS = 8;

/** A set of plans that is still open: those of a chain, ops within a range of its labels. */
interface Node {
  readonly chain: Chain;
  readonly range: LadderCosts["range"];
  readonly prices: Prices;
  /** No plan of the set is faster. */
  readonly bound: number;
}

interface Relaxation {
  readonly bound: number;
  readonly labelOf: Int32Array;
}

/** Branch and bound: best bound first. One instance per problem. */
class LatencySearch {
  readonly #problem: Problem;
  readonly #terms: ChainTerms;
  readonly #shape: LadderShape;
  readonly #before: Int32Array;
  /** More than any plan that can run takes. */
  readonly #ceiling: number;
  /** Devices whose weights may not fit their on-chip memory, or their memory. */
  readonly #spilling: readonly number[];
  readonly #tight: readonly number[];
  #incumbent: { plan: Plan; prediction: Prediction } | null = null;
  /** Least bound among the sets that were given up as not better than the incumbent. */
  #closedBound = Number.POSITIVE_INFINITY;
  #cuts = 0;

  constructor(problem: Problem) {
    this.#problem = problem;
    this.#terms = chainTerms(problem);
    this.#shape = ladderShape(problem);
    this.#before = devicesBefore(problem);
    this.#ceiling = ceiling(this.#terms);
    const total = problem.devices.map(({ weightBytes }) => weightBytes.reduce((sum, size) => sum + size, 0));
    const numbers = problem.devices.map((_, device) => device);
    this.#spilling = numbers.filter((device) => {
      const { onChipBytes, streamingSecondsPerByte } = item(problem.devices, device);
      return streamingSecondsPerByte > 0 && at(total, device) > onChipBytes;
    });
    this.#tight = numbers.filter((device) => at(total, device) > item(problem.devices, device).memoryBytes);
  }

  get #value(): number {
    return this.#incumbent?.prediction.latencySeconds ?? Number.POSITIVE_INFINITY;
  }

  /** Only plans that take less than this are looked for. */
  get #target(): number {
    return this.#incumbent === null ? this.#ceiling : this.#value * (1 - TOLERANCE);
  }

  #offer(plan: Plan): Prediction {
    const prediction = predict(this.#problem, plan);
    const fits = prediction.devices.every((device) => device.fits);
    const possible = fits && prediction.latencySeconds < Number.POSITIVE_INFINITY;
    const current = this.#incumbent?.prediction;
    if (possible && (current === undefined || isBetter("latency", prediction, current)))
      this.#incumbent = { plan, prediction };
    return prediction;
  }

  run(request: SolveRequest): Result<Solution> {
    const { problem } = { problem: this.#problem };
    for (const device of problem.devices.keys()) this.#offer(noSplitPlan(problem, device));
    const rest = [...problem.devices.keys()].filter((device) => device !== problem.source);
    const open = new MinHeap<Node>((node) => node.bound);
    open.push({ chain: { devices: [problem.source], rest }, range: null, prices: noPrices(problem), bound: 0 });
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      if (node.bound >= this.#target) {
        this.#closedBound = Math.min(this.#closedBound, node.bound);
        break;
      }
      for (const child of this.#expand(node)) open.push(child);
      const bound = Math.min(open.least(), this.#closedBound, this.#value);
      const fraction = this.#incumbent === null ? 0 : bound / this.#value;
      const incumbent = this.#incumbent === null ? null : { plan: this.#incumbent.plan, value: this.#value };
      request.onProgress?.({ fraction, incumbent, bound });
      if (this.#cuts >= CUT_LIMIT || request.shouldStop?.() === true) {
        this.#closedBound = Math.min(this.#closedBound, open.least());
        break;
      }
    }
    return this.#solution();
  }

  #solution(): Result<Solution> {
    if (this.#incumbent === null) return err(whyNothingFits(this.#problem));
    const { plan, prediction } = this.#incumbent;
    const value = prediction.latencySeconds;
    const bound = Math.min(value, this.#closedBound);
    const status: Certificate["status"] = value - bound <= OPTIMAL_GAP * value ? "optimal" : "gap";
    const certificate = { status, bound, scope: SCOPE };
    return ok({ objective: "latency", plan, prediction, value, certificate, method: METHOD });
  }

  #cut(chain: Chain, prices: Prices, range: LadderCosts["range"]): Relaxation | null {
    this.#cuts++;
    return ladderMinCut(this.#shape, latencyCosts(this.#terms, chain, prices, range), this.#target);
  }

  #close(bound: number): readonly Node[] {
    this.#closedBound = Math.min(this.#closedBound, bound);
    return [];
  }

  /** Sets that together hold every plan of the node that could be better than the incumbent. */
  #expand(node: Node): readonly Node[] {
    const { chain, range } = node;
    const target = this.#target;
    const cut = this.#cut(chain, node.prices, range);
    if (cut === null) return this.#close(target);
    if (chain.rest.length > 1) {
      const joined = this.#offerEnds(chain, cut.labelOf);
      // Where the bound needs none of the rest, or is reached by one of them alone, it is a plan's latency.
      if (cut.bound >= joined * (1 - TOLERANCE)) return this.#close(cut.bound);
      return this.#orders(node, cut.bound);
    }
    const devices = [...chain.devices, ...chain.rest];
    const plan = normalisePlan(this.#problem, { stages: devices, stageOf: cut.labelOf });
    const prediction = this.#offer(plan);
    const fits = prediction.devices.every((device) => device.fits);
    const exact = fits && cut.bound >= prediction.latencySeconds * (1 - TOLERANCE);
    if (exact) return this.#close(cut.bound);
    return this.#refine({ ...node, chain: { devices, rest: [] } }, cut);
  }

  /** Offers the plans in which one of the rest takes all that the relaxation gives to it; the fastest latency. */
  #offerEnds(chain: Chain, labelOf: Int32Array): number {
    let fastest = Number.POSITIVE_INFINITY;
    for (const end of chain.rest) {
      const plan = normalisePlan(this.#problem, { stages: [...chain.devices, end], stageOf: labelOf });
      const prediction = this.#offer(plan);
      if (prediction.devices.every(({ fits }) => fits)) fastest = Math.min(fastest, prediction.latencySeconds);
    }
    return fastest;
  }

  /** One child per device that can come next. The chain that ends here is part of each of them. */
  #orders({ chain, range, prices }: Node, bound: number): readonly Node[] {
    return chain.rest
      .filter((device) => {
        const earlier = i32(this.#before, device);
        return earlier < 0 || chain.devices.includes(earlier) || earlier === this.#problem.source;
      })
      .map((device) => {
        const rest = chain.rest.filter((other) => other !== device);
        return { chain: { devices: [...chain.devices, device], rest }, range, prices, bound };
      });
  }

  /** Better prices for a full chain; if a gap stays, a split of the set by the label of one op. */
  #refine(node: Node, first: Relaxation): readonly Node[] {
    const { devices } = node.chain;
    const prices: Prices = { spill: node.prices.spill.slice(), memory: node.prices.memory.slice() };
    let best = first;
    let differing: { op: number; label: number } | null = null;
    for (const kind of ["spill", "memory"] as const) {
      for (const device of kind === "spill" ? this.#spilling : this.#tight) {
        if (!devices.includes(device)) continue;
        const priced = this.#raise(node, prices, kind, device, best);
        if (priced === null) return this.#close(this.#target);
        best = priced.best;
        differing = priced.differing ?? differing;
      }
    }
    const bound = Math.max(node.bound, best.bound);
    if (bound >= this.#target) return this.#close(bound);
    const split = differing ?? this.#undecided(node, best.labelOf);
    // Every label is decided: the set is a single plan, which has been offered.
    if (split === null) return [];
    return this.#splitLabel({ ...node, prices, bound }, split.op, split.label);
  }

  /** Bytes by which the even shares of a device's weights exceed its room: the slope of the bound over the price. */
  #excess(labelOf: Int32Array, label: number, kind: keyof Prices, device: number): number {
    const { onChipBytes, memoryBytes } = item(this.#problem.devices, device);
    const share = item(this.#terms.weightShare, device);
    let held = 0;
    for (let op = 0; op < labelOf.length; op++) if (i32(labelOf, op) === label) held += f64(share, op);
    return held - (kind === "spill" ? onChipBytes : memoryBytes);
  }

  /**
   * Raises one price as long as the bound grows: the bound is concave and piecewise linear in it, so the next price to
   * try is where the lines of the plans on both sides meet. Null when no plan of the node is better than the incumbent.
   */
  #raise(node: Node, prices: Prices, kind: keyof Prices, device: number, first: Relaxation): Priced | null {
    const { devices } = node.chain;
    const label = devices.indexOf(device);
    const line = (cut: Relaxation, price: number) => ({
      cut,
      price,
      slope: this.#excess(cut.labelOf, label, kind, device),
    });
    const at = (price: number) => {
      prices[kind][device] = price;
      const cut = this.#cut(node.chain, prices, node.range);
      if (cut !== null) this.#offer(normalisePlan(this.#problem, { stages: devices, stageOf: cut.labelOf }));
      return cut === null ? null : line(cut, price);
    };
    const top = item(this.#problem.devices, device).streamingSecondsPerByte;
    let low = line(first, f64(prices[kind], device));
    let best = low;
    let high: typeof low | null = null;
    if (low.slope < 0 && low.price > 0) {
      high = low;
      const free = at(0);
      if (free === null) return null;
      low = free;
    }
    for (let step = 0; step < PRICE_STEPS && low.slope > 0 && (high === null || high.slope < 0); step++) {
      const grown =
        low.price > 0 ? low.price * 4 : this.#ceiling / (16 * (1 + item(this.#problem.devices, device).memoryBytes));
      let price = kind === "spill" ? top : grown;
      if (high !== null) {
        const rise = high.cut.bound - low.cut.bound + low.slope * low.price - high.slope * high.price;
        price = rise / (low.slope - high.slope);
      }
      if (price <= low.price || (high !== null && price >= high.price)) break;
      const next = at(price);
      if (next === null) return null;
      if (next.cut.bound > best.cut.bound) best = next;
      if (next.slope > 0) {
        low = next;
        if (kind === "spill" && price === top) break;
      } else high = next;
      if (next.slope === 0) break;
    }
    prices[kind][device] = best.price;
    return { best: best.cut, differing: high === null ? null : differingOp(low.cut.labelOf, high.cut.labelOf, label) };
  }

  /** Some op whose label is still free, the middle one; its label in the relaxation. */
  #undecided(node: Node, labelOf: Int32Array): { op: number; label: number } | null {
    const { range, chain } = node;
    const free: number[] = [];
    for (let op = 0; op < labelOf.length; op++) {
      if (range === null ? chain.devices.length > 1 : u8(range.low, op) < u8(range.high, op)) free.push(op);
    }
    const op = free[free.length >> 1];
    return op === undefined ? null : { op, label: i32(labelOf, op) };
  }

  #splitLabel(node: Node, op: number, label: number): readonly Node[] {
    const count = this.#problem.opCount;
    const range = node.range ?? {
      low: new Uint8Array(count),
      high: new Uint8Array(count).fill(node.chain.devices.length - 1),
    };
    const parts = [
      [u8(range.low, op), label - 1],
      [label, label],
      [label + 1, u8(range.high, op)],
    ] as const;
    return parts
      .filter(([low, high]) => low <= high && low >= u8(range.low, op) && high <= u8(range.high, op))
      .map(([low, high]) => ({ ...node, range: { low: range.low.with(op, low), high: range.high.with(op, high) } }));
  }
}

interface Priced {
  readonly best: Relaxation;
  /** An op that is on the device in one of two neighbouring relaxations only, and the device's label. */
  readonly differing: { readonly op: number; readonly label: number } | null;
}

function differingOp(a: Int32Array, b: Int32Array, label: number): Priced["differing"] {
  const differing: number[] = [];
  for (let op = 0; op < a.length; op++) if ((i32(a, op) === label) !== (i32(b, op) === label)) differing.push(op);
  const op = differing[differing.length >> 1];
  return op === undefined ? null : { op, label };
}

/** A latency above that of every plan that can run: each term at its largest. */
function ceiling({ problem, returnBytes }: ChainTerms): number {
  let total = 0;
  for (let op = 0; op < problem.opCount; op++) {
    let most = 0;
    for (const { opSeconds } of problem.devices) {
      const seconds = f64(opSeconds, op);
      if (seconds !== Number.POSITIVE_INFINITY) most = Math.max(most, seconds);
    }
    total += most;
  }
  const wire = problem.tensorWireBytes.reduce((sum, size) => sum + size, returnBytes);
  for (const [index, device] of problem.devices.entries()) {
    const weights = device.weightBytes.reduce((sum, size) => sum + size, 0);
    total += device.stageOverheadSeconds + weights * device.streamingSecondsPerByte;
    const routes = problem.routes.flatMap((row) => row[index] ?? []);
    total += routes.reduce((most, route) => Math.max(most, route.latency + wire * route.secondsPerByte), 0);
  }
  return 2 * total + Number.MIN_VALUE;
}

/** Least single-inference latency, proven over all contiguous placements. */
export const latencySolver: Solver = {
  id: "latency-ladder",
  handles: (_, { objective }) => (objective === "latency" ? "exact" : false),
  solve: (problem, request) => new LatencySearch(problem).run(request),
};
