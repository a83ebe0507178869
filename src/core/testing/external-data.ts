import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema, StringStringEntryProtoSchema, TensorProto_DataLocation } from "onnx-buf";

/** A model whose initializers lie in a file of external data that it calls `location`, and that file. O(bytes). */
export function withExternalData(
  bytes: Uint8Array,
  location: string,
): { readonly model: Uint8Array<ArrayBuffer>; readonly data: Uint8Array<ArrayBuffer> } {
  const proto = fromBinary(ModelProtoSchema, bytes);
  const tensors = proto.graph?.initializer ?? [];
  const data = new Uint8Array(tensors.reduce((sum, { rawData }) => sum + rawData.length, 0));
  let offset = 0;
  for (const tensor of tensors) {
    const { length } = tensor.rawData;
    const entries = { location, offset: String(offset), length: String(length) };
    tensor.externalData = Object.entries(entries).map(([key, value]) =>
      create(StringStringEntryProtoSchema, { key, value }),
    );
    tensor.dataLocation = TensorProto_DataLocation.EXTERNAL;
    data.set(tensor.rawData, offset);
    offset += length;
    tensor.rawData = new Uint8Array();
  }
  return { model: toBinary(ModelProtoSchema, proto), data };
}
