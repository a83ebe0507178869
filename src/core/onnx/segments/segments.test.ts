import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { type ModelProto, ModelProtoSchema, TensorAnnotationSchema } from "onnx-buf";
import { describe, expect, test } from "vitest";
import { buildGraph } from "../../graph/build.ts";
import type { Graph } from "../../graph/graph.ts";
import type { Plan } from "../../plan/plan.ts";
import { unwrap } from "../../result.ts";
import { gathered } from "../../testing/gathered.ts";
import { ModelBuilder } from "../../testing/model-builder.ts";
import { chainModel, randomModel } from "../../testing/models.ts";
import { createRandom } from "../../testing/random.ts";
import { randomPlan } from "../../testing/random-plan.ts";
import { decodeModel } from "../decode.ts";
import type { Model } from "../model.ts";
import { type ByteSource, bytesSource } from "../source.ts";
import { declaredTypes } from "../types.ts";
import { segmentManifest } from "./manifest.ts";
import { type Segment, segmentModels } from "./segment-models.ts";
import { writeSegment } from "./write-segment.ts";

interface Opened {
  readonly source: ByteSource;
  readonly model: Model;
  readonly graph: Graph;
}

function open(bytes: Uint8Array, name = "net.onnx"): Opened {
  const source = bytesSource(name, bytes);
  const model = unwrap(decodeModel(source));
  // All tensors of these models are floats; what is not declared gets a type without a shape.
  const types = new Map(declaredTypes(model));
  for (const { output } of model.proto.graph?.node ?? []) {
    for (const tensor of output) {
      if (!types.has(tensor)) types.set(tensor, { kind: "tensor", elementType: "float", shape: null });
    }
  }
  return { source, model, graph: unwrap(buildGraph(model, types)) };
}

const planOf = (stageOf: readonly number[]): Plan => ({
  stages: Array.from({ length: Math.max(...stageOf) + 1 }, (_, stage) => stage),
  stageOf: Int32Array.from(stageOf),
});

const split = ({ model, graph }: Opened, stageOf: readonly number[]) =>
  unwrap(segmentModels(model, graph, planOf(stageOf)));

function refusal({ model, graph }: Opened, plan: Plan): string {
  const segments = segmentModels(model, graph, plan);
  return segments.ok ? "" : segments.error;
}

async function fileOf(segment: Segment, source: ByteSource): Promise<Uint8Array> {
  const { byteLength, chunks } = writeSegment(segment, source);
  const bytes = await gathered(chunks);
  expect(bytes).toHaveLength(byteLength);
  return bytes;
}

const reread = async (segment: Segment, source: ByteSource): Promise<ModelProto> =>
  fromBinary(ModelProtoSchema, await fileOf(segment, source));

/** What a message is, whatever the order of its fields in the file was. */
const canonical = (proto: ModelProto) => toBinary(ModelProtoSchema, proto);

/** x -> a -> b -> y with a skip from a to y, weights w (read twice) and v. */
function skipNet(): Uint8Array {
  const net = new ModelBuilder({ name: "skip" });
  const x = net.input("x", "float", ["batch", 600]);
  const w = net.vector("w", [600], 0, 1);
  const a = net.node("Mul", [x, w], { name: "first", outputs: ["a"] });
  const b = net.node("Add", [a, net.vector("v", [600], 0, 1)], { name: "second", outputs: ["b"] });
  const c = net.node("Mul", [b, w], { name: "third", outputs: ["c"] });
  return net.output(net.node("Add", [a, c], { name: "last", outputs: ["y"] })).bytes();
}

