import type { FileDigest } from "../onnx/segments/manifest.ts";
import { crc32 as ownCrc32 } from "./crc32.ts";
import type { ExportFile, FileContent } from "./export-file.ts";
import { dataDescriptor, directoryEnd, directoryHeader, localHeader, type ZipEntry } from "./zip-records.ts";

/** A running SHA-256: the platform's, where it has one that takes pieces. */
export interface Hash {
  update(bytes: Uint8Array): unknown;
  /** Lower-case hex. */
  hex(): string | Promise<string>;
}

export interface ZipOptions {
  /** For a file of so many bytes. */
  readonly createHash: (bytes: number) => Hash | Promise<Hash>;
  /** The platform's CRC-32 of bytes after others with that CRC-32, where it has one. */
  readonly crc32?: (bytes: Uint8Array, before: number) => number;
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
 * The files of an export as a ZIP, stored without compression (weights do not shrink), with Zip64 records from 4 GiB
 * on (PKWARE's APPNOTE 6.3.10). Memory is one chunk of a file, at most 1 MiB, and the directory; a file is read once, its
 * CRC-32 and SHA-256 computed as it passes; text about the files before it is made when its turn comes. Each chunk is
 * valid until the next is asked for; who asks no further ends the reading. A path that leads elsewhere, or content that
 * is not as long as it says, is a bug of the exporter. O(bytes).
 */
export async function* zipChunks(
  files: readonly ExportFile[],
  { createHash, crc32 = ownCrc32, modified, onBytes, onFile }: ZipOptions,
): AsyncGenerator<Uint8Array, void> {
  for (const { path } of files) if (!isSafePath(path)) throw new Error(`an export holds the path ${path}`);
  const digests = new Map<string, FileDigest>();
  const entries: ZipEntry[] = [];
  let offset = 0;
  let passed = 0;
  const placed = (bytes: Uint8Array) => {
    offset += bytes.length;
    return bytes;
  };
  for (const { path, content } of files) {
    const { text, textCrc32, byteLength, chunks } = opened(content, digests, crc32);
    const hash = await createHash(byteLength);
    const isStreamed = text === null;
    const start = { path, bytes: byteLength, offset, modified: modified / 1e3, isStreamed };
    let crc = textCrc32;
    yield placed(localHeader({ ...start, crc32: crc }));
    const begin = passed;
    for await (const chunk of chunks) {
      hash.update(chunk);
      if (isStreamed) crc = crc32(chunk, crc);
      passed += chunk.length;
      onBytes?.(passed);
      yield placed(chunk);
    }
    if (passed - begin !== byteLength) throw new Error(`${path} has ${passed - begin} bytes in place of ${byteLength}`);
    const entry = { ...start, crc32: crc };
    entries.push(entry);
    if (isStreamed) yield placed(dataDescriptor(entry));
    const digest = { bytes: byteLength, sha256: await hash.hex() };
    digests.set(path, digest);
    onFile?.(path, digest, text);
  }
  const begin = offset;
  for (const entry of entries) yield placed(directoryHeader(entry));
  yield directoryEnd(entries.length, offset - begin, begin);
}

function opened(
  content: FileContent,
  digests: ReadonlyMap<string, FileDigest>,
  crc32: (bytes: Uint8Array, before: number) => number,
) {
  if (typeof content === "object") return { text: null, textCrc32: 0, ...content };
  const text = typeof content === "string" ? content : content(digests);
  const bytes = new TextEncoder().encode(text);
  return { text, textCrc32: crc32(bytes, 0), byteLength: bytes.length, chunks: [bytes] };
}

/** Bytes of all files of known size: the share that is done, for a person who waits. */
export function exportBytes(files: readonly ExportFile[]): number {
  return files.reduce((sum, { content }) => sum + (typeof content === "object" ? content.byteLength : 0), 0);
}
