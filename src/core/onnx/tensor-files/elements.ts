import { elementBits } from "../element-types.ts";
import type { ElementType } from "../model.ts";
import type { InputData, SeededInput } from "../seeded-inputs.ts";

/** A tensor that a file holds. */
export type FileTensor = Omit<SeededInput, "name">;

const ARRAYS: ReadonlyMap<ElementType, (buffer: ArrayBuffer) => InputData> = new Map<
  ElementType,
  (buffer: ArrayBuffer) => InputData
>([
  ["float", (buffer) => new Float32Array(buffer)],
  ["double", (buffer) => new Float64Array(buffer)],
  ["float16", (buffer) => new Uint16Array(buffer)],
  ["uint8", (buffer) => new Uint8Array(buffer)],
  ["int8", (buffer) => new Int8Array(buffer)],
  ["bool", (buffer) => new Uint8Array(buffer)],
  ["uint16", (buffer) => new Uint16Array(buffer)],
  ["int16", (buffer) => new Int16Array(buffer)],
  ["int32", (buffer) => new Int32Array(buffer)],
  ["uint32", (buffer) => new Uint32Array(buffer)],
  ["int64", (buffer) => new BigInt64Array(buffer)],
  ["uint64", (buffer) => new BigUint64Array(buffer)],
]);

/** Elements out of their little-endian bytes, which are copied; null for a type that no runtime takes. O(bytes). */
export function elementsOf(type: ElementType, bytes: Uint8Array): InputData | null {
  const view = ARRAYS.get(type);
  // Not by `slice`, which of a Buffer of Node is a view.
  return view === undefined ? null : view(new Uint8Array(bytes).buffer);
}

/** Bytes of one element. */
export const elementBytes = (type: ElementType): number => elementBits(type) / 8;
