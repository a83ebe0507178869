import { at, type Csr, f64, i32, item, row } from "../columns.ts";
import type { Graph } from "./graph.ts";

/** Ops whose result is one element-wise step on: a block rather ends after them than before them. */
const CONTINUATIONS = new Set([
  "Relu",
  "LeakyRelu",
  "PRelu",
  "Clip",
  "Sigmoid",
  "HardSigmoid",
  "HardSwish",
  "Elu",
  "Selu",
  "Gelu",
  "FastGelu",
  "BiasGelu",
  "Erf",
  "Tanh",
  "BatchNormalization",
  "InstanceNormalization",
  "LayerNormalization",
  "LpNormalization",
  "Dropout",
  "Add",
  "Sum",
  "Mul",
  "Div",
  "Sub",
  "Concat",
  "Softmax",
  "Identity",
  "Cast",
]);
const HEAVY = new Set([
  "Conv",
  "FusedConv",
  "ConvTranspose",
  "Gemm",
  "MatMul",
  "FusedMatMul",
  "QLinearConv",
  "ConvInteger",
  "MatMulInteger",
  "LSTM",
  "GRU",
  "RNN",
  "Attention",
  "MultiHeadAttention",
]);
const POOLS = new Set(["MaxPool", "AveragePool", "LpPool"]);
const FLATTENERS = new Set(["Flatten", "Reshape", "Squeeze", "Gemm", "MatMul"]);
const GLOBAL_POOLS = new Set(["GlobalAveragePool", "GlobalMaxPool", "ReduceMean", "Flatten"]);

export const isHeavyOp = (type: string): boolean => HEAVY.has(type);

/** A tensor of at most this many bytes is a shape or a scalar: it does not shape the reading of a network. */
const SMALL_BYTES = 64;
const LONGEST_BLOCK = 64;
const LARGE_BLOCK = 44;
/** Rows of a branch region as deep as Inception's are still one block. */
const DEEP_BLOCK = 18;

/**
 * For each prefix boundary 0..opCount the number of tensors that ops before it hand to ops after it. Left out
 * are shapes and scalars, and tensors read all over the graph (a mask): they cross nearly everywhere.
 * O(ops + edges).
 */
export function readingCrossings(graph: Graph): Int32Array {
  const difference = new Int32Array(graph.opCount + 2);
  for (let tensor = 0; tensor < graph.tensorCount; tensor++) {
    const producer = at(graph.tensorProducer, tensor);
    const consumers = row(graph.tensorConsumers, tensor);
    const last = consumers.length === 0 ? -1 : at(consumers, consumers.length - 1);
    if (producer < 0 || last <= producer) continue;
    if (at(graph.tensorBytes, tensor) <= SMALL_BYTES) continue;
    if (consumers.length >= 5 && last - producer > graph.opCount / 4 && graph.opCount > 60) continue;
    difference[producer + 1] = at(difference, producer + 1) + 1;
    difference[last + 1] = at(difference, last + 1) - 1;
  }
  const crossing = new Int32Array(graph.opCount + 1);
  let open = 0;
  for (let position = 0; position <= graph.opCount; position++) {
    open += at(difference, position);
    crossing[position] = open;
  }
  return crossing;
}

/** Whether the classifier begins here: a global pooling, or what flattens a feature map for a Gemm. */
function opensHead(graph: Graph, position: number): boolean {
  const type = item(graph.opTypes, position);
  if (GLOBAL_POOLS.has(type)) return true;
  const next = graph.opTypes[position + 1] ?? "";
  if (type === "AveragePool") return FLATTENERS.has(next);
  if (graph.opTypes[position - 1] === "AveragePool") return false;
  return (type === "Reshape" || type === "Squeeze") && (next === "Gemm" || next === "MatMul");
}