describe("the segments of a plan", () => {
  test("list what they read and make; a tensor that skips a stage is no part of that stage", () => {
    const segments = split(open(skipNet()), [0, 1, 1, 2]);
    expect(segments.map(({ stage, fileName, inputs, outputs }) => ({ stage, fileName, inputs, outputs }))).toEqual([
      { stage: 0, fileName: "net.stage0.onnx", inputs: ["x"], outputs: ["a"] },
      { stage: 1, fileName: "net.stage1.onnx", inputs: ["a"], outputs: ["c"] },
      { stage: 2, fileName: "net.stage2.onnx", inputs: ["a", "c"], outputs: ["y"] },
    ]);
    const weights = segments.map(({ proto }) => proto.graph?.initializer.map(({ name }) => name));
    expect(weights).toEqual([["w"], ["w", "v"], []]);
    expect(segments[1]?.proto.graph?.valueInfo.map(({ name }) => name)).toEqual(["b"]);
  });

  test("have none for a first stage without ops", () => {
    const opened = open(skipNet());
    const plan = { stages: [0, 1, 2], stageOf: Int32Array.of(1, 1, 1, 2) };
    const segments = unwrap(segmentModels(opened.model, opened.graph, plan));
    expect(segments.map(({ fileName }) => fileName)).toEqual(["net.stage1.onnx", "net.stage2.onnx"]);
  });

  test("are files with the weights of the whole, bit by bit, and nothing that nobody reads", async () => {
    const opened = open(skipNet());
    const whole = fromBinary(ModelProtoSchema, skipNet());
    const weights = new Map(whole.graph?.initializer.map((tensor) => [tensor.name, tensor]));
    for (const segment of split(opened, [0, 1, 1, 2])) {
      const { graph } = await reread(segment, opened.source);
      const read = new Set(graph?.node.flatMap(({ input }) => input));
      for (const tensor of graph?.initializer ?? []) {
        expect(tensor).toEqual(weights.get(tensor.name));
        expect(read).toContain(tensor.name);
      }
    }
  });

  test("of one stage are the whole model, but for names, types of inner tensors and the order of fields", async () => {
    for (const bytes of [chainModel(9), randomModel(4, { ops: 30 })]) {
      const opened = open(bytes);
      const [segment] = split(opened, new Array(opened.graph.opCount).fill(0));
      if (segment === undefined) throw new Error("one stage has one segment");
      const [written, whole] = [await reread(segment, opened.source), fromBinary(ModelProtoSchema, bytes)];
      if (written.graph === undefined || whole.graph === undefined) throw new Error("a model has a graph");
      written.graph.name = whole.graph.name;
      written.graph.valueInfo = [];
      expect(canonical(written)).toEqual(canonical(whole));
    }
  });

  test("hold no tensor twice and every op once, for random plans of random models", () => {
    for (let seed = 0; seed < 30; seed++) {
      const opened = open(randomModel(seed, { ops: 25 }));
      const plan = randomPlan(opened.graph, 2 + (seed % 4), createRandom(seed));
      if (plan === null) throw new Error("25 ops are enough");
      const segments = unwrap(segmentModels(opened.model, opened.graph, plan));
      expect(segments).toHaveLength(plan.stages.length);
      const made = new Set(opened.model.proto.graph?.input.map(({ name }) => name));
      let ops = 0;
      for (const { inputs, outputs, proto } of segments) {
        for (const name of inputs) expect(made).toContain(name);
        for (const name of outputs) {
          expect(made).not.toContain(name);
          made.add(name);
        }
        ops += proto.graph?.node.length ?? 0;
      }
      expect(ops).toBe(opened.graph.opCount);
      for (const { name } of opened.model.proto.graph?.output ?? []) expect(made).toContain(name);
    }
  });

  test("of IR 3, where weights are inputs too, have IR 4 and true inputs only", () => {
    const old = fromBinary(ModelProtoSchema, skipNet());
    old.irVersion = 3n;
    old.graph?.input.push(...(old.graph?.initializer ?? []).map(({ name }) => declaration(name)));
    const opened = open(toBinary(ModelProtoSchema, old));
    const [first] = split(opened, [0, 1, 1, 2]);
    expect(first?.proto.irVersion).toBe(4n);
    expect(first?.proto.graph?.input.map(({ name }) => name)).toEqual(["x"]);
  });

  test("keep metadata and the quantisation of what they hold", () => {
    const proto = fromBinary(ModelProtoSchema, skipNet());
    const entry = (key: string, value: string) => ({ $typeName: "onnx.StringStringEntryProto" as const, key, value });
    proto.metadataProps = [entry("licence", "MIT")];
    if (proto.graph === undefined) throw new Error("a model has a graph");
    proto.graph.quantizationAnnotation = ["a", "b"].map((tensorName) =>
      create(TensorAnnotationSchema, { tensorName, quantParameterTensorNames: [entry("SCALE_TENSOR", "w")] }),
    );
    const segments = split(open(toBinary(ModelProtoSchema, proto)), [0, 1, 1, 2]);
    expect(segments.map((segment) => segment.proto.metadataProps)).toEqual([1, 2, 3].map(() => proto.metadataProps));
    const annotated = segments.map((segment) =>
      segment.proto.graph?.quantizationAnnotation.map((one) => one.tensorName),
    );
    expect(annotated).toEqual([["a"], ["a", "b"], []]);
  });
});

