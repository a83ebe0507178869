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
  /** Whether a set is of any use as an end. */
  wants(set: number): boolean;
  visit(set: number, kind: number, load: number): void;
}

/**
 * What a stage costs that begins with one down-set and ends with a larger one. With S the ops between: a device receives
 * each tensor from outside S that is read in S, and sends each written in S that is read outside, or is an output; or it
 * receives all that crosses from the first set, and sends all that crosses from the second, each over a link of its own.
 * Extending a stage op by op keeps both sums, so a pair of sets costs the degree of one op.
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
  /** Set for which a tensor was last found to cross from it. */
  readonly #crosses: Int32Array;
  readonly #seen: Int32Array;
  readonly #queue: Int32Array;
  /** Bytes received for the stage that ends with a set, and bytes that pass it: from before it to after it. */
  readonly #received: Float64Array;
  readonly #passing: Float64Array;
  readonly #outputBytes: number;

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
    this.#crosses = new Int32Array(wiring.tensorCount).fill(-1);
    this.#seen = new Int32Array(lattice.count).fill(-1);
    this.#queue = new Int32Array(lattice.count);
    this.#received = new Float64Array(lattice.count);
    this.#passing = new Float64Array(lattice.count);
  }

  /** Busy time of a sink that runs nothing: it receives the outputs. */
  get idleSinkSeconds(): number {
    return this.#sink < 0 ? 0 : this.#outputBytes * item(this.#kinds, this.#sink).receive;
  }

  /**
   * Tells the visitor every set that ends a stage which begins with `from` and runs on one of `kinds` in less than its
   * limit, and its load there. `first` = it is the source's, where the inputs are. Returns the
   * number of sets looked at.
   */
  forEach(from: number, kinds: readonly number[], first: boolean, visitor: StageVisitor): number {
    const overlap = this.#overlap;
    const { upFirst, upSet, upOp, bytes } = this.#lattice;
    const queue = this.#queue;
    const seen = this.#seen;
    const columns = kinds.map((kind) => item(this.#kinds, kind));
    const tracksTensors = !first && !this.#relayed;
    if (tracksTensors) this.#markCrossing(from);
    // Relayed: all that crosses is received, from outside at no cost; nothing passes the stage by.
    const relayedBytes = this.#relayed && from > 0 ? f64(bytes, from) : 0;
    const stamp = first ? this.#lattice.count + from : from;
    queue[0] = from;
    this.#received[from] = relayedBytes;
    this.#passing[from] = tracksTensors ? f64(bytes, from) : 0;
    let length = 1;
    let looked = 0;
    for (let next = 0; next < length; next++) {
      const below = i32(queue, next);
      const end = i32(upFirst, below + 1);
      for (let edge = i32(upFirst, below); edge < end; edge++) {
        const set = i32(upSet, edge);
        if (i32(seen, set) === stamp) continue;
        seen[set] = stamp;
        looked += 1;
        this.#received[set] = f64(this.#received, below);
        this.#passing[set] = f64(this.#passing, below);
        if (tracksTensors) this.#addReads(from, below, set, i32(upOp, edge));
        let goesOn = false;
        let wanted: boolean | null = null;
        for (const column of columns) {
          const compute = computeOf(column, from, set);
          const received = f64(this.#received, set) * column.receive;
          if (!((overlap ? Math.max(compute, received) : compute + received) < visitor.limit)) continue;
          goesOn = true;
          wanted ??= visitor.wants(set);
          if (!wanted) continue;
          const load = this.#load(from, set, column, compute, first);
          if (load < visitor.limit) visitor.visit(set, column.kind, load);
        }
        if (goesOn) queue[length++] = set;
      }
    }
    return looked;
  }

  /** Load of the source where it runs nothing before it sends the inputs on. */
  emptySource(kind: number): number {
    this.#received[0] = 0;
    this.#passing[0] = 0;
    return this.#load(0, 0, item(this.#kinds, kind), 0, true);
  }

  #markCrossing(from: number): void {
    const { tensorCount, tensorProducer, tensorConsumers } = this.#wiring;
    for (let tensor = 0; tensor < tensorCount; tensor++) {
      const producer = i32(tensorProducer, tensor);
      if (producer >= 0 && !this.#members.has(from, producer)) continue;
      const crosses =
        u8(this.#isOutput, tensor) === 1 ||
        row(tensorConsumers, tensor).some((consumer) => !this.#members.has(from, consumer));
      if (crosses) this.#crosses[tensor] = from;
    }
  }

  /** What an op that joins the stage reads from before it: received once, and passing no longer if nobody else reads it. */
  #addReads(from: number, below: number, set: number, op: number): void {
    const { opInputs, tensorConsumers, tensorWireBytes } = this.#wiring;
    for (let place = i32(opInputs.offsets, op); place < i32(opInputs.offsets, op + 1); place++) {
      const tensor = i32(opInputs.values, place);
      if (i32(this.#crosses, tensor) !== from) continue;
      let isFirst = true;
      let isLast = u8(this.#isOutput, tensor) === 0;
      const end = i32(tensorConsumers.offsets, tensor + 1);
      for (let other = i32(tensorConsumers.offsets, tensor); other < end; other++) {
        const consumer = i32(tensorConsumers.values, other);
        if (consumer === op) continue;
        if (!this.#members.has(below, consumer)) isLast = false;
        else if (!this.#members.has(from, consumer)) isFirst = false;
      }
      const size = f64(tensorWireBytes, tensor);
      if (isFirst) this.#received[set] = f64(this.#received, set) + size;
      if (isLast) this.#passing[set] = f64(this.#passing, set) - size;
    }
  }

  #load(from: number, set: number, column: KindColumns, compute: number, first: boolean): number {
    const { send, receive } = column;
    if (this.#relayed) {
      const out = set === this.#lattice.count - 1 ? 0 : f64(this.#lattice.bytes, set) * send;
      const into = f64(this.#received, set) * receive;
      return this.#overlap ? Math.max(compute, into, out) : compute + into + out;
    }
    let received = f64(this.#received, set);
    let sent = f64(this.#lattice.bytes, set) - f64(this.#passing, set);
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
