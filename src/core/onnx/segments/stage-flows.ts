import { at, item, row } from "../../columns.ts";
import type { Graph } from "../../graph/graph.ts";
import { backwardEdge } from "../../plan/backward-edge.ts";
import { sendingObstacle } from "../../plan/obstacle.ts";
import type { Plan } from "../../plan/plan.ts";
import { crossings } from "../../plan/validity.ts";
import { err, ok, type Result } from "../../result.ts";

/** What a stage that holds ops reads from outside and makes for outside, as tensor numbers, ascending. */
export interface StageFlow {
  readonly stage: number;
  readonly ops: readonly number[];
  /** Read here, made in an earlier stage or given by the caller of the whole model. */
  readonly inputs: readonly number[];
  /** Made here, and read in a later stage or an output of the whole model. */
  readonly outputs: readonly number[];
}

function shapeError(graph: Graph, plan: Plan): string | null {
  if (plan.stageOf.length !== graph.opCount) {
    return `The plan assigns ${plan.stageOf.length} ops; expected the graph's ${graph.opCount}.`;
  }
  const outside = plan.stageOf.findIndex((stage) => plan.stages[stage] === undefined);
  if (outside < 0) return null;
  return `The plan runs op "${item(graph.opNames, outside)}" in stage ${plan.stageOf[outside]}; expected a number below ${plan.stages.length}.`;
}

/**
 * The interface of every stage that holds ops. Errors: a plan that does not fit the graph, an op before one that it
 * reads from, a tensor that cannot be sent across a boundary. O(ops + edges + crossings).
 */
export function stageFlows(graph: Graph, plan: Plan): Result<readonly StageFlow[]> {
  const fault = shapeError(graph, plan) ?? backwardEdge(graph, plan.stageOf);
  if (fault !== null) return err(fault);
  for (const [boundary, tensors] of crossings(graph, plan).entries()) {
    for (const tensor of tensors) {
      const reason = sendingObstacle(item(graph.tensorTypes, tensor));
      if (reason === null) continue;
      return err(
        `Tensor "${item(graph.tensorNames, tensor)}" cannot be sent from stage ${boundary} to stage ${boundary + 1}: ${reason}.`,
      );
    }
  }
  const { stageOf } = plan;
  const ops: number[][] = plan.stages.map(() => []);
  for (const [op, stage] of stageOf.entries()) item(ops, stage).push(op);
  const inputs: number[][] = plan.stages.map(() => []);
  const outputs: number[][] = plan.stages.map(() => []);
  const isOutput = new Set(graph.outputs);
  for (let tensor = 0; tensor < graph.tensorCount; tensor++) {
    const producer = at(graph.tensorProducer, tensor);
    const home = producer < 0 ? -1 : at(stageOf, producer);
    const readers = new Set<number>();
    for (const op of row(graph.tensorConsumers, tensor)) readers.add(at(stageOf, op));
    readers.delete(home);
    for (const stage of readers) item(inputs, stage).push(tensor);
    if (home >= 0 && (readers.size > 0 || isOutput.has(tensor))) item(outputs, home).push(tensor);
  }
  return ok(
    ops.flatMap((list, stage) =>
      list.length === 0 ? [] : [{ stage, ops: list, inputs: item(inputs, stage), outputs: item(outputs, stage) }],
    ),
  );
}
