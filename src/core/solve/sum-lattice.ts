import { f64, i32, item, row } from "../columns.ts";
import type { Plan } from "../plan/plan.ts";
import type { Problem } from "../plan/problem.ts";
import { has } from "./device-set.ts";
import { type Lattice, sumOver } from "./lattice.ts";
import { type LiveLevels, liveLevels } from "./live-levels.ts";
import { planOfSets } from "./reach.ts";
import { StageFronts } from "./stage-fronts.ts";
import { type SumObjective, weightShares } from "./sum-terms.ts";
import { devicesBefore } from "./symmetry.ts";

/** Sums of the same terms in another order differ by no more than this share. */
const ROUNDING = 1e-9;

/** Chains over a set of devices, in whatever order, that end on one of them. */
interface State {
  readonly used: number;
  readonly last: number;
  /** Per down-set: the least cost of a chain that has run it and no more; Infinity where none has. */
  readonly cost: Float64Array;
  /** Per down-set: where the last stage began. */
  readonly start: Int32Array;
  /** Per down-set where the last stage can begin: the state before; null for the source. */
  readonly before: readonly (State | null)[];
}

/** A plan, and what it costs as far as the search knows. */
export interface CostedPlan {
  readonly plan: Plan;
  readonly cost: number;
}

/**
 * The least of a sum over all chains of down-sets, any order and subset of the devices, where the weights of each stage
 * fit its device's memory, with what is live there at least while any one of its ops runs: a dynamic program over sets
 * of devices, the last of them, and down-sets. Of a stage's beginnings only those are kept that no later one is as cheap
 * as: the later it began, the fewer weights it holds. The streaming of weights beyond the on-chip memory counts exactly;
 * a weight that several ops read counts in equal parts, so that no plan is below the answer.
 * O(2^devices x devices^2 x sets x width x beginnings kept).
 */
export class SumLattice {
  readonly #problem: Problem;
  readonly #objective: SumObjective;
  readonly #lattice: Lattice;
  readonly #before: Int32Array;
  readonly #fronts: StageFronts;
  /** Per device: cost of the ops of each down-set, and their weights. */
  readonly #costs: readonly Float64Array[];
  readonly #weights: readonly Float64Array[];
  readonly #levels: LiveLevels;
  /** Per down-set: what all ops outside it cost at least. */
  readonly #left: Float64Array;
  readonly #shouldStop: () => boolean;

  /** `shouldStop` is asked a few ms apart. */
  constructor(problem: Problem, objective: SumObjective, lattice: Lattice, shouldStop: () => boolean) {
    this.#problem = problem;
    this.#objective = objective;
    this.#lattice = lattice;
    this.#shouldStop = shouldStop;
    this.#before = devicesBefore(problem);
    this.#levels = liveLevels(problem);
    this.#fronts = new StageFronts(lattice, shouldStop);
    const { ops } = objective.terms;
    const columnOf = (device: number) => item(ops, device) ?? new Float64Array(problem.opCount);
    const finite = (column: Float64Array) => column.map((cost) => (cost === Number.POSITIVE_INFINITY ? 0 : cost));
    this.#costs = problem.devices.map((_, device) => sumOver(lattice, finite(columnOf(device))));
    this.#weights = weightShares(problem).map((share) => sumOver(lattice, share));
    const least = Float64Array.from({ length: problem.opCount }, (_, op) =>
      Math.min(...problem.devices.map((_, device) => f64(columnOf(device), op))),
    );
    const total = least.reduce((sum, cost) => sum + cost, 0);
    this.#left = sumOver(lattice, least).map((done) => total - done - ROUNDING * total);
  }

