import { Tensor } from "onnxruntime-web";
import { describe, expect, test } from "vitest";
import { compareTensors } from "./compare-tensors.ts";

const floats = (...values: number[]) => new Tensor("float32", Float32Array.from(values), [values.length]);
const differences = (whole: Tensor, chained: Tensor) => {
  const { bitEqual, maxAbsolute, maxRelative } = compareTensors("y", whole, chained);
  return [bitEqual, maxAbsolute, maxRelative];
};
const { POSITIVE_INFINITY: INFINITY, NaN: NOT } = Number;

describe("differences", () => {
  test("of floats are absolute, and relative to the largest of the whole", () => {
    expect(differences(floats(1, -4, 2), floats(1, -4, 2.5))).toEqual([false, 0.5, 0.125]);
    expect(differences(floats(1, -4), floats(1, -4))).toEqual([true, 0, 0]);
  });

  test("of no number to itself are none, to a number without end", () => {
    expect(differences(floats(NOT, INFINITY), floats(NOT, INFINITY))).toEqual([true, 0, 0]);
    expect(differences(floats(1, NOT), floats(1, 2))).toEqual([false, INFINITY, INFINITY]);
    expect(differences(floats(1, INFINITY), floats(1, -INFINITY))).toEqual([false, INFINITY, INFINITY]);
  });

  test("of zeros with different signs are in the bits alone", () => {
    expect(differences(floats(0), floats(-0))).toEqual([false, 0, 0]);
  });

  test("from nothing are without end", () => {
    expect(differences(floats(0), floats(1))).toEqual([false, 1, INFINITY]);
  });

  test("of halves are those of the numbers", () => {
    const halves = (...bits: number[]) => new Tensor("float16", Uint16Array.from(bits), [bits.length]);
    // 1, -2, the smallest half, infinity; 0x3c01 is one step from 1.
    expect(differences(halves(0x3c00, 0xc000, 1), halves(0x3c01, 0xc000, 1))).toEqual([false, 2 ** -10, 2 ** -11]);
    expect(differences(halves(0x3c00, 1), halves(0x3c00, 2))).toEqual([false, 2 ** -24, 2 ** -24]);
    expect(differences(halves(0x7c00), halves(0x3c00))).toEqual([false, INFINITY, INFINITY]);
  });

  test("of whole numbers and texts", () => {
    const wide = (...values: bigint[]) => new Tensor("int64", BigInt64Array.from(values), [values.length]);
    expect(differences(wide(10n, 4n), wide(10n, 5n))).toEqual([false, 1, 0.1]);
    const text = (...values: string[]) => new Tensor("string", values, [values.length]);
    expect(differences(text("a"), text("a"))).toEqual([true, 0, 0]);
    expect(differences(text("a"), text("b"))).toEqual([false, INFINITY, INFINITY]);
  });

  test("of other shapes or types are without end", () => {
    expect(differences(floats(1, 2), floats(1))).toEqual([false, INFINITY, INFINITY]);
    expect(differences(floats(1), new Tensor("int32", Int32Array.of(1), [1]))).toEqual([false, INFINITY, INFINITY]);
  });
});
