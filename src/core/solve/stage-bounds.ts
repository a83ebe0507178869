import { f64, i32, item } from "../columns.ts";
import { type Lattice, sumOver } from "./lattice.ts";
import type { DeviceKind, StageGraph } from "./stage-graph.ts";

/** Share by which sums of the same terms in another order differ at most. */
const ROUNDING = 1e-12;

/** How many devices of each kind are in use, as one number (mixed radix, the first kind lowest). */
export class DeviceCounts {
  readonly codes: number;
  readonly #sizes: readonly number[];
  readonly #strides: readonly number[];
  /** By code and kind, the code with one more device of the kind; -1 where there is none, or no stage left. */
  readonly #next: Int32Array;

  constructor(sizes: readonly number[], maxStages: number) {
    this.#sizes = sizes;
    this.codes = DeviceCounts.codesOf(sizes);
    const strides: number[] = [];
    for (let stride = 1, kind = 0; kind < sizes.length; stride *= item(sizes, kind++) + 1) strides.push(stride);
    this.#strides = strides;
    this.#next = new Int32Array(this.codes * sizes.length).fill(-1);
    for (let code = 0; code < this.codes; code++) {
      const used = sizes.reduce((total, _, kind) => total + this.used(code, kind), 0);
      if (used >= maxStages) continue;
      for (const [kind, size] of sizes.entries()) {
        if (this.used(code, kind) < size) this.#next[code * sizes.length + kind] = code + item(strides, kind);
      }
    }
  }

  /** Number of codes for so many devices of each kind. */
  static codesOf(sizes: readonly number[]): number {
    return sizes.reduce((product, size) => product * (size + 1), 1);
  }

  used(code: number, kind: number): number {
    return Math.floor(code / item(this.#strides, kind)) % (item(this.#sizes, kind) + 1);
  }

  next(code: number, kind: number): number {
    return i32(this.#next, code * this.#sizes.length + kind);
  }

  /** Whether `one` uses no more devices of any kind than `two`. */
  isWithin(one: number, two: number): boolean {
    return this.#sizes.every((_, kind) => this.used(one, kind) <= this.used(two, kind));
  }
}

/** Weights of the kinds' time such that an hour of each counts by what the kind gets done in it. */
function weightings(kinds: readonly DeviceKind[]): number[][] {
  const runnable = (kind: DeviceKind) => kind.seconds.filter((value) => value < Number.POSITIVE_INFINITY);
  const equal = kinds.map(() => 1);
  const bySpeed = kinds.map((kind) => {
    const ops = runnable(kind);
    const total = ops.reduce((sum, seconds) => sum + seconds, 0);
    return total > 0 ? ops.length / total : 1;
  });
  return [equal, bySpeed];
}

/**
 * Lower bounds on what is left to run: with weights w of the kinds, each op takes at least min over kinds of w x its
 * seconds, and the devices left give at most w x limit each.
 */
export class WorkBounds {
  readonly #count: number;
  /** By set and weighting: least weighted seconds of all ops outside the set. */
  readonly #left: Float64Array;
  /** By code and weighting: weights of the devices not in use, summed. */
  readonly #room: Float64Array;

  /** `source` runs nothing after the first stage. */
  constructor({ kinds, wiring }: StageGraph, lattice: Lattice, counts: DeviceCounts, source: number) {
    const all = weightings(kinds);
    this.#count = all.length;
    this.#left = new Float64Array(lattice.count * all.length);
    this.#room = new Float64Array(counts.codes * all.length);
    for (const [index, weights] of all.entries()) {
      const least = Float64Array.from({ length: wiring.opCount }, (_, op) => {
        const options = kinds.map(({ seconds }, kind) => f64(seconds, op) * item(weights, kind));
        const fewest = Math.min(...options);
        return fewest < Number.POSITIVE_INFINITY ? fewest : 0;
      });
      const total = least.reduce((sum, seconds) => sum + seconds, 0);
      // Sums in another order differ: what is left of all ops must not come out above nothing.
      for (const [set, done] of sumOver(lattice, least).entries())
        this.#left[set * all.length + index] = total - done - total * ROUNDING;
      for (let code = 0; code < counts.codes; code++) {
        const free = kinds.map(({ devices }, kind) => (kind === source ? 0 : devices.length - counts.used(code, kind)));
        const room = free.reduce((sum, count, kind) => sum + count * item(weights, kind), 0);
        this.#room[code * all.length + index] = room;
      }
    }
  }

  /** False only if no devices left after `code` can run what is outside `set`, each in less than `limit`. O(1). */
  admits(set: number, code: number, limit: number): boolean {
    const count = this.#count;
    for (let i = 0; i < count; i++) {
      if (f64(this.#left, set * count + i) > f64(this.#room, code * count + i) * limit) return false;
    }
    return true;
  }
}
