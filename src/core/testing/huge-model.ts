import { create, toBinary } from "@bufbuild/protobuf";
import { GraphProtoSchema, ModelProtoSchema, type TensorProto_DataType, TensorProtoSchema } from "onnx-buf";
import { WireSink } from "../onnx/wire.ts";
import { ModelBuilder } from "./model-builder.ts";

const FLOAT: TensorProto_DataType = 1;
/** Tags of the fields that are written by hand: ModelProto.graph, GraphProto.initializer, TensorProto.raw_data. */
const GRAPH = 7 * 8 + 2;
const INITIALIZER = 5 * 8 + 2;
const RAW_DATA = 9 * 8 + 2;

function varint(value: number): number[] {
  const sink = new WireSink();
  sink.varint(value);
  return [...sink.bytes()];
}

/** A file of which only the parts that are not 0 are held. */
export interface HugeFile {
  readonly size: number;
  /** Bytes from `offset` on, at most to the end of the file. */
  slice(offset: number, length: number): Uint8Array<ArrayBuffer>;
}

/**
 * A network of `layers` products with square matrices of `width`, all 0, in a chain: a file of 4 x layers x width²
 * bytes and a little more, made up as it is read.
 */
export function hugeModel(layers: number, width: number): HugeFile {
  const net = new ModelBuilder({ name: "huge" });
  let tensor = net.input("x", "float", [1, width]);
  for (let layer = 0; layer < layers; layer++) tensor = net.node("MatMul", [tensor, `w${layer}`]);
  const graph = toBinary(GraphProtoSchema, net.output(tensor, "float", null).graph());
  const size = 4 * width * width;
  const heads = Array.from({ length: layers }, (_, layer) => {
    const dims = [BigInt(width), BigInt(width)];
    const head = toBinary(TensorProtoSchema, create(TensorProtoSchema, { name: `w${layer}`, dims, dataType: FLOAT }));
    const whole = [...head, RAW_DATA, ...varint(size)];
    return Uint8Array.from([INITIALIZER, ...varint(whole.length + size), ...whole]);
  });
  const graphLength = heads.reduce((sum, head) => sum + head.length + size, graph.length);
  const { irVersion, opsetImport } = net.model();
  const around = toBinary(ModelProtoSchema, create(ModelProtoSchema, { irVersion, opsetImport }));
  const start = Uint8Array.from([...around, GRAPH, ...varint(graphLength), ...graph]);
  const parts: { readonly at: number; readonly bytes: Uint8Array }[] = [{ at: 0, bytes: start }];
  let end = start.length;
  for (const bytes of heads) {
    parts.push({ at: end, bytes });
    end += bytes.length + size;
  }
  return {
    size: end,
    slice: (offset, length) => {
      const read = new Uint8Array(Math.max(0, Math.min(length, end - offset)));
      for (const { at, bytes } of parts) {
        const from = Math.max(0, offset - at);
        const to = Math.min(bytes.length, offset + read.length - at);
        if (from < to) read.set(bytes.subarray(from, to), at + from - offset);
      }
      return read;
    },
  };
}
