import type { NodeProto, TensorProto, TypeProto, ValueInfoProto } from "onnx-buf";
import { type ConstantInfo, constantNodeInfo, initializerInfo } from "../constants.ts";
import type { DimensionBindings } from "../model.ts";
import { attributeOf } from "../subgraphs.ts";
import { typeOf } from "../types.ts";
import type { Initializer } from "../wiring.ts";
import { boundDimension, dimensionName } from "./dimension-names.ts";
import { type Fact, open, sequence, tensor, unknown, type Values } from "./fact.ts";
import { tensorValues } from "./tensor-values.ts";

/** What an initializer is. Its elements are read when a rule first asks for them. */
export function initializerFact(initializer: Initializer): Fact {
  return constantFact(initializerInfo(initializer), "dense" in initializer ? initializer.dense : undefined);
}

/** What a Constant node writes. */
export function constantNodeFact(node: NodeProto): Fact {
  const info = constantNodeInfo(node);
  const value = attributeOf(node, "value")?.t;
  if (value !== undefined) return constantFact(info, value);
  const plain = constantFact(info, undefined);
  const { ints, floats, i, f } = attributeOf(node, "value_ints") ??
    attributeOf(node, "value_floats") ??
    attributeOf(node, "value_int") ??
    attributeOf(node, "value_float") ?? { ints: [], floats: [], i: 0n, f: 0 };
  if (info.elementType === "int64")
    return { ...plain, value: info.shape?.length === 0 ? [Number(i)] : ints.map(Number) };
  if (info.elementType === "float") return { ...plain, value: info.shape?.length === 0 ? [f] : floats };
  return plain;
}

function constantFact({ elementType, shape }: ConstantInfo, message: TensorProto | undefined): Fact {
  let value: Values | null | undefined;
  return {
    type: { kind: "tensor", elementType, shape },
    element: null,
    reason: shape === null ? "the constant's own dimensions make no shape" : null,
    get value() {
      if (value === undefined) value = message === undefined ? null : tensorValues(message);
      return value;
    },
  };
}

/** What a graph input is by its declaration, with the sizes of bound dimensions in place of their names. O(rank). */
export function inputFact(info: ValueInfoProto, bindings: DimensionBindings): Fact {
  if (info.type === undefined) return unknown("the model does not declare the type of this input");
  if (info.type.value.case !== "tensorType") return declaredFact(info.type);
  const { elementType, shape } = typeOf(info.type);
  if (shape === null) return open(elementType, null, "the model does not declare the rank of this input");
  let unbound: string | null = null;
  const sizes = shape.map((size, axis) => {
    const name = dimensionName(info.name, axis, size);
    const bound = boundDimension(name ?? size, bindings);
    if (typeof bound !== "number") unbound ??= name;
    return bound;
  });
  return unbound === null
    ? tensor(elementType, sizes)
    : open(elementType, sizes, `dimension "${unbound}" has been given no size`);
}

/** A declared type as it stands; sequences and optionals with what they hold. Recursion is as deep as the type nests. */
export function declaredFact(type: TypeProto | undefined): Fact {
  if (type === undefined) return unknown("the model does not declare its type");
  const { value } = type;
  switch (value.case) {
    case "sequenceType":
    case "optionalType":
      return sequence(value.value.elemType === undefined ? null : declaredFact(value.value.elemType));
    case "mapType":
    case "sparseTensorType":
      return sequence(null);
    default: {
      const { elementType, shape } = typeOf(type);
      return shape === null ? open(elementType, null, "its rank is not declared") : tensor(elementType, shape);
    }
  }
}
