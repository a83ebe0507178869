import { makeZip } from "client-zip";
import type { FileDigest } from "../onnx/segments/manifest.ts";
import type { ExportFile } from "./export-file.ts";

/** A running SHA-256: the platform's, where it has one that takes pieces. */
export interface Hash {
  update(bytes: Uint8Array): unknown;
  /** Lower-case hex. */
  hex(): string;
}

export interface ZipOptions {
  readonly createHash: () => Hash;
  /** When the files were made, in ms since 1970. */
  readonly modified: number;
  /** Told after each chunk how many bytes of files have been passed on. */
  readonly onBytes?: (bytes: number) => void;
  /** Told of each file once it has been passed on; the text is that of a file of text. */
  readonly onFile?: (path: string, digest: FileDigest, text: string | null) => void;
}

/** Whether a path stays below the folder that it is unpacked in, on every system. */
export function isSafePath(path: string): boolean {
  return (
    !/^[\\/]|^[A-Za-z]:|[\\\p{Cc}]/u.test(path) &&
    path.split("/").every((part) => part !== "" && part !== "." && part !== "..")
  );
}

/**
 * The files of an export as a ZIP, stored without compression (weights do not shrink), with Zip64 records from 4 GiB on.
 * Streamed: memory is a few chunks of at most 1 MiB, and a file is read once, hashed as it passes; text about the files
 * before it is made when its turn comes. Cancelling the stream ends the reading. A path that leads elsewhere is a bug of
 * the exporter. O(bytes).
 */
export function zipStream(files: readonly ExportFile[], options: ZipOptions): ReadableStream<Uint8Array> {
  for (const { path } of files) if (!isSafePath(path)) throw new Error(`an export holds the path ${path}`);
  const { modified, createHash, onBytes, onFile } = options;
  const digests = new Map<string, FileDigest>();
  let passed = 0;
  const encoder = new TextEncoder();
  const textOf = (content: ExportFile["content"]) => {
    if (typeof content === "string") return content;
    return typeof content === "function" ? content(digests) : null;
  };

  async function* entries() {
    for (const { path, content } of files) {
      const text = textOf(content);
      const chunks = typeof content === "object" ? content.chunks : [encoder.encode(text ?? "")];
      yield { name: path, lastModified: modified, input: hashed(path, chunks, text) };
    }
  }
  async function* hashed(path: string, chunks: Iterable<Uint8Array>, text: string | null) {
    const hash = createHash();
    let bytes = 0;
    for (const chunk of chunks) {
      hash.update(chunk);
      bytes += chunk.length;
      passed += chunk.length;
      onBytes?.(passed);
      // The library's types ask for memory that is not shared, and none here is.
      yield chunk as Uint8Array<ArrayBuffer>;
    }
    const digest = { bytes, sha256: hash.hex() };
    digests.set(path, digest);
    onFile?.(path, digest, text);
  }
  return makeZip(entries());
}

/** Bytes of all files of known size: the share that is done, for a person who waits. */
export function exportBytes(files: readonly ExportFile[]): number {
  return files.reduce((sum, { content }) => sum + (typeof content === "object" ? content.byteLength : 0), 0);
}
