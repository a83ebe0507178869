import { crc32 as reference } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { crc32 } from "./crc32.ts";

test("the published check value", () => {
  expect(crc32(new TextEncoder().encode("123456789"))).toBe(0xcbf43926);
  expect(crc32(new Uint8Array(0))).toBe(0);
});

test("any bytes at any place in memory, in any pieces, have zlib's CRC-32", () => {
  const bytes = fc.uint8Array({ maxLength: 200 });
  fc.assert(
    fc.property(bytes, fc.nat(20), fc.nat(200), (all, skipped, middle) => {
      const view = all.subarray(skipped);
      expect(crc32(view)).toBe(reference(view));
      expect(crc32(view.subarray(middle), crc32(view.subarray(0, middle)))).toBe(reference(view));
    }),
  );
});
