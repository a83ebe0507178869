import { at, row } from "../columns.ts";
import type { Graph } from "../graph/graph.ts";
import type { Model } from "../onnx/model.ts";
import type { OptimisedNode, OptimisedTensor } from "./formats/raw-profile.ts";
import type { Names } from "./match-anchors.ts";
import { hasFusedSum, tensorLabels } from "./match-labels.ts";

/**
 * The model that ONNX Runtime writes after its optimisations (`optimized_model_filepath`) says which tensors each of its
 * nodes reads and writes. Most keep the names of the original model, so that a node's ops are known exactly: what lies
 * between them there.
 */

/** ONNX Runtime writes the sets of all ops that it knows, among them this one that no exporter writes. */
const OWN_OPSET = "com.microsoft.nchwc";

/** Copies and changes of layout: what they write has the value of what they read. */
const COPIES = new Set(["ReorderInput", "ReorderOutput", "MemcpyFromHost", "MemcpyToHost"]);

/** Whether ONNX Runtime wrote the model. */
export function isOptimisedModel(model: Model): boolean {
  return model.opsets.has(OWN_OPSET);
}

/** The nodes of an optimised model with the tensors that they exchange; constants are left out. O(nodes + edges). */
export function optimisedNodes(model: Model): readonly OptimisedNode[] {
  const graph = model.proto.graph;
  const nodes = graph?.node ?? [];
  const constants = new Set((graph?.initializer ?? []).map(({ name }) => name));
  for (const { opType, output } of nodes) if (opType === "Constant") for (const name of output) constants.add(name);
  const tensors = new Map<string, OptimisedTensor>();
  // What a copy writes is another name of what it reads.
  const written = new Map<string, string>();
  for (const { opType, input, output } of nodes) {
    const [from] = input;
    const [to] = output;
    if (COPIES.has(opType) && from !== undefined && to !== undefined) written.set(from, to);
  }
  const tensorOf = (name: string): OptimisedTensor => tensors.get(name) ?? { names: [name], producer: null };
  for (const { name: node, opType, input, output } of nodes) {
    const [from] = input;
    for (const [index, name] of output.entries()) {
      if (name === "") continue;
      const further = written.get(name);
      const own = further === undefined ? [name] : [name, further];
      if (COPIES.has(opType) && from !== undefined) {
        const { names, producer } = tensorOf(from);
        tensors.set(name, { names: [...own, ...names], producer });
      } else {
        const isNamed = index === 0 && !hasFusedSum(opType, input.filter((tensor) => tensor !== "").length);
        const labels = isNamed ? tensorLabels(node).map(({ tensor }) => tensor) : [];
        tensors.set(name, { names: [...own, ...labels], producer: isNamed ? node : null });
      }
    }
  }
  return nodes.flatMap(({ name, opType, input, output }): readonly OptimisedNode[] => {
    if (COPIES.has(opType) || opType === "Constant") return [];
    const read = [...new Set(input)].filter((tensor) => tensor !== "" && !constants.has(tensor));
    const inputs = read.map(tensorOf);
    return [{ name, opType, inputs, outputs: output.filter((tensor) => tensor !== "").map(tensorOf) }];
  });
}

/** The tensor of the graph that a tensor of the optimised model is, -1 where none is known. */
function tensorIn(graph: Graph, names: Names, tensors: ReadonlyMap<string, number>, tensor: OptimisedTensor): number {
  for (const name of tensor.names) {
    const known = tensors.get(name);
    if (known !== undefined) return known;
  }
  const op = tensor.producer === null ? undefined : names.byName.get(tensor.producer);
  const outputs = op === undefined ? [] : row(graph.opOutputs, op);
  const [only, other] = outputs;
  return only !== undefined && other === undefined ? only : -1;
}

/** Tensors of a graph by name. O(tensors). */
export function tensorNumbers(graph: Graph): ReadonlyMap<string, number> {
  return new Map(graph.tensorNames.map((name, tensor) => [name, tensor]));
}

/**
 * Ops that a node of the optimised model stands for: all between the tensors that it reads and those that it writes,
 * ascending. Null where one of these is not a tensor of the graph, or where they do not enclose anything.
 * O(ops enclosed + their edges).
 */
export function opsOfNode(
  graph: Graph,
  names: Names,
  tensors: ReadonlyMap<string, number>,
  node: Pick<OptimisedNode, "inputs" | "outputs">,
): readonly number[] | null {
  const inputs = new Set(node.inputs.map((tensor) => tensorIn(graph, names, tensors, tensor)));
  const [first] = node.outputs.map((tensor) => tensorIn(graph, names, tensors, tensor));
  if (first === undefined || first < 0 || inputs.has(-1)) return null;
  const outputs = node.outputs.map((tensor) => tensorIn(graph, names, tensors, tensor)).filter((tensor) => tensor >= 0);
  const seen = new Set<number>();
  const open = outputs.filter((tensor) => !inputs.has(tensor));
  for (let tensor = open.pop(); tensor !== undefined; tensor = open.pop()) {
    const op = at(graph.tensorProducer, tensor);
    // An input of the model that the node does not read: its names were misunderstood.
    if (op < 0) return null;
    if (seen.has(op)) continue;
    seen.add(op);
    for (const read of row(graph.opInputs, op)) if (!inputs.has(read)) open.push(read);
  }
  return seen.size === 0 ? null : [...seen].sort((a, b) => a - b);
}
