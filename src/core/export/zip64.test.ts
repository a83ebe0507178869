import { spawnSync } from "node:child_process";
import { closeSync, ftruncateSync, mkdtempSync, openSync, readSync, rmSync, statSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { item } from "../columns.ts";
import type { ExportFile } from "./export-file.ts";
import { zipChunks } from "./zip.ts";

/**
 * A ZIP of more than 4 GiB, streamed by the writer of the product. Its large file is one MiB over and over: zeros, which
 * are a hole in the file on the disk, between a first and a last piece of noise. Nothing is ever held.
 */
const MEBIBYTE = 2 ** 20;
const LARGE = 4 * 2 ** 30 + 5 * MEBIBYTE;
const SMALL = 1234;

const PYTHON = "/usr/bin/python3";
const runs = (program: string, ...args: string[]) => spawnSync(program, args, { stdio: "ignore" }).status === 0;
const hasUnzip = runs("unzip", "-v");
const hasPython = runs(PYTHON, "-c", "import zipfile");
console.log(`Zip64: unzip ${hasUnzip ? "there" : "absent"}; Python's zipfile ${hasPython ? "there" : "absent"}`);

const noise = (length: number, seed: number) => Uint8Array.from({ length }, (_, i) => (i * i + seed * i) >> 3);
const [FIRST, LAST, TAIL] = [noise(MEBIBYTE, 7), noise(MEBIBYTE, 9), noise(SMALL, 5)];

function* large(): Generator<Uint8Array> {
  const zeros = new Uint8Array(MEBIBYTE);
  yield FIRST;
  for (let at = 2 * MEBIBYTE; at < LARGE; at += MEBIBYTE) yield zeros;
  yield LAST;
}

const FILES: readonly ExportFile[] = [
  { path: "large.bin", content: { byteLength: LARGE, chunks: large() } },
  { path: "after.bin", content: { byteLength: SMALL, chunks: [TAIL] } },
];

let folder = "";
let path = "";
let longest = 0;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "splitscope-zip64-"));
  path = join(folder, "large.zip");
  const file = openSync(path, "w");
  let offset = 0;
  const isHole = (chunk: Uint8Array) => chunk.length === MEBIBYTE && chunk !== FIRST && chunk !== LAST;
  const createHash = () => ({ update: () => {}, hex: () => "" });
  for await (const chunk of zipChunks(FILES, { createHash, crc32, modified: 0 })) {
    longest = Math.max(longest, chunk.length);
    if (!isHole(chunk)) writeSync(file, chunk, 0, chunk.length, offset);
    offset += chunk.length;
  }
  ftruncateSync(file, offset);
  closeSync(file);
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true }));

/** A part of the file as numbers, little-endian. */
function at(offset: number, length: number) {
  const bytes = new Uint8Array(length);
  const file = openSync(path, "r");
  const count = readSync(file, bytes, 0, length, offset);
  closeSync(file);
  expect(count).toBe(length);
  const view = new DataView(bytes.buffer);
  return {
    bytes,
    u16: (from: number) => view.getUint16(from, true),
    u32: (from: number) => view.getUint32(from, true),
    u64: (from: number) => Number(view.getBigUint64(from, true)),
  };
}

interface Entry {
  readonly path: string;
  readonly bytes: number;
  readonly crc32: number;
  readonly offset: number;
}

/** Files of a ZIP by its directory alone, from the end backwards (APPNOTE 4.3.12, 4.3.14 to 4.3.16, 4.5.3). */
function directory(): readonly Entry[] {
  const size = statSync(path).size;
  const end = at(size - 22, 22);
  expect(end.u32(0)).toBe(0x06054b50);
  expect(end.u32(16)).toBe(0xffffffff);
  const locator = at(size - 22 - 20, 20);
  expect(locator.u32(0)).toBe(0x07064b50);
  const wide = at(locator.u64(8), 56);
  expect(wide.u32(0)).toBe(0x06064b50);
  const entries: Entry[] = [];
  let offset = wide.u64(48);
  for (let index = 0; index < wide.u64(32); index++) {
    const record = at(offset, 46);
    expect(record.u32(0)).toBe(0x02014b50);
    const [name, extra] = [record.u16(28), record.u16(30)];
    const rest = at(offset + 46, name + extra);
    const needed = [record.u32(24), record.u32(20), record.u32(42)].map((value) => value === 0xffffffff);
    let [bytes, stored, start] = [record.u32(24), record.u32(20), record.u32(42)];
    for (let field = name; field < name + extra; field += 4 + rest.u16(field + 2)) {
      if (rest.u16(field) !== 1) continue;
      let value = field + 4;
      const next = () => {
        value += 8;
        return rest.u64(value - 8);
      };
      if (needed[0]) bytes = next();
      if (needed[1]) stored = next();
      if (needed[2]) start = next();
    }
    expect(stored).toBe(bytes);
    entries.push({
      path: new TextDecoder().decode(rest.bytes.subarray(0, name)),
      bytes,
      crc32: record.u32(16),
      offset: start,
    });
    offset += 46 + name + extra;
  }
  expect(offset).toBe(wide.u64(48) + wide.u64(40));
  return entries;
}

describe("a ZIP of more than 4 GiB", () => {
  test("has a directory that leads to its files, which no chunk held whole", () => {
    expect(longest).toBe(MEBIBYTE);
    const entries = directory();
    expect(entries.map(({ path: name, bytes }) => [name, bytes])).toEqual([
      ["large.bin", LARGE],
      ["after.bin", SMALL],
    ]);
    const after = item(entries, 1);
    expect(after.offset).toBeGreaterThan(2 ** 32);
    expect(after.crc32).toBe(crc32(TAIL));
    for (const [{ offset }, begin] of [
      [item(entries, 0), FIRST],
      [after, TAIL],
    ] as const) {
      const local = at(offset, 30);
      expect(local.u32(0)).toBe(0x04034b50);
      const content = at(offset + 30 + local.u16(26) + local.u16(28), SMALL).bytes;
      expect(content).toEqual(begin.subarray(0, SMALL));
    }
  });

  test.skipIf(!hasPython)("is found whole by Python's zipfile", { timeout: 240_000 }, () => {
    const script = "import sys, zipfile; print(zipfile.ZipFile(sys.argv[1]).testzip())";
    expect(spawnSync(PYTHON, ["-c", script, path], { encoding: "utf8" }).stdout.trim()).toBe("None");
  });

  // It takes ten times as long as Python's.
  test.skipIf(hasPython || !hasUnzip)("is found whole by unzip", { timeout: 240_000 }, () => {
    const { stdout, status } = spawnSync("unzip", ["-t", path], { encoding: "utf8" });
    expect(stdout).toContain("No errors detected");
    expect(status).toBe(0);
  });
});
