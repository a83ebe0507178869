import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  AttributeProtoSchema,
  FunctionProtoSchema,
  GraphProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  NodeProtoSchema,
  SparseTensorProtoSchema,
  type TensorProto,
  TensorProtoSchema,
} from "onnx-buf";
import { describe, expect, test } from "vitest";
import { unwrap } from "../result.ts";
import { readSkeleton } from "./skeleton.ts";
import { type ByteSource, bytesSource } from "./source.ts";
import { WireSink } from "./wire.ts";

const FLOAT = 1;
const INT64 = 7;

function rawTensor(name: string, floats: number): TensorProto {
  const rawData = Uint8Array.from({ length: 4 * floats }, (_, i) => i % 251);
  return create(TensorProtoSchema, { name, dims: [BigInt(floats)], dataType: FLOAT, rawData });
}

const constantNode = (output: string, t: TensorProto) =>
  create(NodeProtoSchema, {
    opType: "Constant",
    output: [output],
    attribute: [create(AttributeProtoSchema, { name: "value", t, type: 4 })],
  });

const modelOf = (graph: Parameters<typeof create<typeof GraphProtoSchema>>[1], rest: object = {}): ModelProto =>
  create(ModelProtoSchema, { irVersion: 8n, graph: create(GraphProtoSchema, graph), ...rest });

/** The skeleton's message and its weights as they lie in the file. */
function reduce(model: ModelProto) {
  const bytes = toBinary(ModelProtoSchema, model);
  const skeleton = unwrap(readSkeleton(bytesSource("m.onnx", bytes)));
  const payloads = new Map(
    [...skeleton.weights].map(([key, { offset, length }]) => [key, bytes.slice(offset, offset + length)]),
  );
  return { proto: fromBinary(ModelProtoSchema, skeleton.bytes), weights: skeleton.weights, payloads };
}

