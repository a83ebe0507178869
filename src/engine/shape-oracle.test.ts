import { create, toBinary } from "@bufbuild/protobuf";
import {
  FunctionProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  OperatorSetIdProtoSchema,
  ValueInfoProtoSchema,
} from "onnx-buf";
import { describe, expect, test } from "vitest";
import { decodeModel } from "../core/onnx/decode.ts";
import type { TensorType } from "../core/onnx/model.ts";
import { bytesSource } from "../core/onnx/source.ts";
import { unwrap } from "../core/result.ts";
import { ModelBuilder } from "../core/testing/model-builder.ts";
import { floatTensor, valueInfo } from "../core/testing/onnx-messages.ts";
import { inferTypes } from "./shape-oracle.ts";
import { actualTypes } from "./testing/actual-types.ts";

const float = (...shape: number[]): TensorType => ({ kind: "tensor", elementType: "float", shape });
const int64 = (...shape: number[]): TensorType => ({ kind: "tensor", elementType: "int64", shape });

function bytesOf(model: ModelBuilder | ModelProto): Uint8Array<ArrayBuffer> {
  return model instanceof ModelBuilder ? model.bytes() : toBinary(ModelProtoSchema, model);
}

/** Types found for a model that comes through the decoder, as a file does. */
function infer(model: ModelBuilder | ModelProto, bindings: Readonly<Record<string, number>> = {}) {
  const decoded = unwrap(decodeModel(bytesSource("m.onnx", bytesOf(model))));
  return inferTypes(decoded, new Map(Object.entries(bindings)));
}

/** Inferred types of the named tensors equal those of a run of the whole file. */
async function expectTruth(model: ModelBuilder | ModelProto, names: readonly string[]) {
  const { types, warning } = await infer(model);
  expect(warning).toBeNull();
  const actual = await actualTypes(bytesOf(model), types, names);
  expect(actual.size).toBe(names.length);
  for (const [name, type] of actual) expect({ name, type: types.get(name) }).toEqual({ name, type });
}

