import { at, row } from "../columns.ts";
import type { Graph } from "./graph.ts";

const isQuantize = (graph: Graph, op: number) => graph.opTypes[op] === "QuantizeLinear";
const isDequantize = (graph: Graph, op: number) => graph.opTypes[op] === "DequantizeLinear";

/**
 * Groups of a quantised model in the QDQ form: an op with the DequantizeLinear ops that feed it alone and the
 * QuantizeLinear ops that alone read what it writes, as runtimes fuse them into one integer kernel (ONNX Runtime's node
 * units). Ops between such an op and its QuantizeLinear that have one reader (an activation) belong to it. Number of the
 * group of each op, -1 for none; a DequantizeLinear with several readers is in none. O(ops + edges).
 */
export function quantisedGroups(graph: Graph): Int32Array {
  const groupOf = new Int32Array(graph.opCount).fill(-1);
  // Of most models nothing is quantised, and this runs at every change of a rig.
  if (!graph.opTypes.includes("DequantizeLinear")) return groupOf;
  let groups = 0;
  for (let op = 0; op < graph.opCount; op++) {
    if (isQuantize(graph, op) || isDequantize(graph, op)) continue;
    const feeding = [...row(graph.opInputs, op)]
      .map((tensor) => at(graph.tensorProducer, tensor))
      .filter((producer) => producer >= 0 && isDequantize(graph, producer) && onlyReader(graph, producer) === op);
    const before = [...row(graph.opInputs, op)]
      .map((tensor) => at(graph.tensorProducer, tensor))
      .find((producer) => producer >= 0 && at(groupOf, producer) >= 0 && onlyReader(graph, producer) === op);
    const next = onlyReader(graph, op);
    const quantises = next >= 0 && isQuantize(graph, next);
    if (feeding.length === 0 && before === undefined) continue;
    // Without a QuantizeLinear behind it an op that reads integers may still lead to one: an activation in between.
    if (!quantises && !leadsToQuantize(graph, op)) continue;
    const group = before === undefined ? groups++ : at(groupOf, before);
    groupOf[op] = group;
    for (const producer of feeding) groupOf[producer] = group;
    if (quantises) groupOf[next] = group;
  }
  return groupOf;
}

/** The only op that reads what an op writes; -1 where there is none, several, or an output of the graph. */
function onlyReader(graph: Graph, op: number): number {
  const outputs = row(graph.opOutputs, op);
  if (outputs.length !== 1) return -1;
  const tensor = at(outputs, 0);
  const readers = row(graph.tensorConsumers, tensor);
  return readers.length === 1 && !graph.outputs.includes(tensor) ? at(readers, 0) : -1;
}

/** Whether the one reader of an op is itself read by one QuantizeLinear. */
function leadsToQuantize(graph: Graph, op: number): boolean {
  const next = onlyReader(graph, op);
  if (next < 0 || isDequantize(graph, next)) return false;
  const last = onlyReader(graph, next);
  return last >= 0 && isQuantize(graph, last);
}

/** Tensors that stay inside a group, 1 per tensor: a cut through one would split an integer kernel. O(tensors + edges). */
export function insideQuantisedGroups(graph: Graph, groupOf: Int32Array): Uint8Array {
  const inside = new Uint8Array(graph.tensorCount);
  const outputs = new Set(graph.outputs);
  for (let tensor = 0; tensor < graph.tensorCount; tensor++) {
    const producer = at(graph.tensorProducer, tensor);
    if (producer < 0 || at(groupOf, producer) < 0 || outputs.has(tensor)) continue;
    const readers = [...row(graph.tensorConsumers, tensor)];
    if (readers.length > 0 && readers.every((reader) => at(groupOf, reader) === at(groupOf, producer))) {
      inside[tensor] = 1;
    }
  }
  return inside;
}
