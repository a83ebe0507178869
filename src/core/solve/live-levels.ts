import { f64, i32, row } from "../columns.ts";
import type { Problem } from "../plan/problem.ts";
import { topologicalRanks } from "./orders.ts";
import { LEVELS } from "./stage-fronts.ts";

/** By op a level, and by level the bytes that are live at least while an op of it runs; the lowest level is 0 bytes. */
export interface LiveLevels {
  readonly levelOf: Uint8Array;
  readonly levelBytes: Float64Array;
}

/** Ops to which a set of them leads, one bit each, row by row. */
class Closure {
  readonly #words: number;
  readonly #bits: Int32Array;

  constructor(opCount: number) {
    this.#words = (opCount + 31) >> 5;
    this.#bits = new Int32Array(opCount * this.#words);
  }

  /** Adds an op, and all to which it leads, to where another one leads. */
  add(from: number, to: number): void {
    const words = this.#words;
    for (let i = 0; i < words; i++) {
      const place = from * words + i;
      this.#bits[place] = i32(this.#bits, place) | i32(this.#bits, to * words + i);
    }
    const place = from * words + (to >> 5);
    this.#bits[place] = i32(this.#bits, place) | (1 << (to & 31));
  }

  leads(from: number, to: number): boolean {
    return ((i32(this.#bits, from * this.#words + (to >> 5)) >> (to & 31)) & 1) === 1;
  }
}

/**
 * Bytes live on a device while it runs an op, whatever else it runs: what the op writes, and each tensor from an op that
 * leads to it, or from outside, that it reads, or that an op reads to which it leads, or that is an output.
 * O(ops x edges / 32 + ops that lie between the producer and the last reader of each tensor).
 */
export function leastLive(problem: Problem): Float64Array {
  const { opCount, tensorCount, tensorProducer, tensorConsumers, tensorMemoryBytes } = problem;
  const ranks = topologicalRanks(problem);
  const order = new Int32Array(opCount);
  for (const [op, rank] of ranks.entries()) order[rank] = op;
  const closure = new Closure(opCount);
  for (const op of order.toReversed()) {
    for (const tensor of row(problem.opOutputs, op))
      for (const reader of row(tensorConsumers, tensor)) closure.add(op, reader);
  }
  const isOutput = new Uint8Array(tensorCount);
  for (const tensor of problem.outputs) isOutput[tensor] = 1;
  const live = new Float64Array(opCount);
  for (let tensor = 0; tensor < tensorCount; tensor++) {
    const producer = i32(tensorProducer, tensor);
    const readers = row(tensorConsumers, tensor);
    const isKept = isOutput[tensor] === 1;
    const first = producer < 0 ? 0 : i32(ranks, producer);
    const last = isKept ? opCount - 1 : readers.reduce((most, reader) => Math.max(most, i32(ranks, reader)), first);
    for (let place = first; place <= last; place++) {
      const op = i32(order, place);
      const isThere = producer === op || producer < 0 || closure.leads(producer, op);
      if (!isThere) continue;
      const isNeeded =
        isKept || producer === op || readers.some((reader) => reader === op || closure.leads(op, reader));
      if (isNeeded) live[op] = f64(live, op) + f64(tensorMemoryBytes, tensor);
    }
  }
  return live;
}

/** Levels at what is live at most, and at most at 3/4 and at 1/2 of that. */
export function liveLevels(problem: Problem): LiveLevels {
  const live = leastLive(problem);
  const most = live.reduce((largest, bytes) => Math.max(largest, bytes), 0);
  const levelBytes = Float64Array.from({ length: LEVELS }, (_, level) => {
    const limit = level === 0 ? 0 : (most * (level + 1)) / LEVELS;
    return live.reduce((largest, bytes) => (bytes <= limit ? Math.max(largest, bytes) : largest), 0);
  });
  levelBytes[0] = 0;
  const levelOf = Uint8Array.from(live, (bytes) => {
    let level = 0;
    while (level + 1 < LEVELS && f64(levelBytes, level + 1) <= bytes) level++;
    return level;
  });
  return { levelOf, levelBytes };
}
