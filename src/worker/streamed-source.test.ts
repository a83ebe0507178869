import { expect, test } from "vitest";
import { type ByteSource, chunksOf } from "../core/onnx/source.ts";
import { gathered } from "../core/testing/gathered.ts";
import { createRandom } from "../core/testing/random.ts";
import { blobChunks } from "./blob-chunks.ts";
import { BlobSink } from "./byte-sinks.ts";
import { originOf, streamedSource } from "./streamed-source.ts";

const MIB = 2 ** 20;
const content = Uint8Array.from({ length: 6 * MIB + 7 }, (_, i) => (i * 31 + (i >> 13)) & 255);
const blob = new Blob([content]);

/** A source that notes how many streams were opened, and how many of them have ended. */
function noted(of: Blob = blob) {
  const count = { opened: 0, ended: 0 };
  async function* open(rest: Blob, name: string): AsyncGenerator<Uint8Array, void> {
    count.opened++;
    try {
      yield* blobChunks(rest, name);
    } finally {
      count.ended++;
    }
  }
  const read = (offset: number, length: number) => content.subarray(offset, offset + length);
  return { count, source: streamedSource("file", of, { name: "file", size: of.size, read }, open) };
}

const isSame = (a: Uint8Array, b: Uint8Array) => Buffer.from(a.buffer, a.byteOffset, a.length).equals(b);

async function expectRight(source: ByteSource, offset: number, length: number): Promise<void> {
  const bytes = await gathered(chunksOf(source, offset, length));
  expect(isSame(bytes, content.subarray(offset, offset + length))).toBe(true);
}

test("what follows, at once or a little further on, comes out of one stream", async () => {
  const { count, source } = noted();
  await expectRight(source, 10, 3 * MIB);
  await expectRight(source, 10 + 3 * MIB, 5);
  await expectRight(source, 10 + 4 * MIB, MIB);
  await expectRight(source, content.length - 9, 9);
  expect(count).toEqual({ opened: 1, ended: 0 });
});

test("what lies before or far behind opens another stream and ends the one before", async () => {
  const { count, source } = noted();
  await expectRight(source, 5000, 100);
  await expectRight(source, 4999, 100);
  expect(count).toEqual({ opened: 2, ended: 1 });
  await expectRight(source, 2 * MIB, 100);
  expect(count).toEqual({ opened: 3, ended: 2 });
});

test("parts here and there are right, also behind one that was left half way", async () => {
  const { source } = noted();
  const random = createRandom(5);
  for (let i = 0; i < 200; i++) {
    const at = random.integer(0, content.length - 1);
    const length = random.integer(0, Math.min(300_000, content.length - at));
    if (i % 3 === 0) for await (const _ of chunksOf(source, at, length)) break;
    else await expectRight(source, at, length);
  }
});

test("chunks know where in the Blob they are from; other bytes do not", async () => {
  const { source } = noted();
  for (const [offset, length] of [
    [0, 10],
    [10, 500_000],
    [700_000, 300],
  ] as const) {
    let at = offset;
    for await (const bytes of chunksOf(source, offset, length)) {
      expect(originOf(bytes)).toEqual({ blob, offset: at });
      at += bytes.length;
    }
    expect(at).toBe(offset + length);
  }
  expect(originOf(new Uint8Array(3))).toBeUndefined();
});

test("a file that is shorter than it was is no end without a word", async () => {
  const shrunk = Object.assign(new Blob([content]), { slice: (at: number) => blob.slice(at, 1000) });
  await expect(gathered(chunksOf(noted(shrunk).source, 990, 20))).rejects.toThrow('"file" ended at byte 1000');
});

test("a Blob is made of parts of others, joined where they touch, and of copies of what has no origin", async () => {
  const { source } = noted();
  const sink = new BlobSink();
  const own = Uint8Array.of(1, 2, 3);
  for await (const bytes of chunksOf(source, 100, 2 * MIB)) await sink.write(bytes);
  await sink.write(own);
  // It may hold something else by the time that the Blob is made.
  own.fill(9);
  for await (const bytes of chunksOf(source, 100 + 2 * MIB, 50)) await sink.write(bytes);
  for await (const bytes of chunksOf(source, 7, 50)) await sink.write(bytes);
  const expected = Buffer.concat([
    content.subarray(100, 100 + 2 * MIB),
    Uint8Array.of(1, 2, 3),
    content.subarray(100 + 2 * MIB, 150 + 2 * MIB),
    content.subarray(7, 57),
  ]);
  const made = await (await sink.close()).arrayBuffer();
  expect(Buffer.from(made).equals(expected)).toBe(true);
});
