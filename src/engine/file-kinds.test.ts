import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  FunctionProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  SparseTensorProtoSchema,
  type TensorProto,
  TensorProto_DataType,
  TensorProtoSchema,
} from "onnx-buf";
import { describe, expect, test } from "vitest";
import { at, row } from "../core/columns.ts";
import { decodeModel } from "../core/onnx/decode.ts";
import type { TensorType } from "../core/onnx/model.ts";
import { segmentModels } from "../core/onnx/segments/segment-models.ts";
import { type ByteSource, bytesSource } from "../core/onnx/source.ts";
import type { Plan } from "../core/plan/plan.ts";
import { unwrap } from "../core/result.ts";
import { withExternalData } from "../core/testing/external-data.ts";
import { ModelBuilder } from "../core/testing/model-builder.ts";
import { openModel } from "./open-model.ts";
import { runWhole, type VerifyRequest, verifyPlan } from "./verify.ts";

const TYPE = TensorProto_DataType;

/** From the bytes to a run: what opening found, and what whole and segments of a plan compute. */
async function through(bytes: Uint8Array, others: readonly ByteSource[] = []) {
  const source = bytesSource("net.onnx", bytes);
  const opened = unwrap(await openModel(source, { assumeUsual: true }));
  const request: VerifyRequest = {
    model: unwrap(decodeModel(source)),
    source,
    others,
    bindings: opened.bindings,
    level: "disabled",
    seed: 1,
  };
  const { graph } = opened;
  const half = Math.ceil(graph.opCount / 2);
  const plan: Plan = { stages: [0, 1], stageOf: Int32Array.from(graph.opNames, (_, op) => (op < half ? 0 : 1)) };
  const whole = unwrap(await runWhole(request));
  const { verdict } = unwrap(await verifyPlan(request, graph, plan));
  return { opened, verdict, outputs: [...whole.outputs].map(([name, tensor]) => [name, tensor.dims, tensor.data]) };
}

/** A tensor of whole numbers from 0 to 6, exact in every type, its payload in `rawData`. */
function tensorOf(name: string, shape: readonly number[], dataType: TensorProto_DataType): TensorProto {
  const values = Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => (i * 5 + 3) % 7);
  const halves = [0, 0x3c00, 0x4000, 0x4200, 0x4400, 0x4500, 0x4600];
  const stored: Partial<Record<TensorProto_DataType, () => ArrayBufferView>> = {
    [TYPE.FLOAT]: () => Float32Array.from(values),
    [TYPE.DOUBLE]: () => Float64Array.from(values),
    [TYPE.INT64]: () => BigInt64Array.from(values, BigInt),
    [TYPE.INT32]: () => Int32Array.from(values),
    [TYPE.UINT8]: () => Uint8Array.from(values),
    [TYPE.UINT64]: () => BigUint64Array.from(values, BigInt),
    [TYPE.FLOAT16]: () => Uint16Array.from(values, (value) => halves[value] ?? 0),
  };
  const view = stored[dataType]?.();
  if (view === undefined) throw new Error(`no elements of type ${dataType}`);
  const rawData = new Uint8Array(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
  return create(TensorProtoSchema, { name, dims: shape.map(BigInt), dataType, rawData: new Uint8Array(rawData) });
}

/** The same tensor with its elements in the typed field that ONNX has for them. */
function inTypedField(tensor: TensorProto): TensorProto {
  const { name, dims, dataType, rawData } = tensor;
  const buffer = rawData.slice().buffer;
  const typed = create(TensorProtoSchema, { name, dims, dataType });
  if (dataType === TYPE.FLOAT) typed.floatData = [...new Float32Array(buffer)];
  else if (dataType === TYPE.DOUBLE) typed.doubleData = [...new Float64Array(buffer)];
  else if (dataType === TYPE.INT64) typed.int64Data = [...new BigInt64Array(buffer)];
  else if (dataType === TYPE.UINT64) typed.uint64Data = [...new BigUint64Array(buffer)];
  else if (dataType === TYPE.INT32) typed.int32Data = [...new Int32Array(buffer)];
  else if (dataType === TYPE.UINT8) typed.int32Data = [...new Uint8Array(buffer)];
  else typed.int32Data = [...new Uint16Array(buffer)];
  return typed;
}

const rewritten = (bytes: Uint8Array, change: (proto: ModelProto) => void): Uint8Array<ArrayBuffer> => {
  const proto = fromBinary(ModelProtoSchema, bytes);
  change(proto);
  return toBinary(ModelProtoSchema, proto);
};

