import { createHash } from "node:crypto";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { type GraphProto, type ModelProto, ModelProtoSchema, type NodeProto, ValueInfoProtoSchema } from "onnx-buf";
import { InferenceSession, Tensor } from "onnxruntime-web";
import { describe, expect, test } from "vitest";
import { item } from "../../columns.ts";
import { createRandom } from "../random.ts";
import { SAMPLES } from "./catalogue.ts";
import { googLeNet } from "./googlenet.ts";
import { mobileNetV2 } from "./mobilenet-v2.ts";
import { resNet50 } from "./resnet50.ts";
import { layersForOps, transformer } from "./transformer.ts";

function graphOf(model: ModelProto): GraphProto {
  if (model.graph === undefined) throw new Error("a model has a graph");
  return model.graph;
}

const decode = (bytes: Uint8Array) => fromBinary(ModelProtoSchema, bytes);

/** Whether a node makes a light weight: all that it reads is in the file. */
function weightMaker(graph: GraphProto): (node: NodeProto) => boolean {
  const initializers = new Set(graph.initializer.map(({ name }) => name));
  return ({ input }) => input.every((name) => initializers.has(name));
}

/** Number of nodes by type, constants left out. */
function histogram(bytes: Uint8Array): Record<string, number> {
  const graph = graphOf(decode(bytes));
  const isWeight = weightMaker(graph);
  const counts = new Map<string, number>();
  for (const node of graph.node) {
    if (!isWeight(node)) counts.set(node.opType, (counts.get(node.opType) ?? 0) + 1);
  }
  return Object.fromEntries(counts);
}

/** Shapes of all tensors and constants: ONNX Runtime's for what nodes write, the file's for initializers. */
async function shapesOf(bytes: Uint8Array, dims: ReadonlyMap<string, number>): Promise<Map<string, readonly number[]>> {
  const model = decode(bytes);
  const graph = graphOf(model);
  for (const { type } of graph.input) {
    if (type?.value.case !== "tensorType") continue;
    for (const dim of type.value.value.shape?.dim ?? []) {
      if (dim.value.case !== "dimParam") continue;
      dim.value = { case: "dimValue", value: BigInt(dims.get(dim.value.value) ?? 0) };
    }
  }
  graph.output = graph.node.flatMap(({ output }) => output.map((name) => create(ValueInfoProtoSchema, { name })));
  const session = await InferenceSession.create(toBinary(ModelProtoSchema, model), {
    graphOptimizationLevel: "disabled",
    logSeverityLevel: 4,
  });
  const shapes = new Map<string, readonly number[]>();
  for (const metadata of session.outputMetadata)
    if (metadata.isTensor) shapes.set(metadata.name, metadata.shape.map(Number));
  await session.release();
  for (const { name, dims: sizes } of graph.initializer) shapes.set(name, sizes.map(Number));
  return shapes;
}

const product = (sizes: readonly number[]) => sizes.reduce((total, size) => total * size, 1);

/** Parameters and multiply-accumulates by their definitions. */
async function work(bytes: Uint8Array, dims: ReadonlyMap<string, number> = new Map()) {
  const shapes = await shapesOf(bytes, dims);
  const shape = (name: string | undefined) => {
    const sizes = shapes.get(name ?? "");
    if (sizes === undefined) throw new Error(`no shape for "${name}"`);
    return sizes;
  };
  const graph = graphOf(decode(bytes));
  const made = graph.node.filter(weightMaker(graph));
  const parts = new Set(made.flatMap(({ input }) => input));
  const written = graph.initializer.filter(({ dataType, dims: sizes }) => dataType === 1 && sizes.length > 0);
  const constants = [...written.map(({ name }) => name), ...made.flatMap(({ output }) => output)];
  let macs = 0;
  for (const { opType, input, output } of graph.node) {
    if (opType === "Conv") macs += product(shape(output[0])) * product(shape(input[1]).slice(1));
    if (opType === "Gemm" || opType === "MatMul")
      macs += product(shape(output[0])) * item(shape(input[0]), shape(input[0]).length - 1);
  }
  const convolved = graph.node.filter(({ opType }) => opType === "Conv").map(({ output }) => item(shape(output[0]), 1));
  const parameters = constants.reduce((sum, name) => sum + (parts.has(name) ? 0 : product(shape(name))), 0);
  return { macs, parameters, convChannels: convolved.reduce((sum, channels) => sum + channels, 0) };
}

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** Parameters (BatchNormalization apart) and GMACs in torchvision's table of weights. */
const TORCHVISION = [
  { name: "MobileNetV2", generate: mobileNetV2, ops: 100, parameters: 3_504_872, gmacs: 0.301 },
  { name: "GoogLeNet", generate: googLeNet, ops: 139, parameters: 6_624_904, gmacs: 1.498 },
  { name: "ResNet-50", generate: resNet50, ops: 122, parameters: 25_557_032, gmacs: 4.089 },
] as const;

