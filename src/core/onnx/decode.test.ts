import { create, toBinary } from "@bufbuild/protobuf";
import {
  GraphProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  StringStringEntryProtoSchema,
  TensorProto_DataLocation,
  TensorProtoSchema,
  ValueInfoProtoSchema,
} from "onnx-buf";
import { describe, expect, test } from "vitest";
import { unwrap } from "../result.ts";
import { decodeModel } from "./decode.ts";
import { readWeight } from "./external.ts";
import { dataFilesAmong, externalPath } from "./external-path.ts";
import { bytesSource } from "./source.ts";

const text = (value: string) => new TextEncoder().encode(value);

function sentence(name: string, bytes: Uint8Array): string {
  const result = decodeModel(bytesSource(name, bytes));
  return result.ok ? "opened" : result.error;
}

const relu = (weights = 0): ModelProto =>
  create(ModelProtoSchema, {
    irVersion: 8n,
    producerName: "test",
    producerVersion: "1.2",
    opsetImport: [create(OperatorSetIdProtoSchema, { domain: "ai.onnx", version: 17n })],
    graph: create(GraphProtoSchema, {
      node: [create(NodeProtoSchema, { opType: "Relu", input: ["x"], output: ["y"] })],
      output: [create(ValueInfoProtoSchema, { name: "y" })],
      initializer: [create(TensorProtoSchema, { name: "w", dataType: 1, rawData: new Uint8Array(weights) })],
    }),
  });

describe("decodeModel", () => {
  test("reads the header", () => {
    const bytes = toBinary(ModelProtoSchema, relu(5000));
    const model = unwrap(decodeModel(bytesSource("m.onnx", bytes)));
    expect(model).toMatchObject({ fileName: "m.onnx", fileBytes: bytes.length, producer: "test 1.2", irVersion: 8 });
    expect([...model.opsets]).toEqual([["", 17]]);
    expect(model.weights.get("w")?.length).toBe(5000);
    expect(model.externalFiles).toEqual([]);
  });

  test("says what a file is that is no ONNX model", () => {
    expect(sentence("e.onnx", new Uint8Array())).toBe('"e.onnx" is empty (0 bytes); an ONNX model was expected.');
    expect(sentence("h.onnx", text("\n  <!DOCTYPE html><html>..."))).toBe(
      '"h.onnx" is an HTML page, not an ONNX model; download the model file itself (its "raw" link).',
    );
    expect(
      sentence("l.onnx", text("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 178728960\n")),
    ).toBe(
      '"l.onnx" is a Git LFS pointer (74 bytes), not the model; ' +
        "run `git lfs pull` to fetch the model's 178,728,960 bytes.",
    );
    expect(sentence("z.onnx", text("PK\u0003\u0004...model.onnx"))).toBe(
      '"z.onnx" is a ZIP archive (unpack it first); an ONNX model was expected.',
    );
    const pytorch = "is a PyTorch pickle, not an ONNX model; export it with torch.onnx.export first.";
    expect(sentence("p.pt", text("PK\u0003\u0004......archive/data.pkl"))).toBe(`"p.pt" ${pytorch}`);
    expect(sentence("p.pth", Uint8Array.of(0x80, 2, 0x8a, 10, 0x6c, 0xfc))).toBe(`"p.pth" ${pytorch}`);
    expect(sentence("t.tflite", text("\u001c\0\0\0TFL3"))).toBe(
      '"t.tflite" is a TensorFlow Lite model; convert it to ONNX first.',
    );
    expect(sentence("t.txt", text("hello world"))).toBe(
      '"t.txt" is not an ONNX model: no field of an ONNX model begins at byte 0.',
    );
    const tensor = create(TensorProtoSchema, { dims: [1n], dataType: 1, rawData: new Uint8Array(4) });
    expect(sentence("input_0.pb", toBinary(TensorProtoSchema, tensor))).toBe(
      '"input_0.pb" is not an ONNX model: no field of an ONNX model begins at byte 2.',
    );
  });

  test("says how much of a truncated file is missing", () => {
    const bytes = toBinary(ModelProtoSchema, relu(5000));
    const message = sentence("cut.onnx", bytes.slice(0, 3000));
    expect(message).toMatch(
      /^"cut.onnx" is truncated: its graph reaches to byte 5,0\d\d, but the file ends after 3,000 /,
    );
    expect(message).toMatch(/\(at least 2,0\d\d are missing\)\.$/);
  });

  test("refuses a model without graph, nodes or outputs", () => {
    const encode = (model: ModelProto) => toBinary(ModelProtoSchema, model);
    expect(sentence("n.onnx", encode(create(ModelProtoSchema, { irVersion: 8n })))).toBe(
      '"n.onnx" is not an ONNX model: it holds no graph.',
    );
    const graph = create(GraphProtoSchema, { output: [create(ValueInfoProtoSchema, { name: "y" })] });
    expect(sentence("n.onnx", encode(create(ModelProtoSchema, { irVersion: 8n, graph })))).toBe(
      '"n.onnx": the graph has no nodes; at least one was expected.',
    );
    const model = relu();
    if (model.graph !== undefined) model.graph.output = [];
    expect(sentence("n.onnx", encode(model))).toBe('"n.onnx": the graph has no outputs; at least one was expected.');
  });

  test("reports damage inside a message", () => {
    const bytes = toBinary(ModelProtoSchema, relu());
    const broken = bytes.slice();
    // The op type "Relu" is made to claim more bytes than its node has.
    broken[indexOf(broken, "Relu") - 1] = 120;
    expect(sentence("d.onnx", broken)).toMatch(/^"d.onnx" is damaged: /);
  });
});

