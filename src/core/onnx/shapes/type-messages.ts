import { create } from "@bufbuild/protobuf";
import {
  TensorShapeProto_DimensionSchema,
  TensorShapeProtoSchema,
  type TypeProto,
  TypeProto_TensorSchema,
  TypeProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from "onnx-buf";
import { dataTypeOf } from "../element-types.ts";
import type { Dimension, DimensionBindings, ElementType, TensorType } from "../model.ts";
import { boundDimension, declaredDimension, dimensionName } from "./dimension-names.ts";

/** Declares a tensor of a known type. The shape is left out where the rank is unknown: `[]` would say "scalar". */
export function valueInfoOf(name: string, elementType: ElementType, shape: TensorType["shape"]): ValueInfoProto {
  return create(ValueInfoProtoSchema, { name, type: tensorMessage(dataTypeOf(elementType), shape) });
}

/**
 * The declaration of an input with the sizes of bound dimensions in place of their names. Only a graph's own
 * inputs have names for anonymous dimensions; in a body those stay unknown.
 */
export function boundInput(info: ValueInfoProto, bindings: DimensionBindings, isBody: boolean): ValueInfoProto {
  const value = info.type?.value;
  if (value?.case !== "tensorType" || value.value.shape === undefined) return info;
  const shape = value.value.shape.dim.map((dimension, axis) => {
    const declared = declaredDimension(dimension);
    const name = declared === null && !isBody ? dimensionName(info.name, axis, declared) : declared;
    const bound = boundDimension(name, bindings);
    return typeof bound === "number" ? bound : declared;
  });
  return create(ValueInfoProtoSchema, { name: info.name, type: tensorMessage(value.value.elemType, shape) });
}

/** The declaration of an output without its shape, which is to be inferred; other than tensors stay as they are. */
export function shapelessOutput(info: ValueInfoProto, name: string = info.name): ValueInfoProto {
  const value = info.type?.value;
  const output = create(ValueInfoProtoSchema, { name });
  if (value?.case === "tensorType") output.type = tensorMessage(value.value.elemType, null);
  else if (info.type !== undefined) output.type = info.type;
  return output;
}

function tensorMessage(elemType: number, shape: readonly Dimension[] | null): TypeProto {
  const tensor = create(TypeProto_TensorSchema, { elemType });
  if (shape !== null) tensor.shape = create(TensorShapeProtoSchema, { dim: shape.map(dimensionMessage) });
  return create(TypeProtoSchema, { value: { case: "tensorType", value: tensor } });
}

function dimensionMessage(size: Dimension) {
  if (size === null) return create(TensorShapeProto_DimensionSchema);
  return create(TensorShapeProto_DimensionSchema, {
    value: typeof size === "number" ? { case: "dimValue", value: BigInt(size) } : { case: "dimParam", value: size },
  });
}
