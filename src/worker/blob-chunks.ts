const CHUNK_BYTES = 1024 * 1024;

/**
 * The bytes of a Blob in order, each chunk valid until the next is asked for: all share one buffer, since buffers that
 * are left to the garbage collector pile up to hundreds of megabytes before it runs.
 */
export async function* blobChunks(blob: Blob): AsyncGenerator<Uint8Array> {
  const stream = blob.stream();
  let reader: ReadableStreamBYOBReader;
  try {
    reader = stream.getReader({ mode: "byob" });
  } catch {
    // Not a stream of bytes in this browser: chunks of its own.
    const chunks = stream.getReader();
    for (let { done, value } = await chunks.read(); !done; { done, value } = await chunks.read()) {
      if (value !== undefined) yield value;
    }
    return;
  }
  let buffer = new ArrayBuffer(CHUNK_BYTES);
  while (true) {
    const { done, value } = await reader.read(new Uint8Array(buffer));
    if (done) return;
    yield value;
    buffer = value.buffer;
  }
}