/** How badly a block boundary before op `position` reads; lower is better. */
function breakCost(graph: Graph, crossing: Int32Array, regionSize: Int32Array, position: number): number {
  const before = item(graph.opTypes, position - 1);
  const after = item(graph.opTypes, position);
  const tensors = at(crossing, position);
  let cost = 2 + 2.5 * Math.max(0, tensors - 1);
  if (CONTINUATIONS.has(after)) cost += tensors === 1 && at(regionSize, position) >= 5 ? 0 : 4;
  const head = tensors <= 1 && opensHead(graph, position);
  if (POOLS.has(after) && !head) cost += 3;
  if (HEAVY.has(after)) cost -= 1;
  if (head) cost -= 3;
  if (POOLS.has(before)) cost -= 3;
  if (tensors === 1 && at(regionSize, position) >= 5) cost -= 4;
  return cost;
}

/** How badly a block of `size` ops in `depth` rows reads where `comfortable` rows fill a column. */
function sizeCost(size: number, depth: number, comfortable: number): number {
  if (size < 4) return 1.2 * (4 - size);
  const tooDeep = 0.3 * Math.max(0, depth - comfortable) + 0.7 * Math.max(0, depth - DEEP_BLOCK);
  return tooDeep + 0.5 * Math.max(0, size - LARGE_BLOCK);
}

/** Rows per column with which a chain of `opCount` ops is about twice as wide as high. */
function comfortableDepth(opCount: number): number {
  return Math.min(13, Math.max(5, Math.round(1.1 * Math.sqrt(opCount))));
}

/** Ops from each one-tensor boundary to the next; 0 elsewhere. */
function regionSizes(crossing: Int32Array): Int32Array {
  const sizes = new Int32Array(crossing.length);
  let next = crossing.length - 1;
  for (let position = crossing.length - 2; position >= 0; position--) {
    if (position > 0 && at(crossing, position) !== 1) continue;
    sizes[position] = next - position;
    next = position;
  }
  return sizes;
}

/** For each op the producing ops of its inputs, -1 for graph inputs. */
function producersOf(graph: Graph): Csr {
  const { offsets, values } = graph.opInputs;
  return { offsets, values: values.map((tensor) => i32(graph.tensorProducer, tensor)) };
}

/**
 * Boundaries (first op of each run, ascending, `from` included) that break ops [from, to) of the op order into
 * runs that read well: few tensors cross, a branch region opens, a pooling has ended, a heavy op begins, and no
 * run is tiny or endless. The cheapest set by dynamic programming over runs of at most 64 ops.
 * O(64 x (ops + edges)).
 */
export function readableBreaks(graph: Graph, crossing: Int32Array, from: number, to: number): number[] {
  const regionSize = regionSizes(crossing);
  const comfortable = comfortableDepth(graph.opCount);
  const { offsets, values } = producersOf(graph);
  const length = to - from;
  const breakCosts = Float64Array.from({ length: length + 1 }, (_, position) =>
    position === 0 || position === length ? 0 : breakCost(graph, crossing, regionSize, from + position),
  );
  const best = new Float64Array(length + 1).fill(Number.POSITIVE_INFINITY);
  const previous = new Int32Array(length + 1);
  const depthOf = new Int32Array(LONGEST_BLOCK);
  best[0] = 0;
  for (let start = 0; start < length; start++) {
    const base = f64(best, start);
    let depth = 0;
    for (let op = start; op < Math.min(length, start + LONGEST_BLOCK); op++) {
      let own = 1;
      for (let input = i32(offsets, from + op); input < i32(offsets, from + op + 1); input++) {
        const producer = i32(values, input) - from - start;
        if (producer >= 0) own = Math.max(own, i32(depthOf, producer) + 1);
      }
      depthOf[op - start] = own;
      depth = Math.max(depth, own);
      const total = base + sizeCost(op + 1 - start, depth, comfortable) + f64(breakCosts, op + 1);
      if (total >= f64(best, op + 1)) continue;
      best[op + 1] = total;
      previous[op + 1] = start;
    }
  }
  const breaks: number[] = [];
  for (let end = length; end > 0; end = i32(previous, end)) breaks.push(from + i32(previous, end));
  return breaks.reverse();
}
