import type { NodeProto } from "onnx-buf";
import { normalDomain } from "../onnx/subgraphs.ts";

/** A shape with every size known, or null. */
export type Sizes = readonly number[] | null;

/** Sizes of the tensor of a name, null where they are not fully known. */
export type SizeLookup = (name: string) => Sizes;

/** What a formula of work may ask of an op: sizes of its operands by their place, and its attributes. */
export interface OpView {
  readonly type: string;
  /** "" is ai.onnx. */
  readonly domain: string;
  /** True where input `place` is there, known or not. */
  readonly has: (place: number) => boolean;
  /** Sizes of input `place`; null where it is absent or not fully known. */
  readonly input: (place: number) => Sizes;
  readonly output: (place: number) => Sizes;
  readonly int: (name: string, otherwise: number) => number;
  /** An attribute that lists integers; empty where it is absent. */
  readonly ints: (name: string) => readonly number[];
  readonly text: (name: string) => string;
}

const decoder = new TextDecoder();

/** A node seen through the sizes of its tensors. */
export function opView(node: NodeProto, sizeOf: SizeLookup): OpView {
  const attribute = (name: string) => node.attribute.find((candidate) => candidate.name === name);
  const sizes = (name = "") => (name === "" ? null : sizeOf(name));
  return {
    type: node.opType,
    domain: normalDomain(node.domain),
    has: (place) => (node.input[place] ?? "") !== "",
    input: (place) => sizes(node.input[place]),
    output: (place) => sizes(node.output[place]),
    int: (name, otherwise) => {
      const found = attribute(name);
      return found === undefined ? otherwise : Number(found.i);
    },
    ints: (name) => attribute(name)?.ints.map(Number) ?? [],
    text: (name) => decoder.decode(attribute(name)?.s ?? new Uint8Array(0)),
  };
}

/** Product of sizes; 1 for a scalar. */
export function product(sizes: readonly number[]): number {
  return sizes.reduce((total, size) => total * size, 1);
}
