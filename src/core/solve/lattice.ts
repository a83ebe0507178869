import { at, f64, i32, row, u8 } from "../columns.ts";
import { frontierBytes, type Wiring } from "../plan/order.ts";

/**
 * Down-sets of the ops, numbered so that a subset comes before a superset: 0 is the empty set, count - 1 holds all ops.
 * Either all of them or, for one topological order, its prefixes.
 */
export interface Lattice {
  readonly count: number;
  /** Sets one op larger: set s plus op upOp[e] is upSet[e], for e in upFirst[s] .. upFirst[s + 1]. */
  readonly upFirst: Int32Array;
  readonly upSet: Int32Array;
  readonly upOp: Int32Array;
  /** One set that is one op smaller, and that op; -1 for the empty set. */
  readonly belowSet: Int32Array;
  readonly belowOp: Int32Array;
  /** Bytes on the wire that cross from the set to its complement; NaN where such a cut is forbidden. */
  readonly bytes: Float64Array;
}

/** Sum of a column over the ops of each set. O(sets). */
export function sumOver({ count, belowSet, belowOp }: Lattice, column: Float64Array): Float64Array {
  const sums = new Float64Array(count);
  for (let set = 1; set < count; set++) sums[set] = f64(sums, i32(belowSet, set)) + f64(column, i32(belowOp, set));
  return sums;
}

/** The prefixes of a topological order. O(ops + edges). */
export function prefixLattice(problem: Wiring, order: Int32Array): Lattice {
  const count = order.length + 1;
  return {
    count,
    upFirst: Int32Array.from({ length: count + 1 }, (_, set) => Math.min(set, order.length)),
    upSet: Int32Array.from(order, (_, position) => position + 1),
    upOp: order,
    belowSet: Int32Array.from({ length: count }, (_, set) => set - 1),
    belowOp: Int32Array.from({ length: count }, (_, set) => (set === 0 ? -1 : i32(order, set - 1))),
    bytes: frontierBytes(problem, order),
  };
}

/** Integers that are appended one by one. */
class IntList {
  #values = new Int32Array(1024);
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

  toArray(): Int32Array {
    return this.#values.slice(0, this.length);
  }
}

/** Sets of one size: members beyond the common base as bits, and the ops that can be added next. */
interface Level {
  readonly first: number;
  readonly count: number;
  readonly words: number;
  readonly bits: Int32Array;
  readonly available: readonly (readonly number[])[];
}

/**
 * All down-sets, size by size; null as soon as there are more than `limit`. What all sets of a size have in common is
 * kept once, so the work per set depends on the width of the graph and not on its length.
 * O(sets x width x (width / 32 + degree)).
 */
export function idealLattice(problem: Wiring, limit: number): Lattice | null {
  return new IdealEnumeration(problem, limit, null).run();
}

/** A measure of sets of ops that must stay within a limit; Infinity leaves an op out. */
export interface Budget {
  readonly column: Float64Array;
  readonly limit: number;
}

/**
 * The down-sets whose ops together stay within a budget; null if there are more than `limit`. The last set holds all
 * ops only if they do.
 */
export function idealsWithin(problem: Wiring, budget: Budget, limit: number): Lattice | null {
  return new IdealEnumeration(problem, limit, budget).run();
}

class IdealEnumeration {
  readonly #problem: Wiring;
  readonly #limit: number;
  readonly #budget: Budget | null;
  readonly #spent: number[] = [];
  readonly #producers: readonly Int32Array[];
  readonly #followers: readonly Int32Array[];
  readonly #isOutput: Uint8Array;
  readonly #upFirst = new IntList();
  readonly #upSet = new IntList();
  readonly #upOp = new IntList();
  readonly #belowSet = new IntList();
  readonly #belowOp = new IntList();
  readonly #bytes: number[] = [];
  readonly #blocked: number[] = [];
  /** Bit of each op within the sets of a level; -1 in no set yet, -2 in every set. */
  readonly #slot: Int32Array;
  #slots = 0;

