import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MODEL_EXPORTERS } from "../core/export/exporters.ts";
import { withExternalData } from "../core/testing/external-data.ts";
import { ModelBuilder } from "../core/testing/model-builder.ts";
import { chainModel } from "../core/testing/models.ts";
import { cli, cliJson, cliSentence } from "./testing/cli.ts";

let folder = "";
const path = (name: string) => join(folder, name);

/** What "plan --json" prints, of two stages. */
function planOf(ops: readonly string[]): string {
  const stages = [
    { device: "raspberry-pi-4", ops: ops.slice(0, 3) },
    { device: "jetson-nano", ops: ops.slice(3, 5) },
    { device: "gpu-server", ops: ops.slice(5) },
  ];
  return JSON.stringify({ stages });
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "splitscope-segments-"));
  writeFileSync(path("chain.onnx"), chainModel(8));
  const external = withExternalData(chainModel(8), "./weights.bin");
  writeFileSync(path("external.onnx"), external.model);
  writeFileSync(path("weights.bin"), external.data);
  const { ops } = await cliJson("inspect", path("chain.onnx"));
  const names = ops.map(({ name }: { name: string }) => name);
  writeFileSync(path("plan.json"), planOf(names));
  writeFileSync(path("backward.json"), planOf([...names.slice(4), ...names.slice(0, 4)]));
});
afterAll(() => rmSync(folder, { recursive: true }));

const exporting = (model: string, out: string, plan = "plan.json") => [
  "export",
  path(model),
  "--plan",
  path(plan),
  "--format",
  "segments",
  "--out",
  path(out),
];

describe("verify", () => {
  test.each(["chain.onnx", "external.onnx"])("%s: the segments are bit-equal", async (name) => {
    const report = await cliJson("verify", path(name), "--plan", path("plan.json"), "--seed", "3");
    expect(report).toMatchObject({ verdict: "bit-equal", level: "disabled", seed: 3, notes: [] });
    expect(report.outputs).toMatchObject([{ name: "y", bitEqual: true, maxAbsolute: 0 }]);
    expect(report.stages.map(({ device }: { device: string }) => device)).toEqual([
      "raspberry-pi-4",
      "jetson-nano",
      "gpu-server",
    ]);
  });

  test("tells a person so", async () => {
    const { out, code } = await cli("verify", path("chain.onnx"), "--plan", path("plan.json"), "--level", "all");
    expect(code).toBe(0);
    expect(out).toContain("verdict");
    expect(out).toContain("chain.stage2.onnx");
    expect(out).toContain("level all");
  });

  test("ends with 1 where the segments give something else, as with chance", async () => {
    const net = new ModelBuilder({ name: "chance" });
    const size = net.node("Abs", [net.input("x", "float", [1, 64])], { name: "abs" });
    // The runtime seeds a node by its place in its model, which is another one in the segment.
    net.output(net.node("RandomNormalLike", [size], { name: "noise" }), "float", [1, 64]);
    writeFileSync(path("chance.onnx"), net.bytes());
    const stages = [
      { device: "raspberry-pi-4", ops: ["abs"] },
      { device: "gpu-server", ops: ["noise"] },
    ];
    writeFileSync(path("chance.json"), JSON.stringify({ stages }));
    const { code, out, error } = await cli("verify", path("chance.onnx"), "--plan", path("chance.json"), "--json");
    expect({ code, error }).toEqual({ code: 1, error: "" });
    expect(JSON.parse(out)).toMatchObject({
      verdict: "different",
      outputs: [{ bitEqual: false }],
      random: { name: "noise", opType: "RandomNormalLike" },
    });
    const told = await cli("verify", path("chance.onnx"), "--plan", path("chance.json"));
    expect(told.code).toBe(1);
    expect(told.out).toContain(
      'op "noise" (RandomNormalLike) draws random numbers, so that two runs of the same model differ and equality cannot',
    );
    expect(told.out).not.toContain("do NOT compute");
  });

  test("ends with 1 where what is sent cannot be held by its encoding", async () => {
    const net = new ModelBuilder({ name: "large" });
    const large = net.node("Mul", [net.input("x", "float", [1, 64]), net.floats("million", [1e6])], { name: "mul" });
    net.output(net.node("Add", [large, large], { name: "add", outputs: ["y"] }), "float", [1, 64]);
    writeFileSync(path("large.onnx"), net.bytes());
    expect((await cli("plan", path("large.onnx"), "--out", path("large.plan.json"))).code).toBe(0);
    const document = JSON.parse(readFileSync(path("large.plan.json"), "utf8"));
    const encoding = { ...document.encoding, input: "f16", cut: "f16" };
    const [first, second] = document.rig.devices;
    const stages = [
      { device: first.id, ops: [{ name: "mul", index: 0 }] },
      { device: second.id, ops: [{ name: "add", index: 1 }] },
    ];
    writeFileSync(path("large.plan.json"), JSON.stringify({ ...document, encoding, assignment: { stages } }));
    const { code, out, error } = await cli("verify", path("large.onnx"), "--plan", path("large.plan.json"));
    expect({ code, error }).toEqual({ code: 1, error: "" });
    expect(out).toContain('output "y" cannot be compared: float 16 cannot hold what is sent');
    expect(out).toContain("bit-equal: the segments compute the same bits");
  });

  test("bad input", async () => {
    const model = path("chain.onnx");
    expect(await cliSentence("verify", model)).toBe(
      '"splitscope verify" needs --plan FILE; see "splitscope verify --help".',
    );
    expect(await cliSentence("verify", model, "--plan", path("plan.json"), "--level", "most")).toContain("--level");
    expect(await cliSentence("verify", model, "--plan", path("no.json"))).toContain("expected a plan file");
    expect(await cliSentence("verify", model, "--plan", path("backward.json"))).toContain("whose output it reads");
  });
});

