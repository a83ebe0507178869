import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { startHashes } from "./file-hash.ts";

const noise = (length: number) => Uint8Array.from({ length }, (_, i) => (i * i + 7 * i) >> 3);

for (const subtle of [globalThis.crypto.subtle, undefined]) {
  test(`digests of files of any size in turn, ${subtle === undefined ? "where pages are not secure" : "by the browser"}`, async () => {
    const sizes = [1000, 70_000, 5, 0, 70_001];
    const hashes = await startHashes(sizes, subtle);
    for (const size of [...sizes, 300]) {
      const bytes = noise(size);
      const hash = await hashes.create(size);
      for (let at = 0; at < size; at += 30_000) hash.update(bytes.subarray(at, at + 30_000));
      expect(await hash.hex()).toBe(createHash("sha256").update(bytes).digest("hex"));
    }
    hashes.end();
  });
}

test("a large file without a thread is hashed in pieces", async () => {
  const large = 49 * 2 ** 20;
  const hashes = await startHashes([large], globalThis.crypto.subtle);
  const hash = await hashes.create(large);
  hash.update(noise(10));
  expect(await hash.hex()).toBe(createHash("sha256").update(noise(10)).digest("hex"));
});
