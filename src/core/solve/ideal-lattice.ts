import { f64, i32, row, u8 } from "../columns.ts";
import type { Wiring } from "../plan/order.ts";
import type { Lattice } from "./lattice.ts";
import { topologicalRanks } from "./orders.ts";

/** A measure of sets of ops that must stay within a limit; Infinity leaves an op out. */
export interface Budget {
  readonly column: Float64Array;
  readonly limit: number;
}

/** Steps from a set to one that is one op larger, up to which they are kept: 8 bytes each. */
const EDGE_LIMIT = 8_000_000;
/** Sets found between two questions whether to stop. */
const SETS_PER_STOP = 8192;

/**
 * All down-sets; null if there are more than `limit`, more steps between them than can be kept, or `shouldStop` says so.
 * A set is reached once, from the set without its last op in one topological order (reverse search, Avis and Fukuda
 * 1996). Sets in preorder, later ops first: a subset comes before a superset. O(steps between sets + sets x degree).
 */
export function idealLattice(problem: Wiring, limit: number, shouldStop: () => boolean = () => false): Lattice | null {
  return new IdealEnumeration(problem, limit, null, shouldStop).run();
}

/**
 * The down-sets whose ops together stay within a budget; null if there are more than `limit`. The last set holds all
 * ops only if they do.
 */
export function idealsWithin(
  problem: Wiring,
  budget: Budget,
  limit: number,
  shouldStop: () => boolean = () => false,
): Lattice | null {
  return new IdealEnumeration(problem, limit, budget, shouldStop).run();
}

/** Integers that are appended one by one. */
class IntList {
  #values = new Int32Array(4096);
  length = 0;

  push(value: number): void {
    if (this.length === this.#values.length) {
      const larger = new Int32Array(2 * this.length);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.length++] = value;
  }

  at(index: number): number {
    return i32(this.#values, index);
  }

  set(index: number, value: number): void {
    this.#values[index] = value;
  }

  toArray(): Int32Array {
    return this.#values.slice(0, this.length);
  }
}

/** Per op, the ops that read what it writes, one entry for each tensor between them, as offsets and values. */
function readersOf({ opCount, opOutputs, tensorConsumers }: Wiring): { first: Int32Array; values: Int32Array } {
  const first = new Int32Array(opCount + 1);
  const values: number[] = [];
  for (let op = 0; op < opCount; op++) {
    for (const tensor of row(opOutputs, op)) values.push(...row(tensorConsumers, tensor));
    first[op + 1] = values.length;
  }
  return { first, values: Int32Array.from(values) };
}

class IdealEnumeration {
  readonly #problem: Wiring;
  readonly #limit: number;
  readonly #budget: Budget | null;
  readonly #shouldStop: () => boolean;
  readonly #rankOf: Int32Array;
  readonly #isOutput: Uint8Array;
  readonly #readers: { readonly first: Int32Array; readonly values: Int32Array };
  /** Reads of an op from ops that are not in the set; readers of a tensor that are not in the set. */
  readonly #missing: Int32Array;
  readonly #unread: Int32Array;
  readonly #upFirst = new IntList();
  readonly #upOp = new IntList();
  readonly #upSet = new IntList();
  readonly #belowSet = new IntList();
  readonly #belowOp = new IntList();
  /** Bytes that cross, uncuttable tensors that cross, and what is spent: of each set. */
  readonly #bytes: number[] = [];
  readonly #blocked = new IntList();
  readonly #spent: number[] = [];

