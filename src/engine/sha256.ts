import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import type { ByteSource } from "../core/onnx/source.ts";

const WINDOW = 4 * 1024 * 1024;

/** SHA-256 of all bytes as lower-case hex, read in windows of 4 MiB, so that memory does not grow with the file. */
export function sha256Hex(source: ByteSource): string {
  const hash = sha256.create();
  for (let offset = 0; offset < source.size; offset += WINDOW) {
    hash.update(source.read(offset, Math.min(WINDOW, source.size - offset)));
  }
  return bytesToHex(hash.digest());
}

/** A running SHA-256 in JavaScript, for where the platform's takes no pieces. */
export function streamingHash() {
  const hash = sha256.create();
  return { update: (bytes: Uint8Array) => hash.update(bytes), hex: () => bytesToHex(hash.digest()) };
}
