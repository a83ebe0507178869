import type { GraphProto } from "onnx-buf";
import { readsOf } from "../captures.ts";
import type { TensorType } from "../model.ts";
import { isConstantNode } from "../subgraphs.ts";
import type { Wiring } from "../wiring.ts";
import { isResolved } from "./interpret.ts";
import { ownInputs } from "./own-inputs.ts";

/**
 * Tensors of the main graph whose type somebody needs: the graph's own inputs, and what nodes write for other nodes
 * or as graph outputs. Constant nodes tell the type of what they write themselves. O(nodes + names).
 */
export function wantedTensors(graph: GraphProto): string[] {
  const reads = new Set([...graph.node.flatMap(readsOf), ...graph.output.map(({ name }) => name)]);
  const written = graph.node.flatMap((node) => (isConstantNode(node) ? [] : node.output));
  const inputs = ownInputs(graph).map(({ name }) => name);
  return [...new Set([...inputs, ...written.filter((name) => name !== "" && reads.has(name))])];
}

/** Tensors of a wired model's main graph whose type somebody needs and `types` does not tell in full. O(names). */
export function openTensors(
  { nodes, reads, inputs, outputs }: Wiring,
  types: ReadonlyMap<string, TensorType>,
): string[] {
  const read = new Set(outputs);
  for (const names of reads) for (const name of names) read.add(name);
  const isOpen = (name: string) => {
    const type = types.get(name);
    return type === undefined || !isResolved(type);
  };
  const open = inputs.filter(isOpen);
  for (const node of nodes) {
    if (isConstantNode(node)) continue;
    for (const name of node.output) if (name !== "" && read.has(name) && isOpen(name)) open.push(name);
  }
  return open;
}
