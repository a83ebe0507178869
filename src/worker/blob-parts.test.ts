import { expect, test } from "vitest";
import type { ByteSource } from "../core/onnx/source.ts";
import { createRandom } from "../core/testing/random.ts";
import { aheadSource, originOf } from "./blob-parts.ts";

const MIB = 2 ** 20;
const content = Uint8Array.from({ length: 40 * MIB + 7 }, (_, i) => (i * 31 + (i >> 13)) & 255);
const blob = new Blob([content]);

function noted() {
  const reads: number[] = [];
  const inner: ByteSource = {
    name: "file",
    size: content.length,
    read: (offset, length) => {
      expect(offset + length).toBeLessThanOrEqual(content.length);
      reads.push(length);
      return content.subarray(offset, offset + length);
    },
  };
  return { reads, source: aheadSource("file", blob, inner) };
}

const isSame = (a: Uint8Array, b: Uint8Array) => Buffer.from(a.buffer, a.byteOffset, a.length).equals(b);

test("reading that runs on takes ever larger windows, each byte once", () => {
  const { reads, source } = noted();
  for (let at = 0; at < content.length; at += MIB) {
    const length = Math.min(MIB, content.length - at);
    expect(isSame(source.read(at, length), content.subarray(at, at + length))).toBe(true);
  }
  expect(reads).toEqual([1, 2, 4, 4, 4, 4, 4, 4, 4, 4, 4].map((size) => size * MIB).concat(MIB + 7));
});

test("reads here and there take just what is asked for, and are right", () => {
  const { reads, source } = noted();
  const random = createRandom(5);
  for (let i = 0; i < 200; i++) {
    const at = random.integer(0, content.length - 1);
    const length = random.integer(0, Math.min(5000, content.length - at));
    expect(isSame(source.read(at, length), content.subarray(at, at + length))).toBe(true);
  }
  expect(Math.max(...reads)).toBeLessThan(5001 * 2);
});

test("bytes know the part of the Blob that they are", async () => {
  const { source } = noted();
  for (const [at, length] of [
    [0, 10],
    [10, 5000],
    [5010, 300],
  ] as const) {
    const bytes = source.read(at, length);
    const origin = originOf(bytes);
    if (origin === undefined) throw new Error("read from a Blob");
    expect(isSame(bytes, new Uint8Array(await origin.arrayBuffer()))).toBe(true);
  }
  expect(originOf(new Uint8Array(3))).toBeUndefined();
});
