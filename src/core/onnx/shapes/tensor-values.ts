import type { TensorProto } from "onnx-buf";
import { elementCount, elementTypeOf } from "../element-types.ts";
import { VALUE_LIMIT } from "./fact.ts";

type Read = (view: DataView, index: number) => number;

/** How an element is read from raw bytes, and its size in bytes. */
const RAW: ReadonlyMap<string, readonly [size: number, read: Read]> = new Map<string, readonly [number, Read]>([
  ["int64", [8, (view, index) => Number(view.getBigInt64(8 * index, true))]],
  ["uint64", [8, (view, index) => Number(view.getBigUint64(8 * index, true))]],
  ["int32", [4, (view, index) => view.getInt32(4 * index, true)]],
  ["uint32", [4, (view, index) => view.getUint32(4 * index, true)]],
  ["int16", [2, (view, index) => view.getInt16(2 * index, true)]],
  ["uint16", [2, (view, index) => view.getUint16(2 * index, true)]],
  ["int8", [1, (view, index) => view.getInt8(index)]],
  ["uint8", [1, (view, index) => view.getUint8(index)]],
  ["bool", [1, (view, index) => view.getUint8(index)]],
  ["float", [4, (view, index) => view.getFloat32(4 * index, true)]],
  ["double", [8, (view, index) => view.getFloat64(8 * index, true)]],
  ["float16", [2, (view, index) => halfValue(view.getUint16(2 * index, true))]],
]);

/**
 * The elements of a small tensor message (at most VALUE_LIMIT) as numbers, whichever field holds them; null where they
 * are more, of another type, or not in the message. O(elements).
 */
export function tensorValues(message: TensorProto): readonly number[] | null {
  const { dims, rawData } = message;
  const elementType = elementTypeOf(message.dataType);
  const count = elementCount(dims.map(Number));
  const raw = RAW.get(elementType);
  if (raw === undefined || !(count >= 0 && count <= VALUE_LIMIT)) return null;
  const [size, read] = raw;
  if (count > 0 && rawData.length === count * size) {
    const view = new DataView(rawData.buffer, rawData.byteOffset, rawData.byteLength);
    return Array.from({ length: count }, (_, index) => read(view, index));
  }
  const typed = typedField(message, elementType);
  return typed.length === count ? typed : null;
}

function typedField(message: TensorProto, elementType: string): readonly number[] {
  switch (elementType) {
    case "int64":
      return message.int64Data.map(Number);
    case "uint64":
    case "uint32":
      return message.uint64Data.map(Number);
    case "float":
      return message.floatData;
    case "double":
      return message.doubleData;
    case "float16":
      return message.int32Data.map(halfValue);
    default:
      return message.int32Data;
  }
}

/** The number that the 16 bits of an IEEE 754 half stand for. */
function halfValue(bits: number): number {
  const sign = (bits & 0x8000) === 0 ? 1 : -1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
