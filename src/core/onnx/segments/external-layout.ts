import { create } from "@bufbuild/protobuf";
import { StringStringEntryProtoSchema, type TensorProto, TensorProto_DataLocation } from "onnx-buf";
import { err, ok, type Result } from "../../result.ts";
import { elementTypeOf } from "../element-types.ts";
import { endsEarly, externalSource } from "../external.ts";
import type { Model, WeightLocation } from "../model.ts";
import { type ByteSource, chunksOf } from "../source.ts";
import { changed } from "./changed.ts";
import { externalFilesOf, type Segment } from "./segment-models.ts";
import type { SegmentFile } from "./write-segment.ts";

/** Where the weights of written segments lie: in the model's own message, or apart in a file of data beside it. */
export type WeightPlace = "inline" | "apart";

/** Messages of protobuf are no longer than this; a segment that would be has its weights apart. */
export const LARGEST_MESSAGE = 2 ** 31 - 1;

/** Offsets are multiples of a page, so that a runtime may map weights instead of reading them. */
const PAGE = 4096;

/** Bytes of one weight: where they are, and where in the file of data they go. */
interface Placed {
  readonly from: WeightLocation;
  readonly offset: number;
}

/** A segment without its large weights, and the file that they go to, in the order of the initializers. */
export interface SegmentApart {
  readonly segment: Segment;
  readonly data: { readonly fileName: string; readonly byteLength: number; readonly placed: readonly Placed[] };
}

/**
 * Whether a payload's bytes are those of raw data: packed floats and doubles are, in any message; of int32, int64 and
 * uint64 the message holds varints, which stay in it.
 */
function isRaw({ dataType }: TensorProto, { field, length }: WeightLocation): boolean {
  if (!Number.isFinite(length)) return false;
  const type = elementTypeOf(dataType);
  if (field === "floatData") return type === "float" || type === "complex64";
  if (field === "doubleData") return type === "double" || type === "complex128";
  return field === "rawData";
}

/**
 * A segment whose initializers of the main graph refer to `fileName`, relative to the model's file, for what the
 * skeleton left out or another file holds; only bytes that the segment needs go there, each offset a multiple of 4 KiB.
 * Tensors within nodes and bodies stay where they are. Messages are shared, nothing is read. O(initializers).
 */
export function weightsApart(segment: Segment, model: Model, fileName: string): SegmentApart {
  const { proto, payloads, external } = segment;
  const placed: Placed[] = [];
  let end = 0;
  const moved = (proto.graph?.initializer ?? []).map((tensor) => {
    const from = payloads.get(tensor) ?? external.get(tensor);
    if (from === undefined || !isRaw(tensor, from)) return tensor;
    const offset = Math.ceil(end / PAGE) * PAGE;
    end = offset + from.length;
    placed.push({ from, offset });
    const entries = { location: fileName, offset: String(offset), length: String(from.length) };
    return changed(tensor, {
      dataLocation: TensorProto_DataLocation.EXTERNAL,
      externalData: Object.entries(entries).map(([key, value]) => create(StringStringEntryProtoSchema, { key, value })),
    });
  });
  const graph = proto.graph === undefined ? undefined : changed(proto.graph, { initializer: moved });
  const apart = changed(proto, { graph });
  return {
    segment: { ...segment, proto: apart, externalFiles: externalFilesOf(apart, model, external) },
    data: { fileName, byteLength: end, placed },
  };
}

/**
 * The file of data, its weights copied from the whole model's file and from `others`, which came with it, in chunks
 * of at most 1 MiB. Errors: a file that is missing, or that ends before a weight does. O(weights), then O(bytes).
 */
export function writeSegmentData(
  { byteLength, placed }: SegmentApart["data"],
  model: Model,
  source: ByteSource,
  others: readonly ByteSource[],
): Result<SegmentFile> {
  const files = [source];
  for (const name of model.externalFiles) {
    const isRead = placed.some(({ from }) => from.blob === files.length);
    const file = isRead ? externalSource(model, name, others) : ok(source);
    if (!file.ok) return file;
    files.push(file.value);
  }
  const pieces: Piece[] = [];
  for (const { from, offset } of placed) {
    const file = files[from.blob];
    if (file === undefined) throw new RangeError(`no file ${from.blob} of ${model.fileName}`);
    const end = from.offset + from.length;
    if (!(from.offset >= 0 && end <= file.size)) {
      return err(endsEarly(file, model, end));
    }
    pieces.push({ file, begin: from.offset, end, offset });
  }
  return ok({ byteLength, chunks: pieceChunks(pieces) });
}

interface Piece {
  readonly file: ByteSource;
  readonly begin: number;
  readonly end: number;
  readonly offset: number;
}

async function* pieceChunks(pieces: readonly Piece[]): AsyncGenerator<Uint8Array, void> {
  let written = 0;
  for (const { file, begin, end, offset } of pieces) {
    if (offset > written) yield new Uint8Array(offset - written);
    yield* chunksOf(file, begin, end - begin);
    written = offset + end - begin;
  }
}
