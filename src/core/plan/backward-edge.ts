import { at, item, row } from "../columns.ts";
import type { Graph } from "../graph/graph.ts";

/** An edge that runs from a later stage to an earlier one, as a sentence; null where there is none. O(ops + edges). */
export function backwardEdge(graph: Graph, stageOf: Int32Array): string | null {
  for (let op = 0; op < graph.opCount; op++) {
    for (const tensor of row(graph.opInputs, op)) {
      const producer = at(graph.tensorProducer, tensor);
      if (producer < 0 || at(stageOf, producer) <= at(stageOf, op)) continue;
      return `The plan runs op "${item(graph.opNames, op)}" in stage ${at(stageOf, op)}, before op "${item(graph.opNames, producer)}" in stage ${at(stageOf, producer)}, whose output it reads.`;
    }
  }
  return null;
}
