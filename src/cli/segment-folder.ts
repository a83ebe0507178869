import { createHash } from "node:crypto";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { externalPath } from "../core/onnx/external.ts";
import type { FileDigest } from "../core/onnx/segments/manifest.ts";
import type { Segment } from "../core/onnx/segments/segment-models.ts";
import { writeSegment } from "../core/onnx/segments/write-segment.ts";
import type { ByteSource } from "../core/onnx/source.ts";
import { err, ok, type Result } from "../core/result.ts";
import { externalFiles } from "../engine/external-files.ts";
import { fileError, readWindows } from "./files.ts";
import type { ModelFiles } from "./model-files.ts";

/** Whether a new folder can appear at `path`: nothing or an empty folder is there, in a folder. Nothing is changed. */
export function checkNewFolder(path: string): Result<null> {
  const parent = dirname(resolve(path));
  try {
    if (!statSync(parent).isDirectory()) return err(`"${parent}" is no folder; expected one to make "${path}" in.`);
    if (!existsSync(path)) return ok(null);
    if (!statSync(path).isDirectory()) return err(`"${path}" is a file; expected a new or empty folder.`);
    return readdirSync(path).length === 0
      ? ok(null)
      : err(
          `"${path}" is a folder with files in it; expected a new or empty one, so that no file of another set stays.`,
        );
  } catch (reason) {
    return err(fileError(parent, reason, "a folder to write into"));
  }
}

function writeChunks(path: string, chunks: Iterable<Uint8Array>): FileDigest {
  const hash = createHash("sha256");
  const descriptor = openSync(path, "wx");
  let bytes = 0;
  try {
    for (const chunk of chunks) {
      hash.update(chunk);
      for (let written = 0; written < chunk.length; ) {
        written += writeSync(descriptor, chunk, written, chunk.length - written);
      }
      bytes += chunk.length;
    }
  } finally {
    closeSync(descriptor);
  }
  return { bytes, sha256: hash.digest("hex") };
}

/** The files of external data that segments refer to, by their path below the folder. */
function neededFiles({ model, others }: ModelFiles, segments: readonly Segment[]): Result<Map<string, ByteSource>> {
  const names = [...new Set(segments.flatMap((segment) => segment.externalFiles))];
  const found = externalFiles(model, names, others);
  if (!found.ok) return found;
  const files = new Map<string, ByteSource>();
  for (const { path, file } of found.value) {
    const clean = externalPath(model.fileName, path);
    if (!clean.ok) return clean;
    files.set(clean.value, file);
  }
  return ok(files);
}

/**
 * Writes segments, the files of external data that they refer to and a document about all of them, which `describe`
 * makes of their digests. All of it appears at `path` at once, or nothing does.
 */
export function writeSegmentFolder<T extends object>(
  path: string,
  files: ModelFiles,
  segments: readonly Segment[],
  document: { readonly name: string; readonly describe: (files: ReadonlyMap<string, FileDigest>) => T },
): Result<T> {
  const free = checkNewFolder(path);
  if (!free.ok) return free;
  const needed = neededFiles(files, segments);
  if (!needed.ok) return needed;
  const target = resolve(path);
  const partial = `${target}.partial-${process.pid}`;
  const digests = new Map<string, FileDigest>();
  const write = (name: string, chunks: Iterable<Uint8Array>) => {
    const file = join(partial, name);
    mkdirSync(dirname(file), { recursive: true });
    digests.set(name, writeChunks(file, chunks));
  };
  try {
    mkdirSync(partial);
    for (const segment of segments) write(segment.fileName, writeSegment(segment, files.source).chunks);
    for (const [name, source] of needed.value) write(name, readWindows(source));
    const described = document.describe(digests);
    writeFileSync(join(partial, document.name), `${JSON.stringify(described, null, 2)}\n`, { flag: "wx" });
    if (existsSync(target)) rmdirSync(target);
    renameSync(partial, target);
    return ok(described);
  } catch (reason) {
    rmSync(partial, { recursive: true, force: true });
    if (!(reason instanceof Error && "code" in reason)) throw reason;
    return err(fileError(path, reason, "a folder that can be written"));
  }
}
