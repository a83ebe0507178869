import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { type GraphProto, type ModelProto, ModelProtoSchema, ValueInfoProtoSchema } from "onnx-buf";
import { describe, expect, test } from "vitest";
import { item } from "../core/columns.ts";
import { bytesSource } from "../core/onnx/source.ts";
import { unwrap } from "../core/result.ts";
import { googLeNet } from "../core/testing/samples/googlenet.ts";
import { mobileNetV2 } from "../core/testing/samples/mobilenet-v2.ts";
import { resNet50 } from "../core/testing/samples/resnet50.ts";
import { transformer } from "../core/testing/samples/transformer.ts";
import { vgg16 } from "../core/testing/samples/vgg16.ts";
import { loadOnnxRuntime } from "./onnxruntime.ts";
import { openModel } from "./open-model.ts";

const product = (sizes: readonly number[]) => sizes.reduce((total, size) => total * size, 1);

function graphOf(model: ModelProto): GraphProto {
  if (model.graph === undefined) throw new Error("a model has a graph");
  return model.graph;
}

/** Multiply-accumulates by their definition, from the shapes that ONNX Runtime gives every tensor of the file. */
async function macsOf(bytes: Uint8Array, dimensions: ReadonlyMap<string, number> = new Map()): Promise<number> {
  const model = fromBinary(ModelProtoSchema, bytes);
  const graph = graphOf(model);
  for (const { type } of graph.input) {
    if (type?.value.case !== "tensorType") continue;
    for (const dim of type.value.value.shape?.dim ?? []) {
      if (dim.value.case !== "dimParam") continue;
      dim.value = { case: "dimValue", value: BigInt(dimensions.get(dim.value.value) ?? 0) };
    }
  }
  graph.output = graph.node.flatMap(({ output }) => output.map((name) => create(ValueInfoProtoSchema, { name })));
  const shapes = new Map<string, readonly number[]>();
  for (const { name, dims } of graph.initializer) shapes.set(name, dims.map(Number));
  const { InferenceSession } = await loadOnnxRuntime();
  const session = await InferenceSession.create(toBinary(ModelProtoSchema, model), {
    graphOptimizationLevel: "disabled",
    logSeverityLevel: 4,
  });
  for (const metadata of session.outputMetadata) {
    if (metadata.isTensor) shapes.set(metadata.name, metadata.shape.map(Number));
  }
  await session.release();
  const shape = (name: string | undefined) => {
    const sizes = shapes.get(name ?? "");
    if (sizes === undefined) throw new Error(`no shape for "${name}"`);
    return sizes;
  };
  let macs = 0;
  for (const { opType, input, output } of graph.node) {
    if (opType === "Conv") macs += product(shape(output[0])) * product(shape(input[1]).slice(1));
    if (opType === "Gemm" || opType === "MatMul") {
      macs += product(shape(output[0])) * item(shape(input[0]), shape(input[0]).length - 1);
    }
  }
  return macs;
}

/** Trainable parameters and GMACs in torchvision's table of weights. */
const TORCHVISION = [
  { name: "MobileNetV2", generate: mobileNetV2, ops: 100, parameters: 3_504_872, gmacs: 0.301 },
  { name: "GoogLeNet", generate: googLeNet, ops: 139, parameters: 6_624_904, gmacs: 1.498 },
  { name: "ResNet-50", generate: resNet50, ops: 122, parameters: 25_557_032, gmacs: 4.089 },
] as const;

describe.each(TORCHVISION)("$name", ({ generate, ops, parameters, gmacs }) => {
  test.each(["full", "light"] as const)(
    "opened with %s weights has the published ops, work and size",
    async (weights) => {
      const bytes = generate(weights);
      const macs = await macsOf(bytes);
      expect(Math.abs(macs / 1e9 / gmacs - 1)).toBeLessThan(0.002);
      const { totals, unresolved, warning } = unwrap(await openModel(bytesSource("sample.onnx", bytes)));
      expect({ unresolved, warning }).toEqual({ unresolved: [], warning: null });
      expect(totals.ops).toBe(ops);
      expect(totals.macs).toBe(macs);
      expect(totals.weightBytes).toBe(4 * totals.parameters);
      expect(Math.abs(totals.parameters / parameters - 1)).toBeLessThan(0.006);
    },
  );
});

test("VGG-16 has torchvision's ops, work and size", async () => {
  const bytes = vgg16("light");
  const macs = await macsOf(bytes);
  expect(Math.abs(macs / 1e9 / 15.47 - 1)).toBeLessThan(0.002);
  const { totals, unresolved, warning } = unwrap(await openModel(bytesSource("sample.onnx", bytes)));
  expect({ unresolved, warning }).toEqual({ unresolved: [], warning: null });
  expect(totals).toMatchObject({ ops: 37, macs, parameters: 138_357_544, weightBytes: 4 * 138_357_544 });
});

test("the transformer has BERT-base's figures for 128 tokens", async () => {
  const bindings = new Map([
    ["batch", 1],
    ["sequence", 128],
  ]);
  const macs = await macsOf(transformer(), bindings);
  // 22.5 GFLOPs at two per multiply-accumulate: Sun et al., "MobileBERT", 2020, table 4.
  expect(Math.abs(macs / (22.5e9 / 2) - 1)).toBeLessThan(0.01);
  const opened = unwrap(await openModel(bytesSource("transformer.onnx", transformer()), { bindings }));
  expect(opened.unresolved).toEqual([]);
  expect(opened.totals.ops).toBe(422);
  expect(opened.totals.macs).toBe(macs);
  expect(Math.abs(opened.totals.parameters / 108_891_648 - 1)).toBeLessThan(1e-6);
  expect(opened.openDimensions.map(({ name }) => name).sort()).toEqual(["batch", "sequence"]);
});