  /**
   * The best chain that costs less than `limit` and holds on each device no more weights than its `room`; null if there
   * is none, "unknown" if the search was ended.
   */
  best(limit: number, room: readonly number[]): CostedPlan | null | "unknown" {
    const { source, devices } = this.#problem;
    const { returns } = this.#objective.terms;
    const full = this.#lattice.count - 1;
    const entry = new Float64Array(full + 1).fill(Number.POSITIVE_INFINITY);
    entry[0] = 0;
    const first = this.#stage(source, 0, { cost: entry, from: [] }, limit, item(room, source));
    if (first === "unknown") return first;
    first.cost[0] = 0;
    let top = limit;
    let best: State | null = null;
    for (let layer: readonly State[] = [first]; layer.length > 0; ) {
      for (const state of layer) {
        const cost = f64(state.cost, full) + f64(returns, state.last);
        if (!(cost < top)) continue;
        top = cost;
        best = state;
      }
      const next: State[] = [];
      for (const used of new Set(layer.map((state) => state.used))) {
        const begun = layer.filter((state) => state.used === used);
        for (let device = 0; device < devices.length; device++) {
          const earlier = i32(this.#before, device);
          if (has(used, device) || (earlier >= 0 && !has(used, earlier))) continue;
          const state = this.#stage(device, used, this.#entries(begun, device, top), top, item(room, device));
          if (state === "unknown") return state;
          if (state.cost.some((cost) => cost < Number.POSITIVE_INFINITY)) next.push(state);
        }
      }
      layer = next;
    }
    return best === null ? null : { plan: this.#planOf(best), cost: top };
  }

  /** For each down-set the cheapest chain after which `device` can take over, its message to it paid for. */
  #entries(begun: readonly State[], device: number, top: number) {
    const { count, bytes } = this.#lattice;
    const { perByte, perMessage } = this.#objective.terms;
    const cost = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
    const from: (State | null)[] = Array.from({ length: count }, () => null);
    for (const state of begun) {
      const pair = state.last * this.#problem.devices.length + device;
      const message = f64(perMessage, pair);
      const rate = f64(perByte, pair);
      if (message === Number.POSITIVE_INFINITY) continue;
      for (let set = 0; set < count - 1; set++) {
        // A forbidden cut has NaN bytes, and is below nothing.
        const here = f64(state.cost, set) + message + rate * f64(bytes, set);
        if (!(here < f64(cost, set)) || here + f64(this.#left, set) >= top) continue;
        cost[set] = here;
        from[set] = state;
      }
    }
    return { cost, from };
  }

  #stage(
    device: number,
    used: number,
    entry: { readonly cost: Float64Array; readonly from: readonly (State | null)[] },
    top: number,
    room: number,
  ): State | "unknown" {
    if (this.#shouldStop()) return "unknown";
    const { terms, perStreamedByte } = this.#objective;
    const { onChipBytes } = item(this.#problem.devices, device);
    const ends = this.#fronts.stage({
      entry: entry.cost,
      overhead: f64(terms.stages, device),
      opCost: item(terms.ops, device),
      costs: item(this.#costs, device),
      weights: item(this.#weights, device),
      left: this.#left,
      top,
      room: room * (1 + ROUNDING),
      ...this.#levels,
      onChip: onChipBytes,
      perStreamedByte: f64(perStreamedByte, device),
    });
    return ends === "unknown" ? ends : { used: used + 2 ** device, last: device, ...ends, before: entry.from };
  }

  #planOf(last: State): Plan {
    const stages: number[] = [];
    const ends: number[] = [];
    let set = this.#lattice.count - 1;
    for (let state: State | null = last; state !== null; ) {
      stages.push(state.last);
      ends.push(set);
      set = Math.max(0, i32(state.start, set));
      state = state.before[set] ?? null;
    }
    return planOfSets(this.#lattice, stages.reverse(), ends.reverse());
  }
}

/** Whether a constraint is set that a dynamic program over costs and weights does not know of. */
export function isBeyondWeights({ maxStages, devices, groupOf, linkMaxBytes, queuedFrames }: Problem): boolean {
  return (
    maxStages < devices.length ||
    queuedFrames > 0 ||
    groupOf.some((group) => group >= 0) ||
    linkMaxBytes.some((limit) => limit < Number.POSITIVE_INFINITY)
  );
}

/** Whether some device might not hold all weights. */
export function isMemoryTight({ devices, opWeights, opCount }: Problem): boolean {
  const held = new Set(Array.from({ length: opCount }, (_, op) => [...row(opWeights, op)]).flat());
  return devices.some(({ weightBytes, memoryBytes }) => {
    let total = 0;
    for (const weight of held) total += f64(weightBytes, weight);
    return total > memoryBytes;
  });
}
