import { at, row } from "../columns.ts";
import type { Graph } from "./graph.ts";

/** One op, or several. */
export type Ops = number | readonly number[];

/** Marks of the ops that `ops` depend on, directly or not, and of these: the smallest down-set with them. O(ops + edges). */
export function ancestors(graph: Graph, ops: Ops): Uint8Array {
  const marks = marked(graph, ops);
  // Ops are in topological order, so one sweep downward meets every reader before what it reads.
  for (let current = marks.lastIndexOf(1); current >= 0; current -= 1) {
    if (at(marks, current) === 0) continue;
    for (const tensor of row(graph.opInputs, current)) {
      const producer = at(graph.tensorProducer, tensor);
      if (producer >= 0) marks[producer] = 1;
    }
  }
  return marks;
}

/** Marks of the ops that depend on `ops`, directly or not, and of these: the smallest up-set with them. O(ops + edges). */
export function descendants(graph: Graph, ops: Ops): Uint8Array {
  const marks = marked(graph, ops);
  for (let current = Math.max(0, marks.indexOf(1)); current < graph.opCount; current += 1) {
    if (at(marks, current) === 0) continue;
    for (const tensor of row(graph.opOutputs, current)) {
      for (const consumer of row(graph.tensorConsumers, tensor)) marks[consumer] = 1;
    }
  }
  return marks;
}

function marked(graph: Graph, ops: Ops): Uint8Array {
  const marks = new Uint8Array(graph.opCount);
  for (const op of typeof ops === "number" ? [ops] : ops) marks[op] = 1;
  return marks;
}
