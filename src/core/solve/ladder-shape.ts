import { at, type Csr, csrFrom, i32, row, u8 } from "../columns.ts";
import type { Problem } from "../plan/problem.ts";

/**
 * The data flow of a problem as a ladder needs it. Nodes are the ops and one more, the end, which follows every op and
 * reads the graph's outputs. A tensor is passed on over a boundary until its last reader, so readers that are
 * ancestors of another reader are left out, and tensors between the same two nodes are taken together.
 */
export interface LadderShape {
  readonly opCount: number;
  /** Number of the end node; equals opCount. */
  readonly end: number;
  /** Producing op of each bundle of tensors, -1 for graph inputs. */
  readonly producer: Int32Array;
  /** Bytes on the wire; Infinity where the bundle must not be cut. */
  readonly bytes: Float64Array;
  /** Readers of each bundle, none an ancestor of another. */
  readonly readers: Csr;
  /** Pairs before -> after of nodes, beyond those that a bundle with a single reader implies. */
  readonly before: Int32Array;
  readonly after: Int32Array;
  /** Ops that read no other op's tensor. */
  readonly roots: readonly number[];
}

/** Readers (ascending) that are not ancestors of another reader. O(edges among the ops between first and last reader). */
function lastReaders(problem: Problem, readers: Int32Array, stamp: Int32Array, mark: number): number[] {
  const lowest = i32(readers, 0);
  const kept: number[] = [];
  const queue: number[] = [];
  for (let i = readers.length - 1; i >= 0; i--) {
    const reader = i32(readers, i);
    if (i32(stamp, reader) === mark) continue;
    kept.push(reader);
    // Whatever leads to this reader is an ancestor of it; numbers only fall on the way.
    queue.push(reader);
    for (let op = queue.pop(); op !== undefined; op = queue.pop()) {
      for (const tensor of row(problem.opInputs, op)) {
        const producer = at(problem.tensorProducer, tensor);
        if (producer < lowest || i32(stamp, producer) === mark) continue;
        stamp[producer] = mark;
        queue.push(producer);
      }
    }
  }
  return kept.reverse();
}

/** O(edges x span of a tensor's readers). */
export function ladderShape(problem: Problem): LadderShape {
  const { opCount, tensorCount } = problem;
  const end = opCount;
  const isOutput = new Uint8Array(tensorCount);
  for (const tensor of problem.outputs) isOutput[tensor] = 1;
  const stamp = new Int32Array(opCount).fill(-1);
  const bundles = new Map<string, number>();
  const producers: number[] = [];
  const sizes: number[] = [];
  const readerRows: number[][] = [];
  const before: number[] = [];
  const after: number[] = [];
  const hasReader = new Uint8Array(opCount);
  const readsOp = new Uint8Array(opCount);
  for (let tensor = 0; tensor < tensorCount; tensor++) {
    const consumers = row(problem.tensorConsumers, tensor);
    const output = u8(isOutput, tensor) === 1;
    if (consumers.length === 0 && !output) continue;
    const producer = at(problem.tensorProducer, tensor);
    const readers = output ? [end] : lastReaders(problem, consumers, stamp, tensor);
    if (producer >= 0) {
      if (consumers.length > 0 || output) hasReader[producer] = 1;
      for (const consumer of consumers) {
        readsOp[consumer] = 1;
        if (readers.length > 1 || readers[0] !== consumer) {
          before.push(producer);
          after.push(consumer);
        }
      }
    }
    const size = problem.uncuttable[tensor] === 1 ? Number.POSITIVE_INFINITY : at(problem.tensorWireBytes, tensor);
    const key = `${producer} ${readers.join(" ")}`;
    const known = bundles.get(key);
    if (known !== undefined) {
      sizes[known] = (sizes[known] ?? 0) + size;
      continue;
    }
    bundles.set(key, producers.length);
    producers.push(producer);
    sizes.push(size);
    readerRows.push(readers);
  }
  // Members of a group follow each other both ways: they have one label.
  const groups = new Map<number, number>();
  for (const [op, group] of problem.groupOf.entries()) {
    if (group < 0) continue;
    const previous = groups.get(group);
    groups.set(group, op);
    if (previous === undefined) continue;
    before.push(previous, op);
    after.push(op, previous);
  }
  const roots: number[] = [];
  for (let op = 0; op < opCount; op++) {
    if (u8(readsOp, op) === 0) roots.push(op);
    if (u8(hasReader, op) === 1) continue;
    before.push(op);
    after.push(end);
  }
  return {
    opCount,
    end,
    producer: Int32Array.from(producers),
    bytes: Float64Array.from(sizes),
    readers: csrFrom(readerRows),
    before: Int32Array.from(before),
    after: Int32Array.from(after),
    roots,
  };
}
