import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chainRig, deviceFromPreset } from "../core/rig/presets.ts";
import { writeRig } from "../core/rig/schema.ts";
import { ModelBuilder } from "../core/testing/model-builder.ts";
import { chainModel, randomModel } from "../core/testing/models.ts";
import { cli, cliJson, cliSentence } from "./testing/cli.ts";

let folder = "";
const path = (name: string) => join(folder, name);

/** Input "x" of [batch, length, 4] with both sizes open. */
function openModelBytes(): Uint8Array {
  const net = new ModelBuilder({ name: "open" });
  const x = net.input("x", "float", ["batch", "length", 4]);
  return net.output(net.node("Relu", [x], { name: "relu", outputs: ["y"] })).bytes();
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "splitscope-cli-"));
  writeFileSync(path("chain.onnx"), chainModel(8));
  writeFileSync(path("random.onnx"), randomModel(3, { ops: 12 }));
  writeFileSync(path("open.onnx"), openModelBytes());
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("inspect", () => {
  test("prints ops, tensors, cuts and totals of a chain", async () => {
    const report = await cliJson("inspect", path("chain.onnx"));
    expect(Object.keys(report)).toEqual(["model", "ops", "tensors", "modules", "bodies", "cuts", "totals"]);
    expect(report.model).toMatchObject({ name: "chain.onnx", opset: 17, irVersion: 8, dims: [] });
    expect(report.model.sha256).toBe(createHash("sha256").update(chainModel(8)).digest("hex"));
    expect(report.model.inputs).toEqual([{ name: "x", dtype: "float", shape: [1, 2, 6, 6] }]);
    expect(report.ops.map((op: { type: string }) => op.type)).toEqual([
      "Conv",
      "Relu",
      "Conv",
      "Relu",
      "Conv",
      "Relu",
      "Conv",
      "Tanh",
    ]);
    expect(report.totals.ops).toBe(8);
    expect(report.tensors).toHaveLength(9);
    // By hand: 1x1 convolutions of 2->2, 2->3, 3->4 and 4->5 channels over 36 places.
    expect(report.totals.macs).toBe(36 * (2 * 2 + 2 * 3 + 3 * 4 + 4 * 5));
    expect(report.tensors[0]).toEqual({ name: "x", dtype: "float", shape: [1, 2, 6, 6], bytes: 4 * 2 * 36 });
    expect(report.cuts).toHaveLength(7);
  });

  test("unknown dims are null, and a size binds them", async () => {
    const open = await cliJson("inspect", path("open.onnx"));
    expect(open.model.dims).toEqual([
      { name: "batch", input: "x", axis: 0, size: 1 },
      { name: "length", input: "x", axis: 1, size: null },
    ]);
    expect(open.tensors[0]).toMatchObject({ shape: [1, null, 4], bytes: null });
    const bound = await cliJson("inspect", path("open.onnx"), "--dim", "length=7", "--dim", "batch=2");
    expect(bound.tensors.map(({ shape }: { shape: unknown }) => shape)).toEqual([
      [2, 7, 4],
      [2, 7, 4],
    ]);
    expect(bound.tensors[1].bytes).toBe(2 * 7 * 4 * 4);
  });

  test("prints a table for a person", async () => {
    const { out, code } = await cli("inspect", path("open.onnx"));
    expect(code).toBe(0);
    expect(out).toContain("length = open (give it by --dim length=N)");
    expect(out).toContain("relu");
  });
});

