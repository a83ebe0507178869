import type { ElementType } from "./model.ts";

/** Every element type with its TensorProto.DataType number and the bits of one stored element (NaN: not fixed). */
const TABLE: readonly (readonly [ElementType, number, number])[] = [
  ["undefined", 0, Number.NaN],
  ["float", 1, 32],
  ["uint8", 2, 8],
  ["int8", 3, 8],
  ["uint16", 4, 16],
  ["int16", 5, 16],
  ["int32", 6, 32],
  ["int64", 7, 64],
  ["string", 8, Number.NaN],
  ["bool", 9, 8],
  ["float16", 10, 16],
  ["double", 11, 64],
  ["uint32", 12, 32],
  ["uint64", 13, 64],
  ["complex64", 14, 64],
  ["complex128", 15, 128],
  ["bfloat16", 16, 16],
  ["float8e4m3fn", 17, 8],
  ["float8e4m3fnuz", 18, 8],
  ["float8e5m2", 19, 8],
  ["float8e5m2fnuz", 20, 8],
  ["uint4", 21, 4],
  ["int4", 22, 4],
  ["float4e2m1", 23, 4],
  ["float8e8m0", 24, 8],
  ["uint2", 25, 2],
  ["int2", 26, 2],
];

const byNumber = new Map(TABLE.map(([name, number]) => [number, name]));
const numbers = new Map(TABLE.map(([name, number]) => [name, number]));
const bits = new Map(TABLE.map(([name, , width]) => [name, width]));

/** Name of a TensorProto.DataType number; "undefined" for a number that ONNX 1.20 does not know. O(1). */
export function elementTypeOf(dataType: number): ElementType {
  return byNumber.get(dataType) ?? "undefined";
}

/** The element type of a name that a file holds; null where there is none of that name, or it is "undefined". O(1). */
export function elementTypeNamed(name: string): ElementType | null {
  const found = TABLE.find(([known]) => known === name)?.[0];
  return found === undefined || found === "undefined" ? null : found;
}

/** TensorProto.DataType number of an element type. O(1). */
export function dataTypeOf(elementType: ElementType): number {
  return numbers.get(elementType) ?? 0;
}

/** Bits of one stored element; NaN for strings and undefined. O(1). */
export function elementBits(elementType: ElementType): number {
  return bits.get(elementType) ?? Number.NaN;
}

/** Bytes of `elements` packed elements (sub-byte types share bytes, the last one is filled up); NaN where unknown. */
export function storedBytes(elementType: ElementType, elements: number): number {
  return Math.ceil((elements * elementBits(elementType)) / 8);
}

/** Product of a shape's sizes; NaN where a dimension is not a number, 1 for a scalar. O(rank). */
export function elementCount(shape: readonly (number | string | null)[] | null): number {
  if (shape === null) return Number.NaN;
  let product = 1;
  for (const dimension of shape) product *= typeof dimension === "number" ? dimension : Number.NaN;
  return product;
}
