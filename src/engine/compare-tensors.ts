import type { Tensor } from "onnxruntime-web";
import type { OutputDifference } from "../core/verification/verification.ts";

export type { OutputDifference };

/** Compares two outputs of the same name, bit by bit and number by number. O(elements). */
export function compareTensors(name: string, whole: Tensor, chained: Tensor): OutputDifference {
  const { type, dims, data } = whole;
  const common = { name, elementType: String(type), dims };
  const alike = type === chained.type && dims.join() === chained.dims.join();
  if (alike && isEqual(data, chained.data)) return { ...common, bitEqual: true, maxAbsolute: 0, maxRelative: 0 };
  if (!alike || Array.isArray(data)) {
    return { ...common, bitEqual: false, maxAbsolute: Number.POSITIVE_INFINITY, maxRelative: Number.POSITIVE_INFINITY };
  }
  const expected = numbersOf(whole);
  const actual = numbersOf(chained);
  let [difference, largest] = [0, 0];
  for (const [i, value] of expected.entries()) {
    if (Number.isFinite(value)) largest = Math.max(largest, Math.abs(value));
    difference = Math.max(difference, distance(value, actual[i] ?? Number.NaN));
  }
  // Zeros of different signs differ in their bits only.
  const relative = difference === 0 ? 0 : difference / largest;
  return { ...common, bitEqual: false, maxAbsolute: difference, maxRelative: relative };
}

/** Infinity where only one of the two is a number. */
function distance(a: number, b: number): number {
  if (a === b || (Number.isNaN(a) && Number.isNaN(b))) return 0;
  const difference = Math.abs(a - b);
  return Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
}

function isEqual(a: Tensor["data"], b: Tensor["data"]): boolean {
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && a.every((text, i) => text === b[i]);
  }
  const [left, right] = [bytesOf(a), bytesOf(b)];
  return left.length === right.length && left.every((byte, i) => byte === right[i]);
}

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView) => new Uint8Array(buffer, byteOffset, byteLength);

function numbersOf({ type, data }: Tensor): Float64Array {
  if (type !== "float16") return Float64Array.from(data as ArrayLike<number | bigint>, Number);
  const { buffer, byteOffset, byteLength } = data as Uint16Array;
  return Float64Array.from(new Uint16Array(buffer, byteOffset, byteLength / 2), halfToNumber);
}

/** The number that the bits of an IEEE 754 half stand for. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
