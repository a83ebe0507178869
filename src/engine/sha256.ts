import { createSHA256 } from "hash-wasm";
import type { ByteSource } from "../core/onnx/source.ts";

const WINDOW = 4 * 1024 * 1024;

/** A running SHA-256, for where the platform's takes no pieces: at a third of a GB per second. `hex` ends it. */
export async function streamingHash() {
  const hash = (await createSHA256()).init();
  return { update: (bytes: Uint8Array) => void hash.update(bytes), hex: () => hash.digest("hex") };
}

/** SHA-256 of all bytes as lower-case hex, read in windows of 4 MiB, so that memory does not grow with the file. */
export async function sha256Hex(source: ByteSource): Promise<string> {
  const hash = await streamingHash();
  for (let offset = 0; offset < source.size; offset += WINDOW) {
    hash.update(source.read(offset, Math.min(WINDOW, source.size - offset)));
  }
  return hash.hex();
}
