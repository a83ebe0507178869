import { at, item, row } from "../columns.ts";
import type { Graph } from "../graph/graph.ts";
import type { ElementType, Model } from "../onnx/model.ts";
import { compositeMacs } from "./composite.ts";
import { type ModelTotals, OP_CLASSES, type OpCosts } from "./cost.ts";
import { familyOf } from "./families.ts";
import { opView, sizesByName } from "./op-view.ts";

/** Shape arguments, indices and flags are constants too, but no parameters of the network. */
const NO_PARAMETERS = new Set<ElementType>(["int32", "int64", "uint32", "uint64", "bool", "string", "undefined"]);

/**
 * Work of each op: multiply-accumulates by the formula of its family, bytes of the tensors and constants that it
 * reads and writes, parameters (elements of float and quantised constants), class. Additions alone count no MAC, as in
 * published figures. Unknown sizes give NaN; ops of a type that no family covers have 0 MACs and the class "other".
 * View ops keep the bytes of their tensors, although they move none. O(ops + edges).
 */
export function opCosts(graph: Graph, model: Model): OpCosts {
  const count = graph.opCount;
  const macs = new Float64Array(count);
  const inputBytes = new Float64Array(count);
  const outputBytes = new Float64Array(count);
  const weightBytes = new Float64Array(count);
  const parameters = new Float64Array(count);
  const opClass = new Uint8Array(count);
  const sizes = sizesByName(graph);
  const nodes = model.proto.graph?.node ?? [];
  const inside = compositeMacs(model.proto.functions);
  const sum = (values: Float64Array, indices: Int32Array) => {
    let total = 0;
    for (const index of indices) total += at(values, index);
    return total;
  };
  const elements = parameterElements(graph);
  for (let op = 0; op < count; op++) {
    const node = item(nodes, at(graph.opNodes, op));
    const composite = inside(node, at(graph.opNodes, op));
    const work =
      composite === null
        ? (familyOf(node.opType)?.work(opView(node, sizes)) ?? { macs: 0, opClass: "other" as const })
        : { macs: composite, opClass: "other" as const };
    macs[op] = work.macs;
    opClass[op] = OP_CLASSES.indexOf(work.opClass);
    inputBytes[op] = sum(graph.tensorBytes, row(graph.opInputs, op));
    outputBytes[op] = sum(graph.tensorBytes, row(graph.opOutputs, op));
    const constants = row(graph.opConstants, op);
    weightBytes[op] = sum(graph.constantBytes, constants);
    parameters[op] = sum(elements, constants);
  }
  return { macs, inputBytes, outputBytes, weightBytes, parameters, opClass };
}

function parameterElements(graph: Graph): Float64Array {
  return graph.constantElements.map((elements, constant) =>
    NO_PARAMETERS.has(item(graph.constantTypes, constant)) ? 0 : elements,
  );
}

/** Sums over the model, each constant once however many ops read it; NaN where a part is unknown. O(ops + constants). */
export function modelTotals(graph: Graph, costs: OpCosts): ModelTotals {
  const total = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0);
  return {
    ops: graph.opCount,
    macs: total(costs.macs),
    parameters: total(parameterElements(graph)),
    weightBytes: total(graph.constantBytes),
  };
}
