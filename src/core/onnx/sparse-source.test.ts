import fc from "fast-check";
import { expect, test } from "vitest";
import { item } from "../columns.ts";
import { unwrap } from "../result.ts";
import { mobileNetV2 } from "../testing/samples/mobilenet-v2.ts";
import { decodeModel } from "./decode.ts";
import { bytesSource } from "./source.ts";
import { notedSource, partBytes, sparseSource } from "./sparse-source.ts";

function packedOf(bytes: Uint8Array, ranges: Float64Array): Uint8Array {
  const parts: number[] = [];
  for (let i = 0; i < ranges.length; i += 2) {
    parts.push(...bytes.subarray(item([...ranges], i), item([...ranges], i) + item([...ranges], i + 1)));
  }
  return Uint8Array.from(parts);
}

test("what was read can be read again, in any pieces, and the rest is refused", () => {
  const size = 200;
  const bytes = Uint8Array.from({ length: size }, (_, i) => (i * 37) % 251);
  const read = fc.tuple(fc.nat(size - 1), fc.integer({ min: 1, max: 40 })).map(([offset, length]) => {
    return [offset, Math.min(length, size - offset)] as const;
  });
  fc.assert(
    fc.property(fc.array(read, { minLength: 1, maxLength: 12 }), read, (reads, [offset, length]) => {
      const { source, noted } = notedSource(bytesSource("f", bytes));
      for (const [from, count] of reads) source.read(from, count);
      const part = { size, ranges: noted() };
      const packed = packedOf(bytes, part.ranges);
      expect(partBytes(part)).toBe(packed.length);
      const sparse = sparseSource(part, bytesSource("f", packed));
      for (const [from, count] of reads) expect(sparse.read(from, count)).toEqual(bytes.slice(from, from + count));
      const known = new Set(reads.flatMap(([from, count]) => Array.from({ length: count }, (_, i) => from + i)));
      const isKnown = Array.from({ length }, (_, i) => offset + i).every((byte) => known.has(byte));
      if (isKnown) expect(sparse.read(offset, length)).toEqual(bytes.slice(offset, offset + length));
      else expect(() => sparse.read(offset, length)).toThrow("open the file again");
    }),
    { numRuns: 300 },
  );
});

test("a model decodes out of a small part of its file", () => {
  const bytes = mobileNetV2();
  const { source, noted } = notedSource(bytesSource("m.onnx", bytes));
  const whole = unwrap(decodeModel(source));
  const ranges = noted();
  const packed = packedOf(bytes, ranges);
  expect(packed.length).toBeLessThan(bytes.length / 4);
  const again = unwrap(decodeModel(sparseSource({ size: bytes.length, ranges }, bytesSource("m.onnx", packed))));
  expect(again).toEqual(whole);
});

test("ranges that are none of a file are told", () => {
  const bytesOf = (size: number, ...ranges: number[]) => partBytes({ size, ranges: Float64Array.from(ranges) });
  expect(bytesOf(10, 0, 4, 6, 4)).toBe(8);
  for (const bad of [[0], [0, 0], [-1, 4], [6, 5], [4, 2, 0, 2], [0, 4, 3, 2], [0, Number.NaN], [0.5, 1]]) {
    expect(bytesOf(10, ...bad)).toBeNull();
  }
  expect(bytesOf(Number.NaN)).toBeNull();
});