describe.each(TORCHVISION)("$name", ({ generate, ops, parameters, gmacs }) => {
  test("has torchvision's parameters and multiply-accumulates", async () => {
    const found = await work(generate("light"));
    // A folded BatchNormalization leaves one bias per channel of its two parameters.
    expect(found.parameters + found.convChannels).toBe(parameters);
    expect(Math.abs(found.macs / 1e9 / gmacs - 1)).toBeLessThan(0.002);
  });

  test("has the same graph with full and light weights, and the exporter's number of ops", () => {
    const light = histogram(generate("light"));
    expect(histogram(generate("full"))).toEqual(light);
    expect(Object.values(light).reduce((sum, count) => sum + count, 0)).toBe(ops);
  });

  test.each(["full", "light"] as const)(
    "runs with %s weights; its answer is neither huge nor nought and depends on the picture",
    async (weights) => {
      const session = await InferenceSession.create(generate(weights), { logSeverityLevel: 4 });
      const answers: number[][] = [];
      for (const seed of [1, 2]) {
        const random = createRandom(seed);
        const picture = Float32Array.from({ length: 3 * 224 * 224 }, () => (random.next() - 0.5) * Math.sqrt(12));
        const { output } = await session.run({ input: new Tensor("float32", picture, [1, 3, 224, 224]) });
        if (output === undefined) throw new Error("no output");
        expect(output.dims).toEqual([1, 1000]);
        answers.push(Array.from(output.data, Number));
      }
      await session.release();
      const [first = [], second = []] = answers;
      const rms = (values: readonly number[]) =>
        Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / 1000);
      const change = rms(first.map((value, i) => value - item(second, i)));
      expect(rms(first)).toBeGreaterThan(0.03);
      expect(rms(first)).toBeLessThan(4);
      expect(change).toBeGreaterThan(1e-3 * rms(first));
      expect(new Set(first).size).toBeGreaterThan(900);
    },
  );
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
  const names = graphOf(decode(resNet50("light"))).node.map(({ name }) => name);
  expect(names).toContain("/layer1/layer1.0/conv1/Conv");
  expect(names).toContain("/layer1/layer1.0/relu/Relu_2");
  expect(names).toContain("/layer3/layer3.0/downsample/downsample.0/Conv");
  const weights = graphOf(decode(mobileNetV2())).initializer.map(({ name }) => name);
  expect(weights).toContain("features.0.0.weight");
  expect(weights).toContain("features.2.conv.1.0.bias");
  expect(new Set(names).size).toBe(names.length);
});

describe("transformer", () => {
  const SMALL = { layers: 2, hidden: 64, heads: 4, vocabulary: 100, positions: 64 } as const;

  test("has the parameters of BERT-base without pooler and its multiply-accumulates for 128 tokens", async () => {
    const found = await work(
      transformer(),
      new Map([
        ["batch", 1],
        ["sequence", 128],
      ]),
    );
    const pooler = 768 * 768 + 768;
    expect(found.parameters).toBe(109_482_240 - pooler);
    // 22.5 GFLOPs at two per multiply-accumulate: Sun et al., "MobileBERT", 2020, table 4.
    expect(Math.abs(found.macs / (22.5e9 / 2) - 1)).toBeLessThan(0.01);
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
    const graph = graphOf(decode(transformer({ ...SMALL, layers: 5 })));
    const readers = graph.node.filter(({ input }) => input.includes("/Mul_output_0"));
    expect(readers.map(({ name }) => name)).toEqual(
      [0, 1, 2, 3, 4].map((layer) => `/encoder/layer.${layer}/attention/self/Add`),
    );
    const bare = graphOf(decode(transformer({ ...SMALL, mask: false })));
    expect(bare.input.map(({ name }) => name)).toEqual(["input_ids", "token_type_ids"]);
  });

  test.each(["full", "light"] as const)(
    "runs with %s weights, any batch and sequence; masked tokens have no say",
    async (weights) => {
      const session = await InferenceSession.create(transformer({ ...SMALL, weights }), { logSeverityLevel: 4 });
      const integers = (values: readonly number[]) =>
        new Tensor("int64", BigInt64Array.from(values.map(BigInt)), [2, values.length / 2]);
      const run = async (ids: readonly number[], mask: readonly number[]) => {
        const feeds = {
          input_ids: integers(ids),
          token_type_ids: integers(ids.map(() => 0)),
          attention_mask: integers(mask),
        };
        const { last_hidden_state: state } = await session.run(feeds);
        if (state === undefined) throw new Error("no output");
        return { dims: state.dims, values: Array.from(state.data, Number) };
      };
      const plain = await run([5, 6, 7, 8, 9, 10], [1, 1, 0, 1, 1, 1]);
      expect(plain.dims).toEqual([2, 3, 64]);
      const rms = Math.sqrt(plain.values.reduce((sum, value) => sum + value * value, 0) / plain.values.length);
      expect(rms).toBeGreaterThan(0.5);
      expect(rms).toBeLessThan(2);
      const other = await run([5, 6, 77, 8, 9, 10], [1, 1, 0, 1, 1, 1]);
      expect(other.values.slice(0, 128)).toEqual(plain.values.slice(0, 128));
      expect(other.values.slice(128, 192)).not.toEqual(plain.values.slice(128, 192));
      await session.release();
    },
  );

  test("a hidden size that the heads do not divide is a mistake", () => {
    expect(() => transformer({ hidden: 100, heads: 12 })).toThrow("100 is not a multiple of 12");
  });
});

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
      }
    `);
  });
});
