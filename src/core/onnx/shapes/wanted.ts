import type { GraphProto } from "onnx-buf";
import { readsOf } from "../captures.ts";
import { isConstantNode } from "../subgraphs.ts";
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
