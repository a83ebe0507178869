import { f64, i32, u8 } from "../columns.ts";
import type { Lattice } from "./lattice.ts";

/** Down-sets looked at between two questions whether to stop. */
const SETS_PER_STOP = 1024;

/** Levels by which stages are told apart by what is live in them at least. */
export const LEVELS = 4;

/** What one stage on one device costs and holds; columns are by down-set where nothing else is said. */
export interface StageCosts {
  /** Cost with which the stage can begin; Infinity where it cannot. */
  readonly entry: Float64Array;
  /** Cost of the stage as such. */
  readonly overhead: number;
  /** By op, Infinity where the device cannot run it; null if ops cost nothing. */
  readonly opCost: Float64Array | null;
  /** Summed over the ops of the set. */
  readonly costs: Float64Array;
  readonly weights: Float64Array;
  /** What the ops outside the set cost at least. */
  readonly left: Float64Array;
  /** Chains that come to this much are not wanted. */
  readonly top: number;
  /** By op, the level of what is live while it runs; by level, how many bytes that is at least. The lowest are 0. */
  readonly levelOf: Uint8Array;
  readonly levelBytes: Float64Array;
  /** Bytes that the device holds; of weights, how many on the chip, and what each beyond costs. */
  readonly room: number;
  readonly onChip: number;
  readonly perStreamedByte: number;
}

/** By down-set: the least cost with which the stage can end there, and where it began. */
export interface StageEnds {
  readonly cost: Float64Array;
  readonly start: Int32Array;
}

/**
 * Beginnings of a stage, the latest first: weights before the beginning, cost less that of all ops before, the set, and
 * the highest level of the ops since.
 */
class Fronts {
  weights = new Float64Array(4096);
  values = new Float64Array(4096);
  starts = new Int32Array(4096);
  levels = new Uint8Array(4096);
  length = 0;

  push(weight: number, value: number, start: number, level: number): void {
    if (this.length === this.starts.length) this.#grow();
    this.levels[this.length] = level;
    this.weights[this.length] = weight;
    this.values[this.length] = value;
    this.starts[this.length++] = start;
  }

  #grow(): void {
    const { weights, values, starts, levels } = this;
    this.weights = new Float64Array(2 * this.length);
    this.values = new Float64Array(2 * this.length);
    this.starts = new Int32Array(2 * this.length);
    this.weights.set(weights);
    this.values.set(values);
    this.starts.set(starts);
    this.levels = new Uint8Array(2 * this.length);
    this.levels.set(levels);
  }
}

/**
 * The best stage from any down-set to each larger one. A beginning is known by the weights before it and by what the
 * chain has cost there, less all ops before. One that has more weights before it and costs no more is at least as good
 * wherever the stage ends, so that fronts of such beginnings are passed up the lattice from each set to those one op
 * larger. O(steps x beginnings in a front).
 */
export class StageFronts {
  readonly #lattice: Lattice;
  readonly #shouldStop: () => boolean;
  /** Steps by the set to which they lead. */
  readonly #downFirst: Int32Array;
  readonly #downSet: Int32Array;
  readonly #downOp: Int32Array;
  readonly #first: Int32Array;
  readonly #kept = new Fronts();
  /** By level, the least cost among beginnings of that level or a lower one. */
  readonly #least = new Float64Array(LEVELS);
  #one = new Fronts();
  #two = new Fronts();

  constructor(lattice: Lattice, shouldStop: () => boolean) {
    this.#lattice = lattice;
    this.#shouldStop = shouldStop;
    const { count, upFirst, upSet, upOp } = lattice;
    this.#first = new Int32Array(count + 1);
    const first = new Int32Array(count + 1);
    for (const set of upSet) first[set + 1] = i32(first, set + 1) + 1;
    for (let set = 0; set < count; set++) first[set + 1] = i32(first, set + 1) + i32(first, set);
    const cursor = first.slice();
    this.#downFirst = first;
    this.#downSet = new Int32Array(upSet.length);
    this.#downOp = new Int32Array(upSet.length);
    for (let set = 0; set < count; set++) {
      for (let step = i32(upFirst, set); step < i32(upFirst, set + 1); step++) {
        const place = i32(cursor, i32(upSet, step));
        cursor[i32(upSet, step)] = place + 1;
        this.#downSet[place] = set;
        this.#downOp[place] = i32(upOp, step);
      }
    }
  }

