import type { GraphProto } from "onnx-buf";
import type { Model } from "./model.ts";
import { attributeOf, isConstantNode, normalDomain } from "./subgraphs.ts";

/** Ops that pass ids on: what is known of their output holds for their first input. */
const PASSES_ON = new Set([
  "Cast",
  "Identity",
  "Reshape",
  "Unsqueeze",
  "Squeeze",
  "Flatten",
  "Transpose",
  "Slice",
  "Split",
  "Clip",
]);
/** Ops between a table as stored and as it is looked up in, which keep its shape. */
const KEEPS_SHAPE = new Set(["Cast", "Identity", "DequantizeLinear"]);
/** Ops of two constants that a table may be computed by. */
const COMBINES = new Set(["Mul", "Add"]);
/** Inputs of EmbedLayerNormalization: ids, segment ids, and behind them the tables of words, positions and segments. */
const EMBED_TABLES = [
  [0, 2],
  [1, 4],
] as const;

/**
 * How many ids there are for the inputs and tensors that are used to look up rows of a constant table (an embedding):
 * ids from 0 to this number - 1 are within bounds. By tensor name; the smallest where a tensor is used in several
 * tables. Covers the main graph. O(nodes + initializers).
 */
export function vocabularies(model: Model): ReadonlyMap<string, number> {
  const { graph } = model.proto;
  const found = new Map<string, number>();
  if (graph === undefined) return found;
  const shapeOf = tableShapes(graph);
  const note = (name: string | undefined, size: number | undefined) => {
    if (name === undefined || name === "" || size === undefined || size < 1) return;
    found.set(name, Math.min(size, found.get(name) ?? Number.POSITIVE_INFINITY));
  };
  // Backwards, so that what a node's output is used for is known before the node is seen.
  for (const node of graph.node.toReversed()) {
    const domain = normalDomain(node.domain);
    if (domain === "" && PASSES_ON.has(node.opType)) {
      for (const output of node.output) note(node.input[0], found.get(output));
    } else if (domain === "" && node.opType === "Gather") {
      const shape = shapeOf(node.input[0]);
      const axis = Number(attributeOf(node, "axis")?.i ?? 0n);
      note(node.input[1], shape?.at(axis));
    } else if (node.opType === "EmbedLayerNormalization") {
      for (const [ids, table] of EMBED_TABLES) note(node.input[ids], shapeOf(node.input[table])?.[0]);
    } else if (node.opType === "GatherBlockQuantized") {
      note(node.input[1], shapeOf(node.input[0])?.[0]);
    }
  }
  return found;
}

/**
 * Look-up of the shapes of constants: initializers, Constant nodes, and what is made of them by ops that keep a shape
 * or combine two (nodes that a damaged file lists before their inputs are missed).
 */
function tableShapes(graph: GraphProto): (name: string | undefined) => readonly number[] | undefined {
  const shapes = new Map<string, readonly number[]>();
  for (const { name, dims } of graph.initializer) shapes.set(name, dims.map(Number));
  for (const node of graph.node) {
    const [output] = node.output;
    if (output === undefined) continue;
    const value = isConstantNode(node) ? attributeOf(node, "value")?.t : undefined;
    const [first, second] = node.input.map((name) => shapes.get(name));
    if (value !== undefined) shapes.set(output, value.dims.map(Number));
    else if (first !== undefined && KEEPS_SHAPE.has(node.opType)) shapes.set(output, first);
    else if (first !== undefined && second !== undefined && COMBINES.has(node.opType)) {
      shapes.set(output, broadcast(first, second));
    }
  }
  return (name) => shapes.get(name ?? "");
}

/** Shape of an element-wise op on two tensors. */
function broadcast(a: readonly number[], b: readonly number[]): readonly number[] {
  const [long, short] = a.length >= b.length ? [a, b] : [b, a];
  const offset = long.length - short.length;
  return long.map((size, axis) => Math.max(size, short[axis - offset] ?? 1));
}