function indexOf(bytes: Uint8Array, word: string): number {
  return new TextDecoder("latin1").decode(bytes).indexOf(word);
}

describe("external weights", () => {
  const external = (location: string, length?: string) => {
    const entry = (key: string, value: string) => create(StringStringEntryProtoSchema, { key, value });
    const model = relu();
    model.graph?.initializer.push(
      create(TensorProtoSchema, {
        name: "big",
        dataType: 1,
        dims: [4n],
        dataLocation: TensorProto_DataLocation.EXTERNAL,
        externalData: [
          entry("location", location),
          entry("offset", "8"),
          ...(length === undefined ? [] : [entry("length", length)]),
        ],
      }),
    );
    const source = bytesSource("m.onnx", toBinary(ModelProtoSchema, model));
    const opened = unwrap(decodeModel(source));
    const place = opened.weights.get("big");
    if (place === undefined) throw new Error("the external weight was not indexed");
    return { opened, source, place };
  };

  test("are listed at opening and read from the file of that name, also without a length", () => {
    for (const length of [undefined, "16"]) {
      const { opened, source, place } = external("./sub/w.bin", length);
      expect(opened.externalFiles).toEqual(["./sub/w.bin"]);
      expect(place).toEqual({ blob: 1, offset: 8, length: 16, field: "rawData" });
      const data = bytesSource(
        "w.bin",
        Uint8Array.from({ length: 24 }, (_, i) => i),
      );
      expect(Array.from(unwrap(readWeight(opened, place, source, [data])))).toEqual(
        Array.from({ length: 16 }, (_, i) => i + 8),
      );
    }
  });

  test("end in a sentence when the file is too short", () => {
    const { opened, source, place } = external("w.bin");
    expect(readWeight(opened, place, source, [bytesSource("w.bin", new Uint8Array(20))])).toEqual({
      ok: false,
      error: '"w.bin" has 20 bytes, but "m.onnx" places a weight of 16 bytes at byte 8 of it.',
    });
  });

  test.each(["../w.bin", "a/../../w.bin", "/etc/passwd", "C:\\w.bin", "\\\\host\\w", "..\\w.bin", "w\0.bin", "", "."])(
    "are refused outside the model's folder, when asked for: %j",
    (location) => {
      const { opened, source, place } = external(location);
      const result = readWeight(opened, place, source, []);
      expect(result.ok ? "" : result.error).toMatch(/a relative path inside the model's own folder was expected\.$/);
    },
  );

  test("are told among other files by path, else by name, each once", () => {
    const files = ["notes.txt", "a/w.bin", "b/w.bin", "w.bin", "v.bin"].map((name) => ({ name }));
    const among = (...locations: string[]) => dataFilesAmong(locations, files).map(({ name }) => name);
    expect(among("b/w.bin", "./b//w.bin")).toEqual(["b/w.bin"]);
    expect(among("c/v.bin", "w.bin")).toEqual(["v.bin", "w.bin"]);
    expect(among("../w.bin", "none.bin")).toEqual([]);
  });

  test("may lie in a folder beside the model", () => {
    expect(externalPath("m.onnx", "./data//w..bin")).toEqual({ ok: true, value: "data/w..bin" });
  });
});
