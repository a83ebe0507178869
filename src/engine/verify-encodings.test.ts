import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema } from "onnx-buf";
import { describe, expect, test } from "vitest";
import { decodeModel } from "../core/onnx/decode.ts";
import type { ElementType } from "../core/onnx/model.ts";
import { segmentModels } from "../core/onnx/segments/segment-models.ts";
import { transferNames } from "../core/onnx/segments/transfers.ts";
import { bytesSource } from "../core/onnx/source.ts";
import type { Plan } from "../core/plan/plan.ts";
import type { Encoding, WireFormat } from "../core/plan/wire.ts";
import { tensorSizes } from "../core/plan/wire.ts";
import { unwrap } from "../core/result.ts";
import { ModelBuilder } from "../core/testing/model-builder.ts";
import { encodingCost, isFailure } from "../core/verification/outcome.ts";
import { largestDifference } from "../core/verification/verification.ts";
import { openModel } from "./open-model.ts";
import { segmentBytes } from "./segment-bytes.ts";
import { type VerifyRequest, verifyPlan } from "./verify.ts";

const as = (input: WireFormat, cut: WireFormat): Encoding => ({ input, cut, inputBytesOverride: null });
const plan = (...stageOf: number[]): Plan => ({
  stages: Array.from({ length: Math.max(...stageOf) + 1 }, (_, stage) => stage),
  stageOf: Int32Array.from(stageOf),
});

/** x -> a -> b -> y with skips: x is read twice, a three times; b is read and an output. The name "a.f16" is taken. */
function skips(type: ElementType = "float", opset = 13): Uint8Array {
  const net = new ModelBuilder({ name: "skips", opset });
  const x = net.input("x", type, [2, 50]);
  const a = net.node("Sigmoid", [x], { name: "first", outputs: ["a"] });
  const b = net.node("Add", [a, x], { name: "second", outputs: ["b"] });
  const c = net.node("Mul", [b, a], { name: "third", outputs: ["a.f16"] });
  const y = net.node("Sub", [c, a], { name: "fourth", outputs: ["y"] });
  return net.output(y, type, [2, 50]).output(b, type, [2, 50]).bytes();
}

async function open(bytes: Uint8Array, encoding: Encoding) {
  const source = bytesSource("net.onnx", bytes);
  const { graph, bindings } = unwrap(await openModel(source));
  const model = unwrap(decodeModel(source));
  const request: VerifyRequest = { model, source, others: [], bindings, encoding, level: "disabled", seed: 1 };
  return { request, graph, model, source };
}

