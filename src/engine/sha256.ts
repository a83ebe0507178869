import type { ByteSource } from "../core/onnx/source.ts";
import { BLOCK_BYTES, BLOCKS_AT, initialState, MOST_BLOCKS, sha256Module } from "./sha256-module.ts";

const WINDOW = 4 * 1024 * 1024;
const AREA = MOST_BLOCKS * BLOCK_BYTES;
/** Of the message's length, which ends its last block. */
const LENGTH_BYTES = 8;

/** SHA-256 of all bytes as lower-case hex, read in windows of 4 MiB, so that memory does not grow with the file. */
export function sha256Hex(source: ByteSource): string {
  const hash = streamingHash();
  for (let offset = 0; offset < source.size; offset += WINDOW) {
    hash.update(source.read(offset, Math.min(WINDOW, source.size - offset)));
  }
  return hash.hex();
}

let compiled: WebAssembly.Module | null = null;

function instantiate() {
  compiled ??= new WebAssembly.Module(sha256Module());
  const { memory, compress } = new WebAssembly.Instance(compiled).exports;
  if (!(memory instanceof WebAssembly.Memory) || typeof compress !== "function") {
    throw new Error("the module exports its memory and a function");
  }
  return { memory, compress };
}

/** A running SHA-256 (FIPS 180-4), for where the platform's takes no pieces. `hex` ends it. O(bytes). */
export function streamingHash() {
  const { memory, compress } = instantiate();
  const area = new Uint8Array(memory.buffer, BLOCKS_AT);
  const state = new Uint32Array(memory.buffer, 0, 8);
  state.set(initialState());
  let filled = 0;
  let total = 0;
  const update = (bytes: Uint8Array) => {
    total += bytes.length;
    for (let taken = 0; taken < bytes.length; ) {
      const count = Math.min(AREA - filled, bytes.length - taken);
      area.set(bytes.subarray(taken, taken + count), filled);
      taken += count;
      filled += count;
      if (filled < AREA) continue;
      compress(MOST_BLOCKS);
      filled = 0;
    }
  };
  const hex = () => {
    const blocks = Math.ceil((filled + 1 + LENGTH_BYTES) / BLOCK_BYTES);
    const end = blocks * BLOCK_BYTES;
    area.fill(0, filled, end);
    area[filled] = 0x80;
    const bits = new DataView(memory.buffer, BLOCKS_AT + end - LENGTH_BYTES);
    bits.setBigUint64(0, BigInt(total) * 8n);
    compress(blocks);
    return [...state].map((word) => word.toString(16).padStart(8, "0")).join("");
  };
  return { update, hex };
}