describe("what is found", () => {
  test("sizes of bound dimensions run through; names of unbound ones stay", async () => {
    const builder = new ModelBuilder({ name: "m" });
    const x = builder.input("x", "float", ["batch", null, 64]);
    builder.output(builder.node("MatMul", [x, builder.weight("w", [64, 48], 1)], { outputs: ["y"] }));
    expect((await infer(builder, { batch: 2, "x:1": 7 })).types.get("y")).toEqual(float(2, 7, 48));
    const half = await infer(builder, { "x:1": 7 });
    expect(half.types.get("y")?.shape).toEqual(["batch", 7, 48]);
    expect(half.unresolved).toEqual(["x", "y"]);
    expect((await infer(builder)).types.get("y")?.shape).toEqual(["batch", null, 48]);
  });

  test("scalars are told from unknown ranks", async () => {
    const builder = new ModelBuilder({ name: "m" });
    const x = builder.input("x", "float", [3, 4]);
    const target = builder.input("target", "int64", [null]);
    builder.output(builder.node("ReduceSum", [x], { attributes: { keepdims: 0 }, outputs: ["sum"] }));
    builder.output(builder.node("Reshape", [x, target], { outputs: ["shaped"] }));
    const { types, unresolved, passes } = await infer(builder);
    expect(types.get("sum")).toEqual(float());
    expect(types.get("shaped")).toEqual({ kind: "tensor", elementType: "float", shape: null });
    expect(unresolved).toEqual(["target", "shaped"]);
    expect(passes).toBe(3);
  });

  test("shape arguments are computed from the sizes of tensors", async () => {
    const builder = new ModelBuilder({ name: "m" });
    const x = builder.input("x", "float", ["batch", 3, 4, 5]);
    const shape = builder.node("Shape", [x]);
    const batch = builder.node("Gather", [shape, builder.integers("zero", [0])]);
    const target = builder.node("Concat", [batch, builder.integers("rest", [12, -1])], { attributes: { axis: 0 } });
    builder.output(builder.node("Reshape", [x, target], { outputs: ["y"] }));
    const { types, unresolved } = await infer(builder, { batch: 2 });
    expect(types.get("y")).toEqual(float(2, 12, 5));
    expect(types.get(target)).toEqual(int64(3));
    expect(unresolved).toEqual([]);
  });

  test("sequences are no tensors, and nothing is left open about them", async () => {
    const builder = new ModelBuilder({ name: "m" });
    const x = builder.input("x", "float", [4]);
    const sequence = builder.node("SequenceConstruct", [x, x]);
    builder.output(builder.node("SequenceLength", [sequence], { outputs: ["n"] }), "int64");
    const { types, unresolved } = await infer(builder);
    expect(types.get(sequence)?.kind).toBe("other");
    expect(types.get("n")).toEqual(int64());
    expect(unresolved).toEqual([]);
  });

  test("branches of an If, whose weights and captures are found in their own scope", async () => {
    const branch = (name: string, width: number) => {
      const body = new ModelBuilder({ name });
      const product = body.node("MatMul", ["hidden", body.weight("w", [32, width], 1)], { outputs: ["product"] });
      const same = body.node("MatMul", [product, body.weight("v", [width, 8], 1)], { outputs: ["same"] });
      return body.output(same, "float", [4, 8]).graph();
    };
    const builder = new ModelBuilder({ name: "m" });
    builder.node("Relu", [builder.input("x", "float", [4, 32])], { outputs: ["hidden"] });
    const attributes = { then_branch: { graph: branch("a", 48) }, else_branch: { graph: branch("b", 56) } };
    builder.node("If", [builder.input("c", "bool", [])], { attributes, outputs: ["y"] });
    builder.output("y");
    const { types, unresolved, warning } = await infer(builder);
    expect(warning).toBeNull();
    expect(types.get("y")).toEqual(float(4, 8));
    expect(types.get("1.then_branch/product")).toEqual(float(4, 48));
    expect(types.get("1.else_branch/product")).toEqual(float(4, 56));
    expect(types.get("1.else_branch/same")).toEqual(float(4, 8));
    expect(unresolved).toEqual([]);
    await expectTruth(builder, ["hidden", "y"]);
  });

  test("a Loop whose body holds weights that were left out", async () => {
    const body = new ModelBuilder({ name: "body" });
    body.input("i", "int64", []);
    body.input("going", "bool", []);
    body.input("state", "float", [4, 32]);
    const next = body.node("MatMul", ["state", body.weight("w", [32, 32], 1)], { outputs: ["next"] });
    body.output(body.node("Identity", ["going"], { outputs: ["going_on"] }), "bool", []).output(next, "float", [4, 32]);
    body.output(body.node("Identity", [next], { outputs: ["scanned"] }), "float", [4, 32]);
    const builder = new ModelBuilder({ name: "m" });
    const x = builder.input("x", "float", [4, 32]);
    builder.node("Loop", [builder.integers("trips", [3], []), "", x], {
      attributes: { body: { graph: body.graph() } },
      outputs: ["last", "all"],
    });
    builder.output("last").output("all");
    const { types, warning } = await infer(builder);
    expect(warning).toBeNull();
    expect(types.get("last")?.elementType).toBe("float");
    expect(types.get("all")?.shape?.slice(1)).toEqual([4, 32]);
  });

  test("a model-local function with a constant that was left out", async () => {
    const constant = new ModelBuilder({ name: "f" });
    const table = floatTensor("", [16, 32], new Float32Array(512));
    constant.node("Constant", [], { attributes: { value: { tensor: table } }, outputs: ["table"] });
    constant.node("MatMul", ["a", "table"], { outputs: ["b"] });
    const builder = new ModelBuilder({ name: "m", domains: new Map([["local", 1]]) });
    builder.node("Project", [builder.input("x", "float", [4, 16])], { domain: "local", outputs: ["y"] });
    const model = builder.output("y").model();
    model.functions.push(
      create(FunctionProtoSchema, {
        name: "Project",
        domain: "local",
        input: ["a"],
        output: ["b"],
        node: constant.graph().node,
        opsetImport: [create(OperatorSetIdProtoSchema, { domain: "", version: 17n })],
      }),
    );
    await expectTruth(model, ["y"]);
  });

  test("experimental ops of the first ONNX versions have the types of a run", async () => {
    const builder = new ModelBuilder({ name: "m", opset: 7 });
    let x = builder.input("x", "float", [1, 3, 20, 30]);
    x = builder.node("ImageScaler", [x], {
      attributes: { scale: { float: 2 }, bias: { floats: [1, 2, 3] } },
      outputs: ["a"],
    });
    x = builder.node("Affine", [x], { attributes: { alpha: { float: 2 }, beta: { float: 1 } }, outputs: ["b"] });
    x = builder.node("Crop", [x], { attributes: { border: [1, 2, 3, 4] }, outputs: ["c"] });
    x = builder.node("Crop", [x], { attributes: { border: [2, 1, 0, 0], scale: [7, 9] }, outputs: ["d"] });
    x = builder.node("Crop", [x], { attributes: { border: [1, 0, 0, 0] }, outputs: ["e"] });
    await expectTruth(builder.output(x), ["a", "b", "c", "d", "e"]);
  });

  test("an old file that lists its initializers as inputs, one of them unused", async () => {
    const builder = new ModelBuilder({ name: "m", opset: 8 });
    const x = builder.input("x", "float", [2, 64]);
    builder.weight("unused", [64, 64], 1);
    builder.output(builder.node("MatMul", [x, builder.weight("w", [64, 48], 1)], { outputs: ["y"] }));
    const model = builder.model();
    model.irVersion = 3n;
    model.graph?.input.push(valueInfo("w", "float", [64, 48]), valueInfo("unused", "float", [64, 64]));
    const { types, unresolved } = await infer(model);
    expect(types.get("y")).toEqual(float(2, 48));
    expect([...types.keys()]).toEqual(["x", "y"]);
    expect(unresolved).toEqual([]);
  });

  test("what the file declares of shapes inside does not count against inference", async () => {
    const builder = new ModelBuilder({ name: "m" });
    const x = builder.input("x", "float", ["batch", 8]);
    builder.node("Relu", [x], { outputs: ["hidden"] });
    builder.output(builder.node("Relu", ["hidden"], { outputs: ["y"] }), "float", [1, 8]);
    const model = builder.model();
    model.graph?.valueInfo.push(valueInfo("hidden", "float", [1, 8]));
    const { types } = await infer(model, { batch: 5 });
    expect(types.get("hidden")).toEqual(float(5, 8));
    expect(types.get("y")).toEqual(float(5, 8));
  });
});

