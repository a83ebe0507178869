import { f64, i32, item, row } from "../columns.ts";
import type { Wiring } from "../plan/order.ts";
import { type Lattice, sumOver } from "./lattice.ts";
import { Partition } from "./quotient.ts";
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
  readonly #totals: Int32Array;

  constructor(sizes: readonly number[], maxStages: number) {
    this.#sizes = sizes;
    this.codes = DeviceCounts.codesOf(sizes);
    const strides: number[] = [];
    for (let stride = 1, kind = 0; kind < sizes.length; stride *= item(sizes, kind++) + 1) strides.push(stride);
    this.#strides = strides;
    this.#next = new Int32Array(this.codes * sizes.length).fill(-1);
    this.#totals = new Int32Array(this.codes);
    for (let code = 0; code < this.codes; code++) {
      const used = sizes.reduce((total, _, kind) => total + this.used(code, kind), 0);
      this.#totals[code] = used;
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

  /** Devices in use, of all kinds. */
  total(code: number): number {
    return i32(this.#totals, code);
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

/** Whether every op is joined to every other by tensors, whichever way they lead. O(edges). */
function isConnected({ opCount, tensorProducer, tensorConsumers }: Wiring): boolean {
  const partition = new Partition(opCount);
  let parts = opCount;
  for (const [tensor, producer] of tensorProducer.entries()) {
    if (producer < 0) continue;
    for (const consumer of row(tensorConsumers, tensor)) if (partition.join(producer, consumer)) parts -= 1;
  }
  return parts === 1;
}

/**
 * Per kind: what a stage that runs some of the ops, but not all, takes at least beside their own time. If all ops are
 * connected, it sends or receives one tensor or more.
 */
function leastExtras({ wiring, kinds }: StageGraph, overlap: boolean): number[] {
  let fewest = Number.POSITIVE_INFINITY;
  for (const [tensor, producer] of wiring.tensorProducer.entries()) {
    const isRead = row(wiring.tensorConsumers, tensor).length > 0;
    if (producer >= 0 && isRead) fewest = Math.min(fewest, f64(wiring.tensorWireBytes, tensor));
  }
  if (overlap || fewest === Number.POSITIVE_INFINITY || !isConnected(wiring)) fewest = 0;
  return kinds.map(
    (kind) => kind.overheadSeconds + fewest * Math.min(kind.sendSecondsPerByte, kind.receiveSecondsPerByte),
  );
}

/**
 * Lower bounds on what is left to run: with weights w of the kinds, each op takes at least min over kinds of w x its
 * seconds, and the devices left give at most w x (limit - what a stage takes beside) each.
 */
export class WorkBounds {
  readonly weightings: number;
  /** By set and weighting: least weighted seconds of all ops outside the set. */
  readonly #left: Float64Array;
  /** By code and weighting: weights of the devices not in use, summed; and times what a stage takes beside. */
  readonly #room: Float64Array;
  readonly #beside: Float64Array;

  /** `source` runs nothing after the first stage. */
  constructor(graph: StageGraph, lattice: Lattice, counts: DeviceCounts, source: number, overlap: boolean) {
    const { kinds, wiring } = graph;
    const all = weightings(kinds);
    this.weightings = all.length;
    this.#left = new Float64Array(lattice.count * all.length);
    this.#room = new Float64Array(counts.codes * all.length);
    this.#beside = new Float64Array(counts.codes * all.length);
    const columns = all.map((weights) =>
      Float64Array.from({ length: wiring.opCount }, (_, op) => {
        const fewest = Math.min(...kinds.map(({ seconds }, kind) => f64(seconds, op) * item(weights, kind)));
        return fewest < Number.POSITIVE_INFINITY ? fewest : 0;
      }),
    );
    const totals = columns.map((least) => least.reduce((sum, seconds) => sum + seconds, 0));
    // No limit below this is met, so that a device with less beside its work has room in every limit that is.
    const lowest = all.map(
      (weights, index) =>
        item(totals, index) / kinds.reduce((sum, { devices }, k) => sum + devices.length * item(weights, k), 0),
    );
    const extras = leastExtras(graph, overlap).map((extra) => Math.min(extra, ...lowest));
    for (const [index, weights] of all.entries()) {
      const least = item(columns, index);
      const total = item(totals, index);
      // Sums in another order differ: what is left of all ops must not come out above nothing.
      for (const [set, done] of sumOver(lattice, least).entries())
        this.#left[set * all.length + index] = total - done - total * ROUNDING;
      // A single stage that runs all ops neither sends nor receives.
      this.#left[index] = Number.NEGATIVE_INFINITY;
      for (let code = 0; code < counts.codes; code++) {
        for (const [kind, { devices }] of kinds.entries()) {
          const free = kind === source ? 0 : (devices.length - counts.used(code, kind)) * item(weights, kind);
          const place = code * all.length + index;
          this.#room[place] = f64(this.#room, place) + free;
          this.#beside[place] = f64(this.#beside, place) + free * item(extras, kind);
        }
      }
    }
  }

  /** Weighted seconds, by one of the weightings, that the devices left after `code` can run in less than `limit` each. O(1). */
  mostLeft(code: number, weighting: number, limit: number): number {
    const place = code * this.weightings + weighting;
    return f64(this.#room, place) * limit - f64(this.#beside, place);
  }

  /** Whether what is outside a set is no more than row `place` of a column of `mostLeft` by weighting. O(1). */
  isWithin(set: number, most: Float64Array, place: number): boolean {
    const count = this.weightings;
    for (let i = 0; i < count; i++) if (f64(this.#left, set * count + i) > f64(most, place * count + i)) return false;
    return true;
  }

  /** False only if no devices left after `code` can run what is outside `set`, each in less than `limit`. O(1). */
  admits(set: number, code: number, limit: number): boolean {
    for (let i = 0; i < this.weightings; i++)
      if (f64(this.#left, set * this.weightings + i) > this.mostLeft(code, i, limit)) return false;
    return true;
  }

  /** A time below which no devices left after `code` can run what is outside `set`. O(1). */
  least(set: number, code: number): number {
    let seconds = 0;
    for (let i = 0; i < this.weightings; i++) {
      const place = code * this.weightings + i;
      const work = f64(this.#left, set * this.weightings + i) + f64(this.#beside, place);
      if (work > 0) seconds = Math.max(seconds, work / f64(this.#room, place));
    }
    return seconds;
  }
}