describe("plan and predict", () => {
  for (const objective of ["latency", "period"] as const) {
    test(`${objective}: the printed plan is whole and its figures agree`, async () => {
      const report = await cliJson("plan", path("random.onnx"), "--objective", objective);
      const inspected = await cliJson("inspect", path("random.onnx"));
      expect(Object.keys(report)).toEqual([
        "objective",
        "value",
        "unit",
        "certificate",
        "order",
        "stages",
        "transfers",
        "prediction",
        "noSplit",
        "seconds",
      ]);
      expect(report.objective).toBe(objective);
      expect(report.value).toBe(report.prediction[`${objective}Seconds`]);
      expect(report.value).toBeGreaterThan(0);
      const planned = report.stages.flatMap((stage: { ops: string[] }) => stage.ops);
      expect(planned.sort()).toEqual(inspected.ops.map((op: { name: string }) => op.name).sort());
      expect(report.order).toEqual(report.stages.map((stage: { device: string }) => stage.device));
      expect(report.noSplit).toHaveLength(3);
      for (const alone of report.noSplit) {
        expect(report.value).toBeLessThanOrEqual(alone[`${objective}Seconds`] * (1 + 1e-9));
      }
      if (report.certificate.status === "optimal") {
        expect(report.certificate.bound).toBeGreaterThanOrEqual(report.value * (1 - 1e-6));
      }
    });
  }

  test("latency of a small model is proven optimal", async () => {
    const { certificate } = await cliJson("plan", path("chain.onnx"), "--objective", "latency");
    expect(certificate.status).toBe("optimal");
  });

  test("predict gives back the figures of a plan file and of a printed plan", async () => {
    const planned = await cliJson("plan", path("random.onnx"), "--out", path("plan.json"));
    writeFileSync(path("printed.json"), JSON.stringify(planned));
    for (const file of ["plan.json", "printed.json"]) {
      const predicted = await cliJson("predict", path("random.onnx"), "--plan", path(file));
      expect(predicted.prediction).toEqual(planned.prediction);
      expect(predicted.stages).toEqual(planned.stages);
      expect(predicted.transfers).toEqual(planned.transfers);
      expect(predicted.certificate.status).toBe("best-found");
    }
  });

  test("a rig of one device leaves everything there", async () => {
    const pi = deviceFromPreset("raspberry-pi-5");
    writeFileSync(path("rig.json"), writeRig(chainRig([pi], [])));
    const report = await cliJson("plan", path("chain.onnx"), "--rig", path("rig.json"));
    expect(report.order).toEqual([pi.id]);
    expect(report.value).toBe(report.noSplit[0].latencySeconds);
    expect(report.transfers).toEqual([]);
  });

  test("a profile replaces the estimates", async () => {
    const { ops } = await cliJson("inspect", path("chain.onnx"));
    const entries = ops.map(({ name }: { name: string }) => ({ nodes: [name], latency_us: { median: 1e6 } }));
    const profile = { format: "splitscope-profile", version: 1, provenance: { kind: "measured" }, entries };
    writeFileSync(path("slow.json"), JSON.stringify(profile));
    const pi = deviceFromPreset("raspberry-pi-5");
    writeFileSync(path("rig.json"), writeRig(chainRig([pi], [])));
    const args = ["plan", path("chain.onnx"), "--rig", path("rig.json"), "--profile", `${pi.id}=${path("slow.json")}`];
    const report = await cliJson(...args, "--out", path("slow.plan.json"));
    expect(report.prediction.devices[0].computeSeconds).toBeCloseTo(8 + pi.stageOverhead, 9);
    const predicted = await cliJson("predict", path("chain.onnx"), "--plan", path("slow.plan.json"));
    expect(predicted.prediction).toEqual(report.prediction);
  });

  test("prints stages, transfers and the unsplit figures for a person", async () => {
    const { out, code } = await cli("plan", path("chain.onnx"));
    expect(code).toBe(0);
    for (const part of ["certificate  optimal", "stage", "not split, on", "raspberry-pi-4"])
      expect(out).toContain(part);
  });
});

test("a device that must not run anything is no match for a split", async () => {
  const { out } = await cli("plan", path("chain.onnx"), "--forbid", "gpu-server");
  expect(out).toMatch(/gpu-server +[\d.,]+ \w+ +[\d.,]+ \w+ +not allowed/);
  expect(out).toContain("of the best single device");
  const all = await cli("plan", path("chain.onnx"), "--pin", "/block0=raspberry-pi-4", "--pin", "/Tanh=gpu-server");
  expect(all.out).toContain("no device can run the model alone");
});

describe("bad arguments", () => {
  test.each([
    [
      ["frobnicate"],
      '"frobnicate" is no command; expected "inspect", "profile", "plan", "study", "predict", "verify", "export", "serve", "run", "import-problem" or "--help".',
    ],
    [["inspect"], '"splitscope inspect" needs a model file; see "splitscope inspect --help".'],
    [["inspect", "a", "b"], '"splitscope inspect" takes one model file; "b" is one more.'],
    [["inspect", "a", "--frob"], 'Unknown option "--frob"; see "splitscope inspect --help".'],
    [["inspect", "a", "--rig", "r"], 'Unknown option "--rig"; see "splitscope inspect --help".'],
    [
      ["plan", "a", "--objective", "joy"],
      '--objective: The objective is "joy"; expected one of "latency", "period", "energy", "traffic", or weights of them such as "latency=1,energy=0.2".',
    ],
    [
      ["plan", "a", "--pin", "b"],
      '--pin is "b"; expected OP=DEVICE with the name of an op or module and the id of a device.',
    ],
    [["plan", "a", "--max-stages", "0"], '--max-stages is "0"; expected a whole number of at least 1.'],
    [["plan", "a", "--delivery", "mail"], '--delivery is "mail"; expected "relayed" or "direct".'],
    [["plan", "a", "--dim", "n"], '--dim is "n"; expected NAME=N.'],
    [["plan", "a", "--dim", "n=0"], '--dim gives "n" the size "0"; expected a whole number from 1 to 1000000.'],
    [["plan", "a", "--dim", "n=1", "--dim", "n=2"], '--dim gives "n" twice; expected it once.'],
    [
      ["plan", "a", "--profile", "p.json"],
      '--profile is "p.json"; expected DEVICE=FILE with the id of a device of the rig.',
    ],
    [
      ["predict", "a"],
      '"splitscope predict" needs one of --plan FILE, --cut TENSOR,... and --partition FIRST,LAST,...; see "splitscope predict --help".',
    ],
  ])("%j", async (args, expected) => {
    expect(await cliSentence(...args)).toBe(expected);
  });
});