  stage(stage: StageCosts): StageEnds | "unknown" {
    const { count } = this.#lattice;
    const cost = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
    const start = new Int32Array(count).fill(-1);
    this.#kept.length = 0;
    for (let set = 0; set < count; set++) {
      if (set % SETS_PER_STOP === 0 && this.#shouldStop()) return "unknown";
      this.#first[set] = this.#kept.length;
      this.#gather(stage, set);
      const { weights, values, starts, length } = this.#one;
      const done = f64(stage.costs, set);
      const held = f64(stage.weights, set);
      let least = Number.POSITIVE_INFINITY;
      for (let i = 0; i < length; i++) {
        const beyond = held - f64(weights, i) - stage.onChip;
        const here = f64(values, i) + done + (beyond > 0 ? beyond * stage.perStreamedByte : 0);
        if (here >= least) continue;
        least = here;
        start[set] = i32(starts, i);
      }
      if (least + f64(stage.left, set) < stage.top) cost[set] = least;
      this.#keep(stage, set);
    }
    return { cost, start };
  }

  /** The front of the beginnings of all sets one op smaller, as far as they can go on to this one. */
  #gather(stage: StageCosts, set: number): void {
    this.#one.length = 0;
    const { opCost } = stage;
    const end = i32(this.#downFirst, set + 1);
    for (let step = i32(this.#downFirst, set); step < end; step++) {
      if (opCost !== null && f64(opCost, i32(this.#downOp, step)) === Number.POSITIVE_INFINITY) continue;
      const below = i32(this.#downSet, step);
      const level = u8(stage.levelOf, i32(this.#downOp, step));
      if (i32(this.#first, below) < i32(this.#first, below + 1)) this.#merge(stage, set, below, level);
    }
  }

  /** The front of `#one` and of what is kept for the smaller set and goes on with an op of a level, within room and top. */
  #merge(stage: StageCosts, set: number, below: number, level: number): void {
    const { weights, room, costs, left, top, levelBytes } = stage;
    const kept = this.#kept;
    const one = this.#one;
    const merged = this.#two;
    const least = this.#least;
    merged.length = 0;
    const mostBefore = f64(weights, set) - room;
    least.fill(top - f64(costs, set) - f64(left, set));
    let a = 0;
    let b = i32(this.#first, below);
    const end = i32(this.#first, below + 1);
    while (a < one.length || b < end) {
      const weightA = a < one.length ? f64(one.weights, a) : Number.NEGATIVE_INFINITY;
      const weightB = b < end ? f64(kept.weights, b) : Number.NEGATIVE_INFINITY;
      const weight = Math.max(weightA, weightB);
      if (weight < mostBefore) break;
      const takesA = weightA > weightB || (weightA === weightB && f64(one.values, a) <= f64(kept.values, b));
      const list = takesA ? one : kept;
      const place = takesA ? a++ : b++;
      const highest = takesA ? u8(one.levels, place) : Math.max(level, u8(kept.levels, place));
      const value = f64(list.values, place);
      // Later beginnings of no higher level that cost no more are as good.
      if (value >= f64(least, highest) || weight < mostBefore + f64(levelBytes, highest)) continue;
      for (let other = highest; other < least.length && f64(least, other) > value; other++) least[other] = value;
      merged.push(weight, value, i32(list.starts, place), highest);
    }
    this.#one = merged;
    this.#two = one;
  }

  /** Keeps what larger sets go on from: the beginning at this set, and those that it does not beat. */
  #keep({ entry, overhead, costs, weights }: StageCosts, set: number): void {
    const kept = this.#kept;
    const here = f64(entry, set) + overhead - f64(costs, set);
    if (here < Number.POSITIVE_INFINITY) kept.push(f64(weights, set), here, set, 0);
    const { length } = this.#one;
    for (let i = 0; i < length; i++) {
      const value = f64(this.#one.values, i);
      if (value >= here) continue;
      kept.push(f64(this.#one.weights, i), value, i32(this.#one.starts, i), u8(this.#one.levels, i));
    }
    this.#first[set + 1] = kept.length;
  }
}
