import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ExportFile } from "../core/export/export-file.ts";
import { chainModel } from "../core/testing/models.ts";
import { writeExportZip } from "./export-zip.ts";
import { runCli } from "./run-cli.ts";

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

async function run(...args: string[]) {
  let [out, error] = ["", ""];
  const code = await runCli(args, {
    out: (text) => {
      out += text;
    },
    error: (text) => {
      error += text;
    },
  });
  return { code, out, error };
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "splitscope-zip-"));
  writeFileSync(path("chain.onnx"), chainModel(8));
  const { out } = await run("inspect", path("chain.onnx"), "--json");
  const ops: string[] = JSON.parse(out).ops.map(({ name }: { name: string }) => name);
  const stages = [
    { device: "raspberry-pi-4", ops: ops.slice(0, 3) },
    { device: "jetson-nano", ops: ops.slice(3, 5) },
    { device: "gpu-server", ops: ops.slice(5) },
  ];
  writeFileSync(path("plan.json"), JSON.stringify({ stages }));
  const args = ["--plan", path("plan.json"), "--format", "segments", "--out", path("chain.zip")];
  expect(await run("export", path("chain.onnx"), ...args)).toMatchObject({ code: 0, error: "" });
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
    const { code, error } = await run("export", path("chain.onnx"), ...args);
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
});
