import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { type GraphProto, ModelProtoSchema, type NodeProto, type TensorProto, TensorProtoSchema } from "onnx-buf";
import { describe, expect, test } from "vitest";
import { unwrap } from "../../result.ts";
import { ModelBuilder } from "../../testing/model-builder.ts";
import { floatTensor, integerTensor, valueInfo } from "../../testing/onnx-messages.ts";
import { decodeModel } from "../decode.ts";
import type { DimensionBindings, Model, TensorType } from "../model.ts";
import { bytesSource } from "../source.ts";
import { typeOf } from "../types.ts";
import { type ProbeOptions, probeModel } from "./probe-model.ts";

const float = (...shape: number[]): TensorType => ({ kind: "tensor", elementType: "float", shape });

const decoded = (bytes: Uint8Array): Model => unwrap(decodeModel(bytesSource("m.onnx", bytes)));

/** The probe of a model, read back. */
function probed(model: Model, options: Partial<ProbeOptions> = {}) {
  const bytes = probeModel(model, { bindings: new Map(), pass: 1, shapeProbes: [], ...options });
  if (bytes === null) throw new Error("nothing to ask");
  const proto = fromBinary(ModelProtoSchema, bytes);
  if (proto.graph === undefined) throw new Error("the probe has no graph");
  return { proto, graph: proto.graph, ...summary(proto.graph) };
}

function summary(graph: GraphProto) {
  return {
    inputs: Object.fromEntries(
      graph.input.map(({ name, type }) => [name, type === undefined ? null : typeOf(type).shape]),
    ),
    initializers: graph.initializer.map(({ name }) => name),
    outputs: graph.output.map(({ name }) => name),
    nodes: graph.node.map(({ opType, input, output }) => `${opType} ${input.join(" ")} -> ${output.join(" ")}`),
  };
}

describe("constants", () => {
  test("large ones become inputs, small ones stay, unused ones go", () => {
    const builder = new ModelBuilder({ name: "m" });
    const x = builder.input("x", "float", [2, 64]);
    const sum = builder.node("Add", [x, builder.weight("small", [64], 1)]);
    const product = builder.node("MatMul", [sum, builder.weight("large", [64, 48], 1)]);
    builder.output(builder.node("Reshape", [product, builder.integers("shape", [-1])], { outputs: ["y"] }));
    builder.weight("unused", [8], 1);
    builder.weight("unused_large", [64, 64], 1);
    const { inputs, initializers } = probed(decoded(builder.bytes()));
    expect(inputs).toEqual({ x: [2, 64], large: [64, 48] });
    expect(initializers).toEqual(["small", "shape"]);
  });

  test("one that only a body reads is used", () => {
    const body = new ModelBuilder({ name: "b" });
    const branch = body.output(body.node("Add", ["x", "captured"])).graph();
    const builder = new ModelBuilder({ name: "m" });
    builder.input("x", "float", [4]);
    builder.weight("captured", [4], 1);
    const attributes = { then_branch: { graph: branch }, else_branch: { graph: branch } };
    builder.output(builder.node("If", [builder.input("c", "bool", [])], { attributes }));
    expect(probed(decoded(builder.bytes())).initializers).toEqual(["captured"]);
  });

  test("large Constant nodes become inputs, small ones stay nodes; neither is asked about", () => {
    const builder = new ModelBuilder({ name: "m" });
    const constant = (name: string, shape: readonly [number, number]) =>
      builder.node("Constant", [], {
        attributes: { value: { tensor: floatTensor("", shape, new Float32Array(shape[0] * shape[1])) } },
        outputs: [name],
      });
    const sum = builder.node("Add", [builder.input("x", "float", [1, 8]), constant("small", [1, 8])], {
      outputs: ["s"],
    });
    builder.output(builder.node("MatMul", [sum, constant("large", [8, 64])], { outputs: ["y"] }));
    const { inputs, nodes, outputs } = probed(decoded(builder.bytes()));
    expect(inputs).toEqual({ x: [1, 8], large: [8, 64] });
    expect(nodes).toEqual(["Constant  -> small", "Add x small -> s", "MatMul s large -> y"]);
    expect(outputs).toEqual(["s", "y"]);
  });

  test("external ones need no file", () => {
    const builder = new ModelBuilder({ name: "m" });
    builder.output(builder.node("MatMul", [builder.input("x", "float", [2, 4]), "outside"], { outputs: ["y"] }));
    const model = builder.model();
    model.graph?.initializer.push(
      create(TensorProtoSchema, {
        name: "outside",
        dataType: 1,
        dims: [4n, 3n],
        dataLocation: 1,
        externalData: [{ key: "location", value: "weights.bin" }],
      }),
    );
    expect(probed(decoded(toBinary(ModelProtoSchema, model))).inputs).toEqual({ x: [2, 4], outside: [4, 3] });
  });

  test("in pass 3 large results of constants are given, so that they are not computed", () => {
    const builder = new ModelBuilder({ name: "m" });
    const weight = builder.node("ConstantOfShape", [builder.integers("sizes", [64, 64])], { outputs: ["w"] });
    builder.output(builder.node("MatMul", [builder.input("x", "float", [2, 64]), weight], { outputs: ["y"] }));
    const model = decoded(builder.bytes());
    const known = new Map([["w", float(64, 64)]]);
    expect(probed(model, { pass: 1, known }).nodes).toHaveLength(2);
    const third = probed(model, { pass: 3, known });
    expect(third.nodes).toEqual(["MatMul x w -> y"]);
    expect(third.inputs).toEqual({ x: [2, 64], w: [64, 64] });
  });
});

