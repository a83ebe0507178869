import { create, isFieldSet, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { GraphProtoSchema, type ModelProto, ModelProtoSchema, TensorProtoSchema } from "onnx-buf";

/** Field numbers of onnx.proto. */
const MODEL_GRAPH = 7;
const GRAPH_INITIALIZER = 5;
const TENSOR_RAW_DATA = 9;

const prefix = (field: number, length: number) =>
  new BinaryWriter().tag(field, WireType.LengthDelimited).uint32(length).finish();

const lengthOf = (parts: readonly Uint8Array[]) => parts.reduce((sum, part) => sum + part.length, 0);

/**
 * The file of a model: the message that `toBinary` writes, with the graph behind the model's other fields, the
 * initializers behind the graph's, the payload behind the tensor's. Each payload is copied once, where `toBinary`
 * copies it several times over. O(bytes).
 */
export function writeModel(model: ModelProto): Uint8Array<ArrayBuffer> {
  const { graph } = model;
  if (graph === undefined) return toBinary(ModelProtoSchema, model);
  const inner: Uint8Array[] = [toBinary(GraphProtoSchema, { ...graph, initializer: [] })];
  for (const tensor of graph.initializer) {
    const { rawData: payload, $typeName: _, ...head } = tensor;
    const parts = [toBinary(TensorProtoSchema, create(TensorProtoSchema, head))];
    if (isFieldSet(tensor, TensorProtoSchema.field.rawData)) {
      parts.push(prefix(TENSOR_RAW_DATA, payload.length), payload);
    }
    inner.push(prefix(GRAPH_INITIALIZER, lengthOf(parts)), ...parts);
  }
  const { graph: _, ...rest } = model;
  const parts = [toBinary(ModelProtoSchema, rest), prefix(MODEL_GRAPH, lengthOf(inner)), ...inner];
  const file = new Uint8Array(lengthOf(parts));
  let offset = 0;
  for (const part of parts) {
    file.set(part, offset);
    offset += part.length;
  }
  return file;
}
