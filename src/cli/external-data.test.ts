import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { withExternalData } from "../core/testing/external-data.ts";
import { ModelBuilder } from "../core/testing/model-builder.ts";
import { loadNative, type NativeRuntime } from "./profiling-node.ts";
import { cli, cliSentence } from "./testing/cli.ts";

const PYTHON = "/usr/bin/python3";
const hasChecker = spawnSync(PYTHON, ["-c", "import onnx"], { stdio: "ignore" }).status === 0;
const native = loadNative();
console.log(
  `external data: onnx.checker ${hasChecker ? "there" : "absent"}; onnxruntime-node ${native === null ? "absent" : "there"}`,
);

let folder = "";
const path = (...names: string[]) => join(folder, ...names);

const SIZE = 40;

/** Matrix products with an activation between, a skip over them; each matrix has 6.4 kB. */
function net(): Uint8Array {
  const built = new ModelBuilder({ name: "net" });
  const x = built.input("x", "float", [1, SIZE]);
  let t = x;
  for (const layer of [0, 1, 2]) {
    const w = built.vector(`w${layer}`, [SIZE, SIZE], 0, 0.1);
    t = built.node("MatMul", [t, w], { name: `dense${layer}` });
    t = built.node("Tanh", [t], { name: `tanh${layer}` });
  }
  return built.output(built.node("Add", [t, x], { name: "skip", outputs: ["y"] }), "float", [1, SIZE]).bytes();
}

const PLAN = JSON.stringify({
  stages: [
    { device: "raspberry-pi-4", ops: ["dense0", "tanh0"] },
    { device: "jetson-nano", ops: ["dense1", "tanh1"] },
    { device: "gpu-server", ops: ["dense2", "tanh2", "skip"] },
  ],
});

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "splitscope-apart-"));
  writeFileSync(path("inline.onnx"), net());
  const { model, data } = withExternalData(net(), "weights.bin");
  writeFileSync(path("external.onnx"), model);
  writeFileSync(path("weights.bin"), data);
  writeFileSync(path("plan.json"), PLAN);
});
afterAll(() => rmSync(folder, { recursive: true }));

function exported(model: string, format: string, out: string, ...more: string[]) {
  const args = ["export", path(model), "--plan", path("plan.json"), "--format", format, "--out", path(out)];
  return cli(...args, "--json", ...more);
}

type Tensor = InstanceType<NativeRuntime["Tensor"]>;

/** What the native runtime makes of the stages in a folder, one after another, of ones. */
async function chained(files: readonly string[]): Promise<Uint8Array> {
  if (native === null) throw new Error("asked for without the runtime");
  const ones: Tensor = new native.Tensor("float32", new Float32Array(SIZE).fill(1), [1, SIZE]);
  const tensors = new Map<string, Tensor>([["x", ones]]);
  for (const file of files) {
    const session = await native.InferenceSession.create(file, { graphOptimizationLevel: "disabled" });
    const feeds = session.inputNames.map((name) => [name, tensors.get(name) ?? ones] as const);
    for (const [name, tensor] of Object.entries(await session.run(Object.fromEntries(feeds)))) {
      tensors.set(name, tensor);
    }
    await session.release();
  }
  const y = tensors.get("y")?.data;
  if (!(y instanceof Float32Array)) throw new Error("y is of floats");
  return new Uint8Array(y.buffer, y.byteOffset, y.byteLength).slice();
}