describe("declarations", () => {
  const sizes: DimensionBindings = new Map([
    ["batch", 2],
    ["x:2", 7],
  ]);

  test("bound sizes stand in the message itself; what stays open keeps its name", () => {
    const builder = new ModelBuilder({ name: "m" });
    const x = builder.input("x", "float", ["batch", "height", null, 5]);
    builder.output(builder.node("Relu", [x], { outputs: ["y"] }));
    expect(probed(decoded(builder.bytes()), { bindings: sizes }).inputs).toEqual({ x: [2, "height", 7, 5] });
  });

  test("an unknown rank stays without shape, which is not `[]`", () => {
    const builder = new ModelBuilder({ name: "m" });
    builder.output(builder.node("Relu", [builder.input("x", "float", null)], { outputs: ["y"] }));
    const { graph } = probed(decoded(builder.bytes()));
    const type = graph.input[0]?.type?.value;
    expect(type?.case === "tensorType" ? type.value.shape : "no tensor").toBeUndefined();
  });

  test("outputs keep their types and lose their shapes, value_info goes, IR 3 becomes 4", () => {
    const builder = new ModelBuilder({ name: "m" });
    const x = builder.input("x", "float", [2, 8]);
    builder.node("Relu", [x], { outputs: ["h"] });
    builder.output(builder.node("Add", ["h", builder.weight("w", [8], 1)], { outputs: ["y"] }), "float", [1, 8]);
    const model = builder.model();
    model.irVersion = 3n;
    model.graph?.input.push(valueInfo("w", "float", [8]));
    model.graph?.valueInfo.push(valueInfo("h", "float", [1, 8]));
    const { proto, graph, inputs, outputs } = probed(decoded(toBinary(ModelProtoSchema, model)));
    expect(proto.irVersion).toBe(4n);
    expect(graph.valueInfo).toEqual([]);
    expect(inputs).toEqual({ x: [2, 8] });
    expect(outputs).toEqual(["h", "y"]);
    const type = graph.output[1]?.type;
    expect(type === undefined ? null : typeOf(type)).toEqual({ kind: "tensor", elementType: "float", shape: null });
  });
});