/** x [2, 40] times a weight, summed with another, 40 wide; both of a type that may have to be cast. */
function weighted(dataType: TensorProto_DataType): Uint8Array {
  const net = new ModelBuilder({ name: "net" });
  const x = net.input("x", "float", [2, 40]);
  const asFloat = (tensor: TensorProto) =>
    dataType === TYPE.FLOAT
      ? net.initializer(tensor)
      : net.node("Cast", [net.initializer(tensor)], { attributes: { to: TYPE.FLOAT } });
  const product = net.node("MatMul", [x, asFloat(tensorOf("w", [40, 40], dataType))]);
  const sum = net.node("Add", [net.node("Relu", [product]), asFloat(tensorOf("b", [40], dataType))]);
  return net.output(net.node("Tanh", [sum], { outputs: ["y"] }), "float", [2, 40]).bytes();
}

const MACS = 2 * 40 * 40;

describe("however the elements of a tensor are stored, the file is the same network", () => {
  test.each(["FLOAT", "DOUBLE", "INT64", "INT32", "UINT8", "UINT64", "FLOAT16"] as const)(
    "%s in its typed field",
    async (name) => {
      const raw = weighted(TYPE[name]);
      const typed = rewritten(raw, ({ graph }) => {
        if (graph !== undefined) graph.initializer = graph.initializer.map(inTypedField);
      });
      expect(typed).not.toEqual(raw);
      const [one, other] = [await through(raw), await through(typed)];
      expect(other.outputs).toEqual(one.outputs);
      expect([one.verdict, other.verdict]).toEqual(["bit-equal", "bit-equal"]);
      expect(other.opened.unresolved).toEqual([]);
      expect(other.opened.totals).toEqual(one.opened.totals);
      expect(one.opened.totals.macs).toBe(MACS);
    },
  );

  test("in a file of external data", async () => {
    const plain = weighted(TYPE.FLOAT);
    const { model, data } = withExternalData(plain, "weights/net.bin");
    const [one, other] = [await through(plain), await through(model, [bytesSource("net.bin", data)])];
    expect(other.outputs).toEqual(one.outputs);
    expect(other.verdict).toBe("bit-equal");
    expect(other.opened.totals).toEqual(one.opened.totals);
  });

  test("sparse: only what is not 0, and where", async () => {
    const dense = rewritten(weighted(TYPE.FLOAT), ({ graph }) => {
      const weight = graph?.initializer.find(({ name }) => name === "w");
      if (weight === undefined) throw new Error("the network has the weight w");
      const values = new Float32Array(weight.rawData.slice().buffer).map((value, i) => (i % 10 === 0 ? value + 1 : 0));
      weight.rawData = new Uint8Array(values.buffer);
    });
    const sparse = rewritten(dense, ({ graph }) => {
      const weight = graph?.initializer.find(({ name }) => name === "w");
      if (graph === undefined || weight === undefined) throw new Error("the network has the weight w");
      const values = [...new Float32Array(weight.rawData.slice().buffer)];
      const places = values.flatMap((value, i) => (value === 0 ? [] : [i]));
      const kept = Float32Array.from(places, (place) => values[place] ?? 0);
      graph.initializer = graph.initializer.filter((tensor) => tensor !== weight);
      graph.sparseInitializer.push(
        create(SparseTensorProtoSchema, {
          dims: weight.dims,
          values: create(TensorProtoSchema, {
            name: "w",
            dims: [BigInt(places.length)],
            dataType: TYPE.FLOAT,
            rawData: new Uint8Array(kept.buffer),
          }),
          indices: create(TensorProtoSchema, {
            dims: [BigInt(places.length)],
            dataType: TYPE.INT64,
            rawData: new Uint8Array(BigInt64Array.from(places, BigInt).buffer),
          }),
        }),
      );
    });
    const [one, other] = [await through(dense), await through(sparse)];
    expect(other.outputs).toEqual(one.outputs);
    expect(other.verdict).toBe("bit-equal");
    expect(other.opened.totals.macs).toBe(MACS);
    // 160 values and as many places of 8 bytes, and the bias.
    expect(other.opened.totals.weightBytes).toBe(160 * (4 + 8) + 40 * 4);
  });
});