describe("segments of a plan that sends tensors in another form", () => {
  test.each<[WireFormat, WireFormat, number]>([
    ["as-stored", "as-stored", 0],
    ["f16", "as-stored", 2e-3],
    ["as-stored", "f16", 2e-3],
    ["f16", "f16", 2e-3],
    ["u8", "as-stored", 2e-2],
    ["as-stored", "u8", 2e-2],
    ["u8", "f16", 2e-2],
    ["u8", "u8", 2e-2],
  ])("input %s, cut %s: as close as its rounding allows, and the bytes are those of the prediction", async (...row) => {
    const [input, cut, bound] = row;
    for (const stages of [plan(0, 1, 2, 3), plan(1, 1, 2, 2), plan(0, 0, 0, 1), plan(1, 2, 2, 3)]) {
      const encoding = as(input, cut);
      const { request, graph } = await open(skips(), encoding);
      const verification = unwrap(await verifyPlan(request, graph, stages));
      expect(verification.verdict).toBe("bit-equal");
      const difference = verification.encoded === null ? 0 : largestDifference(verification.encoded.outputs);
      expect(difference).toBeLessThanOrEqual(bound);
      // Something is rounded where anything that is no output is sent in another form.
      if (verification.encoded !== null) expect(difference).toBeGreaterThan(0);
      const { wireBytes } = tensorSizes(graph, encoding);
      const names = transferNames(graph, stages, unwrap(segmentModels(request.model, graph, stages)));
      for (const { from, bytes } of verification.transfers) {
        const counted = names[from]?.reduce((sum, name) => sum + (wireBytes[graph.tensorNames.indexOf(name)] ?? 0), 0);
        expect(bytes).toBe(counted);
      }
    }
  });

  test("an input that only later stages read is encoded by the first, which holds nothing else", async () => {
    const { model, graph } = await open(skips(), as("f16", "as-stored"));
    const segments = unwrap(segmentModels(model, graph, plan(1, 1, 2, 2), as("f16", "as-stored")));
    expect(segments.map(({ stage, inputs, outputs }) => ({ stage, inputs, outputs }))).toEqual([
      { stage: 0, inputs: ["x"], outputs: ["x.f16"] },
      { stage: 1, inputs: ["x.f16"], outputs: ["a", "b"] },
      { stage: 2, inputs: ["a", "b"], outputs: ["y"] },
    ]);
    expect(segments[0]?.proto.graph?.node.map(({ opType }) => opType)).toEqual(["Cast"]);
  });

  test("a name that the model uses is not taken; outputs of the model stay as they are", async () => {
    const { model, graph } = await open(skips(), as("as-stored", "f16"));
    const [first, second] = unwrap(segmentModels(model, graph, plan(0, 0, 1, 1), as("as-stored", "f16")));
    expect(first?.outputs).toEqual(["b", "a.f16_"]);
    expect(second?.inputs).toEqual(["b", "a.f16_"]);
  });

  test("halves and doubles become bytes by way of floats", async () => {
    for (const type of ["double", "float16"] as const) {
      const { request, graph } = await open(skips(type), as("u8", "u8"));
      const { encoded } = unwrap(await verifyPlan(request, graph, plan(0, 1, 2, 3)));
      expect(encoded === null ? 1 : largestDifference(encoded.outputs)).toBeLessThan(2e-2);
    }
    // A half is no wider than a half.
    const { request, graph } = await open(skips("float16"), as("f16", "f16"));
    expect(unwrap(await verifyPlan(request, graph, plan(0, 1, 2, 3))).encoded).toBeNull();
  });

  test("what the encoding costs is told of each output", async () => {
    const { request, graph } = await open(skips(), as("f16", "u8"));
    const verification = unwrap(await verifyPlan(request, graph, plan(0, 1, 2, 3)));
    expect(isFailure(verification)).toBe(false);
    expect(verification.encoded === null ? "" : encodingCost(verification.encoded)).toMatch(
      /^with inputs sent as float 16, cut tensors as 8 bit, outputs are off, relative to their largest value: "[yb]" by up to 0\.\d+ % and "[yb]" by up to 0\.\d+ %$/,
    );
  });

  test("an output that is infinite because of what is sent is a failure, though the cut is exact", async () => {
    const net = new ModelBuilder({ name: "large" });
    const large = net.node("Mul", [net.input("x", "float", [1, 64]), net.floats("million", [1e6])], { name: "mul" });
    net.output(net.node("Add", [large, large], { name: "add", outputs: ["y"] }), "float", [1, 64]);
    const { request, graph } = await open(net.bytes(), as("as-stored", "f16"));
    const verification = unwrap(await verifyPlan(request, graph, plan(0, 1)));
    expect(verification.verdict).toBe("bit-equal");
    expect(isFailure(verification)).toBe(true);
    expect(verification.encoded === null ? "" : encodingCost(verification.encoded)).toBe(
      'with inputs sent as the model has them, cut tensors as float 16, output "y" cannot be compared: float 16 cannot hold what is sent; send it as the model has it',
    );
  });

  test("a model whose version of ai.onnx lacks the ops is refused", async () => {
    const { model, graph } = await open(skips("float", 9), as("as-stored", "u8"));
    const refused = segmentModels(model, graph, plan(0, 0, 1, 1), as("as-stored", "u8"));
    expect(refused.ok ? "" : refused.error).toBe(
      'The plan sends cut tensors as "u8", for which a model needs version 11 of ai.onnx; this one has 9. Choose another form, or convert the model.',
    );
    expect(segmentModels(model, graph, plan(0, 0, 1, 1), as("as-stored", "f16")).ok).toBe(true);
  });
});

const PYTHON = "/usr/bin/python3";
function hasChecker(): boolean {
  try {
    execFileSync(PYTHON, ["-c", "import onnx"], { stdio: "ignore" });
    return true;
  } catch {
    console.log(`segments: not shown to onnx.checker, ${PYTHON} has no onnx`);
    return false;
  }
}

describe.skipIf(!hasChecker())("onnx.checker", () => {
  test("finds no fault with encoding segments, nor does strict inference of shapes", async () => {
    const folder = mkdtempSync(join(tmpdir(), "splitscope-checker-"));
    try {
      const files: string[] = [];
      for (const format of ["as-stored", "f16", "u8"] as const) {
        for (const type of ["float", "float16"] as const) {
          const { model, graph, source } = await open(skips(type), as(format, format));
          for (const segment of unwrap(segmentModels(model, graph, plan(1, 1, 2, 3), as(format, format)))) {
            const file = join(folder, `${type}.${format}.${segment.stage}.onnx`);
            const bytes = await segmentBytes(segment, source);
            expect(fromBinary(ModelProtoSchema, bytes).graph?.output).not.toEqual([]);
            writeFileSync(file, bytes);
            files.push(file);
          }
        }
      }
      const script =
        "import onnx,sys\nfor f in sys.argv[1:]:\n m=onnx.load(f); onnx.checker.check_model(m, True); onnx.shape_inference.infer_shapes(m, True, True)\nprint(len(sys.argv)-1)";
      expect(Number(execFileSync(PYTHON, ["-c", script, ...files], { encoding: "utf8" }))).toBe(files.length);
      console.log(`segments: ${files.length} pass onnx.checker and strict shape inference`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
