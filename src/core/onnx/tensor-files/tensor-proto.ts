import { fromBinary } from "@bufbuild/protobuf";
import { type TensorProto, TensorProto_DataLocation, TensorProtoSchema } from "onnx-buf";
import { err, ok, type Result } from "../../result.ts";
import { elementCount, elementTypeOf } from "../element-types.ts";
import type { ElementType } from "../model.ts";
import type { InputData } from "../seeded-inputs.ts";
import { elementBytes, elementsOf, type FileTensor } from "./elements.ts";

/** Elements out of the field that holds them where there are no raw bytes (onnx.proto, TensorProto). */
function typedElements(type: ElementType, tensor: TensorProto): InputData | null {
  const { floatData, doubleData, int32Data, int64Data, uint64Data } = tensor;
  switch (type) {
    case "float":
      return Float32Array.from(floatData);
    case "double":
      return Float64Array.from(doubleData);
    case "int64":
      return BigInt64Array.from(int64Data);
    case "uint64":
      return BigUint64Array.from(uint64Data);
    case "uint32":
      return Uint32Array.from(uint64Data, Number);
    case "int32":
      return Int32Array.from(int32Data);
    case "int16":
      return Int16Array.from(int32Data);
    case "int8":
      return Int8Array.from(int32Data);
    case "float16":
    case "uint16":
      return Uint16Array.from(int32Data);
    case "bool":
    case "uint8":
      return Uint8Array.from(int32Data);
    default:
      return null;
  }
}

function parse(bytes: Uint8Array): TensorProto | null {
  try {
    return fromBinary(TensorProtoSchema, bytes);
  } catch {
    // Not a protobuf message of this kind; what the parser says of the bytes helps nobody.
    return null;
  }
}

/**
 * The tensor of a file that holds one ONNX TensorProto, as in the test data of the ONNX model zoo, and its name there
 * ("" for none). Errors: another kind of file, elements that lie elsewhere or that no runtime takes, a length that does
 * not fit the shape. O(bytes).
 */
export function readTensorProto(bytes: Uint8Array, fileName: string): Result<FileTensor & { readonly name: string }> {
  const tensor = parse(bytes);
  const type = elementTypeOf(tensor?.dataType ?? 0);
  if (tensor === null || type === "undefined")
    return err(`"${fileName}" holds no ONNX tensor; expected a TensorProto.`);
  if (tensor.dataLocation === TensorProto_DataLocation.EXTERNAL) {
    return err(`"${fileName}" keeps its elements in another file; expected them in it.`);
  }
  const dims = tensor.dims.map(Number);
  const texts = () => tensor.stringData.map((text) => new TextDecoder().decode(text));
  const isRaw = tensor.rawData.length > 0 && tensor.rawData.length % elementBytes(type) === 0;
  const data = type === "string" ? texts() : isRaw ? elementsOf(type, tensor.rawData) : typedElements(type, tensor);
  if (data === null)
    return err(`"${fileName}" holds elements of type ${type}, which cannot be given to the runtime here.`);
  const wanted = elementCount(dims);
  if (data.length !== wanted) {
    return err(`"${fileName}" holds ${data.length} elements; expected ${wanted} for the shape [${dims.join(", ")}].`);
  }
  return ok({ name: tensor.name, elementType: type, dims, data });
}
