import { create, equals, fromBinary, toBinary } from "@bufbuild/protobuf";
import { GraphProtoSchema, ModelProtoSchema, TensorProtoSchema, AttributeProto_AttributeType as Type } from "onnx-buf";
import { describe, expect, test } from "vitest";
import { modulePrefix } from "./layers.ts";
import { ModelBuilder } from "./model-builder.ts";
import { floatTensor } from "./onnx-messages.ts";
import { writeModel } from "./write-model.ts";

const decode = (net: ModelBuilder) => fromBinary(ModelProtoSchema, net.bytes());

describe("ModelBuilder", () => {
  test("writes header, inputs and outputs; an unknown rank has no shape, an unknown size an empty dimension", () => {
    const net = new ModelBuilder({ name: "net", opset: 13, domains: new Map([["com.example", 2]]) });
    net.input("a", "float", ["batch", 3, null]);
    net.input("b", "int64", null);
    const model = decode(net.output("c", "uint8", []));
    expect(model.irVersion).toBe(8n);
    expect(model.opsetImport.map(({ domain, version }) => [domain, version])).toEqual([
      ["", 13n],
      ["com.example", 2n],
    ]);
    const types = [...(model.graph?.input ?? []), ...(model.graph?.output ?? [])].map(({ type }) => type?.value);
    const tensors = types.map((value) => (value?.case === "tensorType" ? value.value : undefined));
    expect(tensors.map((tensor) => tensor?.elemType)).toEqual([1, 7, 2]);
    expect(tensors.map((tensor) => tensor?.shape?.dim.map(({ value }) => value.value))).toEqual([
      ["batch", 3n, undefined],
      undefined,
      [],
    ]);
  });

  test("writes each kind of attribute", () => {
    const body = new ModelBuilder({ name: "body" }).graph();
    const net = new ModelBuilder({ name: "net" });
    net.node("Op", ["x"], {
      domain: "com.example",
      attributes: {
        int: 3,
        ints: [1, -2],
        float: { float: 0.5 },
        floats: { floats: [0.25, 4] },
        text: "SAME_UPPER",
        tensor: { tensor: floatTensor("t", [1], Float32Array.of(7)) },
        graph: { graph: body },
      },
    });
    const node = decode(net).graph?.node[0];
    expect(node?.domain).toBe("com.example");
    const found = new Map(node?.attribute.map((attribute) => [attribute.name, attribute]));
    expect([...found.values()].map(({ type }) => type)).toEqual([
      Type.INT,
      Type.INTS,
      Type.FLOAT,
      Type.FLOATS,
      Type.STRING,
      Type.TENSOR,
      Type.GRAPH,
    ]);
    expect(found.get("int")?.i).toBe(3n);
    expect(found.get("ints")?.ints).toEqual([1n, -2n]);
    expect(found.get("float")?.f).toBe(0.5);
    expect(found.get("floats")?.floats).toEqual([0.25, 4]);
    expect(new TextDecoder().decode(found.get("text")?.s)).toBe("SAME_UPPER");
    expect(found.get("tensor")?.t?.dims).toEqual([1n]);
    expect(found.get("graph")?.g?.name).toBe("body");
  });

  test("numbers repeated node names as torch does and writes an initializer once", () => {
    const net = new ModelBuilder({ name: "net" });
    const outputs = [1, 2, 3].map(() => net.node("Relu", ["x"], { path: "/block" }));
    expect(outputs).toEqual(["/block/Relu_output_0", "/block/Relu_1_output_0", "/block/Relu_2_output_0"]);
    net.integers("one", [1]);
    net.integers("one", [1]);
    expect(decode(net).graph?.initializer).toHaveLength(1);
  });

  test("weights depend on name and seed only, and have the deviation that is asked for", () => {
    const weight = (name: string, seed: number) => {
      const net = new ModelBuilder({ name: "net", seed });
      net.weight(name, [100, 200], 0.3);
      const raw = decode(net).graph?.initializer[0]?.rawData ?? new Uint8Array();
      return new Float32Array(raw.slice().buffer);
    };
    expect(weight("a", 1)).toEqual(weight("a", 1));
    expect(weight("a", 1)).not.toEqual(weight("a", 2));
    expect(weight("a", 1)).not.toEqual(weight("b", 1));
    const values = weight("a", 1);
    expect(Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length)).toBeCloseTo(0.3, 2);
  });
});

describe("writeModel", () => {
  test("writes what toBinary writes, field order apart", () => {
    const tensors = [
      floatTensor("raw", [200], new Float32Array(200).fill(0.5)),
      create(TensorProtoSchema, { name: "typed", dataType: 1, dims: [2n], floatData: [1, 2] }),
      create(TensorProtoSchema, { name: "external", dataType: 1, dataLocation: 1 }),
      floatTensor("empty", [0], new Float32Array(0)),
    ];
    const net = new ModelBuilder({ name: "net" });
    net.input("x", "float", [200]);
    for (const tensor of tensors) net.initializer(tensor);
    const model = net.output(net.node("Add", ["x", "raw"])).model();
    for (const subject of [model, create(ModelProtoSchema, { producerName: "no graph" })]) {
      const written = writeModel(subject);
      expect(equals(ModelProtoSchema, fromBinary(ModelProtoSchema, written), subject)).toBe(true);
      expect(written.length).toBe(toBinary(ModelProtoSchema, subject).length);
    }
    const empty = create(ModelProtoSchema, { graph: create(GraphProtoSchema, { name: "empty" }) });
    expect(writeModel(empty)).toEqual(toBinary(ModelProtoSchema, empty));
  });
});

describe("modulePrefix", () => {
  test("drops the parents that a Sequential repeats", () => {
    expect(modulePrefix("/features/features.1/conv/conv.0/conv.0.0")).toBe("features.1.conv.0.0");
    expect(modulePrefix("/layer1/layer1.0/conv1")).toBe("layer1.0.conv1");
    expect(modulePrefix("/encoder/layer.11/output/dense")).toBe("encoder.layer.11.output.dense");
    expect(modulePrefix("/fc")).toBe("fc");
  });
});
