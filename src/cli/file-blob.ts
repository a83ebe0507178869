import { closeSync, createReadStream, openSync, readSync, statSync } from "node:fs";
import { Readable } from "node:stream";
import { err, ok, type Result } from "../core/result.ts";
import type { BlobLike } from "../engine/read-profile.ts";
import { readText } from "./files.ts";

/** A file that can be streamed; `wanted` says what was expected, for the sentence on failure. */
export function openFileBlob(path: string, wanted: string): Result<BlobLike> {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats?.isFile() === true) return ok(fileBlob(path, stats.size));
  const text = readText(path, wanted);
  return text.ok ? err(`"${path}" is no regular file; expected ${wanted}.`) : text;
}

/** A file of `size` bytes that is read as it is streamed, never held whole. */
function fileBlob(path: string, size: number): BlobLike {
  return {
    size,
    slice: (start, end) => ({
      arrayBuffer: async () => {
        const bytes = new Uint8Array(Math.max(0, Math.min(end, size) - start));
        const descriptor = openSync(path, "r");
        readSync(descriptor, bytes, 0, bytes.length, start);
        closeSync(descriptor);
        return bytes.buffer;
      },
    }),
    // Node types its web streams apart from the DOM's; they are the same at run time.
    stream: () => Readable.toWeb(createReadStream(path)) as unknown as ReadableStream<Uint8Array<ArrayBuffer>>,
  };
}
