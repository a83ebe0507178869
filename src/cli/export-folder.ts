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
  writeSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { ExportFile, FileContent } from "../core/export/export-file.ts";
import type { FileDigest } from "../core/onnx/segments/manifest.ts";
import type { Chunks } from "../core/onnx/source.ts";
import { err, ok, type Result } from "../core/result.ts";
import { fileError } from "./files.ts";
import { removedIfInterrupted } from "./interruption.ts";

/** Whether a new folder can appear at `path`: nothing or an empty folder is there, in a folder. Nothing is changed. */
export function checkNewFolder(path: string): Result<null> {
  if (path === "") return err('The path to write to is ""; expected a new or empty folder.');
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

async function writeChunks(path: string, chunks: Chunks, turn: (bytes: number) => Promise<void>): Promise<FileDigest> {
  const hash = createHash("sha256");
  const descriptor = openSync(path, "wx");
  let bytes = 0;
  try {
    for await (const chunk of chunks) {
      hash.update(chunk);
      for (let written = 0; written < chunk.length; ) {
        written += writeSync(descriptor, chunk, written, chunk.length - written);
      }
      bytes += chunk.length;
      await turn(chunk.length);
    }
  } finally {
    closeSync(descriptor);
  }
  return { bytes, sha256: hash.digest("hex") };
}

export interface WrittenFolder {
  readonly digests: ReadonlyMap<string, FileDigest>;
  /** What was written as text, by path. */
  readonly texts: ReadonlyMap<string, string>;
}

function textOf(content: FileContent, digests: ReadonlyMap<string, FileDigest>): string | null {
  if (typeof content === "string") return content;
  return typeof content === "function" ? content(digests) : null;
}

/** Writes the files of an export. All of them appear at `path` at once, or nothing does. */
export async function writeExportFolder(path: string, files: readonly ExportFile[]): Promise<Result<WrittenFolder>> {
  const free = checkNewFolder(path);
  if (!free.ok) return free;
  const target = resolve(path);
  const partial = `${target}.partial-${process.pid}`;
  const remove = () => rmSync(partial, { recursive: true, force: true });
  const digests = new Map<string, FileDigest>();
  const texts = new Map<string, string>();
  return removedIfInterrupted(remove, async (turn) => {
    try {
      mkdirSync(partial);
      for (const { path: name, content } of files) {
        const file = join(partial, name);
        mkdirSync(dirname(file), { recursive: true });
        const text = textOf(content, digests);
        if (text !== null) texts.set(name, text);
        const chunks = typeof content === "object" ? content.chunks : [new TextEncoder().encode(text ?? "")];
        digests.set(name, await writeChunks(file, chunks, turn));
      }
      if (existsSync(target)) rmdirSync(target);
      renameSync(partial, target);
      return ok({ digests, texts });
    } catch (reason) {
      remove();
      if (!(reason instanceof Error && "code" in reason)) throw reason;
      return err(fileError(path, reason, "a folder that can be written"));
    }
  });
}
