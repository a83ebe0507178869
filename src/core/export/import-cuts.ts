import { at, item, row } from "../columns.ts";
import type { Graph } from "../graph/graph.ts";
import { err, type Result } from "../result.ts";
import type { Rig } from "../rig/rig.ts";
import { type ImportedPlan, placeStages } from "./imported-plan.ts";

/**
 * A plan that cuts at the tensors named: every op that depends on one of them runs in a later stage. Tensors that lie
 * on parallel paths make one cut together. Inputs of the model cross cuts without being named. Errors: a tensor that
 * the model has not or that nothing reads, and a path around the cut, named by the op that it leads to.
 * O(ops + edges).
 */
export function planOfCuts(
  tensors: readonly string[],
  graph: Graph,
  rig: Rig,
  devices: readonly string[] | null,
): Result<ImportedPlan> {
  const numbers = new Map(graph.tensorNames.map((name, tensor) => [name, tensor]));
  const cut = new Uint8Array(graph.tensorCount);
  for (const name of tensors) {
    const tensor = numbers.get(name);
    if (tensor === undefined) return err(noTensor(graph, name));
    if (row(graph.tensorConsumers, tensor).length === 0) {
      return err(`No op reads the tensor "${name}"; expected one between two ops.`);
    }
    cut[tensor] = 1;
  }
  const stageOf = new Int32Array(graph.opCount);
  for (let op = 0; op < graph.opCount; op++) {
    for (const tensor of row(graph.opInputs, op)) {
      const producer = at(graph.tensorProducer, tensor);
      const before = producer < 0 ? 0 : at(stageOf, producer);
      stageOf[op] = Math.max(at(stageOf, op), before + at(cut, tensor));
    }
  }
  for (let op = 0; op < graph.opCount; op++) {
    for (const tensor of row(graph.opInputs, op)) {
      const producer = at(graph.tensorProducer, tensor);
      if (producer < 0 || at(cut, tensor) === 1 || at(stageOf, producer) === at(stageOf, op)) continue;
      return err(
        `Op "${item(graph.opNames, op)}" is behind a cut, but reads the tensor "${item(graph.tensorNames, tensor)}" of op "${item(graph.opNames, producer)}" before it; expected that tensor among those to cut at.`,
      );
    }
  }
  const used = new Set(stageOf);
  // A cut at the model's own input leaves nothing before it: the source passes the input on.
  const empty = used.has(0) ? 0 : 1;
  return placeStages(
    rig,
    stageOf.map((stage) => stage - empty),
    used.size,
    devices,
  );
}

function noTensor(graph: Graph, name: string): string {
  if (graph.constantNames.includes(name))
    return `"${name}" is a constant, which no cut sends; expected a tensor between ops.`;
  if (graph.opNames.includes(name)) return `"${name}" is an op; expected the name of a tensor that it makes.`;
  return `The model has no tensor "${name}".`;
}
