import { create, toBinary } from "@bufbuild/protobuf";
import {
  AttributeProtoSchema,
  FunctionProtoSchema,
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  SparseTensorProtoSchema,
  TensorProtoSchema,
  ValueInfoProtoSchema,
} from "onnx-buf";
import { describe, expect, test } from "vitest";
import { row } from "../columns.ts";
import { decodeModel } from "../onnx/decode.ts";
import type { Model, TensorType } from "../onnx/model.ts";
import { bytesSource } from "../onnx/source.ts";
import { unwrap } from "../result.ts";
import { graphProtoFromText, type ModelTextOptions, modelFromText, nodesFromText } from "../testing/model-text.ts";
import { buildGraph } from "./build.ts";
import type { Graph } from "./graph.ts";

const float = (shape: TensorType["shape"]): TensorType => ({ kind: "tensor", elementType: "float", shape });

function build(text: string, options: ModelTextOptions = {}, types: ReadonlyMap<string, TensorType> = new Map()) {
  return unwrap(buildGraph(modelFromText(text, options), types));
}

function refusal(text: string, options: ModelTextOptions = {}): string {
  const result = buildGraph(modelFromText(text, options), new Map());
  return result.ok ? "built" : result.error;
}

/** Ops as lines: name, tensors read, constants, tensors written. */
function dump(graph: Graph): string[] {
  const names = (list: readonly string[], numbers: Int32Array) =>
    Array.from(numbers, (number) => list[number]).join(" ");
  return graph.opNames.map((name, op) => {
    const constants = names(graph.constantNames, row(graph.opConstants, op));
    const inputs = names(graph.tensorNames, row(graph.opInputs, op));
    return `${name}(${inputs}${constants === "" ? "" : `; ${constants}`}) ${names(graph.tensorNames, row(graph.opOutputs, op))}`;
  });
}

const tensorNames = (graph: Graph, numbers: readonly number[]) => numbers.map((number) => graph.tensorNames[number]);

