import type { TypeProto, ValueInfoProto } from "onnx-buf";
import { elementCount, elementTypeOf, storedBytes } from "./element-types.ts";
import type { Dimension, Model, TensorType } from "./model.ts";

export const UNKNOWN_TYPE: TensorType = { kind: "tensor", elementType: "undefined", shape: null };

/**
 * Types that the file itself states for tensors of its main graph: inputs, outputs and value_info (what an input or
 * output says wins). Dimensions are as declared: a size, a name, or null. O(declarations).
 */
export function declaredTypes(model: Model): Map<string, TensorType> {
  const types = new Map<string, TensorType>();
  const graph = model.proto.graph;
  if (graph === undefined) return types;
  const declare = (info: ValueInfoProto) => {
    if (info.type !== undefined && info.name !== "") types.set(info.name, typeOf(info.type));
  };
  for (const list of [graph.valueInfo, graph.output, graph.input]) for (const info of list) declare(info);
  return types;
}

/** A TypeProto in our terms; sparse tensors, sequences, maps and optionals are of kind "other". O(rank). */
export function typeOf(type: TypeProto): TensorType {
  if (type.value.case !== "tensorType") {
    return type.value.case === undefined ? UNKNOWN_TYPE : { kind: "other", elementType: "undefined", shape: null };
  }
  const { elemType, shape } = type.value.value;
  const dimensions = shape?.dim.map(({ value }): Dimension => {
    if (value.case === "dimParam") return value.value === "" ? null : value.value;
    const size = value.case === "dimValue" ? Number(value.value) : -1;
    return size >= 0 ? size : null;
  });
  return { kind: "tensor", elementType: elementTypeOf(elemType), shape: dimensions ?? null };
}

/** Bytes of a dense tensor of this type; NaN where a dimension or the element size is not known. O(rank). */
export function typeBytes(type: TensorType): number {
  return type.kind === "tensor" ? storedBytes(type.elementType, elementCount(type.shape)) : Number.NaN;
}
