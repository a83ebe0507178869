import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema, type TensorProto, TensorProto_DataLocation } from "onnx-buf";
import { describe, expect, test } from "vitest";
import { item } from "../../columns.ts";
import { buildGraph } from "../../graph/build.ts";
import { unwrap } from "../../result.ts";
import { withExternalData } from "../../testing/external-data.ts";
import { gathered } from "../../testing/gathered.ts";
import { largeModel } from "../../testing/large-model.ts";
import { ModelBuilder } from "../../testing/model-builder.ts";
import { decodeModel } from "../decode.ts";
import { readWeight } from "../external.ts";
import type { Model, TensorType } from "../model.ts";
import { type ByteSource, bytesSource } from "../source.ts";
import { declaredTypes } from "../types.ts";
import { weightsApart, writeSegmentData } from "./external-layout.ts";
import { type Segment, segmentModels } from "./segment-models.ts";
import { type SegmentFile, writeSegment } from "./write-segment.ts";

const FLOAT: TensorType = { kind: "tensor", elementType: "float", shape: null };

function cut(source: ByteSource, stageOf: readonly number[]) {
  const model = unwrap(decodeModel(source));
  const types = new Map(declaredTypes(model));
  for (const { output } of model.proto.graph?.node ?? []) {
    for (const name of output) if (!types.has(name)) types.set(name, FLOAT);
  }
  const graph = unwrap(buildGraph(model, types));
  const plan = { stages: [...new Set(stageOf)], stageOf: Int32Array.from(stageOf) };
  return { model, segments: unwrap(segmentModels(model, graph, plan)) };
}

async function bytesOf({ byteLength, chunks }: SegmentFile): Promise<Uint8Array> {
  const bytes = await gathered(chunks);
  expect(bytes).toHaveLength(byteLength);
  return bytes;
}

/** x * w + v, then * w: w is read in both stages; "small" stays in the message, as do the whole numbers of "shape". */
function net(): ModelBuilder {
  const built = new ModelBuilder({ name: "net" });
  const x = built.input("x", "float", [600]);
  const w = built.vector("w", [600], 0, 1);
  const a = built.node("Mul", [x, w], { outputs: ["a"] });
  const b = built.node("Add", [a, built.vector("v", [600], 0, 1)], { outputs: ["b"] });
  const c = built.node("Mul", [b, w], { outputs: ["c"] });
  return built.output(built.node("Add", [c, built.floats("small", [1], [1])], { outputs: ["y"] }));
}

/** What the initializers of a model hold, by name, read as any reader of external data does. */
function weightsOf(source: ByteSource, others: readonly ByteSource[]): ReadonlyMap<string, Uint8Array> {
  const model = unwrap(decodeModel(source));
  const found = new Map<string, Uint8Array>();
  for (const { name, rawData } of model.proto.graph?.initializer ?? []) {
    const location = model.weights.get(name);
    found.set(name, location === undefined ? rawData : unwrap(readWeight(model, location, source, others)).slice());
  }
  return found;
}

interface Files {
  readonly model: Model;
  readonly source: ByteSource;
  readonly others?: readonly ByteSource[];
}

async function apart(segment: Segment, { model, source, others = [] }: Files) {
  const { segment: bare, data } = weightsApart(segment, model, `${segment.fileName}.data`);
  return {
    bare,
    model: await bytesOf(writeSegment(bare, source)),
    data: await bytesOf(unwrap(writeSegmentData(data, model, source, others))),
    name: data.fileName,
  };
}

const entriesOf = ({ externalData }: TensorProto) =>
  Object.fromEntries(externalData.map(({ key, value }) => [key, value]));