describe("readSkeleton", () => {
  test("takes out large raw payloads only; put back, they make the same file", () => {
    const whole = modelOf({
      name: "g",
      docString: "kept",
      initializer: [rawTensor("small", 256), rawTensor("large", 300)],
      node: [constantNode("c", rawTensor("", 400)), create(NodeProtoSchema, { opType: "Relu", input: ["c"] })],
    });
    const { proto, payloads } = reduce(whole);
    expect([...payloads.keys()].sort()).toEqual(["c", "large"]);
    expect(proto.graph?.initializer.map(({ rawData }) => rawData.length)).toEqual([1024, 0]);
    const constant = proto.graph?.node[0]?.attribute[0]?.t;
    const large = proto.graph?.initializer[1];
    if (constant === undefined || large === undefined) throw new Error("a tensor was lost");
    constant.rawData = payloads.get("c") ?? new Uint8Array();
    large.rawData = payloads.get("large") ?? new Uint8Array();
    expect(toBinary(ModelProtoSchema, proto)).toEqual(toBinary(ModelProtoSchema, whole));
  });

  test("keeps integers of up to 1,024 int64, on which shapes may depend", () => {
    const integers = (name: string, count: number) =>
      create(TensorProtoSchema, { name, dims: [BigInt(count)], dataType: INT64, rawData: new Uint8Array(8 * count) });
    const { weights, proto } = reduce(modelOf({ initializer: [integers("kept", 1024), integers("left", 1025)] }));
    expect([...weights.keys()]).toEqual(["left"]);
    expect(proto.graph?.initializer[0]?.rawData.length).toBe(8192);
  });

  test("indexes packed typed fields in their wire encoding and keeps strings", () => {
    const floatData = Array.from({ length: 500 }, (_, i) => i / 2);
    const stringData = Array.from({ length: 200 }, () => new Uint8Array(20));
    const { weights, payloads, proto } = reduce(
      modelOf({
        initializer: [
          create(TensorProtoSchema, { name: "f", dims: [500n], dataType: FLOAT, floatData }),
          create(TensorProtoSchema, { name: "s", dims: [200n], dataType: 8, stringData }),
        ],
      }),
    );
    expect(weights.get("f")).toMatchObject({ blob: 0, length: 2000, field: "floatData" });
    expect(Array.from(new Float32Array(payloads.get("f")?.buffer ?? new ArrayBuffer(0)))).toEqual(floatData);
    expect(weights.has("s")).toBe(false);
    expect(proto.graph?.initializer[1]?.stringData).toEqual(stringData);
  });

  test("copies elements that are written one by one", () => {
    const tensor = new WireSink();
    for (let i = 0; i < 400; i += 1) {
      tensor.varint(4 * 8 + 5);
      tensor.append(new Uint8Array(new Float32Array([i]).buffer));
    }
    const file = new WireSink();
    file.append(toBinary(ModelProtoSchema, create(ModelProtoSchema, { irVersion: 8n })));
    const graph = file.open(7);
    const initializer = file.open(5);
    file.append(tensor.bytes());
    file.close(initializer);
    file.close(graph);
    const { bytes, weights } = unwrap(readSkeleton(bytesSource("m.onnx", file.bytes())));
    expect(weights.size).toBe(0);
    const floats = fromBinary(ModelProtoSchema, bytes).graph?.initializer[0]?.floatData;
    expect(floats).toEqual(Array.from({ length: 400 }, (_, i) => i));
  });

  test("refuses a large payload in several pieces", () => {
    const payload = new WireSink();
    for (let i = 0; i < 2; i += 1) {
      const piece = payload.open(4);
      payload.append(new Uint8Array(2000));
      payload.close(piece);
    }
    const file = new WireSink();
    file.append(toBinary(ModelProtoSchema, create(ModelProtoSchema, { irVersion: 8n })));
    const graph = file.open(7);
    const initializer = file.open(5);
    file.append(toBinary(TensorProtoSchema, create(TensorProtoSchema, { name: "w" })));
    file.append(payload.bytes());
    file.close(initializer);
    file.close(graph);
    expect(readSkeleton(bytesSource("m.onnx", file.bytes()))).toEqual({
      ok: false,
      error: '"m.onnx": the elements of tensor "w" stand in several pieces; one piece was expected.',
    });
  });

  test("enters bodies, sparse tensors and functions, each under a key of its own", () => {
    const body = (name: string) =>
      create(GraphProtoSchema, {
        name,
        initializer: [rawTensor("w", 300)],
        node: [constantNode("k", rawTensor("", 300))],
      });
    const attribute = (name: string) => create(AttributeProtoSchema, { name, g: body(name), type: 5 });
    const sparse = create(SparseTensorProtoSchema, {
      values: rawTensor("sp", 300),
      indices: create(TensorProtoSchema, { dataType: INT64, dims: [2000n], rawData: new Uint8Array(16000) }),
      dims: [1000n, 1000n],
    });
    const { payloads } = reduce(
      modelOf(
        {
          node: [
            create(NodeProtoSchema, { opType: "Relu", input: ["x"], output: ["y"] }),
            create(NodeProtoSchema, { opType: "If", attribute: [attribute("then_branch"), attribute("else_branch")] }),
            create(NodeProtoSchema, {
              opType: "Switch",
              attribute: [create(AttributeProtoSchema, { name: "cases", graphs: [body("a"), body("b")], type: 10 })],
            }),
          ],
          sparseInitializer: [sparse],
        },
        {
          functions: [
            create(FunctionProtoSchema, { domain: "d", name: "F", node: [constantNode("k", rawTensor("", 300))] }),
          ],
        },
      ),
    );
    expect([...payloads.keys()].sort()).toEqual([
      "1.else_branch/k",
      "1.else_branch/w",
      "1.then_branch/k",
      "1.then_branch/w",
      "2.cases[0]/k",
      "2.cases[0]/w",
      "2.cases[1]/k",
      "2.cases[1]/w",
      "d::F/k",
      "sp",
      "sp#indices",
    ]);
    expect(payloads.get("1.then_branch/w")).toEqual(rawTensor("w", 300).rawData);
  });

  test("refuses bodies that nest without end", () => {
    let graph = create(GraphProtoSchema, { initializer: [rawTensor("w", 300)] });
    for (let level = 0; level < 22; level += 1) {
      const attribute = create(AttributeProtoSchema, { name: "body", g: graph, type: 5 });
      graph = create(GraphProtoSchema, { node: [create(NodeProtoSchema, { opType: "Loop", attribute: [attribute] })] });
    }
    const bytes = toBinary(ModelProtoSchema, create(ModelProtoSchema, { irVersion: 8n, graph }));
    const result = readSkeleton(bytesSource("deep.onnx", bytes));
    expect(result.ok ? "" : result.error).toMatch(
      /^"deep.onnx" nests messages deeper than 64 levels at byte \d+; no usual model does.$/,
    );
  });

  test("reads under 1 MB of a file of 1.5 GB", () => {
    const { source, bytesRead } = hugeModel(100, 15_000_000);
    const { bytes, weights } = unwrap(readSkeleton(source));
    expect(source.size).toBeGreaterThan(1_500_000_000);
    expect(weights.size).toBe(100);
    expect(bytesRead()).toBeLessThan(1_000_000);
    expect(bytes.length).toBeLessThan(10_000);
    const [last] = [...weights.values()].slice(-1);
    expect(last).toEqual({ blob: 0, offset: source.size - 15_000_000, length: 15_000_000, field: "rawData" });
  });
});

/** A model with `count` initializers of `size` bytes each, all zeros that are made up when read. */
function hugeModel(count: number, size: number): { source: ByteSource; bytesRead: () => number } {
  const heads: { at: number; bytes: Uint8Array }[] = [];
  const varint = (value: number) => {
    const sink = new WireSink();
    sink.varint(value);
    return [...sink.bytes()];
  };
  const tensorHead = (name: string) => [
    ...toBinary(TensorProtoSchema, create(TensorProtoSchema, { name, dataType: FLOAT, dims: [BigInt(size / 4)] })),
    ...[9 * 8 + 2, ...varint(size)],
  ];
  const initializers = Array.from({ length: count }, (_, i) => {
    const head = tensorHead(`w${String(i).padStart(3, "0")}`);
    return Uint8Array.from([5 * 8 + 2, ...varint(head.length + size), ...head]);
  });
  const graphLength = initializers.reduce((sum, head) => sum + head.length + size, 0);
  const start = Uint8Array.from([8, 8, 7 * 8 + 2, ...varint(graphLength)]);
  heads.push({ at: 0, bytes: start });
  let at = start.length;
  for (const bytes of initializers) {
    heads.push({ at, bytes });
    at += bytes.length + size;
  }
  let read = 0;
  return {
    source: {
      name: "huge.onnx",
      size: at,
      read: (offset, length) => {
        read += length;
        const window = new Uint8Array(length);
        for (const head of heads) {
          for (const [i, byte] of head.bytes.entries()) {
            const place = head.at + i - offset;
            if (place >= 0 && place < length) window[place] = byte;
          }
        }
        return window;
      },
    },
    bytesRead: () => read,
  };
}
