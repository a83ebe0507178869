import type { Hash } from "../core/export/zip.ts";
import { streamingHash } from "../engine/sha256.ts";

/** Files up to this size are gathered for the browser's own SHA-256, which takes no pieces; it copies them once more. */
const MOST_GATHERED = 48 * 1024 * 1024;

/** SHA-256 of a file of so many bytes: the browser's, which is faster, where the file fits in little memory. */
export function fileHash(
  bytes: number,
  subtle: SubtleCrypto | undefined = globalThis.crypto?.subtle,
): Hash | Promise<Hash> {
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