describe("weights apart", () => {
  test("are those of the whole, each at a page of the stage's own file, and only those that it reads", async () => {
    const bytes = net().bytes();
    const source = bytesSource("net.onnx", bytes);
    const { model, segments } = cut(source, [0, 0, 1, 1]);
    const whole = weightsOf(source, []);
    const places: unknown[] = [];
    for (const segment of segments) {
      const files = await apart(segment, { model, source });
      expect(files.bare.externalFiles).toEqual([]);
      const data = bytesSource(files.name, files.data);
      const weights = weightsOf(bytesSource(segment.fileName, files.model), [data]);
      for (const [name, content] of weights) expect(content).toEqual(whole.get(name));
      const { graph } = fromBinary(ModelProtoSchema, files.model);
      places.push(graph?.initializer.map((tensor) => [tensor.name, tensor.dataLocation, entriesOf(tensor)]));
    }
    const [inline, external] = [TensorProto_DataLocation.DEFAULT, TensorProto_DataLocation.EXTERNAL];
    const at = (stage: number, offset: number) => ({
      location: `net.stage${stage}.onnx.data`,
      offset: String(offset),
      length: "2400",
    });
    expect(places).toEqual([
      [
        ["w", external, at(0, 0)],
        ["v", external, at(0, 4096)],
      ],
      [
        ["w", external, at(1, 0)],
        ["small", inline, {}],
      ],
    ]);
  });

  test("are taken out of files of external data that the model came with", async () => {
    const bytes = net().bytes();
    const { model: whole, data } = withExternalData(bytes, "weights.bin");
    const source = bytesSource("net.onnx", whole);
    const others = [bytesSource("weights.bin", data)];
    const { model, segments } = cut(source, [0, 0, 1, 1]);
    expect(segments.map(({ externalFiles }) => externalFiles)).toEqual([["weights.bin"], ["weights.bin"]]);
    const expected = weightsOf(bytesSource("net.onnx", bytes), []);
    for (const segment of segments) {
      const files = await apart(segment, { model, source, others });
      expect(files.bare.externalFiles).toEqual([]);
      expect(files.data.length).toBeLessThan(3 * 4096);
      const weights = weightsOf(bytesSource(segment.fileName, files.model), [bytesSource(files.name, files.data)]);
      for (const [name, content] of weights) expect(content).toEqual(expected.get(name));
    }
    const first = item(segments, 0);
    const { data: placed } = weightsApart(first, model, "any.data");
    expect(writeSegmentData(placed, model, source, [])).toMatchObject({ ok: false });
    const short = writeSegmentData(placed, model, source, [bytesSource("weights.bin", data.subarray(0, 3000))]);
    expect(short).toEqual({
      ok: false,
      error: '"weights.bin" has 3,000 bytes; "net.onnx" expects a weight to end at byte 4,800 of it.',
    });
  });

  test("keep packed floats and doubles bit by bit; varints stay in the message", async () => {
    const built = net().model();
    const initializers = built.graph?.initializer ?? [];
    const [w, v] = [initializers.find(({ name }) => name === "w"), initializers.find(({ name }) => name === "v")];
    if (w === undefined || v === undefined) throw new Error("the net has w and v");
    w.floatData = [...new Float32Array(w.rawData.slice().buffer)];
    const raw = w.rawData;
    w.rawData = new Uint8Array(0);
    v.dataType = 7;
    v.int64Data = Array.from({ length: 600 }, (_, i) => BigInt(i));
    v.rawData = new Uint8Array(0);
    const source = bytesSource("net.onnx", toBinary(ModelProtoSchema, built));
    const { model, segments } = cut(source, [0, 0, 0, 0]);
    const files = await apart(item(segments, 0), { model, source });
    expect(files.data.subarray(0, 2400)).toEqual(raw);
    expect(files.data.length).toBe(2400);
    const written = fromBinary(ModelProtoSchema, files.model).graph?.initializer ?? [];
    expect(written.find(({ name }) => name === "v")?.int64Data).toEqual(v.int64Data);
    expect(written.find(({ name }) => name === "w")?.floatData).toEqual([]);
  });

  test("of a model beyond 2 GiB need a window of 1 MiB", async () => {
    const source = largeModel(3 * 1024 ** 3, 6);
    const { model, segments } = cut(source, [0, 0, 0, 0, 0, 1]);
    const segment = item(segments, 0);
    expect(writeSegment(segment, source).byteLength).toBeGreaterThan(2 ** 31);
    const { segment: bare, data } = weightsApart(segment, model, "large.data");
    expect(writeSegment(bare, source).byteLength).toBeLessThan(2000);
    expect(data.byteLength).toBe(5 * 512 * 1024 ** 2);
    let [windows, largest] = [0, 0];
    for await (const chunk of unwrap(writeSegmentData(data, model, source, [])).chunks) {
      largest = Math.max(largest, chunk.length);
      if (++windows === 520) break;
    }
    expect(largest).toBe(2 ** 20);
  });
});
