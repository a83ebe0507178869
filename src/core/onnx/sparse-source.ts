import { at } from "../columns.ts";
import type { ByteSource } from "./source.ts";

/**
 * Parts of a large file that are enough for what was read of it before: a model opens without its weights. Ranges are
 * pairs of offset and length in bytes, ascending, apart from each other.
 */
export interface FilePart {
  /** Bytes of the whole file. */
  readonly size: number;
  readonly ranges: Float64Array;
}

/** A source that notes what is read of another one. */
export interface NotedSource {
  readonly source: ByteSource;
  /** What has been read so far. O(reads log reads). */
  noted(): Float64Array;
}

export function notedSource(inner: ByteSource): NotedSource {
  const reads: [offset: number, length: number][] = [];
  const read = (offset: number, length: number) => {
    const last = reads.at(-1);
    // Reading that runs on is one range.
    if (last !== undefined && offset === last[0] + last[1]) last[1] += length;
    else reads.push([offset, length]);
    return inner.read(offset, length);
  };
  return { source: { name: inner.name, size: inner.size, read }, noted: () => merged(reads) };
}

function merged(reads: readonly (readonly [number, number])[]): Float64Array {
  const ranges: number[] = [];
  for (const [offset, length] of [...reads].sort(([a], [b]) => a - b)) {
    const start = ranges.at(-2) ?? 0;
    const end = start + (ranges.at(-1) ?? 0);
    if (ranges.length > 0 && offset <= end) ranges[ranges.length - 1] = Math.max(end, offset + length) - start;
    else ranges.push(offset, length);
  }
  return Float64Array.from(ranges);
}

/** Bytes of all ranges; null where they are not ascending ranges of a file of that size. O(ranges). */
export function partBytes({ size, ranges }: FilePart): number | null {
  if (!Number.isSafeInteger(size) || size < 0 || ranges.length % 2 !== 0) return null;
  let total = 0;
  let end = -1;
  for (let i = 0; i < ranges.length; i += 2) {
    const offset = at(ranges, i);
    const length = at(ranges, i + 1);
    const isRange = Number.isSafeInteger(offset) && Number.isSafeInteger(length) && length > 0;
    if (!isRange || offset <= end || offset + length > size) return null;
    end = offset + length;
    total += length;
  }
  return total;
}

/**
 * The file of which `packed` holds the ranges, one after another. Reading anything else throws: its user reads what was
 * read before. O(log ranges) a read.
 */
export function sparseSource({ size, ranges }: FilePart, packed: ByteSource): ByteSource {
  const starts = new Float64Array(ranges.length / 2);
  for (let i = 1; i < starts.length; i++) starts[i] = at(starts, i - 1) + at(ranges, 2 * i - 1);
  const rangeBefore = (offset: number) => {
    let low = 0;
    let high = starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (at(ranges, 2 * middle) <= offset) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  };
  return {
    name: packed.name,
    size,
    read: (offset, length) => {
      if (length === 0) return new Uint8Array(0);
      const range = rangeBefore(offset);
      const within = range < 0 ? -1 : offset - at(ranges, 2 * range);
      if (within < 0 || within + length > at(ranges, 2 * range + 1)) {
        throw new RangeError(
          `bytes ${offset} to ${offset + length} of "${packed.name}" are not kept; open the file again`,
        );
      }
      return packed.read(at(starts, range) + within, length);
    },
  };
}