const declaration = (name: string) => {
  const [info] = new ModelBuilder({ name: "d" }).output(name, "float", [600]).graph().output;
  if (info === undefined) throw new Error("one output was declared");
  return info;
};

describe("writing", () => {
  test("reads through a window, only the payloads, each once", async () => {
    const net = new ModelBuilder({ name: "large" });
    const sum = net.node("Add", [net.input("x", "float", [1, 700_000]), net.vector("w", [700_000], 0, 1)], {
      outputs: ["y"],
    });
    const bytes = net.output(sum).bytes();
    const opened = open(bytes);
    const reads: number[] = [];
    const watched: ByteSource = {
      ...opened.source,
      read: (offset, length) => {
        reads.push(length);
        return opened.source.read(offset, length);
      },
    };
    const [segment] = split(opened, [0]);
    if (segment === undefined) throw new Error("one stage has one segment");
    const { chunks } = writeSegment(segment, watched);
    let largest = 0;
    for await (const { length } of chunks) largest = Math.max(largest, length);
    expect(reads.reduce((sum, length) => sum + length, 0)).toBe(2_800_000);
    expect(Math.max(...reads)).toBeLessThanOrEqual(2 ** 20);
    expect(largest).toBeLessThanOrEqual(2 ** 20);
  });
});

describe("the manifest", () => {
  test("says what each boundary passes on, relayed tensors included", () => {
    const opened = open(skipNet());
    const plan = { stages: [0, 1, 2, 3], stageOf: Int32Array.of(1, 2, 2, 3) };
    const segments = unwrap(segmentModels(opened.model, opened.graph, plan));
    const manifest = segmentManifest({
      ...opened,
      sha256: "ab",
      bindings: new Map([["batch", 1]]),
      plan,
      devices: ["camera", "pi", "pi", "server"],
      segments,
      weightFiles: new Map(),
      files: new Map(segments.map(({ fileName }) => [fileName, { bytes: 1, sha256: "cd" }])),
    });
    expect(manifest.transfers).toEqual([
      { from: 0, to: 1, tensors: ["x"] },
      { from: 1, to: 2, tensors: ["a"] },
      { from: 2, to: 3, tensors: ["a", "c"] },
    ]);
    expect(manifest.stages.map(({ device, file }) => [device, file])).toEqual([
      ["camera", null],
      ["pi", "net.stage1.onnx"],
      ["pi", "net.stage2.onnx"],
      ["server", "net.stage3.onnx"],
    ]);
    expect(manifest.outputs).toMatchObject([{ name: "y", elementType: "float", stage: 3 }]);
  });
});

describe("what cannot be cut is refused by a sentence", () => {
  test("an op before one that it reads from", () => {
    expect(refusal(open(skipNet()), planOf([1, 0, 1, 1]))).toBe(
      'The plan runs op "second" in stage 0, before op "first" in stage 1, whose output it reads.',
    );
  });

  test("a plan for other ops", () => {
    expect(refusal(open(skipNet()), planOf([0, 1]))).toBe("The plan assigns 2 ops; expected the graph's 4.");
    expect(refusal(open(skipNet()), { stages: [0], stageOf: Int32Array.of(0, 0, 7, 0) })).toBe(
      'The plan runs op "third" in stage 7; expected a number below 1.',
    );
  });

  test.each([
    [{ kind: "other", elementType: "undefined", shape: null }, "it is a sequence"],
    [{ kind: "tensor", elementType: "undefined", shape: null }, "its element type is not known"],
  ] as const)("a tensor that cannot be sent: %j", (type, words) => {
    const opened = open(skipNet());
    const graph = unwrap(buildGraph(opened.model, new Map([["a", type]])));
    expect(refusal({ ...opened, graph }, planOf([0, 1, 1, 1]))).toContain(
      `Tensor "a" cannot be sent from stage 0 to stage 1: ${words}`,
    );
  });
});
