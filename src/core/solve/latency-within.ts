import { at, f64, i32, item, row } from "../columns.ts";
import { frontierBytes, planFromBoundaries } from "../plan/order.ts";
import type { Plan } from "../plan/plan.ts";
import type { Problem, Route } from "../plan/problem.ts";
import { messageSeconds, returnBytes } from "../predict/terms.ts";
import { has } from "./device-set.ts";
import { devicesBefore } from "./symmetry.ts";

/** Positions looked at over all transitions between states; what is left then are chains of more devices. */
const WORK_LIMIT = 4_000_000;
/** Relative difference by which two sums of the same seconds may differ. */
const ROUNDING = 1e-9;

/** Chains over a set of devices, in whatever order, that end on one of them. */
interface State {
  readonly used: number;
  readonly last: number;
  /** Per position: least latency until the first ops up to it have run; Infinity where no chain gets there. */
  readonly latency: Float64Array;
  /** Per position: where the last stage began. */
  readonly start: Int32Array;
  /** Per position where a last stage can begin: the state before; null for the source. */
  readonly before: readonly (State | null)[];
}

/** A plan with the latency that it has if spill and what links share are left out. */
export interface TimedPlan {
  readonly plan: Plan;
  readonly latencySeconds: number;
}

/**
 * Of the ways to cut one topological order for any devices in any order, each at most once and the source first, those
 * in which no stage and no message keeps its device or a link busy for more than `limit` seconds: for each set of
 * devices and each last one among them the plan of least latency, if that is at most `most` seconds; the fastest first,
 * of equals the one of fewer stages. Ends with what it has once `shouldStop` says so. Weights fit the devices' memories; spill, activations and resources shared by messages are left out: predict the plans.
 * A stage's best beginning is a minimum over a window that moves with its end, so that
 * O(2^devices x devices^2 x ops + devices x ops x ops that fit one stage), the first term up to `WORK_LIMIT`.
 */
export function fastestWithin(
  problem: Problem,
  order: Int32Array,
  limit: number,
  most: number,
  shouldStop: () => boolean = () => false,
): readonly TimedPlan[] {
  return new FastestChains(problem, order, limit, most).run(shouldStop);
}

class FastestChains {
  readonly #problem: Problem;
  readonly #order: Int32Array;
  readonly #limit: number;
  readonly #bytes: Float64Array;
  readonly #windows: readonly Window[];
  /** Per position: the most latency with which a chain may come there, if all else runs at its fastest. */
  readonly #most: Float64Array;
  readonly #before: Int32Array;

  constructor(problem: Problem, order: Int32Array, limit: number, most: number) {
    this.#problem = problem;
    this.#order = order;
    this.#limit = limit;
    this.#bytes = frontierBytes(problem, order);
    this.#windows = problem.devices.map((_, device) => windowOf(problem, order, device, limit));
    this.#most = latestAt(problem, order, most);
    this.#before = devicesBefore(problem);
  }

