import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { item } from "../columns.ts";
import type { ExportFile } from "./export-file.ts";
import { isSafePath, zipChunks } from "./zip.ts";
import { dataDescriptor, directoryEnd, directoryHeader, localHeader, type ZipEntry } from "./zip-records.ts";

const PYTHON = "/usr/bin/python3";
const runs = (program: string, ...args: string[]) => spawnSync(program, args, { stdio: "ignore" }).status === 0;
const hasPython = runs(PYTHON, "-c", "import zipfile");
const hasUnzip = runs("unzip", "-v");
console.log(`ZIP: Python's zipfile ${hasPython ? "there" : "absent"}; unzip ${hasUnzip ? "there" : "absent"}`);

let folder = "";
const path = (name: string) => join(folder, name);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "splitscope-zip-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const sha256 = () => {
  const hash = createHash("sha256");
  return { update: (bytes: Uint8Array) => hash.update(bytes), hex: () => hash.digest("hex") };
};
const MODIFIED = Date.UTC(2024, 1, 29, 23, 59, 41);
const bytesFile = (name: string, ...chunks: readonly Uint8Array[]): ExportFile => ({
  path: name,
  content: { byteLength: chunks.reduce((sum, { length }) => sum + length, 0), chunks },
});
const noise = (length: number) => Uint8Array.from({ length }, (_, i) => (i * i + 7 * i) >> 3);

async function zip(files: readonly ExportFile[]): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of zipChunks(files, { createHash: sha256, modified: MODIFIED })) chunks.push(chunk.slice());
  return Buffer.concat(chunks);
}

function python(script: string, ...args: string[]): unknown {
  const { stdout, stderr, status } = spawnSync(PYTHON, ["-c", script, ...args], { encoding: "utf8" });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return JSON.parse(stdout);
}

const LIST = `
import json, sys, zipfile
z = zipfile.ZipFile(sys.argv[1])
print(json.dumps([z.testzip(), [[i.filename, i.file_size, i.CRC, list(i.date_time)] for i in z.infolist()]]))`;

const FILES: readonly ExportFile[] = [
  bytesFile("a/model.stage0.onnx", noise(5000), noise(17), new Uint8Array(0)),
  bytesFile("empty.bin"),
  { path: "grün ✓ (1).txt", content: "Wärme\n" },
  { path: "digests.json", content: (digests) => JSON.stringify([...digests.keys()]) },
];

test.skipIf(!hasPython)("Python's zipfile reads names, sizes, CRCs and times", async () => {
  writeFileSync(path("small.zip"), await zip(FILES));
  const digests = '["a/model.stage0.onnx","empty.bin","grün ✓ (1).txt"]';
  const expected = [
    ["a/model.stage0.onnx", Buffer.concat([noise(5000), noise(17)])],
    ["empty.bin", Buffer.alloc(0)],
    ["grün ✓ (1).txt", Buffer.from("Wärme\n")],
    ["digests.json", Buffer.from(digests)],
  ] as const;
  expect(python(LIST, path("small.zip"))).toEqual([
    null,
    expected.map(([name, bytes]) => [name, bytes.length, crc32(bytes), [2024, 2, 29, 23, 59, 40]]),
  ]);
});

test.skipIf(!hasUnzip)("unzip finds it whole and restores the exact time", async () => {
  writeFileSync(path("whole.zip"), await zip(FILES));
  const tested = spawnSync("unzip", ["-t", path("whole.zip")], { encoding: "utf8" });
  expect(tested.stdout).toContain("No errors detected");
  const out = spawnSync("unzip", ["-q", path("whole.zip"), "-d", path("out")], { encoding: "utf8" });
  expect({ status: out.status, stderr: out.stderr }).toEqual({ status: 0, stderr: "" });
  const stat = spawnSync("stat", ["-c", "%Y %a", path("out/empty.bin")], { encoding: "utf8" });
  expect(stat.stdout.trim()).toBe(`${MODIFIED / 1e3} 644`);
});

/** Writes entries of given sizes whose bytes are holes of the file, but for those of `small`. */
function sparseZip(name: string, sizes: readonly (readonly [string, number])[], small: Uint8Array): void {
  const descriptor = openSync(path(name), "w");
  let [offset, pending]: [number, Uint8Array[]] = [0, []];
  const put = (bytes: Uint8Array) => {
    pending.push(bytes);
    offset += bytes.length;
  };
  const flush = () => {
    const bytes = Buffer.concat(pending);
    writeSync(descriptor, bytes, 0, bytes.length, offset - bytes.length);
    pending = [];
  };
  const hole = (bytes: number) => {
    flush();
    offset += bytes;
  };
  const entries: ZipEntry[] = [];
  for (const [file, bytes] of sizes) {
    const isSmall = bytes === small.length;
    const crc = isSmall ? crc32(small) : 0;
    const entry = { path: file, bytes, crc32: crc, offset, modified: MODIFIED / 1e3, isStreamed: true };
    entries.push(entry);
    put(localHeader(entry));
    if (isSmall) put(small);
    else hole(bytes);
    put(dataDescriptor(entry));
  }
  const begin = offset;
  for (const entry of entries) put(directoryHeader(entry));
  put(directoryEnd(entries.length, offset - begin, begin));
  flush();
  ftruncateSync(descriptor, offset);
  closeSync(descriptor);
}