describe("files of other kinds", () => {
  test("IR 3, which lists its initializers as inputs", async () => {
    const plain = weighted(TYPE.FLOAT);
    const old = rewritten(plain, (proto) => {
      proto.irVersion = 3n;
      const declared = new ModelBuilder({ name: "inputs" });
      declared.input("w", "float", [40, 40]);
      declared.input("b", "float", [40]);
      proto.graph?.input.push(...declared.graph().input);
    });
    const [one, other] = [await through(plain), await through(old)];
    expect(other.outputs).toEqual(one.outputs);
    expect(other.verdict).toBe("bit-equal");
    expect(other.opened.graph.inputs).toHaveLength(1);
    expect(other.opened.totals).toEqual(one.opened.totals);
  });

  test("model-local functions, one in another", async () => {
    const net = new ModelBuilder({ name: "net", domains: new Map([["local", 1]]) });
    const x = net.input("x", "float", [2, 40]);
    const y = net.node("Twice", [x, net.initializer(tensorOf("w", [40, 40], TYPE.FLOAT))], { domain: "local" });
    const model = net.output(net.node("Tanh", [y], { outputs: ["y"] }), "float", [2, 40]).model();
    const define = (name: string, write: (body: ModelBuilder) => void) => {
      const body = new ModelBuilder({ name });
      write(body);
      const { node } = body.graph();
      const { opsetImport } = model;
      return create(FunctionProtoSchema, {
        name,
        domain: "local",
        input: ["a", "m"],
        output: ["out"],
        opsetImport,
        node,
      });
    };
    model.functions = [
      define("Once", (body) => {
        body.node("Relu", [body.node("MatMul", ["a", "m"])], { outputs: ["out"] });
      }),
      define("Twice", (body) => {
        const first = body.node("Once", ["a", "m"], { domain: "local" });
        body.node("Once", [first, "m"], { domain: "local", outputs: ["out"] });
      }),
    ];
    const { opened, verdict } = await through(toBinary(ModelProtoSchema, model));
    expect([...opened.graph.opTypes]).toEqual(["MatMul", "Relu", "MatMul", "Relu", "Tanh"]);
    expect(opened.totals.macs).toBe(2 * MACS);
    expect(opened.unresolved).toEqual([]);
    expect(verdict).toBe("bit-equal");
  });

  test("ai.onnx.ml", async () => {
    const net = new ModelBuilder({ name: "net", domains: new Map([["ai.onnx.ml", 3]]) });
    const x = net.input("x", "float", [5, 3]);
    const domain = "ai.onnx.ml";
    const scaled = net.node("Scaler", [x], {
      domain,
      attributes: { offset: { floats: [0.5, 1, 2] }, scale: { floats: [2, 3, 4] } },
    });
    const binary = net.node("Binarizer", [scaled], { domain, attributes: { threshold: { float: 0.25 } } });
    const y = net.node("LinearRegressor", [net.node("Add", [scaled, binary])], {
      domain,
      attributes: { coefficients: { floats: [1, 2, 3, 4, 5, 6] }, intercepts: { floats: [1, -1] }, targets: 2 },
      outputs: ["y"],
    });
    const { opened, verdict } = await through(net.output(y, "float", [5, 2]).bytes());
    expect(opened.unresolved).toEqual([]);
    expect(verdict).toBe("bit-equal");
  });

  test("com.microsoft", async () => {
    const net = new ModelBuilder({ name: "net", domains: new Map([["com.microsoft", 1]]) });
    const x = net.input("x", "float", [2, 40]);
    const domain = "com.microsoft";
    const w = net.initializer(tensorOf("w", [40, 40], TYPE.FLOAT));
    const product = net.node("FusedMatMul", [x, w], { domain, attributes: { transB: 1, alpha: { float: 0.5 } } });
    const y = net.node("Gelu", [product], { domain });
    const { opened, verdict } = await through(
      net.output(net.node("Tanh", [y], { outputs: ["y"] }), "float", [2, 40]).bytes(),
    );
    expect(opened.totals.macs).toBe(MACS);
    expect(opened.unresolved).toEqual([]);
    expect(verdict).toBe("bit-equal");
  });

  test("a domain that nobody knows: with its types stated, planned and cut; what cannot run says so", async () => {
    const net = new ModelBuilder({ name: "net", domains: new Map([["vendor", 1]]) });
    const x = net.node("Relu", [net.input("x", "float", [2, 40])], { name: "before", outputs: ["a"] });
    const m = net.node("Mystery", [x], { domain: "vendor", name: "odd", outputs: ["m"] });
    const product = net.node("MatMul", [m, net.initializer(tensorOf("w", [40, 40], TYPE.FLOAT))], { name: "dense" });
    const bytes = net.output(net.node("Tanh", [product], { outputs: ["y"] })).bytes();
    const source = bytesSource("net.onnx", bytes);
    const givenTypes = new Map<string, TensorType>([["m", { kind: "tensor", elementType: "float", shape: [2, 40] }]]);
    const { graph, costs, unresolved, reasons } = unwrap(await openModel(source, { givenTypes }));
    expect([unresolved, reasons.size]).toEqual([[], 0]);
    expect(at(costs.macs, graph.opNames.indexOf("dense"))).toBe(MACS);
    const model = unwrap(decodeModel(source));
    const plan: Plan = { stages: [0, 1], stageOf: Int32Array.from([0, 0, 1, 1]) };
    const segments = unwrap(segmentModels(model, graph, plan));
    expect(segments).toHaveLength(2);
    const crossing = row(graph.opOutputs, graph.opNames.indexOf("odd"))[0];
    expect(graph.tensorBytes[crossing ?? -1]).toBe(2 * 40 * 4);
    const bindings = new Map<string, number>();
    const run = await verifyPlan({ model, source, others: [], bindings, level: "disabled", seed: 1 }, graph, plan);
    expect(run.ok ? "" : run.error).toContain("does not know this op");
  });
});
