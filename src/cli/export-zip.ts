import { createHash } from "node:crypto";
import { closeSync, existsSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { resolve } from "node:path";
import { crc32 } from "node:zlib";
import type { ExportFile } from "../core/export/export-file.ts";
import { type Hash, zipChunks } from "../core/export/zip.ts";
import type { FileDigest } from "../core/onnx/segments/manifest.ts";
import { err, ok, type Result } from "../core/result.ts";
import type { WrittenFolder } from "./export-folder.ts";
import { fileError } from "./files.ts";
import { removedIfInterrupted } from "./interruption.ts";
import { checkWritable } from "./output-file.ts";

/** The platform's SHA-256. */
function nodeHash(): Hash {
  const hash = createHash("sha256");
  return { update: (bytes) => hash.update(bytes), hex: () => hash.digest("hex") };
}

/** Whether a new file can appear at `path`. Nothing is changed. */
export function checkNewFile(path: string): Result<null> {
  return existsSync(path) ? err(`"${path}" exists; expected the path of a new file.`) : checkWritable(path);
}

/**
 * Writes the files of an export as one ZIP, which appears at `path` when it is complete, or not at all: it grows under
 * another name beside it, which goes where it fails. A file that is there stays.
 */
export async function writeExportZip(
  path: string,
  files: readonly ExportFile[],
  modified: number,
): Promise<Result<WrittenFolder>> {
  const free = checkNewFile(path);
  if (!free.ok) return free;
  const target = resolve(path);
  const partial = `${target}.partial-${process.pid}`;
  const remove = () => rmSync(partial, { force: true });
  const digests = new Map<string, FileDigest>();
  const texts = new Map<string, string>();
  const onFile = (name: string, digest: FileDigest, text: string | null) => {
    digests.set(name, digest);
    if (text !== null) texts.set(name, text);
  };
  return removedIfInterrupted(remove, async (turn) => {
    try {
      const descriptor = openSync(partial, "wx");
      try {
        for await (const chunk of zipChunks(files, { createHash: nodeHash, crc32, modified, onFile })) {
          for (let written = 0; written < chunk.length; ) {
            written += writeSync(descriptor, chunk, written, chunk.length - written);
          }
          await turn(chunk.length);
        }
      } finally {
        closeSync(descriptor);
      }
      renameSync(partial, target);
      return ok({ digests, texts });
    } catch (reason) {
      remove();
      if (!(reason instanceof Error && "code" in reason)) throw reason;
      return err(fileError(path, reason, "a path that can be written"));
    }
  });
}