describe("what the runtime refuses", () => {
  /** x -> Relu "before" -> middle -> Relu "after", and x -> Relu "beside". */
  function around(middle: (builder: ModelBuilder, x: string) => string) {
    const builder = new ModelBuilder({ name: "m", domains: new Map([["my.domain", 1]]) });
    const x = builder.input("x", "float", [2, 3, 16]);
    builder.node("Relu", [x], { outputs: ["before"] });
    builder.node("Relu", [middle(builder, "before")], { outputs: ["after"] });
    builder.output(builder.node("Relu", [x], { outputs: ["beside"] }));
    // No type is declared for "after": it depends on what is refused.
    const model = builder.model();
    model.graph?.output.push(create(ValueInfoProtoSchema, { name: "after" }));
    return model;
  }

  test("an unknown op: all around it is known, the sentence names it", async () => {
    const custom = (b: ModelBuilder, x: string) =>
      b.node("Mystery", [x], { domain: "my.domain", name: "odd", outputs: ["m"] });
    const model = around(custom);
    const { types, unresolved, warning, passes } = await infer(model);
    expect(types.get("before")).toEqual(float(2, 3, 16));
    expect(types.get("beside")).toEqual(float(2, 3, 16));
    expect(unresolved).toEqual(["m", "after"]);
    expect(passes).toBe(1);
    expect(warning).toBe(
      '"m.onnx": onnxruntime, which checks the shapes, refuses node "odd" (Mystery): it does not know this op; ' +
        "it has not checked the shapes that follow from it.",
    );
    model.graph?.valueInfo.push(valueInfo("m", "float", [2, 5]));
    const declared = await infer(model);
    expect(declared.types.get("after")).toEqual(float(2, 5));
    expect(declared.unresolved).toEqual([]);
    expect(declared.warning).toBe(warning);
  });

  test("an op that the operator set lacks", async () => {
    const { warning, unresolved } = await infer(
      around((b, x) => b.node("Gelu", [x], { name: "late", outputs: ["g"] })),
    );
    expect(warning).toContain('refuses node "late" (Gelu): it does not know this op;');
    expect(unresolved).toEqual(["g", "after"]);
  });

  test("a node that the message does not name is found", async () => {
    const lstm = (b: ModelBuilder, x: string) =>
      b.node("LSTM", [x, b.weight("w", [1, 64, 16], 1), b.weight("r", [1, 64, 16], 1)], {
        name: "batchwise",
        attributes: { layout: 1, hidden_size: 16 },
        outputs: ["l"],
      });
    const { warning, types, unresolved } = await infer(around(lstm));
    expect(warning).toMatch(/refuses node "batchwise" \(LSTM\): .*layout == 1.* not supported/);
    expect(types.get("before")).toEqual(float(2, 3, 16));
    expect(types.get("beside")).toEqual(float(2, 3, 16));
    expect(unresolved).toEqual(["l", "after"]);
  });

  test("shapes that contradict each other", async () => {
    const conv = (b: ModelBuilder, x: string) =>
      b.node("Conv", [x, b.weight("w", [4, 3, 3, 3], 1)], { name: "flat", outputs: ["v"] });
    const { warning } = await infer(around(conv));
    expect(warning).toMatch(/refuses node "flat" \(Conv\): Number of spatial dimensions .*;/);
    expect(warning).not.toContain("ERROR");
  });

  test("several nodes are counted; what depends on one is not", async () => {
    const two = (b: ModelBuilder, x: string) => {
      b.output(b.node("Mystery", [x], { domain: "my.domain", outputs: ["other"] }));
      const odd = b.node("Mystery", [x], { domain: "my.domain", name: "odd", outputs: ["m"] });
      return b.node("Gelu", [b.node("Gelu", [x]), odd], { name: "late", outputs: ["g"] });
    };
    const { warning, unresolved } = await infer(around(two));
    expect(warning).toMatch(/refuses node "\/Gelu" \(Gelu\) \(and 3 more nodes\): it does not know this op;/);
    expect(unresolved).toEqual(["other", "m", "/Gelu_output_0", "g", "after"]);
  });

  test("nodes of one name are no reason", async () => {
    const builder = new ModelBuilder({ name: "m" });
    const x = builder.input("x", "float", [2]);
    builder.output(builder.node("Relu", [builder.node("Relu", [x], { name: "same" })], { outputs: ["y"] }));
    const model = builder.model();
    for (const node of model.graph?.node ?? []) node.name = "same";
    expect(await infer(model)).toMatchObject({ warning: null, unresolved: [] });
  });

  test("a whole model of a future operator set", async () => {
    const builder = new ModelBuilder({ name: "m", opset: 99 });
    builder.node("Relu", [builder.input("x", "float", [2, 3])], { outputs: ["hidden"] });
    builder.output(builder.node("Relu", ["hidden"], { outputs: ["y"] }), "float", [2, 3]);
    const { warning, types, unresolved, passes } = await infer(builder);
    expect(warning).toMatch(/refuses the model: .*Opset 99/);
    expect(types.get("y")).toEqual(float(2, 3));
    expect(unresolved).toEqual(["hidden"]);
    expect(passes).toBe(0);
  });
});

