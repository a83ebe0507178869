import type { ByteSource } from "../core/onnx/source.ts";
import { blobSource } from "./blob-source.ts";

/** Which part of a Blob bytes were read from. */
const origins = new WeakMap<Uint8Array, Blob>();

/** The part of a Blob that these very bytes were read from by `aheadSource`, to be passed on without being copied. */
export const originOf = (bytes: Uint8Array): Blob | undefined => origins.get(bytes);

/** Each call of the browser's reader costs milliseconds, however little it reads: 1 MiB a call takes ten times as long. */
const MOST_AHEAD = 4 * 1024 * 1024;

/**
 * Bytes of a Blob for who copies much of it: reading that runs on is read ahead, twice as far each time, up to 4 MiB.
 * What is read are views on one window; a later read takes another one. Works in workers only.
 */
export function aheadSource(name: string, blob: Blob, inner: ByteSource = blobSource(name, blob)): ByteSource {
  let window: Uint8Array = new Uint8Array(0);
  let start = 0;
  /** Where the last read ended, and how far the last window went. */
  let end = -1;
  let ahead = 0;
  const load = (offset: number, length: number) => {
    ahead = offset === end ? Math.min(MOST_AHEAD, 2 * Math.max(ahead, length)) : length;
    window = inner.read(offset, Math.min(Math.max(length, ahead), inner.size - offset));
    start = offset;
  };
  return {
    name,
    size: blob.size,
    read: (offset, length) => {
      if (offset < start || offset + length > start + window.length) load(offset, length);
      end = offset + length;
      const bytes = window.subarray(offset - start, end - start);
      origins.set(bytes, blob.slice(offset, end));
      return bytes;
    },
  };
}
