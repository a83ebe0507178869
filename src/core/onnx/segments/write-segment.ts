import { type DescMessage, type MessageShape, toBinary } from "@bufbuild/protobuf";
import {
  type AttributeProto,
  AttributeProtoSchema,
  type FunctionProto,
  FunctionProtoSchema,
  type GraphProto,
  GraphProtoSchema,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type SparseTensorProto,
  SparseTensorProtoSchema,
  type TensorProto,
  TensorProtoSchema,
} from "onnx-buf";
import type { WeightLocation } from "../model.ts";
import { type ByteSource, type Chunks, chunksOf } from "../source.ts";
import { LENGTH_DELIMITED, WireSink } from "../wire.ts";
import { changed } from "./changed.ts";
import type { Segment } from "./segment-models.ts";

/** Structure is gathered to about so many bytes a chunk. */
const GATHERED = 1024 * 1024;
/** Bytes of structure that lie between two weights, about. */
const BETWEEN = 1024;

const PAYLOAD_FIELD: Readonly<Record<WeightLocation["field"], number>> = {
  floatData: 4,
  int32Data: 5,
  int64Data: 7,
  rawData: 9,
  doubleData: 10,
  uint64Data: 11,
};

export interface SegmentFile {
  readonly byteLength: number;
  /** The file's bytes. Read once. */
  readonly chunks: Chunks;
}

/**
 * A segment as an ONNX file. Large weights are copied from `source`, the whole model's file, in chunks of at most
 * 1 MiB and are never decoded; memory besides is that of the structure. O(bytes).
 */
export function writeSegment({ proto, payloads }: Segment, source: ByteSource): SegmentFile {
  const file = new SegmentWriter(payloads).model(proto);
  return { byteLength: file.byteLength, chunks: ropeChunks(file, source) };
}

async function* ropeChunks({ pieces }: Rope, source: ByteSource): AsyncGenerator<Uint8Array, void> {
  let sink = new WireSink(BETWEEN);
  for (const piece of pieces) {
    if (piece instanceof Uint8Array) {
      sink.append(piece);
      if (sink.length < GATHERED) continue;
      yield sink.bytes();
    } else {
      if (sink.length > 0) yield sink.bytes();
      yield* chunksOf(source, piece.offset, piece.length);
    }
    sink = new WireSink(BETWEEN);
  }
  if (sink.length > 0) yield sink.bytes();
}

/** Bytes of a message, some of them still in the source. */
class Rope {
  readonly pieces: (Uint8Array | WeightLocation)[] = [];
  byteLength = 0;

  append(bytes: Uint8Array): this {
    if (bytes.length === 0) return this;
    this.pieces.push(bytes);
    this.byteLength += bytes.length;
    return this;
  }

  /** A length-delimited field with `content`. */
  field(number: number, content: Rope): void {
    this.#header(number, content.byteLength);
    for (const piece of content.pieces) this.pieces.push(piece);
    this.byteLength += content.byteLength;
  }

  /** A length-delimited field whose content lies in the source. */
  payload(number: number, location: WeightLocation): void {
    this.#header(number, location.length);
    this.pieces.push(location);
    this.byteLength += location.length;
  }

  #header(number: number, length: number): void {
    const header = new WireSink(16);
    header.varint(number * 8 + LENGTH_DELIMITED);
    header.varint(length);
    this.append(header.bytes());
  }
}

/**
 * Writes messages by the protobuf library down to the tensors whose payload is elsewhere. Fields may stand in any
 * order on the wire, so those on the way to such a tensor are written after the others of their message. Recursion
 * goes as deep as bodies nest, which the decoder limits.
 */
class SegmentWriter {
  readonly #payloads: Segment["payloads"];

  constructor(payloads: Segment["payloads"]) {
    this.#payloads = payloads;
  }

  model(proto: Segment["proto"]): Rope {
    const rope = plain(ModelProtoSchema, changed(proto, { graph: undefined, functions: [] }));
    if (proto.graph !== undefined) rope.field(7, this.#graph(proto.graph));
    for (const definition of proto.functions) rope.field(25, this.#function(definition));
    return rope;
  }

  #graph(graph: GraphProto): Rope {
    const rope = plain(GraphProtoSchema, changed(graph, { node: [], initializer: [], sparseInitializer: [] }));
    for (const node of graph.node) rope.field(1, this.#node(node));
    for (const tensor of graph.initializer) rope.field(5, this.#tensor(tensor));
    for (const sparse of graph.sparseInitializer) rope.field(15, this.#sparse(sparse));
    return rope;
  }

  #function(definition: FunctionProto): Rope {
    const rope = plain(FunctionProtoSchema, changed(definition, { node: [] }));
    for (const node of definition.node) rope.field(7, this.#node(node));
    return rope;
  }

  #node(node: NodeProto): Rope {
    const isPlain = ({ t, g, graphs, sparseTensor }: AttributeProto) =>
      t === undefined && g === undefined && graphs.length === 0 && sparseTensor === undefined;
    if (node.attribute.every(isPlain)) return plain(NodeProtoSchema, node);
    const rope = plain(NodeProtoSchema, changed(node, { attribute: [] }));
    for (const attribute of node.attribute) rope.field(5, this.#attribute(attribute));
    return rope;
  }

  #attribute(attribute: AttributeProto): Rope {
    const rest = changed(attribute, { t: undefined, g: undefined, graphs: [], sparseTensor: undefined });
    const rope = plain(AttributeProtoSchema, rest);
    if (attribute.t !== undefined) rope.field(5, this.#tensor(attribute.t));
    if (attribute.g !== undefined) rope.field(6, this.#graph(attribute.g));
    for (const graph of attribute.graphs) rope.field(11, this.#graph(graph));
    if (attribute.sparseTensor !== undefined) rope.field(22, this.#sparse(attribute.sparseTensor));
    return rope;
  }

  #sparse(sparse: SparseTensorProto): Rope {
    const rope = plain(SparseTensorProtoSchema, changed(sparse, { values: undefined, indices: undefined }));
    if (sparse.values !== undefined) rope.field(1, this.#tensor(sparse.values));
    if (sparse.indices !== undefined) rope.field(2, this.#tensor(sparse.indices));
    return rope;
  }

  #tensor(tensor: TensorProto): Rope {
    const rope = plain(TensorProtoSchema, tensor);
    const location = this.#payloads.get(tensor);
    if (location !== undefined) rope.payload(PAYLOAD_FIELD[location.field], location);
    return rope;
  }
}

function plain<Desc extends DescMessage>(schema: Desc, message: MessageShape<Desc>): Rope {
  return new Rope().append(toBinary(schema, message));
}
