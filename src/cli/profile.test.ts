import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readProfile } from "../core/profile/formats/formats.ts";
import { unwrap } from "../core/result.ts";
import { schemaViolations } from "../core/testing/json-schema.ts";
import { ModelBuilder } from "../core/testing/model-builder.ts";
import { chainModel } from "../core/testing/models.ts";
import { transformer } from "../core/testing/samples/transformer.ts";
import { nativeProfiling } from "./profiling-node.ts";

/** The built program, run as `npm run splitscope` runs it. */
const PROGRAM = fileURLToPath(new URL("./scripts/splitscope.mjs", import.meta.url));
const MODELS = fileURLToPath(new URL("../../../shared/models/", import.meta.url));
const schema = JSON.parse(readFileSync("public/schema/splitscope-profile.schema.json", "utf8"));

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "splitscope-profile-test-"));
  writeFileSync(join(folder, "chain.onnx"), chainModel(6));
  writeFileSync(join(folder, "text.onnx"), transformer({ layers: 1, hidden: 16, heads: 2, vocabulary: 40 }));
  writeFileSync(join(folder, "bad.onnx"), "<html>");
  const odd = new ModelBuilder({ name: "odd" });
  const y = odd.node("Nonsuch", [odd.input("x", "float", [4])]);
  writeFileSync(join(folder, "odd.onnx"), odd.output(odd.node("Relu", [y]), "float", [4]).bytes());
  mkdirSync(join(folder, "sub"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function run(...args: string[]): Promise<{ code: number; out: string; error: string }> {
  return new Promise((resolve) => {
    const options = { env: { ...process.env, INIT_CWD: folder, TMPDIR: folder }, maxBuffer: 64 * 1024 * 1024 };
    execFile(process.execPath, [PROGRAM, ...args], options, (failure, out, error) => {
      resolve({ code: failure === null ? 0 : Number(failure.code), out, error });
    });
  });
}

const text = (name: string) => readFileSync(join(folder, name), "utf8");

const native = nativeProfiling("", 1);
native?.dispose();
if (native === null) console.log("splitscope profile --runtime node: skipped, onnxruntime-node is not there");
const RUNTIMES = native === null ? ["web"] : ["node", "web"];

describe.each(RUNTIMES)("with the runtime for %s", (runtime) => {
  test("a profile is written that plan reads back, every op in it", { timeout: 120_000 }, async () => {
    const file = `${runtime}.json`;
    const options = ["--runtime", runtime, "--runs", "12", "--threads", "1", "--out", file];
    const { code, out, error } = await run("profile", "chain.onnx", ...options, "--json");
    expect(error).toBe("");
    expect(code).toBe(0);
    const report = JSON.parse(out);
    expect(report).toMatchObject({ file, model: "chain.onnx", runs: 12, ops: 6, matchedOps: 6 });
    expect(report.seconds.count).toBe(12);
    expect(report.runtime).toMatch(new RegExp(`^onnxruntime-${runtime} 1\\.30\\.0 (CPU|WASM), 1 thread, level all$`));

    expect(schemaViolations(schema, JSON.parse(text(file)))).toEqual([]);
    const profile = unwrap(readProfile(text(file), file));
    expect(profile).toMatchObject({ kind: "measured", runs: 12, model: { name: "chain.onnx" } });
    expect(profile.warmupDropped).toBeGreaterThanOrEqual(3);
    expect(profile.device.hardware?.platform).toContain(`Node ${process.versions.node}`);
    expect(profile.entries.flatMap(({ nodes }) => nodes ?? [])).toHaveLength(6);

    const plan = await run("plan", "chain.onnx", "--profile", `jetson-nano=${file}`, "--json");
    expect(plan.error).toBe("");
    const { noSplit } = JSON.parse(plan.out);
    const jetson = noSplit.find(({ device }: { device: string }) => device === "jetson-nano");
    const total = profile.entries.reduce((sum, { latency }) => sum + latency.median, 0);
    // What is measured is what the plan counts with; moving the input there and the result away comes on top.
    expect(jetson.latencySeconds).toBeGreaterThan(total);
    const estimate = JSON.parse((await run("plan", "chain.onnx", "--json")).out);
    const before = estimate.noSplit.find(({ device }: { device: string }) => device === "jetson-nano");
    expect(jetson.latencySeconds).not.toBe(before.latencySeconds);
    // Traces of the runtime are gone.
    expect(readdirSync(folder).filter((name) => name.startsWith("splitscope-profile-"))).toEqual([]);
  });

  test("open dimensions take their size, ids their range; a person reads what was measured", async () => {
    const options = ["--runtime", runtime, "--runs", "3", "--level", "basic", "--dim", "sequence=8"];
    const { code, out, error } = await run("profile", "text.onnx", ...options, "--out", "sub/text.json");
    expect(error).toBe("");
    expect(code).toBe(0);
    expect(out).toMatch(/^text\.onnx on .+\n/);
    expect(out).toContain("per inference (median of 3 runs");
    expect(out).toContain("level basic");
    expect(out).toContain("warning: Only 3 runs after warm-up");
    expect(out).toContain("written to sub/text.json");
    const [, matched, ops] = /(\d+) of (\d+) ops have a time/.exec(out) ?? [];
    expect(Number(matched)).toBeGreaterThanOrEqual(0.98 * Number(ops));
  });
});

describe("bad input ends with code 2 and one sentence, and writes nothing", () => {
  test.each([
    [["chain.onnx"], '"splitscope profile" needs --out FILE; see "splitscope profile --help".'],
    [["chain.onnx", "--out", "x.json", "--runs", "0"], '--runs is "0"; expected a whole number from 1 to 10000.'],
    [["chain.onnx", "--out", "x.json", "--threads", "two"], '--threads is "two"; expected a whole number from 1'],
    [["chain.onnx", "--out", "x.json", "--level", "max"], '--level is "max"; expected "disabled" or "basic" or'],
    [["chain.onnx", "--out", "x.json", "--runtime", "gpu"], '--runtime is "gpu"; expected "node" or "web".'],
    [["chain.onnx", "--out", "none/x.json"], '"none" does not exist; expected a folder to write into.'],
    [["chain.onnx", "--out", "sub"], '"sub" is a folder; expected a path that can be written.'],
    [["none.onnx", "--out", "x.json"], '"none.onnx" does not exist; expected an ONNX file.'],
    [["bad.onnx", "--out", "x.json"], '"bad.onnx" is an HTML page'],
    [["chain.onnx", "--out", "x.json", "--dim", "n=2"], '"chain.onnx" has no open dimension "n"'],
    [["text.onnx", "--out", "x.json"], '"text.onnx" leaves the dimension "sequence" open; give its size by --dim'],
    [["text.onnx", "--out", "x.json", "--dim", "sequence=900"], '"text.onnx" fails on made-up inputs in onnxruntime'],
    [
      ["text.onnx", "--out", "x.json", "--dim", "sequence=900", "--runtime", "web"],
      '"text.onnx" fails on made-up inputs in onnxruntime-web',
    ],
    [["odd.onnx", "--out", "x.json"], "refuses the model: it does not know this op."],
    [["odd.onnx", "--out", "x.json", "--runtime", "web"], "refuses the model: it does not know this op."],
  ])("%j", async (args, sentence) => {
    const { code, out, error } = await run("profile", ...args);
    expect(error).toContain(sentence);
    expect(error).toMatch(/^[^\n]+\.\n$/);
    expect(out).toBe("");
    expect(code).toBe(2);
    expect(existsSync(join(folder, "x.json"))).toBe(false);
  });
});

describe("real models", () => {
  const present = existsSync(MODELS);
  if (!present) console.log("splitscope profile on real models: skipped, ../shared/models is not there");

  test.skipIf(!present).each(RUNTIMES)("weights in a file of their own (%s)", async (runtime) => {
    const options = ["--runtime", runtime, "--runs", "10", "--out", "external.json", "--json"];
    const { error, out } = await run("profile", join(MODELS, "mnist_external.onnx"), ...options);
    expect(error).toBe("");
    const { ops, matchedOps } = JSON.parse(out);
    expect(matchedOps).toBe(ops);
  });

  test.skipIf(!present)("weights that are missing are named", async () => {
    writeFileSync(join(folder, "lost.onnx"), readFileSync(join(MODELS, "mnist_external.onnx")));
    const { code, error } = await run("profile", "lost.onnx", "--out", "x.json");
    expect(error).toBe(
      '"lost.onnx" keeps its weights in "mnist.onnx.data", which is not beside it; expected "mnist.onnx.data".\n',
    );
    expect(code).toBe(2);
  });
});
