import { f64, i32, item, row, u8 } from "../columns.ts";
import type { Wiring } from "../plan/order.ts";
import { type Lattice, sumOver } from "./lattice.ts";
import type { StageGraph } from "./stage-graph.ts";

/** Members of the sets of a lattice as bits, and the tensors that cross from each. */
class Members {
  readonly #words: number;
  readonly #bits: Int32Array;

  constructor({ count, belowSet, belowOp }: Lattice, opCount: number) {
    this.#words = (opCount + 31) >> 5;
    const words = this.#words;
    this.#bits = new Int32Array(count * words);
    for (let set = 1; set < count; set++) {
      const below = i32(belowSet, set) * words;
      this.#bits.copyWithin(set * words, below, below + words);
      const op = i32(belowOp, set);
      const place = set * words + (op >> 5);
      this.#bits[place] = i32(this.#bits, place) | (1 << (op & 31));
    }
  }

  has(set: number, op: number): boolean {
    return ((i32(this.#bits, set * this.#words + (op >> 5)) >> (op & 31)) & 1) === 1;
  }
}

/** A limit below which all memory of this size counts as enough, sums of the same terms in another order included. */
const ROUNDING = 1 + 1e-9;

/** Who is told of the sets that can end a stage. */
export interface StageVisitor {
  /** Seconds that a stage must stay below; it may fall in between. */
  limit: number;
  /** Whether a stage of a kind that ends with a set is of any use, if its load is `least` or more. */
  wants(set: number, kind: number, least: number): boolean;
  visit(set: number, kind: number, load: number): void;
}

/**
 * What a stage costs that begins with one down-set and ends with a larger one. With S the ops between: a device receives
 * each tensor from outside S that is read in S, and sends each written in S that is read outside, or is an output; or it
 * receives all that crosses from the first set, and sends all that crosses from the second, each over a link of its own.
 * Extending a stage op by op, later ops of one topological order after earlier ones, comes to every larger set once and
 * keeps both sums, so a pair of sets costs the degree of one op.
 */
export class StageLoads {
  readonly #wiring: Wiring;
  readonly #lattice: Lattice;
  readonly #members: Members;
  readonly #overlap: boolean;
  readonly #relayed: boolean;
  readonly #sink: number;
  readonly #kinds: readonly KindColumns[];
  readonly #isOutput: Uint8Array;
  readonly #outputBytes: number;
  /** Rank of the op of each step up the lattice. */
  readonly #rankUp: Int32Array;
  /** Per tensor: the set for which it was last looked at; its readers outside that set, and those in the stage. */
  readonly #begunAt: Int32Array;
  readonly #readers: Int32Array;
  readonly #readBy: Int32Array;
  /** The sets between the stage's beginning and where it is extended, and the next step from each. */
  readonly #sets: Int32Array;
  readonly #steps: Int32Array;
  /** The op that each adds, its rank, and the kinds that can run the stage up to there, one bit each. */
  readonly #ops: Int32Array;
  readonly #ranks: Int32Array;
  readonly #able: Int32Array;
  /** Bytes received for the stage that ends there, and bytes that pass it: from before it to after it. */
  readonly #received: Float64Array;
  readonly #passing: Float64Array;

  constructor({ relayed, wiring, kinds }: StageGraph, lattice: Lattice, overlap: boolean, sink: number) {
    this.#relayed = relayed;
    this.#wiring = wiring;
    this.#lattice = lattice;
    this.#members = new Members(lattice, wiring.opCount);
    this.#overlap = overlap;
    this.#sink = sink;
    this.#kinds = kinds.map((kind, number) => {
      const impossible = kind.seconds.map((seconds) => (seconds === Number.POSITIVE_INFINITY ? 1 : 0));
      const held = kind.weightBytes.reduce((total, bytes) => total + bytes, 0);
      const counts = held > kind.memoryBytes || (kind.streamingSecondsPerByte > 0 && held > kind.onChipBytes);
      return {
        kind: number,
        seconds: sumOver(
          lattice,
          kind.seconds.map((seconds) => (seconds === Number.POSITIVE_INFINITY ? 0 : seconds)),
        ),
        impossible: impossible.includes(1) ? sumOver(lattice, impossible) : null,
        weights: counts ? sumOver(lattice, kind.weightBytes) : null,
        overhead: kind.overheadSeconds,
        memory: kind.memoryBytes * ROUNDING,
        onChip: kind.onChipBytes,
        streaming: kind.streamingSecondsPerByte,
        send: kind.sendSecondsPerByte,
        receive: kind.receiveSecondsPerByte,
      };
    });
    this.#isOutput = new Uint8Array(wiring.tensorCount);
    let outputBytes = 0;
    for (const tensor of wiring.outputs) {
      this.#isOutput[tensor] = 1;
      outputBytes += f64(wiring.tensorWireBytes, tensor);
    }
    this.#outputBytes = outputBytes;
    this.#rankUp = lattice.upOp.map((op) => i32(lattice.rankOf, op));
    this.#begunAt = new Int32Array(wiring.tensorCount).fill(-1);
    this.#readers = new Int32Array(wiring.tensorCount);
    this.#readBy = new Int32Array(wiring.tensorCount);
    const depth = wiring.opCount + 1;
    this.#sets = new Int32Array(depth);
    this.#steps = new Int32Array(depth);
    this.#ops = new Int32Array(depth);
    this.#ranks = new Int32Array(depth);
    this.#able = new Int32Array(depth);
    this.#received = new Float64Array(depth);
    this.#passing = new Float64Array(depth);
  }

  /** Busy time of a sink that runs nothing: it receives the outputs. */
  get idleSinkSeconds(): number {
    return this.#sink < 0 ? 0 : this.#outputBytes * item(this.#kinds, this.#sink).receive;
  }

  /**
   * Tells the visitor every set that ends a stage which begins with `from` and runs on one of `kinds` in less than its
   * limit, and its load there. `first` = it is the source's, where the inputs are. Returns the number of sets looked at.
   */
  forEach(from: number, kinds: readonly number[], first: boolean, visitor: StageVisitor): number {
    const overlap = this.#overlap;
    const { upFirst, upSet, upOp, bytes } = this.#lattice;
    const [sets, steps, ops, ranks, able] = [this.#sets, this.#steps, this.#ops, this.#ranks, this.#able];
    const [received, passing, rankUp] = [this.#received, this.#passing, this.#rankUp];
    const columns = kinds.map((kind) => item(this.#kinds, kind));
    const computes = new Float64Array(columns.length);
    const tracksTensors = !first && !this.#relayed;
    sets[0] = from;
    steps[0] = i32(upFirst, from + 1) - 1;
    ranks[0] = -1;
    able[0] = (1 << columns.length) - 1;
    // Relayed: all that crosses is received, from outside at no cost; nothing passes the stage by.
    received[0] = this.#relayed && from > 0 ? f64(bytes, from) : 0;
    passing[0] = tracksTensors ? f64(bytes, from) : 0;
    let looked = 0;
    for (let depth = 0; depth >= 0; ) {
      const step = i32(steps, depth);
      if (step < i32(upFirst, i32(sets, depth)) || i32(rankUp, step) < i32(ranks, depth)) {
        if (tracksTensors && depth > 0) this.#removeReads(i32(ops, depth));
        depth--;
        continue;
      }
      steps[depth] = step - 1;
      looked += 1;
      const set = i32(upSet, step);
      // A kind that cannot run so much cannot run more.
      let left = i32(able, depth);
      for (let k = 0; k < columns.length; k++) {
        if (((left >> k) & 1) === 0) continue;
        const compute = computeOf(item(columns, k), from, set);
        computes[k] = compute;
        if (!(compute < visitor.limit)) left ^= 1 << k;
      }
      if (left === 0) continue;
      const op = i32(upOp, step);
      received[depth + 1] = f64(received, depth);
      passing[depth + 1] = f64(passing, depth);
      if (tracksTensors) this.#addReads(from, op, depth + 1);
      for (let k = 0; k < columns.length; k++) {
        if (((left >> k) & 1) === 0) continue;
        const column = item(columns, k);
        const compute = f64(computes, k);
        const into = f64(received, depth + 1) * column.receive;
        const least = overlap ? Math.max(compute, into) : compute + into;
        if (!(least < visitor.limit)) {
          left ^= 1 << k;
          continue;
        }
        if (!visitor.wants(set, column.kind, least)) continue;
        const load = this.#load(from, set, column, compute, depth + 1, first);
        if (load < visitor.limit) visitor.visit(set, column.kind, load);
      }
      if (left === 0) {
        if (tracksTensors) this.#removeReads(op);
        continue;
      }
      depth++;
      sets[depth] = set;
      steps[depth] = i32(upFirst, set + 1) - 1;
      ops[depth] = op;
      ranks[depth] = i32(rankUp, step);
      able[depth] = left;
    }
    return looked;
  }

  /** Load of the source where it runs nothing before it sends the inputs on. */
  emptySource(kind: number): number {
    this.#received[0] = 0;
    this.#passing[0] = 0;
    return this.#load(0, 0, item(this.#kinds, kind), 0, 0, true);
  }

  /** What an op that joins the stage reads from before it: received once, and passing no longer if nobody else reads it. */
  #addReads(from: number, op: number, depth: number): void {
    const { opInputs, tensorWireBytes } = this.#wiring;
    for (let place = i32(opInputs.offsets, op); place < i32(opInputs.offsets, op + 1); place++) {
      const tensor = i32(opInputs.values, place);
      if (i32(this.#begunAt, tensor) !== from) this.#begin(from, tensor);
      const readBy = i32(this.#readBy, tensor) + 1;
      this.#readBy[tensor] = readBy;
      const readers = i32(this.#readers, tensor);
      if (readers === 0) continue;
      const size = f64(tensorWireBytes, tensor);
      if (readBy === 1) this.#received[depth] = f64(this.#received, depth) + size;
      if (readBy === readers && u8(this.#isOutput, tensor) === 0)
        this.#passing[depth] = f64(this.#passing, depth) - size;
    }
  }

  #removeReads(op: number): void {
    const { opInputs } = this.#wiring;
    for (let place = i32(opInputs.offsets, op); place < i32(opInputs.offsets, op + 1); place++) {
      const tensor = i32(opInputs.values, place);
      this.#readBy[tensor] = i32(this.#readBy, tensor) - 1;
    }
  }

  /** Readers of a tensor outside `from`, none if it does not cross from there. */
  #begin(from: number, tensor: number): void {
    const { tensorProducer, tensorConsumers } = this.#wiring;
    const producer = i32(tensorProducer, tensor);
    let readers = 0;
    if (producer < 0 || this.#members.has(from, producer)) {
      const end = i32(tensorConsumers.offsets, tensor + 1);
      for (let place = i32(tensorConsumers.offsets, tensor); place < end; place++)
        if (!this.#members.has(from, i32(tensorConsumers.values, place))) readers++;
    }
    this.#begunAt[tensor] = from;
    this.#readers[tensor] = readers;
    this.#readBy[tensor] = 0;
  }

  #load(from: number, set: number, column: KindColumns, compute: number, depth: number, first: boolean): number {
    const { send, receive } = column;
    if (this.#relayed) {
      const out = set === this.#lattice.count - 1 ? 0 : f64(this.#lattice.bytes, set) * send;
      const into = f64(this.#received, depth) * receive;
      return this.#overlap ? Math.max(compute, into, out) : compute + into + out;
    }
    let received = f64(this.#received, depth);
    let sent = f64(this.#lattice.bytes, set) - f64(this.#passing, depth);
    if (column.kind === this.#sink && send + receive > 0) {
      for (const tensor of this.#wiring.outputs) {
        const size = f64(this.#wiring.tensorWireBytes, tensor);
        const isOwn = this.#isWrittenBetween(from, set, tensor, first);
        const isRead = this.#isReadBetween(from, set, tensor);
        if (!isOwn && !isRead) received += size;
        if (isOwn && row(this.#wiring.tensorConsumers, tensor).every((op) => this.#members.has(set, op))) sent -= size;
      }
    }
    const port = received * receive + Math.max(0, sent) * send;
    return this.#overlap ? Math.max(compute, port) : compute + port;
  }

  #isWrittenBetween(from: number, set: number, tensor: number, first: boolean): boolean {
    const producer = i32(this.#wiring.tensorProducer, tensor);
    if (producer < 0) return first;
    return this.#members.has(set, producer) && !this.#members.has(from, producer);
  }

  #isReadBetween(from: number, set: number, tensor: number): boolean {
    return row(this.#wiring.tensorConsumers, tensor).some(
      (op) => this.#members.has(set, op) && !this.#members.has(from, op),
    );
  }
}

interface KindColumns {
  readonly kind: number;
  /** Sums over the ops of each set; null where there is nothing to sum. */
  readonly seconds: Float64Array;
  readonly impossible: Float64Array | null;
  readonly weights: Float64Array | null;
  readonly overhead: number;
  readonly memory: number;
  readonly onChip: number;
  readonly streaming: number;
  readonly send: number;
  readonly receive: number;
}

/** Compute of a stage, which never gets less as it grows; Infinity where it is impossible. */
function computeOf(column: KindColumns, from: number, set: number): number {
  const { seconds, impossible, weights, memory, onChip, streaming, overhead } = column;
  const compute = overhead + (f64(seconds, set) - f64(seconds, from));
  if (impossible !== null && f64(impossible, set) !== f64(impossible, from)) return Number.POSITIVE_INFINITY;
  if (weights === null) return compute;
  const held = f64(weights, set) - f64(weights, from);
  if (held > memory) return Number.POSITIVE_INFINITY;
  return compute + Math.max(0, held - onChip) * streaming;
}
