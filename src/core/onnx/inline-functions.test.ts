import { create, toBinary } from "@bufbuild/protobuf";
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  type FunctionProto,
  FunctionProtoSchema,
  ModelProtoSchema,
  OperatorSetIdProtoSchema,
} from "onnx-buf";
import { describe, expect, test } from "vitest";
import { unwrap } from "../result.ts";
import { graphProtoFromText, type ModelTextOptions, modelFromText, nodesFromText } from "../testing/model-text.ts";
import { attributeProto, floatTensor } from "../testing/onnx-messages.ts";
import { decodeModel } from "./decode.ts";
import { bytesSource } from "./source.ts";
import { attributeOf } from "./subgraphs.ts";

interface FunctionText {
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly nodes: string;
  readonly bodies?: ModelTextOptions["bodies"];
  readonly opset?: number;
}

function functionOf({ name, inputs, outputs, nodes, bodies, opset = 17 }: FunctionText): FunctionProto {
  return create(FunctionProtoSchema, {
    name,
    domain: "local",
    input: [...inputs],
    output: [...outputs],
    node: nodesFromText(nodes, bodies),
    opsetImport: [create(OperatorSetIdProtoSchema, { version: BigInt(opset) })],
  });
}

/** The main graph's nodes as text again. */
function nodesOf(text: string, options: ModelTextOptions): readonly string[] {
  const { graph } = modelFromText(text, options).proto;
  return (graph?.node ?? []).map((node) => {
    const names = (list: readonly string[]) => list.map((name) => (name === "" ? "-" : name)).join(" ");
    return `${node.name} ${node.opType} ${names(node.input)} -> ${names(node.output)}`;
  });
}

