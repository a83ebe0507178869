import { create } from "@bufbuild/protobuf";
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProtoSchema,
} from "onnx-buf";
import { elementBits, elementCount, elementTypeOf, storedBytes } from "../element-types.ts";

const INT64 = 7;

/** TensorProto.DataType numbers that ConstantOfShape can write: all integers of a byte or more, floats, bool. */
const FILLABLE: ReadonlySet<number> = new Set([1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13]);
const FIRST_OPSET = 9;

/**
 * Nodes that write a constant of the type and shape of `tensor` under the name `name`, where its payload is not at
 * hand and it cannot become a graph input (in bodies and functions): a ConstantOfShape, which takes no memory until
 * it runs, or zeros where that op does not write the type.
 */
export function standIn(tensor: TensorProto, name: string, opset: number): NodeProto[] {
  const { dataType, dims } = tensor;
  const elementType = elementTypeOf(dataType);
  if (opset < FIRST_OPSET || !FILLABLE.has(dataType)) {
    const size = storedBytes(elementType, elementCount(dims.map(Number)));
    const zeros = create(TensorProtoSchema, { dataType, dims, rawData: new Uint8Array(size) });
    return [constantNode("Constant", [], name, zeros)];
  }
  const sizes = create(TensorProtoSchema, {
    dataType: INT64,
    dims: [BigInt(dims.length)],
    rawData: new Uint8Array(BigInt64Array.from(dims).buffer),
  });
  const zero = create(TensorProtoSchema, {
    dataType,
    dims: [1n],
    rawData: new Uint8Array(elementBits(elementType) / 8),
  });
  const shape = `${name}:sizes`;
  return [constantNode("Constant", [], shape, sizes), constantNode("ConstantOfShape", [shape], name, zero)];
}

function constantNode(opType: string, input: string[], output: string, t: TensorProto): NodeProto {
  const value = create(AttributeProtoSchema, { name: "value", type: AttributeProto_AttributeType.TENSOR, t });
  return create(NodeProtoSchema, { opType, input, output: [output], attribute: [value] });
}
