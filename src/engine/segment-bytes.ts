import type { Segment } from "../core/onnx/segments/segment-models.ts";
import { writeSegment } from "../core/onnx/segments/write-segment.ts";
import type { ByteSource } from "../core/onnx/source.ts";

/** A segment as an ONNX file in memory. */
export function segmentBytes(segment: Segment, source: ByteSource): Promise<Uint8Array> {
  return segmentBytesInTurn(source)(segment);
}

/**
 * Gives segments as ONNX files in memory, each valid until the next is asked for: all are written into one buffer of the
 * largest one's size, since new megabytes for each make the engine collect garbage between the runs.
 */
export function segmentBytesInTurn(source: ByteSource): (segment: Segment) => Promise<Uint8Array> {
  let buffer = new Uint8Array(0);
  return async (segment) => {
    const { byteLength, chunks } = writeSegment(segment, source);
    if (buffer.length < byteLength) buffer = new Uint8Array(byteLength);
    let filled = 0;
    for await (const chunk of chunks) {
      buffer.set(chunk, filled);
      filled += chunk.length;
    }
    return buffer.subarray(0, byteLength);
  };
}
