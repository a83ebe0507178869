import { createHash } from "node:crypto";
import { fromBinary } from "@bufbuild/protobuf";
import { type GraphProto, ModelProtoSchema, type NodeProto } from "onnx-buf";
import { describe, expect, test } from "vitest";
import { SAMPLES } from "./catalogue.ts";
import { googLeNet } from "./googlenet.ts";
import { mobileNetV2 } from "./mobilenet-v2.ts";
import { resNet50 } from "./resnet50.ts";
import { layersForOps, transformer } from "./transformer.ts";
import { vgg16 } from "./vgg16.ts";

function graphOf(bytes: Uint8Array): GraphProto {
  const { graph } = fromBinary(ModelProtoSchema, bytes);
  if (graph === undefined) throw new Error("a model has a graph");
  return graph;
}

/** Whether a node makes a light weight: all that it reads is in the file. */
function weightMaker(graph: GraphProto): (node: NodeProto) => boolean {
  const initializers = new Set(graph.initializer.map(({ name }) => name));
  return ({ input }) => input.every((name) => initializers.has(name));
}

/** Number of nodes by type, constants left out. */
function histogram(bytes: Uint8Array): Record<string, number> {
  const graph = graphOf(bytes);
  const isWeight = weightMaker(graph);
  const counts = new Map<string, number>();
  for (const node of graph.node) {
    if (!isWeight(node)) counts.set(node.opType, (counts.get(node.opType) ?? 0) + 1);
  }
  return Object.fromEntries(counts);
}

const total = (counts: Record<string, number>) => Object.values(counts).reduce((sum, count) => sum + count, 0);

/** Elements of the float weights, scalars left out, and the output channels of all convolutions. */
function parametersOf(bytes: Uint8Array): { parameters: number; convChannels: number } {
  const graph = graphOf(bytes);
  const shapes = new Map(graph.initializer.map(({ name, dims }) => [name, dims.map(Number)]));
  const floats = new Set(
    graph.initializer.filter(({ dataType, dims }) => dataType === 1 && dims.length > 0).map(({ name }) => name),
  );
  for (const { input, output } of graph.node.filter(weightMaker(graph))) {
    const [rows = [], columns = []] = input.map((name) => shapes.get(name));
    const shape = rows.map((size, axis) => Math.max(size, columns[axis] ?? 1));
    for (const name of input) floats.delete(name);
    for (const name of output) {
      floats.add(name);
      shapes.set(name, shape);
    }
  }
  const sizeOf = (name: string) => (shapes.get(name) ?? []).reduce((product, size) => product * size, 1);
  const kernels = graph.node.filter(({ opType }) => opType === "Conv").map(({ input }) => shapes.get(input[1] ?? ""));
  return {
    parameters: [...floats].reduce((sum, name) => sum + sizeOf(name), 0),
    convChannels: kernels.reduce((sum, shape) => sum + (shape?.[0] ?? 0), 0),
  };
}

/** Trainable parameters in torchvision's table of weights. */
const TORCHVISION = [
  { name: "MobileNetV2", generate: mobileNetV2, ops: 100, parameters: 3_504_872 },
  { name: "GoogLeNet", generate: googLeNet, ops: 139, parameters: 6_624_904 },
  { name: "ResNet-50", generate: resNet50, ops: 122, parameters: 25_557_032 },
] as const;

describe.each(TORCHVISION)("$name", ({ generate, ops, parameters }) => {
  test("has the same graph with full and light weights, the exporter's number of ops, torchvision's parameters", () => {
    const histograms = (["full", "light"] as const).map((weights) => {
      const bytes = generate(weights);
      const found = parametersOf(bytes);
      // A folded BatchNormalization leaves one bias per channel of its two parameters.
      expect(found.parameters + found.convChannels).toBe(parameters);
      return histogram(bytes);
    });
    expect(histograms.map(total)).toEqual([ops, ops]);
    expect(histograms[0]).toEqual(histograms[1]);
  });
});

test("VGG-16 has torchvision's parameters; its full weights would be 553 MB", () => {
  expect(parametersOf(vgg16("light")).parameters).toBe(138_357_544);
  expect(histogram(vgg16("light"))).toEqual({ Conv: 13, Relu: 15, MaxPool: 5, Flatten: 1, Gemm: 3 });
});

