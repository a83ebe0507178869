import type { Hash } from "../core/export/zip.ts";
import { streamingHash } from "../engine/sha256.ts";
import { hashLane, laneHash, laneMemory } from "./hash-lane.ts";

/** Files up to this size are gathered for the browser's own SHA-256, which takes no pieces; it copies them once more. */
const MOST_GATHERED = 48 * 1024 * 1024;

/** A thread that hashes large files, one after another. */
export interface HashThread {
  createHash(): Hash;
  end(): void;
}

/**
 * Starts a thread for files beyond 48 MiB; null where none is that large, or where threads share no memory: pages need
 * to be isolated for that. Must be called in a worker, which the thread makes wait while it is behind.
 */
export function startHashThread(files: readonly number[]): Promise<HashThread | null> {
  if (globalThis.crossOriginIsolated !== true || files.every((bytes) => bytes <= MOST_GATHERED)) {
    return Promise.resolve(null);
  }
  const memory = laneMemory();
  const worker = new Worker(new URL("./hash-lane.worker.ts", import.meta.url), { type: "module" });
  return new Promise((resolve) => {
    worker.onmessage = () => resolve({ createHash: () => laneHash(hashLane(memory)), end: () => worker.terminate() });
    worker.onerror = () => resolve(null);
    worker.postMessage(memory);
  });
}

/**
 * SHA-256 of a file of so many bytes: the browser's, which is faster, where the file fits in little memory, else by
 * `thread` or here.
 */
export function fileHash(
  bytes: number,
  thread: HashThread | null = null,
  subtle: SubtleCrypto | undefined = globalThis.crypto?.subtle,
): Hash | Promise<Hash> {
  if (bytes > MOST_GATHERED && thread !== null) return thread.createHash();
  if (subtle === undefined || bytes > MOST_GATHERED) return streamingHash();
  const gathered = new Uint8Array(bytes);
  let filled = 0;
  return {
    update: (chunk) => {
      gathered.set(chunk, filled);
      filled += chunk.length;
    },
    hex: async () => {
      const digest = new Uint8Array(await subtle.digest("SHA-256", gathered.subarray(0, filled)));
      return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    },
  };
}
