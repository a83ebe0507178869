import { createHash } from "node:crypto";
import { closeSync, fstatSync, openSync, readFileSync, readSync } from "node:fs";
import { basename } from "node:path";
import type { ByteSource } from "../core/onnx/source.ts";
import { err, ok, type Result } from "../core/result.ts";

/** Why a file cannot be opened or written, as a sentence. */
export function fileError(path: string, reason: unknown, wanted: string): string {
  const code = reason instanceof Error && "code" in reason ? String(reason.code) : "unknown error";
  if (code === "ENOENT") return `"${path}" does not exist; expected ${wanted}.`;
  if (code === "EISDIR") return `"${path}" is a folder; expected ${wanted}.`;
  if (code === "EACCES" || code === "EPERM") return `"${path}" may not be read or written (${code}).`;
  if (code === "ENOSPC") return `"${path}" cannot be written: the disk is full.`;
  return `"${path}" cannot be used (${code}); expected ${wanted}.`;
}

/** A file that was opened and cannot be read to its end; the message is a sentence. */
export class UnreadableFile extends Error {}

export interface FileSource extends ByteSource {
  close(): void;
}

/** A file read piecewise through its descriptor, never held whole. */
export function openSource(path: string): Result<FileSource> {
  let descriptor: number;
  try {
    descriptor = openSync(path, "r");
  } catch (reason) {
    return err(fileError(path, reason, "an ONNX file"));
  }
  const stats = fstatSync(descriptor);
  if (!stats.isFile()) {
    closeSync(descriptor);
    return err(`"${path}" is ${stats.isDirectory() ? "a folder" : "no regular file"}; expected an ONNX file.`);
  }
  return ok({
    name: basename(path),
    size: stats.size,
    read: (offset, length) => {
      const bytes = new Uint8Array(length);
      let filled = 0;
      while (filled < length) {
        const count = readSync(descriptor, bytes, filled, length - filled, offset + filled);
        if (count === 0) {
          const wanted = (offset + length).toLocaleString("en-US");
          const ended = (offset + filled).toLocaleString("en-US");
          throw new UnreadableFile(
            `"${path}" ends at byte ${ended}, where byte ${wanted} was expected: it was changed after it was opened.`,
          );
        }
        filled += count;
      }
      return bytes;
    },
    close: () => closeSync(descriptor),
  });
}

const WINDOW = 4 * 1024 * 1024;

/** A source's bytes in order, a few MiB at a time. */
function* readWindows(source: ByteSource): Generator<Uint8Array, void> {
  for (let offset = 0; offset < source.size; offset += WINDOW) {
    yield source.read(offset, Math.min(WINDOW, source.size - offset));
  }
}

/** SHA-256 of a source as lower-case hex, read in windows. */
export function sha256Of(source: ByteSource): string {
  const hash = createHash("sha256");
  for (const window of readWindows(source)) hash.update(window);
  return hash.digest("hex");
}

/** All bytes of a file. `wanted` says what was expected, for the sentence on failure. */
export function readBytes(path: string, wanted: string): Result<Uint8Array> {
  try {
    return ok(readFileSync(path));
  } catch (reason) {
    return err(fileError(path, reason, wanted));
  }
}

/** The text of a file. `wanted` says what was expected, for the sentence on failure. */
export function readText(path: string, wanted: string): Result<string> {
  try {
    return ok(readFileSync(path, "utf8"));
  } catch (reason) {
    return err(fileError(path, reason, wanted));
  }
}
