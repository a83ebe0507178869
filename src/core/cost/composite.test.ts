import { create } from "@bufbuild/protobuf";
import { type GraphProto, TensorProto_DataType, TensorProtoSchema } from "onnx-buf";
import { describe, expect, test } from "vitest";
import { item } from "../columns.ts";
import type { TensorType } from "../onnx/model.ts";
import { ModelBuilder } from "../testing/model-builder.ts";
import { modelCosts } from "../testing/model-costs.ts";

describe("ops that hold others", () => {
  /** A body [4, 8] x [8, width] that captures `x` of the graph around it. */
  function multiplying(width: number): GraphProto {
    const body = new ModelBuilder({ name: "body" });
    const product = body.node("MatMul", ["x", body.weight("w", [8, width], 1)]);
    return body.output(body.node("Relu", [product]), "float", [4, width]).graph();
  }

  function holding(type: string, inputs: (b: ModelBuilder) => string[], bodies: Readonly<Record<string, GraphProto>>) {
    const builder = new ModelBuilder({ name: "m" });
    builder.input("x", "float", [4, 8]);
    const attributes = Object.fromEntries(Object.entries(bodies).map(([name, graph]) => [name, { graph }]));
    builder.output(builder.node(type, inputs(builder), { attributes }), "float", null);
    return builder;
  }

  const float = (...shape: number[]): TensorType => ({ kind: "tensor", elementType: "float", shape });

  test("If: the larger branch, its weights are the op's own", () => {
    const builder = holding("If", (b) => [b.input("c", "bool", [])], {
      then_branch: multiplying(2),
      else_branch: multiplying(16),
    });
    const types = new Map([
      ["0.then_branch//MatMul_output_0", float(4, 2)],
      ["0.else_branch//MatMul_output_0", float(4, 16)],
    ]);
    const { costs } = modelCosts(builder, types);
    expect([...costs.macs]).toEqual([4 * 8 * 16]);
    expect([...costs.parameters]).toEqual([8 * 18]);
    expect(item([...modelCosts(builder).costs.macs], 0)).toBeNaN();
  });

  /** A loop that multiplies the captured `x`; its condition comes out as `next`. */
  function loop(next: (body: ModelBuilder) => string): GraphProto {
    const body = new ModelBuilder({ name: "body" });
    body.input("i", "int64", []);
    body.input("going", "bool", []);
    const outcome = next(body);
    body.node("MatMul", ["x", body.weight("w", [8, 3], 1)], { outputs: ["product"] });
    body.output(outcome, "bool", []);
    return body.output("product", "float", [4, 3]).graph();
  }

  const yes = (b: ModelBuilder) =>
    b.initializer(
      create(TensorProtoSchema, { name: "yes", dataType: TensorProto_DataType.BOOL, rawData: Uint8Array.of(1) }),
    );
  const macsOf = (builder: ModelBuilder) => item([...modelCosts(builder).costs.macs], 0);
  const trips = (b: ModelBuilder) => b.integers("trips", [5], []);
  const handOn = (b: ModelBuilder) => b.node("Identity", ["going"]);

  test("Loop: the body times a constant trip count", () => {
    expect(macsOf(holding("Loop", (b) => [trips(b), ""], { body: loop(handOn) }))).toBe(5 * 96);
    expect(macsOf(holding("Loop", (b) => [trips(b), yes(b)], { body: loop(yes) }))).toBe(5 * 96);
  });

  test("Loop: NaN where the count is not constant or the body may stop", () => {
    expect(macsOf(holding("Loop", (b) => [b.input("n", "int64", []), ""], { body: loop(handOn) }))).toBeNaN();
    expect(macsOf(holding("Loop", (b) => ["", yes(b)], { body: loop(handOn) }))).toBeNaN();
    const stops = (b: ModelBuilder) => b.node("Less", ["i", b.integers("limit", [3], [])]);
    expect(macsOf(holding("Loop", (b) => [trips(b), ""], { body: loop(stops) }))).toBeNaN();
    const started = (b: ModelBuilder) => [trips(b), b.input("start", "bool", [])];
    expect(macsOf(holding("Loop", started, { body: loop(handOn) }))).toBeNaN();
  });

  test("Scan: the body times the length of the scanned axis", () => {
    const body = new ModelBuilder({ name: "body" });
    const slice = body.input("slice", "float", [1, 8]);
    body.output(body.node("MatMul", [slice, body.weight("w", [8, 3], 1)], { outputs: ["y"] }), "float", [1, 3]);
    const builder = new ModelBuilder({ name: "m" });
    const x = builder.input("x", "float", [7, 1, 8]);
    const attributes = { body: { graph: body.graph() }, num_scan_inputs: 1 };
    builder.output(builder.node("Scan", [x], { attributes }), "float", [7, 1, 3]);
    expect(macsOf(builder)).toBe(7 * 24);
  });

  test("a body that multiplies nothing has none, whatever is unknown", () => {
    const body = new ModelBuilder({ name: "body" });
    const graph = body.output(body.node("Relu", ["x"]), "float", null).graph();
    expect(macsOf(holding("If", (b) => [b.input("c", "bool", [])], { then_branch: graph, else_branch: graph }))).toBe(
      0,
    );
  });
});
