import { at, item, row } from "../columns.ts";
import type { Graph } from "../graph/graph.ts";
import type { ElementType, Model, TensorType } from "../onnx/model.ts";
import { workFinder } from "./composite.ts";
import { type ModelTotals, OP_CLASSES, type OpCosts } from "./cost.ts";
import { sizesByName } from "./tensor-sizes.ts";

/** Shape arguments, indices and flags are constants too, but no parameters of the network. */
const NO_PARAMETERS = new Set<ElementType>(["int32", "int64", "uint32", "uint64", "bool", "string", "undefined"]);

/**
 * Work of each op: multiply-accumulates by the formula of its family, bytes of the tensors and constants that it
 * reads and writes, parameters (elements of float and quantised constants), class. Additions alone count no MAC, as in
 * published figures. Unknown sizes give NaN, and so do MACs of ops of a type that no family describes. Constants
 * inside the bodies of an op count as its own. View ops keep the bytes of their tensors, although they move none.
 * `types` adds what is known of tensors inside branches, by `weightKey`. O(ops + edges).
 */
export function opCosts(graph: Graph, model: Model, types: ReadonlyMap<string, TensorType> = new Map()): OpCosts {
  const count = graph.opCount;
  const macs = new Float64Array(count);
  const inputBytes = new Float64Array(count);
  const outputBytes = new Float64Array(count);
  const weightBytes = new Float64Array(count);
  const parameters = new Float64Array(count);
  const opClass = new Uint8Array(count);
  const nodes = model.proto.graph?.node ?? [];
  const workOf = workFinder(model, sizesByName(graph, types));
  const sum = (values: Float64Array, indices: Int32Array) => {
    let total = 0;
    for (const index of indices) total += at(values, index);
    return total;
  };
  const elements = parameterElements(graph);
  for (let op = 0; op < count; op++) {
    const position = at(graph.opNodes, op);
    const work = workOf(item(nodes, position), position);
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

/** Elements of each constant that are parameters of the network; 0 for shape arguments, indices and flags. */
export function parameterElements(graph: Graph): Float64Array {
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
