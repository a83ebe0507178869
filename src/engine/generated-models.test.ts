import type { InferenceSession } from "onnxruntime-web";
import { describe, expect, test } from "vitest";
import { item } from "../core/columns.ts";
import { Layers } from "../core/testing/layers.ts";
import { ModelBuilder } from "../core/testing/model-builder.ts";
import { chainModel, randomModel } from "../core/testing/models.ts";
import { createRandom } from "../core/testing/random.ts";
import { googLeNet } from "../core/testing/samples/googlenet.ts";
import { mobileNetV2 } from "../core/testing/samples/mobilenet-v2.ts";
import { resNet50 } from "../core/testing/samples/resnet50.ts";
import { transformer } from "../core/testing/samples/transformer.ts";
import { loadOnnxRuntime } from "./onnxruntime.ts";

/** What ONNX Runtime says of the models that the model builder writes. */
const runtime = await loadOnnxRuntime();

async function withSession<T>(bytes: Uint8Array, use: (session: InferenceSession) => Promise<T>): Promise<T> {
  const session = await runtime.InferenceSession.create(bytes, {
    graphOptimizationLevel: "disabled",
    logSeverityLevel: 4,
  });
  try {
    return await use(session);
  } finally {
    await session.release();
  }
}

const floats = (values: readonly number[] | Float32Array, dims: readonly number[]) =>
  new runtime.Tensor("float32", Float32Array.from(values), dims);
const integers = (values: readonly number[], dims: readonly number[]) =>
  new runtime.Tensor("int64", BigInt64Array.from(values.map(BigInt)), dims);

/** Values and shape of the named output. */
async function answer(session: InferenceSession, feeds: InferenceSession.FeedsType, name: string) {
  const tensor = (await session.run(feeds))[name];
  if (tensor === undefined) throw new Error(`no output "${name}"`);
  return { dims: tensor.dims, values: Array.from(tensor.data, Number) };
}

const rms = (values: readonly number[]) =>
  Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);

describe.each([
  ["MobileNetV2", mobileNetV2],
  ["GoogLeNet", googLeNet],
  ["ResNet-50", resNet50],
] as const)("%s", (_, generate) => {
  test.each(["full", "light"] as const)(
    "runs with %s weights; its answer is neither huge nor nought and depends on the picture",
    async (weights) => {
      const answers = await withSession(generate(weights), async (session) => {
        const found: number[][] = [];
        for (const seed of [1, 2]) {
          const random = createRandom(seed);
          const picture = Float32Array.from({ length: 3 * 224 * 224 }, () => (random.next() - 0.5) * Math.sqrt(12));
          const { dims, values } = await answer(session, { input: floats(picture, [1, 3, 224, 224]) }, "output");
          expect(dims).toEqual([1, 1000]);
          found.push(values);
        }
        return found;
      });
      const [first = [], second = []] = answers;
      expect(rms(first)).toBeGreaterThan(0.03);
      expect(rms(first)).toBeLessThan(4);
      expect(rms(first.map((value, i) => value - item(second, i)))).toBeGreaterThan(1e-3 * rms(first));
      expect(new Set(first).size).toBeGreaterThan(900);
    },
  );
});

describe("transformer", () => {
  const SMALL = { layers: 2, hidden: 64, heads: 4, vocabulary: 100, positions: 64 } as const;

  test.each(["full", "light"] as const)(
    "runs with %s weights, any batch and sequence; masked tokens have no say",
    async (weights) => {
      await withSession(transformer({ ...SMALL, weights }), async (session) => {
        const run = (ids: readonly number[], mask: readonly number[]) => {
          const dims = [2, ids.length / 2];
          const feeds = {
            input_ids: integers(ids, dims),
            token_type_ids: integers(
              ids.map(() => 0),
              dims,
            ),
            attention_mask: integers(mask, dims),
          };
          return answer(session, feeds, "last_hidden_state");
        };
        const plain = await run([5, 6, 7, 8, 9, 10], [1, 1, 0, 1, 1, 1]);
        expect(plain.dims).toEqual([2, 3, 64]);
        expect(rms(plain.values)).toBeGreaterThan(0.5);
        expect(rms(plain.values)).toBeLessThan(2);
        const other = await run([5, 6, 77, 8, 9, 10], [1, 1, 0, 1, 1, 1]);
        expect(other.values.slice(0, 128)).toEqual(plain.values.slice(0, 128));
        expect(other.values.slice(128, 192)).not.toEqual(plain.values.slice(128, 192));
        const unmasked = await run([5, 6, 7, 8, 9, 10], [1, 1, 1, 1, 1, 1]);
        expect(unmasked.values.slice(0, 128)).not.toEqual(plain.values.slice(0, 128));
        expect((await run([1, 2], [1, 1])).dims).toEqual([2, 1, 64]);
      });
    },
  );
});