  run(shouldStop: () => boolean): readonly TimedPlan[] {
    const { devices, source } = this.#problem;
    const count = this.#order.length;
    const found: TimedPlan[] = [];
    const note = (state: State) => {
      const latencySeconds = f64(state.latency, count) + this.#returnSeconds(state.last);
      if (latencySeconds <= f64(this.#most, count)) found.push({ plan: this.#planOf(state), latencySeconds });
    };
    const entry = new Float64Array(count + 1).fill(Number.POSITIVE_INFINITY);
    entry[0] = 0;
    const first = this.#stage(source, 0, entry, []);
    first.latency[0] = 0;
    note(first);
    let work = 0;
    for (let layer: readonly State[] = [first]; layer.length > 0; ) {
      const next: State[] = [];
      for (const used of new Set(layer.map((state) => state.used))) {
        const begun = layer.filter((state) => state.used === used);
        for (let device = 0; device < devices.length; device++) {
          const earlier = i32(this.#before, device);
          if (has(used, device) || (earlier >= 0 && !has(used, earlier))) continue;
          work += begun.length * count;
          if (work > WORK_LIMIT || shouldStop()) return sorted(found);
          const state = this.#extend(begun, device);
          if (state.latency.every((seconds) => seconds === Number.POSITIVE_INFINITY)) continue;
          note(state);
          next.push(state);
        }
      }
      layer = next;
    }
    return sorted(found);
  }

  /** `device` takes over from whichever of the states gets a position there first. */
  #extend(begun: readonly State[], device: number): State {
    const count = this.#order.length;
    const entry = new Float64Array(count + 1).fill(Number.POSITIVE_INFINITY);
    const from: (State | null)[] = Array.from({ length: count + 1 }, () => null);
    for (const state of begun) {
      const route = item(item(this.#problem.routes, state.last), device);
      if (route === null) continue;
      const slowest = slowestHop(route);
      for (let position = 0; position < count; position++) {
        const size = f64(this.#bytes, position);
        // A forbidden cut has NaN bytes, which no limit admits.
        if (!(size * slowest <= this.#limit)) continue;
        const seconds = f64(state.latency, position) + messageSeconds(route, size);
        if (seconds >= f64(entry, position)) continue;
        entry[position] = seconds;
        from[position] = state;
      }
    }
    return this.#stage(device, item(begun, 0).used, entry, from);
  }

  /** A stage on `device` from each position, at the latency with which it can begin there, to each later one. */
  #stage(device: number, used: number, entry: Float64Array, before: readonly (State | null)[]): State {
    const count = this.#order.length;
    const { first, seconds } = item(this.#windows, device);
    const overhead = item(this.#problem.devices, device).stageOverheadSeconds;
    const latency = new Float64Array(count + 1).fill(Number.POSITIVE_INFINITY);
    const start = new Int32Array(count + 1).fill(-1);
    // Beginnings that may still be the best for some end: ascending, each better than those before it are later.
    const waiting = new Int32Array(count + 1);
    let head = 0;
    let tail = 0;
    const gain = (position: number) => f64(entry, position) - f64(seconds, position);
    for (let end = 1; end <= count; end++) {
      if (f64(entry, end - 1) < Number.POSITIVE_INFINITY) {
        while (tail > head && gain(i32(waiting, tail - 1)) > gain(end - 1)) tail--;
        waiting[tail++] = end - 1;
      }
      while (head < tail && i32(waiting, head) < i32(first, end)) head++;
      if (head === tail) continue;
      const begin = i32(waiting, head);
      const there = gain(begin) + f64(seconds, end) + overhead;
      if (there > f64(this.#most, end)) continue;
      latency[end] = there;
      start[end] = begin;
    }
    return { used: used + 2 ** device, last: device, latency, start, before };
  }

  #returnSeconds(last: number): number {
    const { routes, sink } = this.#problem;
    const route = item(item(routes, last), sink);
    const size = returnBytes(this.#problem);
    if (last === sink) return 0;
    return route === null || size * slowestHop(route) > this.#limit
      ? Number.POSITIVE_INFINITY
      : messageSeconds(route, size);
  }

  #planOf(last: State): Plan {
    const sequence: number[] = [];
    const positions: number[] = [];
    let position = this.#order.length;
    for (let state: State | null = last; state !== null; ) {
      sequence.push(state.last);
      position = Math.max(0, i32(state.start, position));
      positions.push(position);
      state = state.before[position] ?? null;
    }
    return planFromBoundaries(this.#order, positions.reverse().slice(1), sequence.reverse());
  }
}

function sorted(plans: TimedPlan[]): readonly TimedPlan[] {
  return plans.sort((a, b) => a.latencySeconds - b.latencySeconds || a.plan.stages.length - b.plan.stages.length);
}

function slowestHop({ hops }: Route): number {
  return hops.reduce((most, hop) => Math.max(most, hop.secondsPerByte), 0);
}

/** What one stage on a device can hold, along an order. */
interface Window {
  /** Per end: the first position at which a stage that ends there can begin; the end itself where none can. */
  readonly first: Int32Array;
  /** Seconds of the ops before each position, unsupported ones left out. */
  readonly seconds: Float64Array;
}

function windowOf(problem: Problem, order: Int32Array, device: number, limit: number): Window {
  const { opSeconds, stageOverheadSeconds } = item(problem.devices, device);
  const fitting = firstFitting(problem, order, device);
  const first = new Int32Array(order.length + 1);
  const seconds = new Float64Array(order.length + 1);
  for (let end = 1; end <= order.length; end++) {
    const own = f64(opSeconds, i32(order, end - 1));
    seconds[end] = f64(seconds, end - 1) + (own === Number.POSITIVE_INFINITY ? 0 : own);
    // Summed afresh for each end: a difference of two long sums would be too coarse to hold against the limit.
    let work = stageOverheadSeconds;
    let start = end;
    const earliest = Math.max(i32(first, end - 1), i32(fitting, end));
    if (limit === Number.POSITIVE_INFINITY) start = Math.max(earliest, own === limit ? end : 0);
    while (start > earliest) {
      work += f64(opSeconds, i32(order, start - 1));
      if (work > limit) break;
      start--;
    }
    first[end] = start;
  }
  return { first, seconds };
}

/**
 * Per end: the first position from which the ops up to there have weights that the device holds. A weight that several
 * ops read counts once. O(weight reads).
 */
function firstFitting(problem: Problem, order: Int32Array, device: number): Int32Array {
  const { weightBytes, memoryBytes } = item(problem.devices, device);
  const readers = new Int32Array(weightBytes.length);
  const first = new Int32Array(order.length + 1);
  let held = 0;
  let start = 0;
  for (let end = 1; end <= order.length; end++) {
    for (const weight of row(problem.opWeights, i32(order, end - 1))) {
      if (i32(readers, weight) === 0) held += f64(weightBytes, weight);
      readers[weight] = i32(readers, weight) + 1;
    }
    for (; held > memoryBytes && start < end; start++) {
      for (const weight of row(problem.opWeights, i32(order, start))) {
        readers[weight] = i32(readers, weight) - 1;
        if (i32(readers, weight) === 0) held -= f64(weightBytes, weight);
      }
    }
    first[end] = start;
  }
  return first;
}

/** `most`, and what sums may be off by rounding, less the seconds of the ops after each position, each at its fastest. */
function latestAt(problem: Problem, order: Int32Array, most: number): Float64Array {
  const latest = new Float64Array(order.length + 1);
  latest[order.length] = most * (1 + ROUNDING);
  for (let position = order.length - 1; position >= 0; position--) {
    const op = i32(order, position);
    let least = Number.POSITIVE_INFINITY;
    for (const { opSeconds } of problem.devices) least = Math.min(least, at(opSeconds, op));
    latest[position] = f64(latest, position + 1) - least;
  }
  return latest;
}