describe("bad input", () => {
  const bad: readonly (readonly [string, string | Uint8Array])[] = [
    ["empty.onnx", ""],
    ["page.onnx", "<!DOCTYPE html><html><body>404</body></html>"],
    ["pointer.onnx", `version https://git-lfs.github.com/spec/v1\noid sha256:${"ab".repeat(32)}\nsize 1234\n`],
    ["truncated.onnx", chainModel(8).subarray(0, 500)],
    ["text.onnx", "hello"],
  ];
  for (const [name, content] of bad) {
    test(`${name} is one sentence that names the file`, async () => {
      writeFileSync(path(name), content);
      for (const command of [["inspect"], ["plan"]]) {
        expect(await cliSentence(...command, path(name), "--json")).toContain(`"${name}"`);
      }
    });
  }

  test("files that are missing or are folders", async () => {
    expect(await cliSentence("inspect", path("no.onnx"))).toBe(
      `"${path("no.onnx")}" does not exist; expected an ONNX file.`,
    );
    expect(await cliSentence("inspect", folder)).toBe(`"${folder}" is a folder; expected an ONNX file.`);
    expect(await cliSentence("plan", path("chain.onnx"), "--rig", path("no.json"))).toContain("expected a rig file");
    expect(await cliSentence("predict", path("chain.onnx"), "--plan", path("no.json"))).toContain(
      "expected a plan file",
    );
    expect(await cliSentence("plan", path("chain.onnx"), "--out", join(folder, "no/such/plan.json"))).toContain(
      "no/such",
    );
  });

  test("dims: open ones are named with the flag to give, unknown ones are refused", async () => {
    expect(await cliSentence("plan", path("open.onnx"))).toBe(
      '"open.onnx" leaves the dimension "length" open; give its size by --dim length=N.',
    );
    expect(await cliSentence("inspect", path("open.onnx"), "--dim", "width=3")).toContain('"width"');
    expect(await cliSentence("inspect", path("chain.onnx"), "--dim", "width=3")).toContain('"width"');
  });

  test("a profile for a device that the rig lacks, or of another model", async () => {
    writeFileSync(path("other.json"), "{}");
    expect(await cliSentence("plan", path("chain.onnx"), "--profile", `toaster=${path("other.json")}`)).toBe(
      '--profile names the device "toaster"; the rig has "raspberry-pi-4", "jetson-nano", "gpu-server".',
    );
    expect(await cliSentence("plan", path("chain.onnx"), "--profile", `jetson-nano=${path("other.json")}`)).toContain(
      "other.json",
    );
  });

  test("a plan of another model, a rig in place of a plan, a plan that is no JSON", async () => {
    await cliJson("plan", path("chain.onnx"), "--out", path("chain.plan.json"));
    expect(await cliSentence("predict", path("random.onnx"), "--plan", path("chain.plan.json"))).toContain(
      'The plan was made for "chain.onnx"',
    );
    writeFileSync(path("a.json"), "{");
    expect(await cliSentence("predict", path("chain.onnx"), "--plan", path("a.json"))).toContain(
      "a.json is not valid JSON",
    );
    writeFileSync(path("b.json"), '{"format":"splitscope-rig","version":1}');
    expect(await cliSentence("predict", path("chain.onnx"), "--plan", path("b.json"))).toContain(
      "This is not a plan file",
    );
    writeFileSync(path("c.json"), '{"stages":[{"device":"raspberry-pi-4","ops":[1]}]}');
    expect(await cliSentence("predict", path("chain.onnx"), "--plan", path("c.json"))).toContain(
      "stages[0].ops[0] is 1",
    );
  });
});

test("help and version", async () => {
  expect((await cli("--version")).out).toMatch(/^splitscope \d+\.\d+\.\d+\n$/);
  for (const args of [[], ["--help"], ["help"], ["help", "nonsense"]]) {
    expect((await cli(...args)).out).toContain("splitscope inspect MODEL");
  }
  expect((await cli("plan", "--help")).out).toContain("--objective");
  expect((await cli("help", "predict")).out).toContain("--plan FILE");
});