describe("questions", () => {
  const builder = new ModelBuilder({ name: "m" });
  const x = builder.input("x", "float", [2, 8]);
  builder.node("Dropout", [x], { outputs: ["d", "mask"] });
  builder.node("Relu", ["d"], { outputs: ["h"] });
  builder.output(builder.node("Split", ["h", builder.integers("parts", [3, 5])], { outputs: ["y", "", "z"] }));
  const model = decoded(builder.bytes());

  test("every tensor that somebody reads, and the outputs; nothing else", () => {
    expect(probed(model).outputs).toEqual(["d", "h", "y"]);
  });

  test("what is known is not asked again; shapes of those in doubt are", () => {
    const known = new Map([["d", float(2, 8)]]);
    const { outputs, nodes } = probed(model, { pass: 2, known, shapeProbes: ["h"] });
    expect(outputs).toEqual(["h", "y", "h:shape-probe"]);
    expect(nodes.at(-1)).toBe("Shape h -> h:shape-probe");
  });

  test("null where all is known", () => {
    const known = new Map(["d", "h", "y"].map((name) => [name, float(1)]));
    expect(probeModel(model, { bindings: new Map(), pass: 2, shapeProbes: [], known })).toBeNull();
  });

  test("without a node: what it writes is given where its type is known, else what needs it goes too", () => {
    const without = (types: ReadonlyMap<string, TensorType>) =>
      probed(model, { leftOut: { nodes: new Set([1]), types } });
    expect(without(new Map([["h", float(2, 8)]]))).toMatchObject({
      inputs: { x: [2, 8], h: [2, 8] },
      nodes: ["Dropout x -> d mask", "Split h parts -> y  z"],
      outputs: ["d", "y"],
    });
    expect(without(new Map())).toMatchObject({ nodes: ["Dropout x -> d mask"], outputs: ["d"] });
  });
});

