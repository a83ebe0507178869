import type { Hash } from "../core/export/zip.ts";
import { streamingHash } from "../engine/sha256.ts";
import { hashLane, laneHash, laneMemory } from "./hash-lane.ts";

/** Files up to this size are gathered for the browser's own SHA-256, which takes no pieces; it copies them once more. */
const MOST_GATHERED = 48 * 1024 * 1024;

/** SHA-256 of files, one after another. */
export interface FileHashes {
  /** Of a file of so many bytes. */
  readonly create: (bytes: number) => Hash | Promise<Hash>;
  readonly end: () => void;
}

/**
 * The browser's SHA-256, which is the fastest, for files that fit in little memory; for larger ones a thread of its own,
 * or none where threads share no memory: pages need to be isolated for that. `sizes` are the bytes of files to come. Must
 * be called in a worker, which the thread makes wait while it is behind.
 */
export async function startHashes(
  sizes: readonly number[],
  subtle: SubtleCrypto | undefined = globalThis.crypto?.subtle,
): Promise<FileHashes> {
  const isLarge = (bytes: number) => bytes > MOST_GATHERED;
  const thread = sizes.some(isLarge) && globalThis.crossOriginIsolated === true ? await startThread() : null;
  // One buffer for all: megabytes that are left to the garbage collector pile up before it runs.
  let buffer = new Uint8Array(0);
  const gathering = (bytes: number, crypto: SubtleCrypto): Hash => {
    if (buffer.length < bytes) buffer = new Uint8Array(bytes);
    let filled = 0;
    return {
      update: (chunk) => {
        buffer.set(chunk, filled);
        filled += chunk.length;
      },
      hex: async () => {
        const digest = new Uint8Array(await crypto.digest("SHA-256", buffer.subarray(0, filled)));
        return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
      },
    };
  };
  return {
    create: (bytes) => {
      if (isLarge(bytes) && thread !== null) return thread.create();
      return isLarge(bytes) || subtle === undefined ? streamingHash() : gathering(bytes, subtle);
    },
    end: () => thread?.end(),
  };
}

/** Starts the thread; null where the browser gives none. */
function startThread(): Promise<{ readonly create: () => Hash; readonly end: () => void } | null> {
  const memory = laneMemory();
  const worker = new Worker(new URL("./hash-lane.worker.ts", import.meta.url), { type: "module" });
  return new Promise((resolve) => {
    worker.onmessage = () => resolve({ create: () => laneHash(hashLane(memory)), end: () => worker.terminate() });
    worker.onerror = () => resolve(null);
    worker.postMessage(memory);
  });
}