describe("plans that cannot be cut out", () => {
  const commands = (model: string, plan: string): readonly (readonly string[])[] => [
    ["verify", path(model), "--plan", path(plan)],
    exporting(model, "never", plan),
    ["run", path(model), "--plan", path(plan), "--local"],
  ];

  test("one of another model is refused by its SHA-256", async () => {
    const other = path("other.plan.json");
    writeFileSync(path("other.onnx"), chainModel(5));
    expect((await cli("plan", path("other.onnx"), "--out", other)).code).toBe(0);
    for (const args of commands("chain.onnx", "other.plan.json")) {
      expect(await cliSentence(...args)).toMatch(
        /^The plan was made for "other\.onnx" with SHA-256 [0-9a-f]{12}\.{3}; the model that is open has [0-9a-f]{12}\.{4}$/,
      );
    }
    expect(existsSync(path("never"))).toBe(false);
  });

  test("one of another model with as many ops is refused too", async () => {
    const net = new ModelBuilder({ name: "exps" });
    let last = net.input("x", "float", [1, 4]);
    for (let op = 0; op < 8; op++) last = net.node("Exp", [last], { name: `exp${op}`, outputs: [`e${op}`] });
    writeFileSync(path("exps.onnx"), net.output(last).bytes());
    expect((await cli("plan", path("exps.onnx"), "--out", path("exps.json"))).code).toBe(0);
    for (const args of commands("chain.onnx", "exps.json")) {
      expect(await cliSentence(...args)).toMatch(/^The plan was made for "exps\.onnx" with SHA-256 /);
    }
    expect(existsSync(path("never"))).toBe(false);
  });

  test("stages that wait for each other are refused by the op that they meet at", async () => {
    for (const args of commands("chain.onnx", "backward.json")) {
      expect(await cliSentence(...args)).toMatch(
        /^The plan runs op ".+" in stage 0, before op ".+" in stage 2, whose output it reads\.$/,
      );
    }
  });

  test("a cut through a sequence is refused by its name", async () => {
    const net = new ModelBuilder({ name: "parts" });
    const parts = net.node("SplitToSequence", [net.input("x", "float", [4, 2])], { name: "split", outputs: ["parts"] });
    const first = net.integers("first", [0], []);
    net.output(net.node("SequenceAt", [parts, first], { name: "take", outputs: ["y"] }), "float", null);
    writeFileSync(path("parts.onnx"), net.bytes());
    const stages = [
      { device: "raspberry-pi-4", ops: ["split"] },
      { device: "gpu-server", ops: ["take"] },
    ];
    writeFileSync(path("parts.json"), JSON.stringify({ stages }));
    for (const args of commands("parts.onnx", "parts.json")) {
      expect(await cliSentence(...args)).toMatch(
        /Tensor "parts" cannot be sent from (stage 0 to stage 1|device "raspberry-pi-4" to "gpu-server"): it is a sequence/,
      );
    }
  });
});