describe("buildGraph", () => {
  test("folds what constants alone feed, drops what reaches no output, keeps repeats and gaps apart", () => {
    const graph = build(
      `k   Constant        -> k
       t   Transpose w     -> wt
       s   Add wt k        -> ws
       mm  MatMul x ws     -> a
       add Add a a - b     -> y - unused
       dead Relu a         -> nowhere`,
      { inputs: ["x", "extra"], outputs: ["y", "y"], initializers: ["w", "b"] },
    );
    expect(dump(graph)).toEqual(["mm(x; ws) a", "add(a; b) y"]);
    expect(tensorNames(graph, graph.inputs)).toEqual(["x"]);
    expect(tensorNames(graph, graph.outputs)).toEqual(["y"]);
    expect(Array.from(graph.opNodes)).toEqual([3, 4]);
    expect(Array.from(graph.tensorProducer)).toEqual([-1, 0, 1]);
    expect(Array.from(row(graph.tensorConsumers, 1))).toEqual([1]);
  });

  test("never folds random ops, ops without inputs, nor functions and bodies that draw random numbers", () => {
    const noise = graphProtoFromText("r RandomNormalLike w -> r", { outputs: ["r"] });
    const inner = create(FunctionProtoSchema, {
      name: "Inner",
      domain: "d",
      node: nodesFromText("m Multinomial v -> u"),
    });
    const outer = create(FunctionProtoSchema, { name: "Outer", domain: "d", node: nodesFromText("i d:Inner v -> u") });
    const plain = create(FunctionProtoSchema, { name: "Plain", domain: "d", node: nodesFromText("i Neg v -> u") });
    const graph = build(
      `r1 RandomUniformLike w -> a
       r2 RandomNormal        -> b
       u  my.ops:Source       -> c
       i  If w                -> d
       f  d:Outer w           -> e
       p  d:Plain w           -> g
       z  Sum x a b c d e g   -> y`,
      {
        inputs: ["x"],
        outputs: ["y"],
        initializers: ["w"],
        bodies: { i: { then_branch: noise } },
        functions: [inner, outer, plain],
      },
    );
    expect(graph.opNames).toEqual(["r1", "r2", "u", "i", "f", "z"]);
    expect(dump(graph).at(-1)).toBe("z(x a b c d e; g) y");
    expect(graph.opDomains).toEqual(["", "", "my.ops", "", "d", ""]);
  });

  test("reads what bodies capture at any depth, body outputs included, and carries the constants inside", () => {
    const deep = graphProtoFromText("n Add local far -> n", { outputs: ["n", "direct"] });
    const body = graphProtoFromText("l Neg near -> local\n lp Loop - - -> got", {
      inputs: ["i"],
      outputs: ["got"],
      initializers: ["bw"],
      bodies: { lp: { body: deep } },
    });
    const graph = build(
      `a  Relu x   -> near
       b  Relu x   -> far
       c  Relu x   -> direct
       s  Loop - w -> y`,
      { inputs: ["x"], outputs: ["y"], initializers: ["w"], bodies: { s: { body } } },
    );
    expect(dump(graph).at(-1)).toBe("s(near far direct; w 3.body/bw) y");
    expect(graph.constantBytes[1]).toBe(8);
  });

  test("takes an input that is also an initializer for a constant, as files before IR 4 list them", () => {
    const graph = build("c Conv x w -> y", { inputs: ["x", "w"], outputs: ["y"], initializers: ["w"] });
    expect(dump(graph)).toEqual(["c(x; w) y"]);
    expect(tensorNames(graph, graph.inputs)).toEqual(["x"]);
  });

  test("sorts what is unsorted, by position in the file wherever there is a choice", () => {
    const graph = build("d Add b c -> y\n b Relu a -> b\n c Relu a -> c\n a Relu x -> a", {
      inputs: ["x"],
      outputs: ["y"],
    });
    expect(graph.opNames).toEqual(["a", "b", "c", "d"]);
    expect(Array.from(graph.opNodes)).toEqual([3, 1, 2, 0]);
  });

  test("makes names unique without displacing those of the file", () => {
    const graph = build(
      `-    Relu x -> a
       conv Relu a -> b
       conv Relu b -> c
       conv_2 Relu c -> d
       Relu_0 Relu d -> e`,
      { inputs: ["x"], outputs: ["e"] },
    );
    expect(graph.opNames).toEqual(["Relu_0_2", "conv", "conv_2_2", "conv_2", "Relu_0"]);
  });

  test("keeps names like __proto__ as data", () => {
    const graph = build("__proto__ Relu constructor -> __proto__\n toString Add __proto__ hasOwnProperty -> y", {
      inputs: ["constructor"],
      outputs: ["y"],
      initializers: ["hasOwnProperty"],
    });
    expect(dump(graph)).toEqual(["__proto__(constructor) __proto__", "toString(__proto__; hasOwnProperty) y"]);
  });

  test("keeps an output that is an input only where some op reads it, and none that is constant", () => {
    const graph = build("r Relu x -> y\n t Neg w -> z", {
      inputs: ["x", "idle"],
      outputs: ["z", "w", "y", "x", "idle"],
      initializers: ["w"],
    });
    expect(tensorNames(graph, graph.outputs)).toEqual(["y", "x"]);
    expect(refusal("t Neg w -> z", { inputs: ["x"], outputs: ["z", "x"], initializers: ["w"] })).toBe(
      '"text.onnx": every output is a constant or an input, so there is no op to run.',
    );
  });

  test("names tensor and nodes where the wiring is wrong", () => {
    const ends = { inputs: ["x"], outputs: ["y"] };
    expect(refusal("a Relu gone -> y", ends)).toBe(
      '"text.onnx": node "a" (Relu) reads tensor "gone", but no node, initializer or graph input provides it.',
    );
    expect(
      refusal("- If x -> y", { ...ends, bodies: { "": { then_branch: graphProtoFromText("n Neg gone -> n") } } }),
    ).toBe('"text.onnx": node 0 (If) reads tensor "gone", but no node, initializer or graph input provides it.');
    expect(refusal("a Relu x -> z", ends)).toBe(
      '"text.onnx": graph output "y" is missing: no node, initializer or graph input provides it.',
    );
    expect(refusal("a Relu x -> y\n b Neg x -> y", ends)).toBe(
      '"text.onnx": tensor "y" is written by both node "a" (Relu) and node "b" (Neg); one writer was expected.',
    );
    expect(refusal("a Relu x -> x y", ends)).toBe(
      '"text.onnx": tensor "x" is written by both the graph input of that name and node "a" (Relu); one writer was expected.',
    );
    expect(refusal("in Add x back -> a\n mid Relu a -> b\n end Neg b -> back\n tail Neg back -> y", ends)).toMatch(
      /^"text.onnx": node "(in|mid|end)" \(\w+\) depends on its own output; a graph without cycles was expected\.$/,
    );
  });

  test("sizes tensors by the given types, else as declared, else not at all", () => {
    const graph = build(
      "a Relu x -> p\n b Relu p -> q\n c Split q -> r s t\n d Concat r s t -> y",
      {
        inputs: ["x"],
        outputs: ["y"],
      },
      new Map<string, TensorType>([
        ["x", float([1, 3, 8])],
        ["p", float(["N", 4])],
        ["q", float(null)],
        ["r", { kind: "tensor", elementType: "int4", shape: [3, 3] }],
        ["s", { kind: "other", elementType: "undefined", shape: null }],
        ["t", { kind: "tensor", elementType: "bool", shape: [] }],
      ]),
    );
    expect(graph.tensorNames).toEqual(["x", "p", "q", "r", "s", "t", "y"]);
    expect(Array.from(graph.tensorBytes)).toEqual([96, Number.NaN, Number.NaN, 5, Number.NaN, 1, Number.NaN]);
  });

  test("tells type, shape and bytes of every kind of constant", () => {
    const graph = unwrap(buildGraph(constantsModel(), new Map([["folded", float([7, 2])]])));
    const rows = graph.constantNames.map((name, i) => [
      name,
      graph.constantTypes[i],
      graph.constantShapes[i],
      graph.constantBytes[i],
      graph.constantElements[i],
    ]);
    expect(rows).toEqual([
      ["tensor", "float16", [3, 5], 30, 15],
      ["sparse", "float", [10, 10], 8 + 16, 100],
      ["float", "float", [], 4, 1],
      ["floats", "float", [3], 12, 3],
      ["int", "int64", [], 8, 1],
      ["ints", "int64", [2], 16, 2],
      ["string", "string", [], 4, 1],
      ["strings", "string", [2], 3, 2],
      ["folded", "float", [7, 2], 56, 14],
      ["odd", "uint4", [3], 2, 3],
      ["bad", "float", null, Number.NaN, Number.NaN],
    ]);
  });

  test("takes a chain of 5,000 ops, in and out of order", () => {
    const lines = Array.from({ length: 5000 }, (_, i) => `n${i} Relu t${i} -> t${i + 1}`);
    for (const text of [lines.join("\n"), lines.toReversed().join("\n")]) {
      const graph = build(text, { inputs: ["t0"], outputs: ["t5000"] });
      expect(graph.opCount).toBe(5000);
      expect(graph.opNames[4999]).toBe("n4999");
    }
  });
});

