import { create, toBinary } from "@bufbuild/protobuf";
import { FunctionProtoSchema, ModelProtoSchema, TensorProtoSchema } from "onnx-buf";
import { describe, expect, test } from "vitest";
import { decodeModel } from "../core/onnx/decode.ts";
import { segmentModels } from "../core/onnx/segments/segment-models.ts";
import { bytesSource } from "../core/onnx/source.ts";
import type { Plan } from "../core/plan/plan.ts";
import { unwrap } from "../core/result.ts";
import { ModelBuilder } from "../core/testing/model-builder.ts";
import { chainModel, randomModel } from "../core/testing/models.ts";
import { floatTensor } from "../core/testing/onnx-messages.ts";
import { createRandom } from "../core/testing/random.ts";
import { randomPlan } from "../core/testing/random-plan.ts";
import { mobileNetV2 } from "../core/testing/samples/mobilenet-v2.ts";
import { transformer } from "../core/testing/samples/transformer.ts";
import { randomOpBehind } from "../core/verification/random-ops.ts";
import { openModel } from "./open-model.ts";
import { runWhole, type VerifyRequest, verifyPlan, verifySegments } from "./verify.ts";

const planOf = (stageOf: readonly number[]): Plan => ({
  stages: Array.from({ length: Math.max(...stageOf) + 1 }, (_, stage) => stage),
  stageOf: Int32Array.from(stageOf),
});

async function open(bytes: Uint8Array, level: VerifyRequest["level"] = "disabled", dims: object = {}) {
  const source = bytesSource("net.onnx", bytes);
  const bindings = new Map<string, number>(Object.entries(dims));
  const opened = unwrap(await openModel(source, { bindings }));
  const request: VerifyRequest = {
    model: unwrap(decodeModel(source)),
    source,
    others: [],
    bindings: opened.bindings,
    level,
    seed: 1,
  };
  return { request, graph: opened.graph };
}

describe("segments of generated models compute what the whole computes", () => {
  const SMALL = { layers: 2, hidden: 64, heads: 4, vocabulary: 100, positions: 64 } as const;
  const MODELS: readonly (readonly [string, Uint8Array, object])[] = [
    ["a chain", chainModel(13), {}],
    ...[0, 1, 2, 3, 4, 5].map((seed) => [`random model ${seed}`, randomModel(seed, { ops: 25 }), {}] as const),
    ["a transformer", transformer({ ...SMALL, weights: "full" }), { batch: 2, sequence: 7 }],
    ["MobileNetV2 with computed weights", mobileNetV2("light"), {}],
  ];
  let plans = 0;

  test.each(MODELS)("%s", async (_, bytes, dims) => {
    const { request, graph } = await open(bytes, "disabled", dims);
    const whole = unwrap(await runWhole(request));
    const random = createRandom(7);
    for (const stages of [2, 3, 4]) {
      const plan = randomPlan(graph, stages, random);
      if (plan === null) throw new Error("these models have more than 4 ops");
      const segments = unwrap(segmentModels(request.model, graph, plan));
      const { verdict, outputs } = unwrap(await verifySegments(request, whole, segments));
      expect({ stages, verdict }).toEqual({ stages, verdict: "bit-equal" });
      expect(outputs.map(({ name }) => name)).toEqual([...whole.outputs.keys()]);
      plans++;
    }
  });

  test("were all tried", () => {
    console.log(`segments: ${MODELS.length} generated models, ${plans} plans bit-equal`);
    expect(plans).toBe(3 * MODELS.length);
  });
});

/**
 * Captures of bodies, a payload in a body and in a function, a constant that four stages need, outputs that are read
 * too, that are an input, that are constant.
 */
function peculiarModel(): Uint8Array {
  const values = (seed: number) => Float32Array.from({ length: 600 }, (_, i) => Math.sin(i + seed));
  const then = new ModelBuilder({ name: "then" });
  then.output(then.node("Add", ["a", then.initializer(floatTensor("inner", [600], values(1)))], { outputs: ["t"] }));
  const other = new ModelBuilder({ name: "other" });
  other.output(other.node("Mul", ["a", "shared"], { outputs: ["o"] }));
  const net = new ModelBuilder({ name: "peculiar", domains: new Map([["local", 1]]) });
  const x = net.input("x", "float", [600]);
  const flag = net.input("flag", "bool", []);
  const value = { tensor: floatTensor("", [600], values(2)) };
  const big = net.node("Constant", [], { attributes: { value }, outputs: ["big"] });
  const shared = net.node("Neg", [big], { outputs: ["shared"] });
  const a = net.node("Add", [x, shared], { outputs: ["a"] });
  const branches = { then_branch: { graph: then.graph() }, else_branch: { graph: other.graph() } };
  const b = net.node("If", [flag], { attributes: branches, outputs: ["b"] });
  const c = net.node("Scale", [b], { domain: "local", outputs: ["c"] });
  const y = net.node("Sub", [c, shared], { outputs: ["y"] });
  for (const name of [y, a, x, shared]) net.output(name, "float", [600]);
  const model = net.model();
  const scale = new ModelBuilder({ name: "scale" });
  const factor = scale.node("Constant", [], { attributes: { value: { tensor: floatTensor("", [600], values(3)) } } });
  scale.node("Mul", ["in", factor], { outputs: ["out"] });
  model.functions = [
    create(FunctionProtoSchema, {
      name: "Scale",
      domain: "local",
      input: ["in"],
      output: ["out"],
      opsetImport: model.opsetImport,
      node: scale.graph().node,
    }),
  ];
  return toBinary(ModelProtoSchema, model);
}

