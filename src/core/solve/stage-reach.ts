import { f64, i32, item } from "../columns.ts";
import type { Lattice } from "./lattice.ts";
import { DeviceCounts, WorkBounds } from "./stage-bounds.ts";
import type { DeviceKind, StageGraph } from "./stage-graph.ts";
import { StageLoads, type StageVisitor } from "./stage-loads.ts";

/** A chain of stages: the kind of each and the down-set with which it ends; the first is the source's and may be empty. */
export interface StageChain {
  /** Time of the busiest device, as far as down-sets tell it: of weights that several ops share each counts a part. */
  readonly value: number;
  readonly stages: readonly { readonly kind: number; readonly set: number }[];
}

export interface ReachOptions {
  /** Whether a device computes while it sends and receives. */
  readonly overlap: boolean;
  readonly maxStages: number;
  /** Kinds of the source, and of the sink. */
  readonly source: number;
  readonly sink: number;
  /** Asked now and then; true ends the search. */
  readonly shouldStop: () => boolean;
}

/** Labels up to which a search goes on. */
const LABEL_LIMIT = 12_000_000;
/** Codes of device counts up to which tables are kept. */
const CODE_LIMIT = 4096;
/** Sets looked at between two questions whether to stop. */
const SETS_PER_STOP = 10_000;

/** By set and code of device counts, the best value so far and the label that it came from. */
class LabelTable {
  readonly #codes: number;
  readonly #rowOf: Int32Array;
  #values: Float64Array;
  #origins: Int32Array;
  #rows = 0;

  constructor(setCount: number, codes: number) {
    this.#codes = codes;
    this.#rowOf = new Int32Array(setCount).fill(-1);
    this.#values = new Float64Array(64 * codes).fill(Number.POSITIVE_INFINITY);
    this.#origins = new Int32Array(2 * this.#values.length);
  }

  get isFull(): boolean {
    return this.#rows * this.#codes > LABEL_LIMIT;
  }

