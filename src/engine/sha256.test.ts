import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { bytesSource } from "../core/onnx/source.ts";
import { createRandom } from "../core/testing/random.ts";
import { sha256Hex, streamingHash } from "./sha256.ts";
import { initialState } from "./sha256-module.ts";

const nodes = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const noise = (length: number) => Uint8Array.from({ length }, (_, i) => (i * i + 7 * i) >> 3);

test("the published examples", () => {
  const of = (text: string) => sha256Hex(bytesSource("text", new TextEncoder().encode(text)));
  // FIPS 180-4's examples ("SHA-256 Example", csrc.nist.gov) and its initial hash value.
  expect(of("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  expect(of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")).toBe(
    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
  );
  expect(of("")).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  expect(initialState()[0]).toBe(0x6a09e667);
});

test("every length around a block's and the buffer's ends as the platform's does", () => {
  const bytes = noise(65_536 + 200);
  const lengths = Array.from({ length: 200 }, (_, i) => i);
  for (const length of [...lengths, ...lengths.map((i) => 65_536 - 100 + i), 131_072 - 64]) {
    const part = length > bytes.length ? noise(length) : bytes.subarray(0, length);
    expect(sha256Hex(bytesSource("part", part))).toBe(nodes(part));
  }
});

test("pieces of any length, of several hashes in turn", () => {
  const random = createRandom(3);
  const bytes = noise(700_000);
  const [one, two] = [streamingHash(), streamingHash()];
  for (let at = 0; at < bytes.length; ) {
    const piece = bytes.subarray(at, at + random.integer(0, 90_000));
    one.update(piece);
    two.update(piece.slice().reverse());
    at += piece.length;
  }
  expect(one.hex()).toBe(nodes(bytes));
  expect(two.hex()).not.toBe(nodes(bytes));
});