describe("peculiar models", () => {
  test.each([[[0, 0, 0, 0]], [[0, 1, 1, 1]], [[0, 1, 2, 3]], [[1, 1, 2, 2]], [[0, 0, 1, 1]], [[0, 0, 0, 1]]])(
    "bodies, functions, constants and outputs in stages %j",
    async (stages) => {
      const { request, graph } = await open(peculiarModel());
      expect(graph.opCount).toBe(4);
      const { verdict, outputs } = unwrap(await verifyPlan(request, graph, planOf(stages)));
      expect(verdict).toBe("bit-equal");
      expect(outputs.map(({ name }) => name)).toEqual(["y", "a", "x", "shared"]);
    },
  );
});

describe("the verdict", () => {
  test("is different where a weight of the segments is another one, with figures", async () => {
    const bytes = chainModel(12);
    const { request, graph } = await open(bytes);
    const whole = unwrap(await runWhole(request));
    const segments = unwrap(
      segmentModels(request.model, graph, planOf(Array.from({ length: 12 }, (_, op) => op >> 3))),
    );
    const node = segments[0]?.proto.graph?.initializer[0];
    if (node === undefined) throw new Error("the first stage holds a weight");
    node.rawData = node.rawData.map((byte, i) => (i % 4 === 3 ? byte ^ 0x80 : byte));
    const { verdict, outputs } = unwrap(await verifySegments(request, whole, segments));
    expect(verdict).toBe("different");
    expect(outputs[0]?.maxRelative).toBeGreaterThan(1e-3);
    expect(outputs[0]?.bitEqual).toBe(false);
  });

  test("at other levels allows rounding; stages have times and sizes", async () => {
    const { request, graph } = await open(mobileNetV2("light"), "all");
    const steps: string[] = [];
    const half = Array.from({ length: graph.opCount }, (_, op) => (op < graph.opCount / 2 ? 0 : 1));
    const onStep = (text: string) => steps.push(text);
    const verification = unwrap(await verifyPlan({ ...request, onStep }, graph, planOf(half)));
    expect(["bit-equal", "close"]).toContain(verification.verdict);
    expect(verification.tolerance).toBe(1e-5);
    expect(verification.runtime).toMatch(/^onnxruntime-web \d+\.\d+\.\d+ WASM$/);
    expect(steps).toEqual(["Running net.onnx", "Running net.stage0.onnx", "Running net.stage1.onnx"]);
    for (const { bytes, loadSeconds, runSeconds } of verification.stages) {
      expect(bytes).toBeGreaterThan(1000);
      expect(loadSeconds).toBeGreaterThan(0);
      expect(runSeconds).toBeGreaterThan(0);
    }
  });

  test("names the op that draws random numbers, but only where all that differs comes from it", async () => {
    const bernoulli = (seeded: boolean) => {
      const net = new ModelBuilder({ name: "chance", opset: 15 });
      const x = net.node("Sigmoid", [net.input("x", "float", [1, 64])], { name: "first" });
      const attributes = seeded ? { attributes: { seed: { float: 3 } } } : {};
      net.output(net.node("Bernoulli", [x], { name: "coin", outputs: ["y"], ...attributes }), "float", [1, 64]);
      return net.output(net.node("Neg", [x], { name: "neg", outputs: ["z"] }), "float", [1, 64]).bytes();
    };
    const model = unwrap(decodeModel(bytesSource("net.onnx", bernoulli(false))));
    expect(randomOpBehind(model, ["y"])).toEqual({ name: "coin", opType: "Bernoulli" });
    expect(randomOpBehind(model, ["y", "z"])).toBeNull();
    expect(randomOpBehind(model, [])).toBeNull();
    const seeded = unwrap(decodeModel(bytesSource("net.onnx", bernoulli(true))));
    expect(randomOpBehind(seeded, ["y"])).toBeNull();

    const { request, graph } = await open(bernoulli(false));
    const { verdict, random } = unwrap(await verifyPlan(request, graph, planOf([0, 1, 1])));
    expect({ verdict, random }).toEqual({ verdict: "different", random: { name: "coin", opType: "Bernoulli" } });
  });

  test.each([
    [1, { name: "drop", opType: "Dropout" }],
    [0, null],
  ])("a Dropout draws where it trains (%i), also in the body of an If", (trains, expected) => {
    const body = new ModelBuilder({ name: "body", opset: 13 });
    const train = body.initializer(create(TensorProtoSchema, { name: "train", dataType: 9, int32Data: [trains] }));
    body.output(body.node("Dropout", ["x", "", train], { name: "drop", outputs: ["out"] }), "float", [4]);
    const net = new ModelBuilder({ name: "dropping", opset: 13 });
    net.input("x", "float", [4]);
    const branches = { then_branch: { graph: body.graph() }, else_branch: { graph: body.graph() } };
    net.output(net.node("If", [net.input("c", "bool", [])], { name: "if", attributes: branches }), "float", [4]);
    const model = unwrap(decodeModel(bytesSource("net.onnx", net.bytes())));
    expect(randomOpBehind(model, [model.proto.graph?.output[0]?.name ?? ""])).toEqual(expected);
  });

  test("is a sentence where the runtime knows no op", async () => {
    const net = new ModelBuilder({ name: "unknown", domains: new Map([["nobody", 1]]) });
    const x = net.input("x", "float", [4]);
    const z = net.node("Strange", [net.node("Relu", [x])], { domain: "nobody" });
    const { request, graph } = await open(net.output(z, "float", [4]).bytes());
    const verified = await verifyPlan(request, graph, planOf([0, 0]));
    expect(verified.ok ? "" : verified.error).toBe(
      '"net.onnx": ONNX Runtime refuses the model: it does not know this op.',
    );
  });
});
