import { at, row } from "../columns.ts";
import type { Graph } from "./graph.ts";

/** A set of ops: a predicate, or marks indexed by op (non-zero = inside). */
export type OpSet = Uint8Array | ((op: number) => boolean);

function marksOf(graph: Graph, inside: OpSet): Uint8Array {
  if (inside instanceof Uint8Array) {
    if (inside.length !== graph.opCount) throw new RangeError(`${inside.length} marks for ${graph.opCount} ops`);
    return inside;
  }
  return Uint8Array.from({ length: graph.opCount }, (_, op) => (inside(op) ? 1 : 0));
}

/** True when every op inside has all ops it reads from inside too. O(ops + edges). */
export function isDownSet(graph: Graph, inside: OpSet): boolean {
  const marks = marksOf(graph, inside);
  for (let op = 0; op < graph.opCount; op += 1) {
    if (at(marks, op) === 0) continue;
    for (const tensor of row(graph.opInputs, op)) {
      const producer = at(graph.tensorProducer, tensor);
      if (producer >= 0 && at(marks, producer) === 0) return false;
    }
  }
  return true;
}

/**
 * Tensors that cross the boundary of a down-set, ascending: there inside (a graph input counts as inside) and read
 * by an op outside. A graph output crosses only when an op outside reads it. O(tensors + edges).
 */
export function frontierTensors(graph: Graph, inside: OpSet): number[] {
  const marks = marksOf(graph, inside);
  const crossing: number[] = [];
  for (let tensor = 0; tensor < graph.tensorCount; tensor += 1) {
    const producer = at(graph.tensorProducer, tensor);
    if (producer >= 0 && at(marks, producer) === 0) continue;
    if (row(graph.tensorConsumers, tensor).some((op) => at(marks, op) === 0)) crossing.push(tensor);
  }
  return crossing;
}

/** Crossings of the boundaries between consecutive ops; entry k is the boundary behind the first k ops. */
export interface PrefixCrossings {
  /** Bytes as stored; NaN where a tensor of unknown size crosses. */
  readonly bytes: Float64Array;
  readonly tensors: Int32Array;
}

/**
 * Number and bytes of the tensors that cross each of the opCount + 1 boundaries of the op order, graph inputs
 * included while an op still has to read them (see `frontierTensors`). O(ops + tensors).
 */
export function prefixCrossings(graph: Graph): PrefixCrossings {
  const boundaries = graph.opCount + 1;
  // Entry b holds the change from boundary b - 1 to b until the sums are taken.
  const bytes = new Float64Array(boundaries);
  const tensors = new Int32Array(boundaries);
  const unknown = new Int32Array(boundaries);
  for (let tensor = 0; tensor < graph.tensorCount; tensor += 1) {
    const last = row(graph.tensorConsumers, tensor).at(-1);
    if (last === undefined) continue;
    const from = at(graph.tensorProducer, tensor) + 1;
    const to = last + 1;
    const size = at(graph.tensorBytes, tensor);
    const sized = Number.isFinite(size);
    for (const [boundary, sign] of [
      [from, 1],
      [to, -1],
    ] as const) {
      tensors[boundary] = at(tensors, boundary) + sign;
      if (sized) bytes[boundary] = at(bytes, boundary) + sign * size;
      else unknown[boundary] = at(unknown, boundary) + sign;
    }
  }
  for (let boundary = 1; boundary < boundaries; boundary += 1) {
    bytes[boundary] = at(bytes, boundary) + at(bytes, boundary - 1);
    tensors[boundary] = at(tensors, boundary) + at(tensors, boundary - 1);
    unknown[boundary] = at(unknown, boundary) + at(unknown, boundary - 1);
  }
  for (const [boundary, count] of unknown.entries()) if (count > 0) bytes[boundary] = Number.NaN;
  return { bytes, tensors };
}
