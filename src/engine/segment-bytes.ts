import type { Segment } from "../core/onnx/segments/segment-models.ts";
import { writeSegment } from "../core/onnx/segments/write-segment.ts";
import type { ByteSource } from "../core/onnx/source.ts";

/** A segment as an ONNX file in memory. */
export function segmentBytes(segment: Segment, source: ByteSource): Promise<Uint8Array> {
  return segmentBytesInTurn([segment], source)(segment);
}

/**
 * Gives segments as ONNX files in memory, each once and valid until the next is asked for: all are written into one
 * buffer of the largest one's size, since new megabytes for each make the engine collect garbage between the runs.
 */
export function segmentBytesInTurn(
  segments: readonly Segment[],
  source: ByteSource,
): (segment: Segment) => Promise<Uint8Array> {
  const files = new Map(segments.map((segment) => [segment, writeSegment(segment, source)]));
  const buffer = new Uint8Array([...files.values()].reduce((most, { byteLength }) => Math.max(most, byteLength), 0));
  return async (segment) => {
    const file = files.get(segment);
    if (file === undefined) throw new Error(`${segment.fileName} is not among the segments in turn`);
    let filled = 0;
    for await (const chunk of file.chunks) {
      buffer.set(chunk, filled);
      filled += chunk.length;
    }
    return buffer.subarray(0, filled);
  };
}