describe("functions in place of their calls", () => {
  test("names of the caller outside, names of the call inside, twice without a clash", () => {
    const block = functionOf({
      name: "Block",
      inputs: ["a", "b"],
      outputs: ["c"],
      nodes: "r Relu a -> t\ns Add t b -> c",
    });
    expect(
      nodesOf("one local:Block x y -> z\none local:Block z - -> w", {
        inputs: ["x", "y"],
        outputs: ["w"],
        functions: [block],
      }),
    ).toEqual([
      "one/r Relu x -> one/t",
      "one/s Add one/t y -> z",
      "one_1/r Relu z -> one_1/t",
      "one_1/s Add one_1/t - -> w",
    ]);
  });

  test("calls within calls; nodes without a name; outputs that nobody takes", () => {
    const inner = functionOf({
      name: "Inner",
      inputs: ["p"],
      outputs: ["q", "unused"],
      nodes: "- Relu p -> q\n- Neg q -> unused",
    });
    const outer = functionOf({
      name: "Outer",
      inputs: ["p"],
      outputs: ["q"],
      nodes: "i local:Inner p -> m -\n- Exp m -> q",
    });
    expect(nodesOf("- local:Outer x -> y", { inputs: ["x"], outputs: ["y"], functions: [outer, inner] })).toEqual([
      "Outer_0/i/Relu_0 Relu x -> Outer_0/m",
      "Outer_0/i/Neg_1 Neg Outer_0/m -> Outer_0/i/unused",
      "Outer_0/Exp_1 Exp Outer_0/m -> y",
    ]);
  });

  test("an input that is handed on as an output", () => {
    const same = functionOf({ name: "Same", inputs: ["p"], outputs: ["p", "q"], nodes: "r Relu p -> q" });
    expect(nodesOf("f local:Same x -> y z", { inputs: ["x"], outputs: ["y", "z"], functions: [same] })).toEqual([
      "f/r Relu x -> z",
      "f/p Identity x -> y",
    ]);
  });

  test("attributes of the call, else those that the function offers, else none", () => {
    const reference = (name: string, refAttrName: string) =>
      create(AttributeProtoSchema, { name, refAttrName, type: AttributeProto_AttributeType.INT });
    const definition = functionOf({ name: "F", inputs: ["p"], outputs: ["q"], nodes: "s Softmax p -> q" });
    const [node] = definition.node;
    node?.attribute.push(reference("axis", "along"), reference("other", "offered"), reference("third", "absent"));
    definition.attributeProto = [attributeProto("offered", 7), attributeProto("along", 5)];
    const graph = graphProtoFromText("f local:F x -> y", { inputs: ["x"], outputs: ["y"] });
    graph.node[0]?.attribute.push(attributeProto("along", 2));
    const model = create(ModelProtoSchema, {
      irVersion: 8n,
      graph,
      functions: [definition],
      opsetImport: definition.opsetImport,
    });
    const decoded = unwrap(decodeModel(bytesSource("f.onnx", toBinary(ModelProtoSchema, model))));
    const inlined = decoded.proto.graph?.node[0];
    expect(inlined?.attribute.map(({ name, i, refAttrName }) => [name, i, refAttrName])).toEqual([
      ["axis", 2n, ""],
      ["other", 7n, ""],
    ]);
    expect(decoded.proto.functions).toEqual([]);
  });

  test("bodies of a function's nodes, and calls in bodies", () => {
    const branch = () => graphProtoFromText("- Neg a -> own", { outputs: ["own"], initializers: ["w"] });
    const choose = functionOf({
      name: "Choose",
      inputs: ["c", "a"],
      outputs: ["o"],
      nodes: "k If c -> o",
      bodies: { k: { then_branch: branch(), else_branch: branch() } },
    });
    const model = modelFromText("f local:Choose flag x -> y", {
      inputs: ["flag", "x"],
      outputs: ["y"],
      functions: [choose],
    });
    const [node] = model.proto.graph?.node ?? [];
    const body = node === undefined ? undefined : attributeOf(node, "then_branch")?.g;
    expect(body?.node[0]?.input).toEqual(["x"]);
    expect(body?.output.map(({ name }) => name)).toEqual(["f/own"]);
    expect(body?.initializer.map(({ name }) => name)).toEqual(["f/w"]);

    const relu = functionOf({ name: "R", inputs: ["p"], outputs: ["q"], nodes: "r Relu p -> q" });
    const calling = graphProtoFromText("in local:R x -> b", { outputs: ["b"] });
    const outer = modelFromText("k If flag -> y", {
      inputs: ["flag", "x"],
      outputs: ["y"],
      bodies: { k: { then_branch: calling, else_branch: calling } },
      functions: [relu],
    });
    const [choice] = outer.proto.graph?.node ?? [];
    const inside = choice === undefined ? undefined : attributeOf(choice, "then_branch")?.g?.node[0];
    expect([inside?.opType, inside?.name, inside?.output]).toEqual(["Relu", "in/r", ["b"]]);
  });

  test("payloads are found where they then are", () => {
    const weight = floatTensor("", [40, 10], new Float32Array(400).fill(1));
    const definition = functionOf({
      name: "F",
      inputs: ["p"],
      outputs: ["q"],
      nodes: "c Constant -> w\nm MatMul p w -> q",
    });
    definition.node[0]?.attribute.push(attributeProto("value", { tensor: weight }));
    const model = modelFromText("a Relu x -> h\nf local:F h -> y\ng local:F h -> z", {
      inputs: ["x"],
      outputs: ["y", "z"],
      functions: [definition],
    });
    expect([...model.weights.keys()]).toEqual(["f/w", "g/w"]);
    expect(new Set([...model.weights.values()].map(({ length }) => length))).toEqual(new Set([1600]));
  });

  test("calls that cannot be replaced stay calls, with their functions", () => {
    const recursive = functionOf({ name: "Loops", inputs: ["p"], outputs: ["q"], nodes: "f local:Loops p -> q" });
    const older = functionOf({ name: "Old", inputs: ["p"], outputs: ["q"], nodes: "r Relu p -> q", opset: 12 });
    const leaky = functionOf({ name: "Leaky", inputs: ["p"], outputs: ["q"], nodes: "r Add p outside -> q" });
    const options = { inputs: ["x"], outputs: ["y"] };
    for (const definition of [older, leaky]) {
      const text = `f local:${definition.name} x -> y`;
      expect(nodesOf(text, { ...options, functions: [definition] })).toEqual([`f ${definition.name} x -> y`]);
      expect(modelFromText(text, { ...options, functions: [definition] }).proto.functions).toHaveLength(1);
    }
    expect(nodesOf("f local:Loops x -> y", { ...options, functions: [recursive] })).toEqual(["f/f Loops x -> y"]);
  });

  test("functions that double at each level end", () => {
    const levels = Array.from({ length: 40 }, (_, level) =>
      functionOf({
        name: `L${level}`,
        inputs: ["p"],
        outputs: ["q"],
        nodes: `a local:L${level + 1} p -> t\nb local:L${level + 1} t -> q`,
      }),
    );
    const last = functionOf({ name: "L40", inputs: ["p"], outputs: ["q"], nodes: "r Relu p -> q" });
    const nodes = nodesOf("f local:L0 x -> y", { inputs: ["x"], outputs: ["y"], functions: [...levels, last] });
    expect(nodes.length).toBeGreaterThan(1000);
    expect(nodes.length).toBeLessThan(200_000);
  }, 30_000);
});