  has(set: number): boolean {
    return i32(this.#rowOf, set) >= 0;
  }

  /** Infinity where there is none. */
  value(set: number, code: number): number {
    const at = i32(this.#rowOf, set);
    return at < 0 ? Number.POSITIVE_INFINITY : f64(this.#values, at * this.#codes + code);
  }

  origin(set: number, code: number): { readonly set: number; readonly code: number } {
    const place = 2 * (i32(this.#rowOf, set) * this.#codes + code);
    return { set: i32(this.#origins, place), code: i32(this.#origins, place + 1) };
  }

  /** Keeps the value if it is lower than what is there; whether there was none. */
  offer(set: number, code: number, value: number, originSet: number, originCode: number): boolean {
    let at = i32(this.#rowOf, set);
    if (at < 0) {
      at = this.#rows++;
      this.#rowOf[set] = at;
      if (this.#rows * this.#codes > this.#values.length) this.#grow();
    }
    const place = at * this.#codes + code;
    const known = f64(this.#values, place);
    if (value >= known) return false;
    this.#values[place] = value;
    this.#origins[2 * place] = originSet;
    this.#origins[2 * place + 1] = originCode;
    return known === Number.POSITIVE_INFINITY;
  }

  #grow(): void {
    const values = new Float64Array(2 * this.#values.length).fill(Number.POSITIVE_INFINITY);
    values.set(this.#values);
    const origins = new Int32Array(2 * values.length);
    origins.set(this.#origins);
    this.#values = values;
    this.#origins = origins;
  }
}

interface Label {
  readonly code: number;
  readonly value: number;
}

/** A set from which stages are to begin, with its labels, and a time that chains over it take at least. */
interface ActiveSet {
  readonly set: number;
  readonly found: readonly Label[];
  readonly promise: number;
}

/** Labels from which stages are to begin: of some codes, of times below `top`. */
interface Wanted {
  readonly codes: readonly number[];
  readonly top: number;
  /** Busy time of a sink that runs nothing. */
  readonly idleSink: number;
  /** Whether any chain below `top` will do. */
  readonly onlyWhether: boolean;
}

/** The `width` sets of the most promise, in their order. */
function mostPromising(active: readonly ActiveSet[], width: number): readonly ActiveSet[] {
  if (active.length <= width) return active;
  const sorted = [...active].sort((a, b) => a.promise - b.promise || b.set - a.set);
  return sorted.slice(0, width).sort((a, b) => a.set - b.set);
}

/**
 * The best chain of stages over the sets of a lattice, each device with one port: every set that is reached is extended by
 * each larger one that a device can run, receive for and send from in less than the limit. Labels are counts of used
 * devices by kind, with the time of the busiest. A label whose devices left cannot run in time what is left is dropped,
 * so that near the optimum few remain. After the dynamic program over ideals of Tarnawski, Phanishayee, Devanur, Mahajan
 * and Nina Paravecino (NeurIPS 2020), which compares all pairs. O(pairs of sets that fit one stage x kinds x labels).
 */
export class StageReach {
  readonly #lattice: Lattice;
  readonly #kinds: readonly DeviceKind[];
  readonly #options: ReachOptions;
  readonly #isRelayed: boolean;
  readonly #counts: DeviceCounts;
  readonly #bounds: WorkBounds;
  readonly #loads: StageLoads;
  /** Codes by how many devices are in use. */
  readonly #codesByTotal: readonly (readonly number[])[];
  /** See `growthsAllowed`. */
  readonly #growths: Float64Array;

  constructor(graph: StageGraph, lattice: Lattice, options: ReachOptions) {
    const { source, sink, overlap, maxStages } = options;
    this.#growths = growthsAllowed(graph, overlap);
    this.#lattice = lattice;
    this.#kinds = graph.kinds;
    this.#options = options;
    this.#isRelayed = graph.relayed;
    this.#counts = new DeviceCounts(
      graph.kinds.map(({ devices }) => devices.length),
      maxStages,
    );
    this.#bounds = new WorkBounds(graph, lattice, this.#counts, source, overlap);
    this.#loads = new StageLoads(graph, lattice, overlap, sink);
    const byTotal: number[][] = [[]];
    for (let code = 0; code < this.#counts.codes; code++) {
      const total = this.#counts.total(code);
      while (byTotal.length <= total) byTotal.push([]);
      item(byTotal, total).push(code);
    }
    this.#codesByTotal = byTotal;
  }

  /** Whether labels for so many devices of each kind can be told apart in a table. */
  static fits(kinds: readonly DeviceKind[]): boolean {
    return DeviceCounts.codesOf(kinds.map(({ devices }) => devices.length)) <= CODE_LIMIT;
  }

  /** The best chain below `limit`, null if there is none, "unknown" if the search was ended or grew too large. */
  best(limit: number): StageChain | null | "unknown" {
    return this.#search(limit, false, Number.POSITIVE_INFINITY);
  }

  /** Some chain below `limit`, a good one, null if there is none. Far fewer sets are extended than for the best one. */
  some(limit: number): StageChain | null | "unknown" {
    return this.#search(limit, true, Number.POSITIVE_INFINITY);
  }

  /**
   * A chain below `limit` that extends, of the sets that so many devices can run, only the `width` of the most promise.
   * Null proves nothing.
   */
  narrow(limit: number, width: number): StageChain | null | "unknown" {
    return this.#search(limit, true, width);
  }

  #search(limit: number, onlyWhether: boolean, width: number): StageChain | null | "unknown" {
    const { source, sink, shouldStop } = this.#options;
    const full = this.#lattice.count - 1;
    const labels = new LabelTable(this.#lattice.count, this.#counts.codes);
    const idleSink = sink === source || this.#isRelayed ? 0 : this.#loads.idleSinkSeconds;
    const layers = this.#codesByTotal.map((): number[] => []);
    const extension = new Extension(
      labels,
      this.#counts,
      this.#bounds,
      this.#kinds.length,
      { full, sink, idleSink, layers },
      limit,
    );

    const first = this.#counts.next(0, source);
    if (first >= 0) {
      extension.begin(-1, [{ code: 0, value: 0 }]);
      this.#loads.forEach(0, [source], true, extension);
    }
    const emptySource = this.#loads.emptySource(source);
    if (emptySource < limit) {
      labels.offer(0, 0, emptySource, -1, -1);
      layers[0]?.push(0);
    }
    let looked = 0;
    // A chain of one stage more uses one device more.
    for (const [used, sets] of layers.entries()) {
      const codes = item(this.#codesByTotal, used);
      const active = this.#activeSets(labels, sets, { codes, top: extension.limit, idleSink, onlyWhether });
      for (const { set, found } of mostPromising(active, width)) {
        if (labels.isFull) return "unknown";
        const kinds = [...this.#kinds.keys()].filter(
          (kind) => kind !== source && found.some(({ code }) => this.#counts.next(code, kind) >= 0),
        );
        if (kinds.length === 0) continue;
        extension.begin(set, found);
        looked += this.#loads.forEach(set, kinds, false, extension);
        if (looked > SETS_PER_STOP) {
          looked = 0;
          if (shouldStop()) return "unknown";
        }
      }
    }
    return extension.best === null ? null : this.#chain(labels, full, extension.best);
  }

  /** Of sets with labels of the codes, those with any that no other label beats. */
  #activeSets(labels: LabelTable, sets: readonly number[], wanted: Wanted): readonly ActiveSet[] {
    const full = this.#lattice.count - 1;
    const active: ActiveSet[] = [];
    for (const set of Int32Array.from(new Set(sets)).sort()) {
      if (set === full) continue;
      const found = this.#activeLabels(labels, set, wanted);
      if (found.length === 0) continue;
      const least = found.map(({ code, value }) => Math.max(value, this.#bounds.least(set, code)));
      active.push({ set, found, promise: Math.min(...least) });
    }
    return active;
  }

  /** Labels of a set, of the codes, than which no other label is as good with as few devices. */
  #activeLabels(labels: LabelTable, set: number, { codes, top, idleSink, onlyWhether }: Wanted): Label[] {
    const { sink } = this.#options;
    const isLive = (code: number) => labels.value(set, code) < top && this.#bounds.admits(set, code, top);
    // A sink that runs nothing receives all outputs: using it can be the better for what comes.
    const isIdleSinkFine = (value: number) => idleSink <= value || (onlyWhether && idleSink < top);
    const isBeaten = (code: number): boolean => {
      const value = labels.value(set, code);
      for (let other = 0; other < code; other++) {
        const rival = labels.value(set, other);
        if (!(rival < top) || !(onlyWhether || rival <= value) || !this.#counts.isWithin(other, code)) continue;
        if (isIdleSinkFine(rival) || this.#counts.used(other, sink) === this.#counts.used(code, sink)) return true;
      }
      return onlyWhether && idleSink < top && this.#isLarger(labels, set, code);
    };
    return codes
      .filter((code) => isLive(code) && !isBeaten(code))
      .map((code) => ({ code, value: labels.value(set, code) }));
  }

  /** Whether as few devices can run one op more, after which all that can follow is as good. */
  #isLarger(labels: LabelTable, set: number, code: number): boolean {
    const { upFirst, upSet, upOp, bytes } = this.#lattice;
    for (let step = i32(upFirst, set); step < i32(upFirst, set + 1); step++) {
      const larger = i32(upSet, step);
      if (!labels.has(larger)) continue;
      if (!(f64(bytes, larger) - f64(bytes, set) <= f64(this.#growths, i32(upOp, step)))) continue;
      for (let other = 0; other <= code; other++) {
        if (labels.value(larger, other) < Number.POSITIVE_INFINITY && this.#counts.isWithin(other, code)) return true;
      }
    }
    return false;
  }

  #chain(labels: LabelTable, full: number, best: Label): StageChain {
    const stages: { kind: number; set: number }[] = [];
    let [set, code] = [full, best.code];
    for (;;) {
      const origin = labels.origin(set, code);
      const before = origin.set < 0 ? 0 : origin.code;
      const kind = this.#kinds.findIndex((_, k) => this.#counts.used(code, k) > this.#counts.used(before, k));
      stages.push({ kind: kind < 0 ? this.#options.source : kind, set });
      if (origin.set < 0) break;
      [set, code] = [origin.set, origin.code];
    }
    return { value: best.value, stages: stages.reverse() };
  }
}

/**
 * Per op, by how many bytes what crosses from a set may grow as the op joins it such that the larger set is as good, if as
 * few devices can run it. For take a chain of stages from the smaller set on, and the op out of its stage into the set:
 * that stage computes less, no longer receives what only the op read, and receives instead what the op writes; with
 * ports, it alone. So if what crosses does not grow, nothing takes longer. If a device does one thing at a time, it may
 * grow by as much as the device receives in the time of the op.
 */
function growthsAllowed({ relayed, wiring, kinds }: StageGraph, overlap: boolean): Float64Array {
  return Float64Array.from({ length: wiring.opCount }, (_, op) => {
    if (relayed || overlap) return 0;
    const growths = kinds.map(({ seconds, receiveSecondsPerByte }) =>
      receiveSecondsPerByte === 0 ? Number.POSITIVE_INFINITY : f64(seconds, op) / receiveSecondsPerByte,
    );
    return Math.min(...growths);
  });
}

interface Ends {
  /** The set of all ops. */
  readonly full: number;
  readonly sink: number;
  /** Busy time of a sink that runs nothing. */
  readonly idleSink: number;
  /** By number of devices in use, the sets that have labels. */
  readonly layers: readonly number[][];
}

/** Extends the labels of one set to the larger ones that a stage can end with. */
class Extension implements StageVisitor {
  limit: number;
  best: Label | null = null;
  readonly #labels: LabelTable;
  readonly #counts: DeviceCounts;
  readonly #bounds: WorkBounds;
  readonly #ends: Ends;
  #from = -1;
  #count = 0;
  readonly #codes: Int32Array;
  readonly #values: Float64Array;
  /** By label and kind: the code with one more of the kind, and the most that may then be left, by weighting. */
  readonly #nexts: Int32Array;
  readonly #mostLeft: Float64Array;
  readonly #kindCount: number;

  constructor(
    labels: LabelTable,
    counts: DeviceCounts,
    bounds: WorkBounds,
    kindCount: number,
    ends: Ends,
    limit: number,
  ) {
    this.#labels = labels;
    this.#counts = counts;
    this.#bounds = bounds;
    this.#ends = ends;
    this.#kindCount = kindCount;
    this.limit = limit;
    this.#codes = new Int32Array(counts.codes);
    this.#values = new Float64Array(counts.codes);
    this.#nexts = new Int32Array(counts.codes * kindCount);
    this.#mostLeft = new Float64Array(counts.codes * kindCount * bounds.weightings);
  }

  /** Begins with the labels of a set; -1 = with nothing, at the source. */
  begin(from: number, active: readonly Label[]): void {
    const { weightings } = this.#bounds;
    this.#from = from;
    this.#count = active.length;
    for (const [index, { code, value }] of active.entries()) {
      this.#codes[index] = code;
      this.#values[index] = value;
      for (let kind = 0; kind < this.#kindCount; kind++) {
        const place = index * this.#kindCount + kind;
        const next = this.#counts.next(code, kind);
        this.#nexts[place] = next;
        for (let i = 0; next >= 0 && i < weightings; i++)
          this.#mostLeft[place * weightings + i] = this.#bounds.mostLeft(next, i, this.limit);
      }
    }
  }

  wants(set: number, kind: number, least: number): boolean {
    for (let label = 0; label < this.#count; label++) {
      const place = label * this.#kindCount + kind;
      const next = i32(this.#nexts, place);
      if (next < 0 || !this.#bounds.isWithin(set, this.#mostLeft, place)) continue;
      if (Math.max(f64(this.#values, label), least) < this.#labels.value(set, next)) return true;
    }
    return false;
  }

  visit(set: number, kind: number, load: number): void {
    const { full, sink, idleSink, layers } = this.#ends;
    for (let label = 0; label < this.#count; label++) {
      const code = i32(this.#codes, label);
      const next = this.#counts.next(code, kind);
      if (next < 0 || !this.#bounds.admits(set, next, this.limit)) continue;
      const busiest = Math.max(f64(this.#values, label), load);
      if (!(busiest < this.limit)) continue;
      if (set === full) {
        const whole = this.#counts.used(next, sink) > 0 ? busiest : Math.max(busiest, idleSink);
        if (!(whole < this.limit)) continue;
        this.limit = whole;
        this.best = { code: next, value: whole };
      }
      const isNew = this.#labels.offer(set, next, busiest, this.#from, this.#from < 0 ? -1 : code);
      if (isNew) layers[this.#counts.total(next)]?.push(set);
    }
  }
}
