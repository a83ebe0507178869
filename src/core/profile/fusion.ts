import { at, type Csr, item } from "../columns.ts";
import type { Graph } from "../graph/graph.ts";

/** Ops that runtimes run as a kernel of their own and into which the ops after them are folded. */
const HEADS = new Set(["Conv", "ConvTranspose", "Gemm", "MatMul"]);

/** Folded into the weights of a head, where the other operand is constant. */
const SCALINGS = new Set(["BatchNormalization", "Mul", "Add", "Sub", "Div"]);

/** Applied by a head while it writes its result; one at most. */
const ACTIVATIONS = new Set(["Relu", "LeakyRelu", "Clip", "Sigmoid", "HardSwish", "Mish"]);

/** Ops that no runtime spends time on at inference: they relabel a tensor, or read its shape only. */
const WEIGHTLESS = new Set([
  "Identity",
  "Dropout",
  "Reshape",
  "Flatten",
  "Squeeze",
  "Unsqueeze",
  "Shape",
  "Size",
  "Constant",
]);

export function isWeightless(opType: string): boolean {
  return WEIGHTLESS.has(opType);
}

/** The value of a row that has one, else -1; makes no view. */
function onlyValue(csr: Csr, row: number): number {
  const start = at(csr.offsets, row);
  return at(csr.offsets, row + 1) - start === 1 ? at(csr.values, start) : -1;
}

/** The only op that reads what `op` writes, -1 where there are several, none, or the result leaves the graph. */
export function soleConsumer(graph: Graph, op: number): number {
  const tensor = onlyValue(graph.opOutputs, op);
  return tensor < 0 || graph.outputs.includes(tensor) ? -1 : onlyValue(graph.tensorConsumers, tensor);
}

/** The only op whose result `op` reads, -1 where there are several, or where it reads graph inputs only. */
export function soleProducer(graph: Graph, op: number): number {
  const tensor = onlyValue(graph.opInputs, op);
  return tensor < 0 ? -1 : at(graph.tensorProducer, tensor);
}

/**
 * For every op the head that it is folded into, -1 where it runs by itself: Conv, ConvTranspose, Gemm or MatMul
 * followed by BatchNormalization or arithmetic with a constant, then by one activation, along tensors that nobody
 * else reads. This is what ncnn (ncnnoptimize), ONNX Runtime ("extended") and TensorRT all do; the fitted
 * models count layers and bytes after it. O(ops).
 */
export function foldedInto(graph: Graph): Int32Array {
  const head = new Int32Array(graph.opCount).fill(-1);
  const activated = new Uint8Array(graph.opCount);
  for (let op = 0; op < graph.opCount; op++) {
    const producer = soleProducer(graph, op);
    if (producer < 0 || soleConsumer(graph, producer) !== op) continue;
    const type = item(graph.opTypes, op);
    const isActivation = ACTIVATIONS.has(type);
    if (!isActivation && !SCALINGS.has(type)) continue;
    const root = at(head, producer) >= 0 ? at(head, producer) : producer;
    if (root === producer && !HEADS.has(item(graph.opTypes, producer))) continue;
    if (activated[producer] === 1) continue;
    head[op] = root;
    activated[op] = isActivation ? 1 : 0;
  }
  return head;
}
