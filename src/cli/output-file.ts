import { accessSync, constants, realpathSync, renameSync, rmSync, type Stats, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { OpenedModel } from "../core/graph/opened-model.ts";
import { err, ok, type Result } from "../core/result.ts";
import { fileError } from "./files.ts";

const WANTED = "a path that can be written";

const found = (path: string): Stats | undefined => statSync(path, { throwIfNoEntry: false });

interface ReadFiles {
  readonly model: string;
  readonly rig?: string | null;
  readonly profiles?: ReadonlyMap<string, readonly string[]>;
}

/** The files that a command reads and must not write over; a plan may be, by what becomes of it. */
export function filesRead({ model, rig = null, profiles }: ReadFiles, { externalFiles }: OpenedModel): string[] {
  const beside = externalFiles.map((name) => join(dirname(model), name));
  return [model, ...beside, ...(rig === null ? [] : [rig]), ...[...(profiles?.values() ?? [])].flat()];
}

/** Whether a file could be written at `path`, which is none of those `read`. Nothing is changed. */
export function checkWritable(path: string, read: readonly string[] = []): Result<null> {
  if (path === "") return err(`The path to write to is ""; expected ${WANTED}.`);
  const folder = dirname(path);
  try {
    if (!statSync(folder).isDirectory()) return err(`"${folder}" is no folder; expected ${WANTED}.`);
    const there = found(path);
    // A device or a pipe is written to without its folder being changed.
    if (there === undefined || there.isFile()) accessSync(folder, constants.W_OK);
    if (there?.isDirectory() === true) return err(`"${path}" is a folder; expected ${WANTED}.`);
    const isRead = there !== undefined && read.some((other) => isSame(there, found(other)));
    return isRead ? err(`"${path}" is read by this command; expected another path to write to.`) : ok(null);
  } catch (reason) {
    return err(fileError(folder, reason, "a folder to write into"));
  }
}

const isSame = (one: Stats, other: Stats | undefined): boolean =>
  other !== undefined && one.ino === other.ino && one.dev === other.dev;

/** Writes a text file, whole or not at all: what was there before stays until the text is. */
export function writeText(path: string, text: string, read: readonly string[] = []): Result<null> {
  const free = checkWritable(path, read);
  if (!free.ok) return free;
  try {
    const there = found(path);
    if (there !== undefined && !there.isFile()) {
      writeFileSync(path, text);
      return ok(null);
    }
    // A link stays one: what it leads to is replaced.
    const target = there === undefined ? path : realpathSync(path);
    const partial = `${target}.partial-${process.pid}`;
    try {
      writeFileSync(partial, text, { mode: there?.mode ?? 0o666 });
      renameSync(partial, target);
    } catch (reason) {
      rmSync(partial, { force: true });
      throw reason;
    }
    return ok(null);
  } catch (reason) {
    return err(fileError(path, reason, WANTED));
  }
}
