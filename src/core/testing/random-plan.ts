import { at, row } from "../columns.ts";
import type { Graph } from "../graph/graph.ts";
import type { Plan } from "../plan/plan.ts";
import type { Random } from "./random.ts";

/** A random topological order: of the ops that could come next, any. O(ops + edges). */
function randomOrder(graph: Graph, random: Random): number[] {
  const missing = Int32Array.from({ length: graph.opCount }, (_, op) => {
    const producers = [...row(graph.opInputs, op)].filter((tensor) => at(graph.tensorProducer, tensor) >= 0);
    return producers.length;
  });
  const ready = [...missing.keys()].filter((op) => at(missing, op) === 0);
  const order: number[] = [];
  while (ready.length > 0) {
    const [op] = ready.splice(random.integer(0, ready.length - 1), 1);
    if (op === undefined) throw new Error("an op was ready");
    order.push(op);
    for (const tensor of row(graph.opOutputs, op)) {
      for (const consumer of row(graph.tensorConsumers, tensor)) {
        missing[consumer] = at(missing, consumer) - 1;
        if (at(missing, consumer) === 0) ready.push(consumer);
      }
    }
  }
  return order;
}

/** A plan of `stages` stages, none empty, cut at random frontiers; null where there are fewer ops. */
export function randomPlan(graph: Graph, stages: number, random: Random): Plan | null {
  if (graph.opCount < stages) return null;
  const order = randomOrder(graph, random);
  const cuts = new Set<number>();
  while (cuts.size < stages - 1) cuts.add(random.integer(1, graph.opCount - 1));
  const stageOf = new Int32Array(graph.opCount);
  let stage = 0;
  for (const [position, op] of order.entries()) {
    if (cuts.has(position)) stage++;
    stageOf[op] = stage;
  }
  return { stages: Array.from({ length: stages }, (_, index) => index), stageOf };
}
