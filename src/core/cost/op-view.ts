import type { NodeProto } from "onnx-buf";
import type { Graph } from "../graph/graph.ts";

/** A shape with every size known, or null. */
export type Sizes = readonly number[] | null;

/** What a formula of work may ask of an op: sizes of its operands by their place, and its attributes. */
export interface OpView {
  readonly type: string;
  /** Sizes of input `place`; null where it is absent or not fully known. */
  readonly input: (place: number) => Sizes;
  readonly output: (place: number) => Sizes;
  readonly int: (name: string, otherwise: number) => number;
  readonly text: (name: string) => string;
}

/** Sizes of every tensor and constant of a graph by name. O(tensors + constants). */
export function sizesByName(graph: Graph): ReadonlyMap<string, Sizes> {
  const sizes = new Map<string, Sizes>();
  for (const [constant, name] of graph.constantNames.entries()) sizes.set(name, graph.constantShapes[constant] ?? null);
  for (const [tensor, name] of graph.tensorNames.entries()) {
    const shape = graph.tensorTypes[tensor]?.shape ?? null;
    const known = shape?.filter((size) => typeof size === "number") ?? null;
    sizes.set(name, known !== null && known.length === shape?.length ? known : null);
  }
  return sizes;
}

const decoder = new TextDecoder();

/** A node seen through the sizes of its graph. */
export function opView(node: NodeProto, sizes: ReadonlyMap<string, Sizes>): OpView {
  const attribute = (name: string) => node.attribute.find((candidate) => candidate.name === name);
  return {
    type: node.opType,
    input: (place) => sizes.get(node.input[place] ?? "") ?? null,
    output: (place) => sizes.get(node.output[place] ?? "") ?? null,
    int: (name, otherwise) => {
      const found = attribute(name);
      return found === undefined ? otherwise : Number(found.i);
    },
    text: (name) => decoder.decode(attribute(name)?.s ?? new Uint8Array(0)),
  };
}

/** Product of sizes; 1 for a scalar. */
export function product(sizes: readonly number[]): number {
  return sizes.reduce((total, size) => total * size, 1);
}
