import type { FolderFile } from "../../state/model-folder.ts";

/** Files that are read of a folder at most: more are no model's folder. */
const MOST_FILES = 5000;

/**
 * The files of the folders among what was dropped; null where there is no folder among it. Has to be called while the drop
 * is handled, because the browser forgets the items afterwards.
 */
export function droppedFolders({ items }: DataTransfer): Promise<readonly FolderFile[]> | null {
  const entries = [...items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  return entries.some((entry) => entry.isDirectory) ? filesBelow(entries) : null;
}

async function filesBelow(entries: readonly FileSystemEntry[]): Promise<readonly FolderFile[]> {
  const found: FolderFile[] = [];
  const pending = [...entries];
  // The list grows while it is walked.
  for (const entry of pending) {
    if (found.length >= MOST_FILES) break;
    if (isFile(entry)) found.push({ path: entry.fullPath.replace(/^\//, ""), file: await fileOf(entry) });
    else if (isFolder(entry)) pending.push(...(await entriesOf(entry)));
  }
  return found;
}

const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile;
const isFolder = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory;

const fileOf = (entry: FileSystemFileEntry): Promise<File> =>
  new Promise((resolve, reject) => entry.file(resolve, reject));

/** A reader gives some hundred entries at a time, and none at the end. */
async function entriesOf(folder: FileSystemDirectoryEntry): Promise<readonly FileSystemEntry[]> {
  const reader = folder.createReader();
  const found: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0 || found.length >= MOST_FILES) return found;
    found.push(...some);
  }
}

/** The files of a folder that was chosen. */
export const chosenFolder = (files: FileList): readonly FolderFile[] =>
  [...files].slice(0, MOST_FILES).map((file) => ({ path: file.webkitRelativePath, file }));
