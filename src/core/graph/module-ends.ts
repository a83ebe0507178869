import { at, row } from "../columns.ts";
import { frontierTensors } from "./frontier.ts";
import type { Graph } from "./graph.ts";

/** Tensors that a run of ops exchanges with the rest, ascending. */
export interface RunEnds {
  /** Read inside, written elsewhere (graph inputs too). */
  readonly reads: readonly number[];
  /** Written inside, and read elsewhere or an output of the graph. */
  readonly writes: readonly number[];
}

/** What ops from .. to - 1 of the op order read from outside and leave for others. O(edges of the run + outputs). */
export function runEnds(graph: Graph, from: number, to: number): RunEnds {
  const isInside = (op: number) => op >= from && op < to;
  const outputs = new Set(graph.outputs);
  const reads = new Set<number>();
  const writes = new Set<number>();
  for (let op = from; op < to; op++) {
    for (const tensor of row(graph.opInputs, op)) {
      if (!isInside(at(graph.tensorProducer, tensor))) reads.add(tensor);
    }
    for (const tensor of row(graph.opOutputs, op)) {
      const leaves = row(graph.tensorConsumers, tensor).some((reader) => !isInside(reader));
      if (leaves || outputs.has(tensor)) writes.add(tensor);
    }
  }
  const ascending = (tensors: ReadonlySet<number>) => [...tensors].sort((a, b) => a - b);
  return { reads: ascending(reads), writes: ascending(writes) };
}

/** What a cut at some place would carry. */
export interface CutPlace {
  readonly tensors: readonly number[];
  /** Bytes as stored; NaN where one is unknown. */
  readonly bytes: number;
  /** A single tensor that separates the inputs from the outputs. */
  readonly isOneTensor: boolean;
}

/** A cut along the boundary of a down-set; `cuts` are the one-tensor cuts of the graph. O(tensors + edges). */
export function cutAround(graph: Graph, cuts: readonly number[], inside: Uint8Array): CutPlace {
  const tensors = frontierTensors(graph, inside);
  const [first] = tensors;
  const bytes = tensors.reduce((sum, tensor) => sum + at(graph.tensorBytes, tensor), 0);
  return { tensors, bytes, isOneTensor: tensors.length === 1 && first !== undefined && cuts.includes(first) };
}

/** A cut behind the first `position` ops of the op order. O(tensors + edges). */
export function cutBehind(graph: Graph, cuts: readonly number[], position: number): CutPlace {
  return cutAround(graph, cuts, new Uint8Array(graph.opCount).fill(1, 0, position));
}
