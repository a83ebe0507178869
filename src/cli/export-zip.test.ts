import { execFileSync, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ExportFile } from "../core/export/export-file.ts";
import { largeModel } from "../core/testing/large-model.ts";
import { chainModel } from "../core/testing/models.ts";
import { writeExportFolder } from "./export-folder.ts";
import { writeExportZip } from "./export-zip.ts";
import { cli, PROGRAM } from "./testing/cli.ts";

const PYTHON = "/usr/bin/python3";
const runs = (program: string, ...args: string[]) => spawnSync(program, args, { stdio: "ignore" }).status === 0;
const hasPython = runs(PYTHON, "-c", "import numpy");
const hasRuntime = hasPython && runs(PYTHON, "-c", "import onnxruntime");
const hasUnzip = runs("unzip", "-v");
console.log(
  `export: numpy ${hasPython ? "there" : "absent, runner not run"}; onnxruntime for Python ${hasRuntime ? "there" : "absent, a stub in its place"}; unzip ${hasUnzip ? "there" : "absent"}`,
);

let folder = "";
const path = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "splitscope-zip-"));
  writeFileSync(path("chain.onnx"), chainModel(8));
  const { out } = await cli("inspect", path("chain.onnx"), "--json");
  const ops: string[] = JSON.parse(out).ops.map(({ name }: { name: string }) => name);
  const stages = [
    { device: "raspberry-pi-4", ops: ops.slice(0, 3) },
    { device: "jetson-nano", ops: ops.slice(3, 5) },
    { device: "gpu-server", ops: ops.slice(5) },
  ];
  writeFileSync(path("plan.json"), JSON.stringify({ stages }));
  const args = ["--plan", path("plan.json"), "--format", "segments", "--out", path("chain.zip")];
  expect(await cli("export", path("chain.onnx"), ...args)).toMatchObject({ code: 0, error: "" });
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("the ZIP of segments", () => {
  test.skipIf(!hasUnzip)("is whole to unzip, and what comes out is what the manifest lists", () => {
    expect(execFileSync("unzip", ["-t", path("chain.zip")], { encoding: "utf8" })).toContain("No errors detected");
    execFileSync("unzip", ["-q", path("chain.zip"), "-d", path("unzipped")]);
    const manifest = JSON.parse(readFileSync(path("unzipped/manifest.json"), "utf8"));
    const names = manifest.stages.map(({ file }: { file: string }) => file);
    expect(readdirSync(path("unzipped")).sort()).toEqual([...names, "manifest.json", "run.py"].sort());
    for (const { file, bytes, sha256 } of manifest.stages) {
      const content = readFileSync(join(path("unzipped"), file));
      expect(content.length).toBe(bytes);
      expect(createHash("sha256").update(content).digest("hex")).toBe(sha256);
    }
  });

  test.skipIf(!hasPython)("is whole to Python's zipfile, and its runner compiles", () => {
    const script = `
import sys, zipfile, py_compile, os
z = zipfile.ZipFile(sys.argv[1])
assert z.testzip() is None
z.extract("run.py", sys.argv[2])
py_compile.compile(os.path.join(sys.argv[2], "run.py"), doraise=True, cfile=os.path.join(sys.argv[2], "run.pyc"))
print(len(z.namelist()))`;
    mkdirSync(path("python"));
    const out = execFileSync(PYTHON, ["-c", script, path("chain.zip"), path("python")], { encoding: "utf8" });
    expect(Number(out)).toBe(5);
  });

  test("is not written over a file", async () => {
    const args = ["--plan", path("plan.json"), "--format", "segments", "--out", path("chain.zip")];
    const { code, error } = await cli("export", path("chain.onnx"), ...args);
    expect(code).toBe(2);
    expect(error).toContain("exists; expected the path of a new file");
  });
});

const bytesFile = (name: string, chunks: Iterable<Uint8Array>): ExportFile => ({
  path: name,
  content: { byteLength: 0, chunks },
});

describe("writing", () => {
  test("what the system says of a full disk is told, and nothing is left", async () => {
    const full = Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
    function* chunks() {
      yield new Uint8Array(1000);
      throw full;
    }
    const written = await writeExportZip(path("full.zip"), [bytesFile("a.bin", chunks())], 0);
    expect(written).toEqual({ ok: false, error: `"${path("full.zip")}" cannot be written: the disk is full.` });
    expect(readdirSync(folder).filter((name) => name.startsWith("full"))).toEqual([]);
  });

  test("a full disk in the middle of a folder leaves nothing either", async () => {
    const full = Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
    function* chunks() {
      yield new Uint8Array(1000);
      throw full;
    }
    const files = [bytesFile("whole.bin", [new Uint8Array(10)]), bytesFile("a.bin", chunks())];
    expect(await writeExportFolder(path("full"), files)).toEqual({
      ok: false,
      error: `"${path("full")}" cannot be written: the disk is full.`,
    });
    expect(readdirSync(folder).filter((name) => name.startsWith("full"))).toEqual([]);
  });

  test.each([
    ["half.zip", "SIGINT"],
    ["half", "SIGINT"],
    ["half.zip", "SIGHUP"],
  ] as const)("interrupted half way, %s does not come to be (%s)", { timeout: 120_000 }, async (out, signal) => {
    const source = largeModel(400e6, 6);
    const file = openSync(path("large.onnx"), "w");
    const step = 8 * 2 ** 20;
    for (let at = 0; at < source.size; at += step) writeSync(file, source.read(at, Math.min(step, source.size - at)));
    closeSync(file);
    const { out: report } = await cli("inspect", path("large.onnx"), "--json");
    const ops: string[] = JSON.parse(report).ops.map(({ name }: { name: string }) => name);
    const stages = [
      { device: "raspberry-pi-4", ops: ops.slice(0, 3) },
      { device: "gpu-server", ops: ops.slice(3) },
    ];
    writeFileSync(path("large.json"), JSON.stringify({ stages }));
    const args = ["export", path("large.onnx"), "--plan", path("large.json"), "--format", "segments"];
    const child = spawn(process.execPath, [PROGRAM, ...args, "--out", path(out)], { stdio: "ignore" });
    const ended = new Promise<string | null>((resolve) => child.once("exit", (_, by) => resolve(by)));
    const written = () => readdirSync(folder).filter((name) => name.startsWith(`${out}.partial`));
    while (written().length === 0 && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 2));
    child.kill(signal);
    expect(await ended).toBe(signal);
    expect(readdirSync(folder).filter((name) => name.startsWith("half"))).toEqual([]);
    rmSync(path("large.onnx"));
  });
});
