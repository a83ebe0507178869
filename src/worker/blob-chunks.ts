import { readingFault } from "./unreadable-file.ts";

const CHUNK_BYTES = 1024 * 1024;

/**
 * The bytes of a Blob in order, each chunk valid until the next is asked for: all share one buffer, since buffers that
 * are left to the garbage collector pile up to hundreds of megabytes before it runs. `name` is for the sentence where it
 * cannot be read any more.
 */
export async function* blobChunks(blob: Blob, name: string): AsyncGenerator<Uint8Array, void> {
  const stream = blob.stream();
  let reader: ReadableStreamBYOBReader;
  try {
    reader = stream.getReader({ mode: "byob" });
  } catch {
    // Not a stream of bytes in this browser: chunks of its own.
    const chunks = stream.getReader();
    try {
      for (let { done, value } = await chunks.read(); !done; { done, value } = await chunks.read()) {
        if (value !== undefined) yield value;
      }
    } catch (reason) {
      throw readingFault(name, reason);
    } finally {
      await ended(chunks);
    }
    return;
  }
  let buffer = new ArrayBuffer(CHUNK_BYTES);
  try {
    while (true) {
      const { done, value } = await reader.read(new Uint8Array(buffer));
      if (done) return;
      yield value;
      buffer = value.buffer;
    }
  } catch (reason) {
    throw readingFault(name, reason);
  } finally {
    await ended(reader);
  }
}

/** Who stops half way wants no more; what failed before has been told to who read. */
const ended = (reader: ReadableStreamGenericReader) => reader.cancel().catch(() => {});
