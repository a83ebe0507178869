import { at, row } from "../columns.ts";
import type { Graph } from "./graph.ts";

/** Marks of the ops that `op` depends on, directly or not, and of `op` itself: the smallest down-set with it. O(ops + edges). */
export function ancestors(graph: Graph, op: number): Uint8Array {
  const marks = new Uint8Array(graph.opCount);
  marks[op] = 1;
  // Ops are in topological order, so one sweep downward meets every reader before what it reads.
  for (let current = op; current >= 0; current -= 1) {
    if (at(marks, current) === 0) continue;
    for (const tensor of row(graph.opInputs, current)) {
      const producer = at(graph.tensorProducer, tensor);
      if (producer >= 0) marks[producer] = 1;
    }
  }
  return marks;
}

/** Marks of the ops that depend on `op`, directly or not, and of `op` itself: the smallest up-set with it. O(ops + edges). */
export function descendants(graph: Graph, op: number): Uint8Array {
  const marks = new Uint8Array(graph.opCount);
  marks[op] = 1;
  for (let current = op; current < graph.opCount; current += 1) {
    if (at(marks, current) === 0) continue;
    for (const tensor of row(graph.opOutputs, current)) {
      for (const consumer of row(graph.tensorConsumers, tensor)) marks[consumer] = 1;
    }
  }
  return marks;
}
