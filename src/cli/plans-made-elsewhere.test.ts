import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ModelBuilder } from "../core/testing/model-builder.ts";
import { chainModel } from "../core/testing/models.ts";
import { loadNative } from "./profiling-node.ts";
import { cli, cliJson, cliSentence } from "./testing/cli.ts";

let folder = "";
let ops: readonly string[] = [];
let tensors: readonly { name: string }[] = [];
const path = (name: string) => join(folder, name);

const report = (...args: string[]) => cliJson("predict", path("chain.onnx"), ...args);
const sentence = (...args: string[]) => cliSentence("predict", path("chain.onnx"), ...args);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "splitscope-elsewhere-"));
  writeFileSync(path("chain.onnx"), chainModel(6));
  const inspected = await cliJson("inspect", path("chain.onnx"));
  ops = inspected.ops.map(({ name }: { name: string }) => name);
  tensors = inspected.tensors;
  writeFileSync(
    path("mapping.json"),
    JSON.stringify({ "raspberry-pi-4_cpu0": ops.slice(0, 2), "gpu-server_gpu": ops.slice(2) }),
  );
  writeFileSync(path("circle.json"), JSON.stringify({ a: [ops[0], ops[2]], b: [ops[1], ...ops.slice(3)] }));
});
afterAll(() => rmSync(folder, { recursive: true }));

const sizes = ({ stages }: { stages: { ops: string[] }[] }) => stages.map((stage) => stage.ops.length);

test("a tensor may have commas in its name", async () => {
  const net = new ModelBuilder({ name: "commas" });
  const a = net.node("Relu", [net.input("x", "float", [1, 4])], { name: "first", outputs: ["a,b"] });
  writeFileSync(path("commas.onnx"), net.output(net.node("Exp", [a], { name: "second", outputs: ["y"] })).bytes());
  const { transfers } = await cliJson("predict", path("commas.onnx"), "--cut", "a,b");
  expect(transfers[0].tensors.map(({ name }: { name: string }) => name)).toEqual(["a,b"]);
});

test("an option that is given twice, or followed by what looks like one, is told", async () => {
  expect(await sentence("--cut", "a", "--cut", "b")).toBe('--cut is given twice, as "a" and "b"; expected it once.');
  expect(await sentence("--partition", "-1,3")).toBe(
    '--partition is followed by "-1,3", which could be an option; write --partition=-1,3.',
  );
});

test("a mapping, tensors to cut at, and layers give the same plan", async () => {
  const mapped = await report("--plan", path("mapping.json"));
  expect(mapped.order).toEqual(["raspberry-pi-4", "gpu-server"]);
  expect(sizes(mapped)).toEqual([2, 4]);
  const crossing = mapped.transfers[0].tensors[0].name;
  expect(tensors.map(({ name }) => name)).toContain(crossing);
  const devices = ["--devices", "raspberry-pi-4,gpu-server"];
  for (const other of [
    await report("--cut", crossing, ...devices),
    await report("--partition", "1,2,3,6", ...devices),
  ]) {
    expect(other.stages).toEqual(mapped.stages);
    expect(other.prediction).toEqual(mapped.prediction);
  }
});

test("compares with the best plan, and writes a plan file that the other commands open", async () => {
  const made = await report("--plan", path("mapping.json"), "--compare", "--out", path("plan.json"));
  expect(made.best.ratio).toBeGreaterThanOrEqual(1);
  expect(made.best.ratio).toBeCloseTo(made.value / made.best.value, 9);
  expect(made.best.certificate.status).toBe("optimal");
  expect(JSON.parse(readFileSync(path("plan.json"), "utf8"))).toMatchObject({
    format: "splitscope-plan",
    certificate: null,
  });
  expect((await report("--plan", path("plan.json"))).stages).toEqual(made.stages);
  const told = await cli("predict", path("chain.onnx"), "--cut", tensors[3]?.name ?? "", "--compare");
  expect(told.out).toContain("times that");
  expect(told.out).toContain("note  The stages are on the rig's devices in order");
});

test("bad input", async () => {
  expect(await sentence()).toContain("needs one of --plan FILE, --cut TENSOR,... and --partition");
  expect(await sentence("--cut", "a", "--partition", "1,2")).toContain("needs one of");
  expect(await sentence("--cut", "none")).toBe('The model has no tensor "none".');
  expect(await sentence("--cut", "a,,b")).toContain("expected names with commas");
  expect(await sentence("--plan", path("circle.json"))).toContain(
    `Op "${ops[1]}" of "b" reads from op "${ops[0]}" of "a"`,
  );
  expect(await sentence("--partition", "1,2,3,9")).toContain("ends with layer 9; the model has 6 layers");
  expect(await sentence("--partition", "1,2,3,6", "--devices", "raspberry-pi-4")).toContain("2 stages; 1 devices");
  expect(await sentence("--partition", "1,2,3,6", "--devices", "raspberry-pi-4,toaster")).toContain(
    'no device "toaster"',
  );
  const verify = await cli("verify", path("chain.onnx"), "--plan", path("mapping.json"));
  expect(verify).toMatchObject({
    code: 2,
    error: expect.stringContaining('make a plan file of it by "splitscope predict MODEL'),
  });
});

const native = loadNative();
if (native === null) console.log("onnxruntime-node is not there: its reading of layer assignments is not tested");

test.skipIf(native === null)("ONNX Runtime takes the exported layer assignment, and refuses a broken one", async () => {
  if (native === null) return;
  await report("--plan", path("mapping.json"), "--out", path("layers.json"));
  const made = await cli(
    "export",
    path("chain.onnx"),
    "--plan",
    path("layers.json"),
    "--format",
    "onnxruntime-layers",
    "--out",
    path("layers"),
  );
  expect(made).toMatchObject({ code: 0, error: "" });
  const script = readFileSync(path("layers/run.py"), "utf8");
  const settings = JSON.parse(/^SETTINGS = (".*")$/m.exec(script)?.[1] ?? "null");
  expect(settings).toBe("cpu(=stage0); gpu(=stage1)");
  const load = (value: string) =>
    native.InferenceSession.create(path("layers/chain.layers.onnx"), {
      extra: { session: { layer_assignment_settings: value } },
      logSeverityLevel: 4,
    });
  const session = await load(settings);
  expect(session.outputNames).toEqual(["y"]);
  await session.release();
  await expect(load("cpu(=stage0")).rejects.toThrow();
});