  constructor(problem: Wiring, limit: number, budget: Budget | null, shouldStop: () => boolean) {
    this.#problem = problem;
    this.#limit = limit;
    this.#budget = budget;
    this.#shouldStop = shouldStop;
    this.#rankOf = topologicalRanks(problem);
    this.#isOutput = new Uint8Array(problem.tensorCount);
    for (const tensor of problem.outputs) this.#isOutput[tensor] = 1;
    this.#readers = readersOf(problem);
    this.#missing = new Int32Array(problem.opCount);
    for (const reader of this.#readers.values) this.#missing[reader] = i32(this.#missing, reader) + 1;
    this.#unread = new Int32Array(problem.tensorCount);
    for (const tensor of problem.opInputs.values) this.#unread[tensor] = i32(this.#unread, tensor) + 1;
  }

  run(): Lattice | null {
    if (!this.#visitAll()) return null;
    this.#joinSteps();
    if (this.#budget !== null) this.#dropImpossibleSteps();
    const upFirst = this.#upFirst.toArray();
    return {
      count: this.#bytes.length,
      rankOf: this.#rankOf,
      upFirst,
      upSet: this.#upSet.toArray(),
      upOp: this.#upOp.toArray(),
      belowSet: this.#belowSet.toArray(),
      belowOp: this.#belowOp.toArray(),
      bytes: Float64Array.from(this.#bytes, (bytes, set) =>
        this.#blocked.at(set) > 0 ? Number.NaN : Math.max(0, bytes),
      ),
    };
  }

  /** Finds every set and the ops that can be added to it; steps with an op later than all of the set lead to new sets. */
  #visitAll(): boolean {
    const { opCount } = this.#problem;
    // Sets on the way from the empty one, and of each the next step to be looked at.
    const sets = new Int32Array(opCount + 1);
    const steps = new Int32Array(opCount + 1);
    this.#addEmptySet();
    steps[0] = this.#upOp.length - 1;
    for (let depth = 0; depth >= 0; ) {
      const set = i32(sets, depth);
      const step = i32(steps, depth);
      const last = this.#belowOp.at(set);
      const isNew =
        step >= this.#upFirst.at(set) && (last < 0 || this.#rank(this.#upOp.at(step)) > i32(this.#rankOf, last));
      if (!isNew) {
        depth--;
        if (last >= 0) this.#leave(last);
        continue;
      }
      steps[depth] = step - 1;
      const op = this.#upOp.at(step);
      if (!this.#affords(set, op)) continue;
      const next = this.#bytes.length;
      if (next >= this.#limit || this.#upOp.length > EDGE_LIMIT) return false;
      if (next % SETS_PER_STOP === 0 && this.#shouldStop()) return false;
      this.#upSet.set(step, next);
      this.#enter(set, op);
      depth++;
      sets[depth] = next;
      steps[depth] = this.#upOp.length - 1;
    }
    return true;
  }

  #rank(op: number): number {
    return i32(this.#rankOf, op);
  }

  #affords(set: number, op: number): boolean {
    if (this.#budget === null) return true;
    return (this.#spent[set] ?? 0) + f64(this.#budget.column, op) <= this.#budget.limit;
  }

  #addEmptySet(): void {
    const { opCount, inputs, tensorWireBytes, uncuttable } = this.#problem;
    let bytes = 0;
    let blocked = 0;
    for (const tensor of inputs) {
      bytes += f64(tensorWireBytes, tensor);
      blocked += u8(uncuttable, tensor);
    }
    this.#upFirst.push(0);
    const roots = Array.from({ length: opCount }, (_, op) => op).filter((op) => i32(this.#missing, op) === 0);
    for (const op of roots.sort((a, b) => this.#rank(a) - this.#rank(b))) this.#addStep(op);
    this.#addSet(-1, -1, bytes, blocked);
  }

  #addStep(op: number): void {
    this.#upOp.push(op);
    this.#upSet.push(-1);
  }

  /** A set whose steps have just been added. */
  #addSet(below: number, op: number, bytes: number, blocked: number): void {
    this.#belowSet.push(below);
    this.#belowOp.push(op);
    this.#bytes.push(bytes);
    this.#blocked.push(blocked);
    this.#upFirst.push(this.#upOp.length);
    if (this.#budget !== null) this.#spent.push(op < 0 ? 0 : (this.#spent[below] ?? 0) + f64(this.#budget.column, op));
  }

  /** Adds the set of `below` and `op`: what op writes crosses now, what it was the last to read no longer does. */
  #enter(below: number, op: number): void {
    const { opInputs, opOutputs, tensorConsumers, tensorWireBytes, uncuttable } = this.#problem;
    let bytes = this.#bytes[below] ?? 0;
    let blocked = this.#blocked.at(below);
    for (let place = i32(opOutputs.offsets, op); place < i32(opOutputs.offsets, op + 1); place++) {
      const tensor = i32(opOutputs.values, place);
      const isRead = i32(tensorConsumers.offsets, tensor) < i32(tensorConsumers.offsets, tensor + 1);
      if (!isRead && u8(this.#isOutput, tensor) === 0) continue;
      bytes += f64(tensorWireBytes, tensor);
      blocked += u8(uncuttable, tensor);
    }
    for (let place = i32(opInputs.offsets, op); place < i32(opInputs.offsets, op + 1); place++) {
      const tensor = i32(opInputs.values, place);
      this.#unread[tensor] = i32(this.#unread, tensor) - 1;
      if (i32(this.#unread, tensor) > 0 || u8(this.#isOutput, tensor) === 1) continue;
      bytes -= f64(tensorWireBytes, tensor);
      blocked -= u8(uncuttable, tensor);
    }
    // The steps of the smaller set without `op`, and in their midst, by rank, the ops that only lacked it.
    const first = this.#upOp.length;
    const end = this.#upFirst.at(below + 1);
    for (let step = this.#upFirst.at(below); step < end; step++) {
      const other = this.#upOp.at(step);
      if (other !== op) this.#addStep(other);
    }
    for (let place = i32(this.#readers.first, op); place < i32(this.#readers.first, op + 1); place++) {
      const reader = i32(this.#readers.values, place);
      this.#missing[reader] = i32(this.#missing, reader) - 1;
      if (i32(this.#missing, reader) === 0) this.#insertStep(first, reader);
    }
    this.#addSet(below, op, bytes, blocked);
  }

  #insertStep(first: number, op: number): void {
    this.#addStep(op);
    let place = this.#upOp.length - 1;
    for (; place > first && this.#rank(this.#upOp.at(place - 1)) > this.#rank(op); place--)
      this.#upOp.set(place, this.#upOp.at(place - 1));
    this.#upOp.set(place, op);
  }

  #leave(op: number): void {
    const { opInputs } = this.#problem;
    for (let place = i32(opInputs.offsets, op); place < i32(opInputs.offsets, op + 1); place++) {
      const tensor = i32(opInputs.values, place);
      this.#unread[tensor] = i32(this.#unread, tensor) + 1;
    }
    for (let place = i32(this.#readers.first, op); place < i32(this.#readers.first, op + 1); place++) {
      const reader = i32(this.#readers.values, place);
      this.#missing[reader] = i32(this.#missing, reader) + 1;
    }
  }

  /**
   * The sets to which steps lead with an op before the last one, l, of a set S: S + o = (S - l + o) + l. Up to l, S has
   * the same steps as S - l; and the step from S - l + o with l leads to a set reached that way.
   */
  #joinSteps(): void {
    for (let set = 1; set < this.#bytes.length; set++) {
      const last = this.#belowOp.at(set);
      const first = this.#upFirst.at(set);
      const end = this.#upFirst.at(set + 1);
      const firstBelow = this.#upFirst.at(this.#belowSet.at(set));
      for (let step = first; step < end && this.#rank(this.#upOp.at(step)) < this.#rank(last); step++) {
        const beside = this.#upSet.at(firstBelow + step - first);
        if (beside < 0) continue;
        let way = this.#upFirst.at(beside);
        while (this.#upOp.at(way) !== last) way++;
        this.#upSet.set(step, this.#upSet.at(way));
      }
    }
  }

  /** Leaves out the steps that the budget does not allow. */
  #dropImpossibleSteps(): void {
    let kept = 0;
    let step = 0;
    for (let set = 0; set < this.#bytes.length; set++) {
      const end = this.#upFirst.at(set + 1);
      this.#upFirst.set(set, kept);
      for (; step < end; step++) {
        const larger = this.#upSet.at(step);
        if (larger < 0) continue;
        this.#upOp.set(kept, this.#upOp.at(step));
        this.#upSet.set(kept++, larger);
      }
    }
    this.#upFirst.set(this.#bytes.length, kept);
    this.#upOp.length = kept;
    this.#upSet.length = kept;
  }
}