describe("bodies", () => {
  const large = (name: string) => floatTensor(name, [16, 32], new Float32Array(512));

  /** The node of an attribute's graph that writes `name`. */
  function writer(node: NodeProto | undefined, attribute: string, name: string): NodeProto | undefined {
    const graph = node?.attribute.find((candidate) => candidate.name === attribute)?.g;
    return graph?.node.find(({ output }) => output.includes(name));
  }

  test("branches stand beside the graph too, under names of their own", () => {
    const branch = (relu: string) => {
      const body = new ModelBuilder({ name: "b" });
      body.node("MatMul", ["x", body.initializer(large("w"))], { outputs: ["h"] });
      return body.output(body.node(relu, ["h"], { outputs: ["out"] })).graph();
    };
    const builder = new ModelBuilder({ name: "m" });
    builder.input("x", "float", [4, 16]);
    const attributes = { then_branch: { graph: branch("Relu") }, else_branch: { graph: branch("Tanh") } };
    builder.output(builder.node("If", [builder.input("c", "bool", [])], { attributes, outputs: ["y"] }));
    const { nodes, inputs, outputs, graph } = probed(decoded(builder.bytes()));
    expect(nodes).toEqual([
      "If c -> y",
      "MatMul x 0.then_branch/w -> 0.then_branch/h",
      "Relu 0.then_branch/h -> 0.then_branch/out",
      "MatMul x 0.else_branch/w -> 0.else_branch/h",
      "Tanh 0.else_branch/h -> 0.else_branch/out",
    ]);
    expect(Object.keys(inputs)).toEqual(["x", "c", "0.then_branch/w", "0.else_branch/w"]);
    expect(outputs).toEqual(["y", ...nodes.slice(1).map((node) => node.split(" -> ")[1])]);
    expect(writer(graph.node[0], "then_branch", "w")?.opType).toBe("ConstantOfShape");
  });

  test("a branch within a branch captures from both around it", () => {
    const inner = new ModelBuilder({ name: "inner" });
    const innermost = inner.output(inner.node("Add", ["x", "h"], { outputs: ["sum"] })).graph();
    const nested = { then_branch: { graph: innermost }, else_branch: { graph: innermost } };
    const outer = new ModelBuilder({ name: "outer" });
    outer.node("Relu", ["x"], { outputs: ["h"] });
    const branch = outer.output(outer.node("If", ["c"], { attributes: nested, outputs: ["out"] })).graph();
    const builder = new ModelBuilder({ name: "m" });
    builder.input("x", "float", [4]);
    const attributes = { then_branch: { graph: branch }, else_branch: { graph: branch } };
    builder.output(builder.node("If", [builder.input("c", "bool", [])], { attributes, outputs: ["y"] }));
    const { nodes, graph } = probed(decoded(builder.bytes()));
    expect(nodes).toContain("Add x 0.then_branch/h -> 0.then_branch/1.else_branch/sum");
    const laidOut = graph.node.find(({ output }) => output[0] === "0.else_branch/out");
    expect(writer(laidOut, "then_branch", "sum")?.input).toEqual(["x", "0.else_branch/h"]);
  });

  test("a body's own name is its own, also where a branch around it has the same", () => {
    const inner = new ModelBuilder({ name: "inner" });
    inner.input("i", "int64", []);
    inner.input("going", "bool", []);
    inner.node("Relu", ["x"], { outputs: ["h"] });
    const body = inner
      .output("going", "bool")
      .output(inner.node("Add", ["h", "k"], { outputs: ["sum"] }))
      .graph();
    const outer = new ModelBuilder({ name: "outer" });
    outer.node("Tanh", ["x"], { outputs: ["h"] });
    outer.node("Sigmoid", ["h"], { outputs: ["k"] });
    const branch = outer
      .output(outer.node("Loop", ["n", ""], { attributes: { body: { graph: body } }, outputs: ["out"] }))
      .graph();
    const builder = new ModelBuilder({ name: "m" });
    builder.input("x", "float", [4]);
    builder.input("n", "int64", []);
    const attributes = { then_branch: { graph: branch }, else_branch: { graph: branch } };
    builder.output(builder.node("If", [builder.input("c", "bool", [])], { attributes, outputs: ["y"] }));
    const { graph } = probed(decoded(builder.bytes()));
    const laidOut = graph.node.find(({ output }) => output[0] === "0.then_branch/out");
    expect(writer(laidOut, "body", "sum")?.input).toEqual(["h", "0.then_branch/k"]);
  });

  test("a weight of a Loop's body is filled in place; types that cannot be filled are zeros", () => {
    const body = new ModelBuilder({ name: "b" });
    body.input("i", "int64", []);
    body.input("going", "bool", []);
    body.initializer(large("w"));
    const packed: TensorProto = create(TensorProtoSchema, {
      name: "q",
      dataType: 22,
      dims: [64n, 64n],
      rawData: new Uint8Array(2048).fill(1),
    });
    body.initializer(packed);
    body.node("Identity", ["w"], { outputs: ["a"] });
    body.node("Identity", ["q"], { outputs: ["b"] });
    const graph = body.output("going", "bool").output("a").graph();
    const builder = new ModelBuilder({ name: "m" });
    builder.input("x", "float", [2]);
    builder.output(builder.node("Loop", [builder.integers("n", [2], []), ""], { attributes: { body: { graph } } }));
    const { graph: probe } = probed(decoded(builder.bytes()));
    const [loop] = probe.node;
    expect(writer(loop, "body", "w")).toMatchObject({ opType: "ConstantOfShape", input: ["w:sizes"] });
    expect(writer(loop, "body", "w:sizes")?.attribute[0]?.t?.rawData).toEqual(integerTensor("", [2], [16, 32]).rawData);
    expect(writer(loop, "body", "q")?.attribute[0]?.t).toMatchObject({
      dims: [64n, 64n],
      rawData: new Uint8Array(2048),
    });
  });
});

test("the model is not changed", () => {
  const builder = new ModelBuilder({ name: "m" });
  const x = builder.input("x", "float", ["n", 64]);
  builder.output(builder.node("MatMul", [x, builder.weight("w", [64, 64], 1)], { outputs: ["y"] }));
  const model = decoded(builder.bytes());
  const before = toBinary(ModelProtoSchema, model.proto);
  probed(model, { bindings: new Map([["n", 3]]), pass: 3, known: new Map(), shapeProbes: ["y"] });
  expect(toBinary(ModelProtoSchema, model.proto)).toEqual(before);
});
