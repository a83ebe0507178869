import type { ByteSource } from "../core/onnx/source.ts";
import { blobChunks } from "./blob-chunks.ts";
import { blobSource } from "./blob-source.ts";

/** Where in a Blob bytes were read from. */
export interface Origin {
  readonly blob: Blob;
  readonly offset: number;
}

const origins = new WeakMap<Uint8Array, Origin>();

/** Where in a Blob these very bytes were streamed from, so that they can be passed on without being copied. */
export const originOf = (bytes: Uint8Array): Origin | undefined => origins.get(bytes);

/** Opening a stream costs about a millisecond, the time in which an open one passes a mebibyte. */
const MOST_SKIPPED = 1024 * 1024;

/**
 * A Blob for who copies much of it. Streams go on where the last one ended, or a little further on, instead of opening
 * another; their chunks know their origin. `read` works in workers only.
 */
export function streamedSource(
  name: string,
  blob: Blob,
  source: ByteSource = blobSource(name, blob),
  open: typeof blobChunks = blobChunks,
): ByteSource {
  let chunks: AsyncGenerator<Uint8Array, void> | null = null;
  /** What the open stream gave and nobody took yet, and where in the Blob that begins. */
  let rest: Uint8Array = new Uint8Array(0);
  let position = 0;
  const seek = async (offset: number) => {
    if (chunks !== null && offset >= position && offset - position <= MOST_SKIPPED) return chunks;
    await chunks?.return();
    [rest, position] = [new Uint8Array(0), offset];
    return open(blob.slice(offset), name);
  };
  const take = (length: number) => {
    const taken = rest.subarray(0, length);
    rest = rest.subarray(taken.length);
    position += taken.length;
    return taken;
  };
  async function* stream(offset: number, length: number): AsyncGenerator<Uint8Array, void> {
    chunks = await seek(offset);
    const end = offset + length;
    while (position < end) {
      if (rest.length === 0) {
        const { done, value } = await chunks.next();
        if (done) throw new RangeError(`"${name}" ended at byte ${position} while it was read`);
        rest = value;
      }
      if (position < offset) take(offset - position);
      else {
        const bytes = take(end - position);
        origins.set(bytes, { blob, offset: position - bytes.length });
        yield bytes;
      }
    }
  }
  return { name, size: blob.size, read: source.read, stream };
}