describe("export", () => {
  test("writes segments that say in a manifest what they are", async () => {
    const { manifest } = await cliJson(...exporting("chain.onnx", "out"));
    const names = readdirSync(path("out")).sort();
    expect(names).toEqual(["chain.stage0.onnx", "chain.stage1.onnx", "chain.stage2.onnx", "manifest.json", "run.py"]);
    expect(JSON.parse(readFileSync(path("out/manifest.json"), "utf8"))).toEqual(manifest);
    expect(manifest.model.sha256).toBe(createHash("sha256").update(chainModel(8)).digest("hex"));
    let ops = 0;
    for (const { file, bytes, sha256 } of manifest.stages) {
      const content = readFileSync(join(path("out"), file));
      expect(content.length).toBe(bytes);
      expect(createHash("sha256").update(content).digest("hex")).toBe(sha256);
      ops += (await cliJson("inspect", join(path("out"), file))).ops.length;
    }
    expect(ops).toBe(8);
    expect(manifest.transfers.map(({ tensors }: { tensors: string[] }) => tensors.length)).toEqual([1, 1]);
  });

  test("takes the file of external data along", async () => {
    const { manifest } = await cliJson(...exporting("external.onnx", "out-external"));
    expect(readFileSync(path("out-external/weights.bin"))).toEqual(readFileSync(path("weights.bin")));
    expect(manifest.externalFiles).toMatchObject([{ file: "weights.bin" }]);
    expect(manifest.stages[0].externalFiles).toEqual(["weights.bin"]);
    const report = await cliJson("inspect", path("out-external/external.stage1.onnx"));
    expect(report.ops).toHaveLength(2);
  });

  test("fills an empty folder, touches no other", async () => {
    mkdirSync(path("empty"));
    expect((await cli(...exporting("chain.onnx", "empty"))).code).toBe(0);
    expect(readdirSync(path("empty"))).toHaveLength(5);
    expect(await cliSentence(...exporting("chain.onnx", "empty"))).toContain("expected a new or empty one");
    expect(await cliSentence(...exporting("chain.onnx", "plan.json"))).toContain(
      "is a file; expected a new or empty folder",
    );
    expect(await cliSentence(...exporting("chain.onnx", "no/such"))).toContain("does not exist");
  });

  test("leaves nothing behind where it fails half way", async () => {
    // A name that the manifest of the set needs for itself.
    const { model, data } = withExternalData(chainModel(8), "manifest.json");
    writeFileSync(path("clash.onnx"), model);
    writeFileSync(path("manifest.json"), data);
    expect(await cliSentence(...exporting("clash.onnx", "half"))).toContain('would be called "manifest.json"');
    expect(existsSync(path("half"))).toBe(false);
    expect(readdirSync(folder).filter((name) => name.includes("partial"))).toEqual([]);
  });

  test("every format, with how to run it and what it leaves out", async () => {
    for (const { id, kind, suffix } of MODEL_EXPORTERS) {
      const out = `all${suffix}`;
      const args = exporting("chain.onnx", out).map((arg) => (arg === "segments" ? id : arg));
      const report = await cliJson(...args);
      expect(report).toMatchObject({ format: id, limits: expect.any(Array), howToRun: expect.any(String) });
      const written = kind === "folder" ? readdirSync(path(out), { recursive: true }) : [out];
      expect(written).toEqual(expect.arrayContaining(report.files.map((file: { path: string }) => file.path)));
    }
    const { out } = await cli(...exporting("chain.onnx", "told").map((arg) => (arg === "segments" ? "triton" : arg)));
    expect(out).toContain("tritonserver --model-repository=models-jetson-nano");
    expect(out).toContain("not expressed  Servers do not call each other");
  });

  test("bad input", async () => {
    const args = exporting("chain.onnx", "bad");
    expect(await cliSentence(...args.slice(0, 6))).toContain("needs --out PATH");
    expect(await cliSentence(...args.slice(0, 4))).toBe(
      '"splitscope export" needs --format plan|scenario|report|segments|triton|nnstreamer|autodice|pipeedge|onnxruntime-layers|openvino|op-table|model-explorer; see "splitscope export --help".',
    );
    expect(await cliSentence(...args.map((arg) => (arg === "segments" ? "zip" : arg)))).toMatch(
      /^--format is "zip"; expected "plan" or "scenario" or .* or "model-explorer"\.$/,
    );
    expect(await cliSentence(...exporting("chain.onnx", "bad", "backward.json"))).toContain("whose output it reads");
    rmSync(path("weights.bin"));
    expect(await cliSentence(...exporting("external.onnx", "bad"))).toContain(
      'in "weights.bin", which is not beside it',
    );
    expect(existsSync(path("bad"))).toBe(false);
  });
});
