import { expect, test } from "vitest";
import { blobChunks } from "./blob-chunks.ts";

/** All chunks, copied while each was valid. */
async function gathered(blob: Blob): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of blobChunks(blob, "file")) parts.push(chunk.slice());
  return Buffer.concat(parts);
}

const bytes = Uint8Array.from({ length: 2_500_000 }, (_, index) => (index * 31) % 251);

test("yields every byte in order over several chunks", async () => {
  expect((await gathered(new Blob([bytes]))).equals(bytes)).toBe(true);
});

test("yields nothing of an empty blob", async () => {
  expect(await gathered(new Blob([]))).toHaveLength(0);
});

test("reads a stream that lends its own chunks where the browser's takes no buffer", async () => {
  const own = new ReadableStream<Uint8Array>({
    start: (controller) => {
      controller.enqueue(bytes.subarray(0, 7));
      controller.enqueue(bytes.subarray(7, 10));
      controller.close();
    },
  });
  const blob = Object.assign(new Blob([]), { stream: () => own });
  expect([...(await gathered(blob))]).toEqual([...bytes.subarray(0, 10)]);
});

test("tells by a sentence of a file that was changed since", async () => {
  const lost = new ReadableStream<Uint8Array>({
    start: (controller) =>
      controller.error(new DOMException("The requested file could not be read", "NotReadableError")),
  });
  const blob = Object.assign(new Blob([]), { stream: () => lost });
  await expect(gathered(blob)).rejects.toThrow(
    '"file" can no longer be read: it was changed, moved or deleted after it was opened; open it again.',
  );
});