const LARGE = `
import json, sys, zipfile
z = zipfile.ZipFile(sys.argv[1])
rows = []
for i in z.infolist():
    with z.open(i) as f:
        rows.append([i.filename, i.file_size, i.compress_size, i.header_offset, f.read(5).hex()])
print(json.dumps(rows))`;

test.skipIf(!hasPython)("files beyond 4 GiB, and small ones behind them, have Zip64 records that zipfile reads", () => {
  const small = noise(1234);
  const [huge, limit] = [5 * 1024 ** 3 + 3, 2 ** 32 - 1];
  sparseZip(
    "large.zip",
    [
      ["first.bin", small.length],
      ["huge.bin", huge],
      ["limit.bin", limit],
      ["last.bin", small.length],
    ],
    small,
  );
  const rows = python(LARGE, path("large.zip")) as [string, number, number, number, string][];
  const start = Buffer.from(small.subarray(0, 5)).toString("hex");
  expect(rows.map(([file, size, stored, , begin]) => [file, size, stored, begin])).toEqual([
    ["first.bin", small.length, small.length, start],
    ["huge.bin", huge, huge, "0000000000"],
    ["limit.bin", limit, limit, "0000000000"],
    ["last.bin", small.length, small.length, start],
  ]);
  expect(item(rows, 3)[3]).toBeGreaterThan(huge + limit);
});

test.skipIf(!hasUnzip)("unzip takes a small file from behind 4 GiB", () => {
  const small = noise(1234);
  sparseZip(
    "far.zip",
    [
      ["huge.bin", 2 ** 32 + 1],
      ["last.bin", small.length],
    ],
    small,
  );
  const { stdout, status } = spawnSync("unzip", ["-p", path("far.zip"), "last.bin"]);
  expect(status).toBe(0);
  expect(stdout.equals(Buffer.from(small))).toBe(true);
});

test.skipIf(!hasPython)("more files than 65,535 are counted", () => {
  const count = 66_000;
  const files = Array.from({ length: count }, (_, file) => [`${file}`, 0] as const);
  sparseZip("many.zip", files, new Uint8Array(0));
  const script = "import sys, zipfile; print(len(zipfile.ZipFile(sys.argv[1]).namelist()))";
  expect(python(script, path("many.zip"))).toBe(count);
});

test("each date is kept, leap days too", () => {
  for (const at of [Date.UTC(1980, 0, 1), Date.UTC(2000, 1, 29), Date.UTC(2100, 2, 1), Date.UTC(2026, 11, 31, 12, 2)]) {
    const header = new DataView(
      localHeader({ path: "a", bytes: 0, crc32: 0, offset: 0, modified: at / 1e3, isStreamed: false }).buffer,
    );
    const [time, date] = [header.getUint16(10, true), header.getUint16(12, true)];
    const read = Date.UTC(1980 + (date >> 9), ((date >> 5) & 15) - 1, date & 31, time >> 11, (time >> 5) & 63);
    expect(read).toBe(at);
  }
});

test("who asks no further ends the reading", async () => {
  let [chunks, ended] = [0, false];
  function* endless() {
    try {
      for (;;) {
        chunks++;
        yield new Uint8Array(1000);
      }
    } finally {
      ended = true;
    }
  }
  const file = { path: "a.bin", content: { byteLength: Number.POSITIVE_INFINITY, chunks: endless() } };
  let seen = 0;
  for await (const _ of zipChunks([file], { createHash: sha256, modified: 0 })) if (++seen === 5) break;
  expect({ chunks, ended }).toEqual({ chunks: 4, ended: true });
});

test("content of another length than it says is a bug", async () => {
  const file = { path: "a.bin", content: { byteLength: 9, chunks: [new Uint8Array(8)] } };
  await expect(zip([file])).rejects.toThrow("a.bin has 8 bytes in place of 9");
});

test("paths lead nowhere else", async () => {
  for (const safe of ["a.onnx", "a/b.bin", "ü (1).onnx", "..a"]) expect({ safe, is: isSafePath(safe) }.is).toBe(true);
  for (const unsafe of ["../a", "/a", "a/../b", "C:\\a", "c:a", "a\\b", "a//b", "", "a/.", "a\0b", "a/"]) {
    expect({ unsafe, is: isSafePath(unsafe) }).toEqual({ unsafe, is: false });
  }
  await expect(zip([{ path: "../a", content: "" }])).rejects.toThrow("../a");
});