describe("small models", () => {
  const ramp = (size: number) => Float32Array.from({ length: size }, (_, i) => (2 * i) / size - 1);

  test("chainModel runs and its answer varies over the picture", async () => {
    for (const ops of [1, 2, 3, 10, 41]) {
      const feeds = { x: floats(ramp(72), [1, 2, 6, 6]) };
      const { values } = await withSession(chainModel(ops), (session) => answer(session, feeds, "y"));
      expect(values.every(Number.isFinite)).toBe(true);
      expect(new Set(values).size).toBeGreaterThan(1);
    }
  });

  test("25 random models run with outputs of order 1", async () => {
    for (let seed = 0; seed < 25; seed++) {
      await withSession(randomModel(seed, { ops: 20 }), async (session) => {
        const feeds = Object.fromEntries(session.inputNames.map((name) => [name, floats(ramp(144), [1, 4, 6, 6])]));
        const outputs = Object.values(await session.run(feeds));
        expect(outputs.length).toBeGreaterThan(0);
        for (const { data } of outputs)
          expect(Array.from(data, Number).every((value) => Math.abs(value) < 20)).toBe(true);
      });
    }
  });

  test.each(["full", "light"] as const)(
    "%s weights have the shape and deviation that is asked for",
    async (weights) => {
      const net = new ModelBuilder({ name: "net", weights });
      const x = net.input("x", "float", [1]);
      net.output(net.node("Add", [x, net.weight("w", [300, 20, 3, 3], 0.5)], { outputs: ["y"] }));
      const bytes = net.bytes();
      expect(bytes.length < 20_000).toBe(weights === "light");
      const { dims, values } = await withSession(bytes, (session) => answer(session, { x: floats([0], [1]) }, "y"));
      expect(dims).toEqual([300, 20, 3, 3]);
      expect(Math.abs(rms(values) - 0.5)).toBeLessThan(0.05);
    },
  );

  test("a body reads a tensor of the graph around it", async () => {
    const branch = (scale: number) => {
      const body = new ModelBuilder({ name: `times ${scale}` });
      const y = body.node("Mul", ["x", body.floats("scale", [scale], [])], { outputs: [`y${scale}`] });
      return { graph: body.output(y).graph() };
    };
    const net = new ModelBuilder({ name: "net" });
    net.input("x", "float", [2]);
    const condition = net.input("condition", "bool", []);
    const attributes = { then_branch: branch(2), else_branch: branch(3) };
    net.output(net.node("If", [condition], { attributes, outputs: ["y"] }), "float", [2]);
    await withSession(net.bytes(), async (session) => {
      const run = async (value: boolean) => {
        const feeds = { x: floats([1, 10], [2]), condition: new runtime.Tensor("bool", [value], []) };
        return (await answer(session, feeds, "y")).values;
      };
      expect(await run(true)).toEqual([2, 20]);
      expect(await run(false)).toEqual([3, 30]);
    });
  });

  test("layers: sizes follow through convolution, join, sum and pooling", async () => {
    const net = new ModelBuilder({ name: "net" });
    const layers = new Layers(net);
    const x = { name: net.input("x", "float", [1, 4, 8, 8]), size: 4 };
    const left = layers.relu6(layers.conv(x, 8, "/left", { kernel: 3, stride: 2 }), "/left");
    const right = layers.conv(layers.maxPool(x, "/pool", { kernel: 2, stride: 2 }), 8, "/right");
    const joined = layers.concat([left, layers.add(left, right, "/sum")], "/join");
    expect(joined.size).toBe(16);
    const grouped = layers.relu(layers.conv(joined, 16, "/grouped", { kernel: 5, groups: 4 }), "/grouped");
    const y = layers.classifier(grouped, 10, { pool: "/head", flatten: "/head", linear: "/fc" });
    const bytes = net.output(y.name).bytes();
    const feeds = { x: floats(ramp(256), [1, 4, 8, 8]) };
    const { dims, values } = await withSession(bytes, (session) => answer(session, feeds, "output"));
    expect(dims).toEqual([1, 10]);
    expect(values.every(Number.isFinite)).toBe(true);
  });
});