  constructor(problem: Wiring, limit: number, budget: Budget | null) {
    this.#problem = problem;
    this.#limit = limit;
    this.#budget = budget;
    this.#isOutput = new Uint8Array(problem.tensorCount);
    for (const tensor of problem.outputs) this.#isOutput[tensor] = 1;
    this.#slot = new Int32Array(problem.opCount).fill(-1);
    const ops = Array.from({ length: problem.opCount }, (_, op) => op);
    this.#producers = ops.map((op) => {
      const found = new Set([...row(problem.opInputs, op)].map((tensor) => at(problem.tensorProducer, tensor)));
      return Int32Array.from([...found].filter((producer) => producer >= 0));
    });
    this.#followers = ops.map((op) => {
      const found = new Set(
        [...row(problem.opOutputs, op)].flatMap((tensor) => [...row(problem.tensorConsumers, tensor)]),
      );
      return Int32Array.from(found);
    });
  }

  run(): Lattice | null {
    const { opCount } = this.#problem;
    this.#addSet(-1, -1, this.#inputBytes(false), this.#inputBytes(true));
    const roots = this.#producers.flatMap((producers, op) => (producers.length === 0 ? [op] : []));
    let level: Level = { first: 0, count: 1, words: 1, bits: new Int32Array(1), available: [roots] };
    for (let size = 0; size < opCount && level.count > 0; size++) {
      const next = this.#nextLevel(level);
      if (next === null) return null;
      level = next;
    }
    while (this.#upFirst.length <= this.#bytes.length) this.#upFirst.push(this.#upSet.length);
    return {
      count: this.#bytes.length,
      upFirst: this.#upFirst.toArray(),
      upSet: this.#upSet.toArray(),
      upOp: this.#upOp.toArray(),
      belowSet: this.#belowSet.toArray(),
      belowOp: this.#belowOp.toArray(),
      bytes: Float64Array.from(this.#bytes, (bytes, set) =>
        (this.#blocked[set] ?? 0) > 0 ? Number.NaN : Math.max(0, bytes),
      ),
    };
  }

  #inputBytes(blocked: boolean): number {
    let sum = 0;
    for (const tensor of this.#problem.inputs) sum += this.#crossing(tensor, blocked);
    return sum;
  }

  /** What a tensor adds while it crosses: bytes, or 1 to the count of those that must not. */
  #crossing(tensor: number, blocked: boolean): number {
    return blocked ? at(this.#problem.uncuttable, tensor) : at(this.#problem.tensorWireBytes, tensor);
  }

  #addSet(below: number, op: number, bytes: number, blocked: number): number {
    this.#belowSet.push(below);
    this.#belowOp.push(op);
    this.#bytes.push(bytes);
    this.#blocked.push(blocked);
    if (this.#budget !== null) this.#spent.push(op < 0 ? 0 : (this.#spent[below] ?? 0) + f64(this.#budget.column, op));
    return this.#bytes.length - 1;
  }

  #nextLevel(level: Level): Level | null {
    const base = this.#rebase(level);
    for (const available of base.available) {
      for (const op of available) if (i32(this.#slot, op) === -1) this.#slot[op] = this.#slots++;
    }
    const words = Math.max(1, (this.#slots + 31) >> 5);
    const first = this.#bytes.length;
    const table = new BitSetTable(words);
    const available: number[][] = [];
    const key = new Int32Array(words);
    for (let i = 0; i < base.count; i++) {
      const set = base.first + i;
      this.#upFirst.push(this.#upSet.length);
      const choices = base.available[i] ?? [];
      for (const op of choices) {
        if (!this.#affords(set, op)) continue;
        key.fill(0);
        key.set(base.bits.subarray(i * base.words, (i + 1) * base.words));
        const slot = i32(this.#slot, op);
        key[slot >> 5] = i32(key, slot >> 5) | (1 << (slot & 31));
        const before = table.size;
        const index = table.add(key);
        if (index === before) {
          if (first + index >= this.#limit) return null;
          this.#addSuccessor(set, op, key);
          available.push(this.#availableAfter(choices, op, key));
        }
        this.#upSet.push(first + index);
        this.#upOp.push(op);
      }
    }
    return { first, count: table.size, words, bits: table.keys(), available };
  }

  /** Where a size has a single set, all later sets contain it: its ops need no bits any more. */
  #rebase(level: Level): Level {
    if (level.count > 1) return level;
    for (let set = level.first; set > 0; set = this.#belowSet.at(set)) {
      const op = this.#belowOp.at(set);
      if (i32(this.#slot, op) === -2) break;
      this.#slot[op] = -2;
    }
    this.#slots = 0;
    for (const op of level.available[0] ?? []) this.#slot[op] = -1;
    return { ...level, words: 1, bits: new Int32Array(1) };
  }

  #affords(set: number, op: number): boolean {
    if (this.#budget === null) return true;
    return (this.#spent[set] ?? 0) + f64(this.#budget.column, op) <= this.#budget.limit;
  }

  #contains(key: Int32Array, op: number): boolean {
    const slot = i32(this.#slot, op);
    return slot === -2 || (slot >= 0 && ((i32(key, slot >> 5) >> (slot & 31)) & 1) === 1);
  }

  #availableAfter(choices: readonly number[], op: number, key: Int32Array): number[] {
    const available = choices.filter((other) => other !== op);
    for (const follower of this.#followers[op] ?? []) {
      if ((this.#producers[follower] ?? []).every((producer) => this.#contains(key, producer)))
        available.push(follower);
    }
    return available;
  }

  /** The set of `key`, which is `set` plus `op`: what op writes crosses now, what it was the last to read no longer does. */
  #addSuccessor(set: number, op: number, key: Int32Array): void {
    let bytes = this.#bytes[set] ?? 0;
    let blocked = this.#blocked[set] ?? 0;
    const change = (tensor: number, sign: 1 | -1) => {
      bytes += sign * this.#crossing(tensor, false);
      blocked += sign * this.#crossing(tensor, true);
    };
    const { opInputs, opOutputs, tensorConsumers } = this.#problem;
    for (const tensor of row(opOutputs, op)) {
      if (u8(this.#isOutput, tensor) === 1 || row(tensorConsumers, tensor).length > 0) change(tensor, 1);
    }
    for (const tensor of row(opInputs, op)) {
      if (u8(this.#isOutput, tensor) === 1) continue;
      if (row(tensorConsumers, tensor).every((consumer) => this.#contains(key, consumer))) change(tensor, -1);
    }
    this.#addSet(set, op, bytes, blocked);
  }
}

/** Bit sets of a fixed number of words, each kept once and numbered in order of arrival. */
class BitSetTable {
  readonly #words: number;
  #keys: Int32Array;
  #slots: Int32Array;
  size = 0;

  constructor(words: number) {
    this.#words = words;
    this.#keys = new Int32Array(16 * words);
    this.#slots = new Int32Array(32).fill(-1);
  }

  #hash(keys: Int32Array, offset: number): number {
    let hash = 0;
    for (let i = 0; i < this.#words; i++) {
      hash = Math.imul(hash ^ i32(keys, offset + i), 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    return hash >>> 0;
  }

  #find(keys: Int32Array, offset: number): number {
    const mask = this.#slots.length - 1;
    let place = this.#hash(keys, offset) & mask;
    for (;;) {
      const index = i32(this.#slots, place);
      if (index < 0) return place;
      let equal = true;
      for (let i = 0; i < this.#words && equal; i++) {
        equal = i32(this.#keys, index * this.#words + i) === i32(keys, offset + i);
      }
      if (equal) return place;
      place = (place + 1) & mask;
    }
  }

  /** Number of the set, a new one if it is not there yet. */
  add(key: Int32Array): number {
    const place = this.#find(key, 0);
    const known = i32(this.#slots, place);
    if (known >= 0) return known;
    const index = this.size++;
    this.#slots[place] = index;
    if (this.#keys.length < this.size * this.#words) {
      const larger = new Int32Array(2 * this.#keys.length);
      larger.set(this.#keys);
      this.#keys = larger;
    }
    this.#keys.set(key, index * this.#words);
    if (2 * this.size > this.#slots.length) this.#grow();
    return index;
  }

  #grow(): void {
    this.#slots = new Int32Array(2 * this.#slots.length).fill(-1);
    for (let index = 0; index < this.size; index++) this.#slots[this.#find(this.#keys, index * this.#words)] = index;
  }

  keys(): Int32Array {
    return this.#keys.slice(0, this.size * this.#words);
  }
}