test("an aborted signal rejects with its reason", async () => {
  const builder = new ModelBuilder({ name: "m" });
  builder.output(builder.node("Relu", [builder.input("x", "float", [2])]));
  const model = unwrap(decodeModel(bytesSource("m.onnx", builder.bytes())));
  const abort = new AbortController();
  abort.abort(new Error("enough"));
  await expect(inferTypes(model, new Map(), { signal: abort.signal })).rejects.toThrow("enough");
});

test("names of any kind are data", async () => {
  const builder = new ModelBuilder({ name: "m" });
  builder.input("__proto__", "float", ["constructor", 4]);
  builder.output(builder.node("Relu", ["__proto__"], { name: "toString", outputs: ["hasOwnProperty"] }));
  const { types } = await infer(builder, { constructor: 3 });
  expect(types.get("hasOwnProperty")).toEqual(float(3, 4));
});

test("the model is left as it was", async () => {
  const builder = new ModelBuilder({ name: "m" });
  builder.output(builder.node("Relu", [builder.input("x", "float", ["n", 4])]));
  const model = unwrap(decodeModel(bytesSource("m.onnx", builder.bytes())));
  const before = toBinary(ModelProtoSchema, model.proto);
  await inferTypes(model, new Map([["n", 2]]));
  expect(toBinary(ModelProtoSchema, model.proto)).toEqual(before);
});
