import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { bytesSource } from "../core/onnx/source.ts";
import { createRandom } from "../core/testing/random.ts";
import { sha256Hex, streamingHash } from "./sha256.ts";

const nodes = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const noise = (length: number) => Uint8Array.from({ length }, (_, i) => (i * i + 7 * i) >> 3);

test("the published examples", async () => {
  const of = (text: string) => sha256Hex(bytesSource("text", new TextEncoder().encode(text)));
  // FIPS 180-4's examples ("SHA-256 Example", csrc.nist.gov).
  expect(await of("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  expect(await of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")).toBe(
    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
  );
  expect(await of("")).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
});

test("pieces of any length, of several hashes in turn", async () => {
  const random = createRandom(3);
  const bytes = noise(700_000);
  const [one, two] = [await streamingHash(), await streamingHash()];
  for (let at = 0; at < bytes.length; ) {
    const piece = bytes.subarray(at, at + random.integer(0, 90_000));
    one.update(piece);
    two.update(piece.slice().reverse());
    at += piece.length;
  }
  expect(one.hex()).toBe(nodes(bytes));
  expect(two.hex()).not.toBe(nodes(bytes));
});

test("more bytes than 2^32 bits", async () => {
  const piece = noise(1024 * 1024);
  const [own, platform] = [await streamingHash(), createHash("sha256")];
  for (let count = 0; count < 520; count++) {
    own.update(piece);
    platform.update(piece);
  }
  expect(own.hex()).toBe(platform.digest("hex"));
});
