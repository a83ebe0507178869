import { at, item, row } from "../columns.ts";
import type { Graph } from "../graph/graph.ts";
import type { ModuleTree } from "../graph/module-tree.ts";
import type { OpCosts } from "./cost.ts";
import { parameterElements } from "./op-costs.ts";

/** What each module of a model holds, as columns by module number; 0 is the whole model. NaN where a part is unknown. */
export interface ModuleTotals {
  readonly ops: Int32Array;
  readonly macs: Float64Array;
  /** Each constant once, however many ops of the module read it; one that two modules read counts in both. */
  readonly parameters: Float64Array;
  readonly weightBytes: Float64Array;
}

/** Sums of work and weights over the ops of every module. O((ops + constants read) x depth of the tree). */
export function moduleTotals(modules: ModuleTree, graph: Graph, costs: OpCosts): ModuleTotals {
  const ops = new Int32Array(modules.count);
  const macs = new Float64Array(modules.count);
  const parameters = new Float64Array(modules.count);
  const weightBytes = new Float64Array(modules.count);
  const readers: number[][] = graph.constantNames.map(() => []);
  for (let op = 0; op < graph.opCount; op++) {
    for (let module = at(modules.blockOf, op); module >= 0; module = at(modules.parent, module)) {
      ops[module] = at(ops, module) + 1;
      macs[module] = at(macs, module) + at(costs.macs, op);
    }
    for (const constant of row(graph.opConstants, op)) item(readers, constant).push(op);
  }
  const elements = parameterElements(graph);
  const counted = new Int32Array(modules.count).fill(-1);
  for (const [constant, of] of readers.entries()) {
    for (const op of of) {
      // Whatever holds a module that has counted the constant has counted it too.
      for (
        let module = at(modules.blockOf, op);
        module >= 0 && at(counted, module) !== constant;
        module = at(modules.parent, module)
      ) {
        counted[module] = constant;
        parameters[module] = at(parameters, module) + at(elements, constant);
        weightBytes[module] = at(weightBytes, module) + at(graph.constantBytes, constant);
      }
    }
  }
  return { ops, macs, parameters, weightBytes };
}
