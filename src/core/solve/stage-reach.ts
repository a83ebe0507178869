import { f64, i32 } from "../columns.ts";
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
const SETS_PER_STOP = 50_000;

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

  value(set: number, code: number): number {
    return f64(this.#values, i32(this.#rowOf, set) * this.#codes + code);
  }

  origin(set: number, code: number): { readonly set: number; readonly code: number } {
    const place = 2 * (i32(this.#rowOf, set) * this.#codes + code);
    return { set: i32(this.#origins, place), code: i32(this.#origins, place + 1) };
  }

  /** Keeps the value if it is lower than what is there. */
  offer(set: number, code: number, value: number, originSet: number, originCode: number): void {
    let at = i32(this.#rowOf, set);
    if (at < 0) {
      at = this.#rows++;
      this.#rowOf[set] = at;
      if (this.#rows * this.#codes > this.#values.length) this.#grow();
    }
    const place = at * this.#codes + code;
    if (value >= f64(this.#values, place)) return;
    this.#values[place] = value;
    this.#origins[2 * place] = originSet;
    this.#origins[2 * place + 1] = originCode;
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

  constructor(graph: StageGraph, lattice: Lattice, options: ReachOptions) {
    const { source, sink, overlap, maxStages } = options;
    this.#lattice = lattice;
    this.#kinds = graph.kinds;
    this.#options = options;
    this.#isRelayed = graph.relayed;
    this.#counts = new DeviceCounts(
      graph.kinds.map(({ devices }) => devices.length),
      maxStages,
    );
    this.#bounds = new WorkBounds(graph, lattice, this.#counts, source);
    this.#loads = new StageLoads(graph, lattice, overlap, sink);
  }

  /** Whether labels for so many devices of each kind can be told apart in a table. */
  static fits(kinds: readonly DeviceKind[]): boolean {
    return DeviceCounts.codesOf(kinds.map(({ devices }) => devices.length)) <= CODE_LIMIT;
  }

  /** The best chain below `limit`, null if there is none, "unknown" if the search was ended or grew too large. */
  best(limit: number): StageChain | null | "unknown" {
    const { source, sink, shouldStop } = this.#options;
    const full = this.#lattice.count - 1;
    const labels = new LabelTable(this.#lattice.count, this.#counts.codes);
    const idleSink = sink === source || this.#isRelayed ? 0 : this.#loads.idleSinkSeconds;
    const extension = new Extension(labels, this.#counts, this.#bounds, { full, sink, idleSink }, limit);

    const first = this.#counts.next(0, source);
    if (first >= 0) {
      extension.begin(-1, [{ code: 0, value: 0 }]);
      this.#loads.forEach(0, [source], true, extension);
    }
    const emptySource = this.#loads.emptySource(source);
    if (emptySource < limit) labels.offer(0, 0, emptySource, -1, -1);
    let looked = 0;
    for (let set = 0; set < full; set++) {
      if (!labels.has(set)) continue;
      if (labels.isFull) return "unknown";
      const active = this.#activeLabels(labels, set, extension.limit, idleSink);
      const kinds = [...this.#kinds.keys()].filter(
        (kind) => kind !== source && active.some(({ code }) => this.#counts.next(code, kind) >= 0),
      );
      if (kinds.length === 0) continue;
      extension.begin(set, active);
      looked += this.#loads.forEach(set, kinds, false, extension);
      if (looked > SETS_PER_STOP) {
        looked = 0;
        if (shouldStop()) return "unknown";
      }
    }
    return extension.best === null ? null : this.#chain(labels, full, extension.best);
  }

  /** Labels of a set that no other label of it is as good as, with as few devices. */
  #activeLabels(labels: LabelTable, set: number, top: number, idleSink: number): Label[] {
    const found: Label[] = [];
    for (let code = 0; code < this.#counts.codes; code++) {
      const value = labels.value(set, code);
      if (value < top && this.#bounds.admits(set, code, top)) found.push({ code, value });
    }
    const { sink } = this.#options;
    return found.filter(
      (one) =>
        !found.some(
          (other) =>
            other !== one &&
            other.value <= one.value &&
            this.#counts.isWithin(other.code, one.code) &&
            // A sink that runs nothing receives all outputs: using it can be the better for what comes.
            (idleSink <= other.value || this.#counts.used(other.code, sink) === this.#counts.used(one.code, sink)),
        ),
    );
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

interface Ends {
  /** The set of all ops. */
  readonly full: number;
  readonly sink: number;
  /** Busy time of a sink that runs nothing. */
  readonly idleSink: number;
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
  #codes = new Int32Array(0);
  #values = new Float64Array(0);
  /** The label after which most can still be run. */
  #least = 0;

  constructor(labels: LabelTable, counts: DeviceCounts, bounds: WorkBounds, ends: Ends, limit: number) {
    this.#labels = labels;
    this.#counts = counts;
    this.#bounds = bounds;
    this.#ends = ends;
    this.limit = limit;
  }

  /** Begins with the labels of a set; -1 = with nothing, at the source. */
  begin(from: number, active: readonly Label[]): void {
    this.#from = from;
    this.#codes = Int32Array.from(active, ({ code }) => code);
    this.#values = Float64Array.from(active, ({ value }) => value);
    this.#least = active.length === 1 ? i32(this.#codes, 0) : 0;
  }

  wants(set: number): boolean {
    return this.#bounds.admits(set, this.#least, this.limit);
  }

  visit(set: number, kind: number, load: number): void {
    const { full, sink, idleSink } = this.#ends;
    for (let label = 0; label < this.#codes.length; label++) {
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
      this.#labels.offer(set, next, busiest, this.#from, this.#from < 0 ? -1 : code);
    }
  }
}
