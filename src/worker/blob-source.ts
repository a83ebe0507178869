import { readingFault } from "./unreadable-file.ts";

/** The part of the worker global scope that is used here; lib.webworker clashes with lib.dom. */
interface SyncReader {
  readAsArrayBuffer(blob: Blob): ArrayBuffer;
}
const Reader = (globalThis as unknown as { FileReaderSync?: new () => SyncReader }).FileReaderSync;

/** Bytes of a Blob read in windows and in step, so that a file is never held whole. Works in workers only. */
export function blobSource(name: string, blob: Blob) {
  if (Reader === undefined) throw new Error("blobSource needs a worker's FileReaderSync");
  const reader = new Reader();
  return {
    name,
    size: blob.size,
    read: (offset: number, length: number): Uint8Array => {
      try {
        return new Uint8Array(reader.readAsArrayBuffer(blob.slice(offset, offset + length)));
      } catch (reason) {
        throw readingFault(name, reason);
      }
    },
  };
}
