import type { Graph } from "../graph/graph.ts";
import type { Dimension, TensorType } from "../onnx/model.ts";
import type { Sizes } from "./op-view.ts";

/**
 * Sizes of every tensor and constant of a graph by name, and of tensors inside branches by `weightKey` where `types`
 * holds them. O(tensors + constants + types).
 */
export function sizesByName(graph: Graph, types: ReadonlyMap<string, TensorType>): ReadonlyMap<string, Sizes> {
  const sizes = new Map<string, Sizes>();
  for (const [name, { shape }] of types) sizes.set(name, knownSizes(shape));
  for (const [constant, name] of graph.constantNames.entries()) sizes.set(name, graph.constantShapes[constant] ?? null);
  for (const [tensor, name] of graph.tensorNames.entries()) {
    sizes.set(name, knownSizes(graph.tensorTypes[tensor]?.shape ?? null));
  }
  return sizes;
}

/** The shape where every dimension is a number, else null. O(rank). */
export function knownSizes(shape: readonly Dimension[] | null): Sizes {
  const known = shape?.filter((size) => typeof size === "number");
  return known !== undefined && known.length === shape?.length ? known : null;
}