describe.each(["inline", "external"])("segments of a model with %s weights, with weights apart", (kind) => {
  const names = [0, 1, 2].map((stage) => `${kind}.stage${stage}.onnx`);
  const out = `out-${kind}`;
  beforeAll(async () => {
    expect(await exported(`${kind}.onnx`, "segments", out, "--external-data")).toMatchObject({ code: 0, error: "" });
  });

  test("are models that hold no weights, each with a file of just its own, which the manifest knows", () => {
    const files = [...names.flatMap((name) => [name, `${name}.data`]), "manifest.json", "run.py"];
    expect(readdirSync(path(out)).sort()).toEqual(files.sort());
    const manifest = JSON.parse(readFileSync(path(out, "manifest.json"), "utf8"));
    for (const { file, bytes, externalFiles } of manifest.stages) {
      expect(bytes).toBeLessThan(1000);
      expect(externalFiles).toEqual([`${file}.data`]);
    }
    for (const { file, bytes, sha256 } of manifest.externalFiles) {
      const content = readFileSync(path(out, file));
      expect({ bytes, sha256 }).toEqual({
        bytes: 4 * SIZE * SIZE,
        sha256: createHash("sha256").update(content).digest("hex"),
      });
    }
  });

  test.skipIf(native === null)("run in the native runtime to the whole model's bits", async () => {
    const whole = await chained([path(`${kind}.onnx`)]);
    expect(await chained(names.map((name) => path(out, name)))).toEqual(whole);
    // The weights are read: others give another result.
    const data = path(out, `${names[1]}.data`);
    const kept = readFileSync(data);
    writeFileSync(data, new Uint8Array(kept.length));
    expect(await chained(names.map((name) => path(out, name)))).not.toEqual(whole);
    writeFileSync(data, kept);
  });

  test.skipIf(!hasChecker)("pass onnx.checker, which reads the files of data", () => {
    const script = `
import onnx, sys
for f in sys.argv[1:]:
    onnx.checker.check_model(f, True)
    m = onnx.load(f)
    onnx.shape_inference.infer_shapes(m, True, True)
    for t in m.graph.initializer:
        assert len(t.raw_data) == ${4 * SIZE * SIZE}, t.name
print(len(sys.argv) - 1)`;
    const { stdout, stderr } = spawnSync(PYTHON, ["-c", script, ...names.map((name) => path(out, name))], {
      encoding: "utf8",
    });
    expect({ stdout: stdout.trim(), stderr }).toEqual({ stdout: "3", stderr: "" });
  });

  test("are not told apart by an export without the flag", async () => {
    await exported(`${kind}.onnx`, "segments", `${out}-plain`);
    const written = readdirSync(path(`${out}-plain`)).filter((name) => name.endsWith(".data") || name.endsWith(".bin"));
    expect(written).toEqual(kind === "inline" ? [] : ["weights.bin"]);
  });
});

test("every format that holds models takes the flag, the others refuse it", async () => {
  const triton = JSON.parse((await exported("inline.onnx", "triton", "triton", "--external-data")).out);
  const paths = triton.files.map(({ path: file }: { path: string }) => file);
  expect(paths).toContain("models-jetson-nano/inline_stage1/1/model.onnx.data");
  const layers = JSON.parse((await exported("inline.onnx", "onnxruntime-layers", "layers", "--external-data")).out);
  expect(layers.files.map(({ path: file }: { path: string }) => file)).toContain("inline.layers.onnx.data");
  expect(await exported("inline.onnx", "pipeedge", "no", "--external-data")).toEqual({
    code: 2,
    out: "",
    error:
      '--external-data is about written models; "pipeedge" has none (segments, triton, nnstreamer, onnxruntime-layers have).\n',
  });
});

test("data that ends before a weight does is told by a sentence, whatever is made of the model", async () => {
  mkdirSync(path("short"));
  copyFileSync(path("external.onnx"), path("short", "external.onnx"));
  writeFileSync(path("short", "weights.bin"), readFileSync(path("weights.bin")).subarray(0, 7000));
  const model = path("short", "external.onnx");
  const plan = ["--plan", path("plan.json")];
  const commands = ["segments", "triton", "nnstreamer", "onnxruntime-layers"].map((format) => [
    "export",
    model,
    ...plan,
    "--format",
    format,
    "--out",
    path(`never-${format}`),
  ]);
  for (const args of [...commands, ["verify", model, ...plan]]) {
    expect(await cliSentence(...args)).toMatch(
      /has 7,000 bytes; "external\.onnx" expects a weight to end at byte [\d,]+ of it\.$/,
    );
  }
  expect(readdirSync(folder).filter((name) => name.startsWith("never"))).toEqual([]);
});