function constantsModel(): Model {
  const text = (value: string) => new TextEncoder().encode(value);
  const tensor = (dataType: number, dims: bigint[], name = "") => create(TensorProtoSchema, { name, dataType, dims });
  const values: readonly (readonly [string, string, object])[] = [
    ["tensor", "value", { t: tensor(10, [3n, 5n]) }],
    [
      "sparse",
      "sparse_value",
      {
        sparseTensor: create(SparseTensorProtoSchema, {
          values: tensor(1, [2n]),
          indices: tensor(7, [2n]),
          dims: [10n, 10n],
        }),
      },
    ],
    ["float", "value_float", { f: 1 }],
    ["floats", "value_floats", { floats: [1, 2, 3] }],
    ["int", "value_int", { i: 1n }],
    ["ints", "value_ints", { ints: [1n, 2n] }],
    ["string", "value_string", { s: text("four") }],
    ["strings", "value_strings", { strings: [text("a"), text("bc")] }],
  ];
  const constants = values.map(([output, name, value]) =>
    create(NodeProtoSchema, {
      opType: "Constant",
      output: [output],
      attribute: [create(AttributeProtoSchema, { name, ...value })],
    }),
  );
  const reads = ["x", ...values.map(([name]) => name), "folded", "odd", "bad"].join(" ");
  const graph = create(GraphProtoSchema, {
    node: [...constants, ...nodesFromText(`f ConstantOfShape ints -> folded\n s Sum ${reads} -> y`)],
    input: [create(ValueInfoProtoSchema, { name: "x" })],
    output: [create(ValueInfoProtoSchema, { name: "y" })],
    initializer: [tensor(21, [3n], "odd"), tensor(1, [-1n], "bad")],
  });
  const bytes = toBinary(ModelProtoSchema, create(ModelProtoSchema, { irVersion: 10n, graph }));
  return unwrap(decodeModel(bytesSource("constants.onnx", bytes)));
}
