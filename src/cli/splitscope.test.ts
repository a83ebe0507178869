import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chainModel } from "../core/testing/models.ts";

/** The built program, run as `npm run splitscope` runs it. */
const PROGRAM = fileURLToPath(new URL("./scripts/splitscope.mjs", import.meta.url));
const MODELS = fileURLToPath(new URL("../../../shared/models/", import.meta.url));

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "splitscope-program-"));
  writeFileSync(join(folder, "chain.onnx"), chainModel(6));
});
afterAll(() => rmSync(folder, { recursive: true }));

function run(...args: string[]): Promise<{ code: number; out: string; error: string }> {
  return new Promise((resolve) => {
    const options = { env: { ...process.env, INIT_CWD: folder }, maxBuffer: 64 * 1024 * 1024 };
    execFile(process.execPath, [PROGRAM, ...args], options, (failure, out, error) => {
      const code = failure === null ? 0 : Number(failure.code);
      resolve({ code, out, error });
    });
  });
}

describe("the program", () => {
  test("prints JSON alone, for a path relative to where the user stands", async () => {
    const { code, out, error } = await run("plan", "chain.onnx", "--json");
    expect(error).toBe("");
    expect(code).toBe(0);
    expect(JSON.parse(out).certificate.status).toBe("optimal");
  });

  test("ends with 2 and one sentence on bad input", async () => {
    writeFileSync(join(folder, "bad.onnx"), "<html>");
    const { code, out, error } = await run("inspect", "bad.onnx", "--json");
    expect(code).toBe(2);
    expect(out).toBe("");
    expect(error).toMatch(/^"bad\.onnx" .*\.\n$/);
  });

  test("knows its version", async () => {
    const { out, code } = await run("--version");
    expect(code).toBe(0);
    expect(out).toMatch(/^splitscope \d/);
  });
});

describe("real models", () => {
  const names = existsSync(MODELS) ? readdirSync(MODELS).filter((name) => name.endsWith(".onnx")) : [];

  test.skipIf(names.length === 0)("an optimal plan for YOLOX-nano", async () => {
    const { code, out } = await run("plan", join(MODELS, "yolox_nano.onnx"), "--objective", "latency", "--json");
    expect(code).toBe(0);
    const report = JSON.parse(out);
    expect(report.certificate.status).toBe("optimal");
    const alone = report.noSplit.map(({ latencySeconds }: { latencySeconds: number }) => latencySeconds);
    expect(report.value).toBeLessThanOrEqual(Math.min(...alone));
    console.log(`splitscope plan: 1 of ${names.length} real models, ${report.stages.length} stages`);
  });
  if (names.length === 0) console.log("splitscope plan on real models: skipped, ../shared/models is not there");
});