test("ops by type", () => {
  expect(histogram(mobileNetV2("light"))).toEqual({
    Conv: 52,
    Clip: 35,
    Add: 10,
    GlobalAveragePool: 1,
    Flatten: 1,
    Gemm: 1,
  });
  expect(histogram(googLeNet("light"))).toEqual({
    Conv: 57,
    Relu: 57,
    MaxPool: 13,
    Concat: 9,
    GlobalAveragePool: 1,
    Flatten: 1,
    Gemm: 1,
  });
  expect(histogram(resNet50("light"))).toEqual({
    Conv: 53,
    Relu: 49,
    MaxPool: 1,
    Add: 16,
    GlobalAveragePool: 1,
    Flatten: 1,
    Gemm: 1,
  });
});

test("names tell the module tree as torch writes it", () => {
  const names = graphOf(resNet50("light")).node.map(({ name }) => name);
  expect(names).toContain("/layer1/layer1.0/conv1/Conv");
  expect(names).toContain("/layer1/layer1.0/relu/Relu_2");
  expect(names).toContain("/layer3/layer3.0/downsample/downsample.0/Conv");
  const weights = graphOf(mobileNetV2()).initializer.map(({ name }) => name);
  expect(weights).toContain("features.0.0.weight");
  expect(weights).toContain("features.2.conv.1.0.bias");
  expect(new Set(names).size).toBe(names.length);
});

describe("transformer", () => {
  const SMALL = { layers: 2, hidden: 64, heads: 4, vocabulary: 100, positions: 64 } as const;

  test("has the parameters of BERT-base without pooler", () => {
    const pooler = 768 * 768 + 768;
    expect(parametersOf(transformer()).parameters).toBe(109_482_240 - pooler);
  });

  test("ops by type, per layer and outside", () => {
    const one = histogram(transformer({ ...SMALL, layers: 1 }));
    const three = histogram(transformer({ ...SMALL, layers: 3 }));
    const perLayer = Object.fromEntries(
      Object.entries(three).map(([type, count]) => [type, (count - (one[type] ?? 0)) / 2]),
    );
    expect(perLayer).toMatchObject({ MatMul: 8, Add: 10, Reshape: 4, Transpose: 4, Softmax: 1, LayerNormalization: 2 });
    expect(perLayer).toMatchObject({ Div: 2, Erf: 1, Mul: 2, Gather: 0, Shape: 0, Slice: 0, Cast: 0 });
    expect(Object.values(perLayer).reduce((sum, count) => sum + count, 0)).toBe(34);
    expect(one).toMatchObject({ Gather: 4, Shape: 1, Slice: 1, Unsqueeze: 2, Cast: 1, Sub: 1 });
  });

  test("has the number of ops that is asked for, within half a layer", () => {
    for (const ops of [1000, 2500, 5000]) {
      const counts = histogram(transformer({ ...SMALL, layers: layersForOps(ops) }));
      expect(Math.abs(Object.values(counts).reduce((sum, count) => sum + count, 0) - ops)).toBeLessThanOrEqual(17);
    }
  });

  test("one mask tensor feeds every layer, and without mask none is there", () => {
    const graph = graphOf(transformer({ ...SMALL, layers: 5 }));
    const readers = graph.node.filter(({ input }) => input.includes("/Mul_output_0"));
    expect(readers.map(({ name }) => name)).toEqual(
      [0, 1, 2, 3, 4].map((layer) => `/encoder/layer.${layer}/attention/self/Add`),
    );
    const bare = graphOf(transformer({ ...SMALL, mask: false }));
    expect(bare.input.map(({ name }) => name)).toEqual(["input_ids", "token_type_ids"]);
  });

  test("a hidden size that the heads do not divide is a mistake", () => {
    expect(() => transformer({ hidden: 100, heads: 12 })).toThrow("100 is not a multiple of 12");
  });
});

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

describe("catalogue", () => {
  test("ids are unique, and each says whether its weights are real", () => {
    expect(new Set(SAMPLES.map(({ id }) => id)).size).toBe(SAMPLES.length);
    for (const { weights, source } of SAMPLES) {
      expect(weights).toBe(source.kind === "generated" ? "synthetic weights" : "real weights");
    }
  });

  test("the same call gives the same bytes, and these", () => {
    const digests: Record<string, string> = {};
    for (const { id, source } of SAMPLES) {
      if (source.kind !== "generated") continue;
      const digest = sha256(source.generate());
      expect(sha256(source.generate())).toBe(digest);
      digests[id] = digest.slice(0, 16);
    }
    expect(digests).toMatchInlineSnapshot(`
      {
        "googlenet": "c7742e4e93ba8e58",
        "mobilenet-v2": "a8bac36338f57843",
        "resnet50": "323980d823a94f32",
        "transformer": "1b065df5d7452084",
        "vgg16": "514d4cba3248e40f",
      }
    `);
  });
});
