import { create } from "@bufbuild/protobuf";
import {
  type AttributeProto,
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  type GraphProto,
  type TensorProto,
  TensorProto_DataType,
  TensorProtoSchema,
  TensorShapeProto_DimensionSchema,
  TensorShapeProtoSchema,
  TypeProto_TensorSchema,
  TypeProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from "onnx-buf";
import { dataTypeOf } from "../onnx/element-types.ts";
import type { Dimension, ElementType } from "../onnx/model.ts";

/** A node attribute: plain numbers are ints, everything else says what it is. */
export type Attribute =
  | number
  | string
  | readonly number[]
  | { readonly float: number }
  | { readonly floats: readonly number[] }
  | { readonly tensor: TensorProto }
  | { readonly graph: GraphProto };

export function attributeProto(name: string, value: Attribute): AttributeProto {
  const type = AttributeProto_AttributeType;
  if (typeof value === "number") return create(AttributeProtoSchema, { name, type: type.INT, i: BigInt(value) });
  if (typeof value === "string") {
    return create(AttributeProtoSchema, { name, type: type.STRING, s: new TextEncoder().encode(value) });
  }
  if ("float" in value) return create(AttributeProtoSchema, { name, type: type.FLOAT, f: value.float });
  if ("floats" in value) return create(AttributeProtoSchema, { name, type: type.FLOATS, floats: [...value.floats] });
  if ("tensor" in value) return create(AttributeProtoSchema, { name, type: type.TENSOR, t: value.tensor });
  if ("graph" in value) return create(AttributeProtoSchema, { name, type: type.GRAPH, g: value.graph });
  return create(AttributeProtoSchema, { name, type: type.INTS, ints: value.map(BigInt) });
}

const sizes = (shape: readonly number[]) => shape.map(BigInt);

/** A float tensor whose payload is the array's own memory, not a copy. */
export function floatTensor(name: string, shape: readonly number[], values: Float32Array<ArrayBuffer>): TensorProto {
  return create(TensorProtoSchema, {
    name,
    dims: sizes(shape),
    dataType: TensorProto_DataType.FLOAT,
    rawData: new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
  });
}

export function integerTensor(name: string, shape: readonly number[], values: readonly number[]): TensorProto {
  return create(TensorProtoSchema, {
    name,
    dims: sizes(shape),
    dataType: TensorProto_DataType.INT64,
    rawData: new Uint8Array(BigInt64Array.from(sizes(values)).buffer),
  });
}

/** Declares a tensor; a dimension that is null is there but unknown, `shape` null leaves the rank unknown. */
export function valueInfo(name: string, elementType: ElementType, shape: readonly Dimension[] | null): ValueInfoProto {
  const dim = shape?.map((size) => {
    if (size === null) return create(TensorShapeProto_DimensionSchema);
    const value =
      typeof size === "number"
        ? ({ case: "dimValue", value: BigInt(size) } as const)
        : ({ case: "dimParam", value: size } as const);
    return create(TensorShapeProto_DimensionSchema, { value });
  });
  const tensor = create(TypeProto_TensorSchema, { elemType: dataTypeOf(elementType) });
  if (dim !== undefined) tensor.shape = create(TensorShapeProtoSchema, { dim });
  return create(ValueInfoProtoSchema, {
    name,
    type: create(TypeProtoSchema, { value: { case: "tensorType", value: tensor } }),
  });
}
