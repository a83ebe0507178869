import type { GraphProto } from "onnx-buf";
import { describe, expect, test } from "vitest";
import { at, item, row } from "../columns.ts";
import { opCosts } from "../cost/op-costs.ts";
import { buildWiredGraph } from "../graph/build.ts";
import type { Graph } from "../graph/graph.ts";
import type { BodyEnd, OpenedBody } from "../graph/opened-model.ts";
import { decodeModel } from "../onnx/decode.ts";
import { inferShapes } from "../onnx/shapes/infer-shapes.ts";
import { bytesSource } from "../onnx/source.ts";
import { wireNodes } from "../onnx/wiring.ts";
import { unwrap } from "../result.ts";
import { ModelBuilder } from "../testing/model-builder.ts";
import { openBodies } from "./open-bodies.ts";

/** The bodies of a model whose last op holds them, and what that op is counted for. */
function looked(net: ModelBuilder) {
  const model = unwrap(decodeModel(bytesSource("net.onnx", net.bytes())));
  const wiring = unwrap(wireNodes(model));
  const { types } = inferShapes(model, wiring, { bindings: new Map() });
  const graph = unwrap(buildWiredGraph(model, wiring, types));
  const bodies = openBodies({ model, wiring, types }, graph);
  const op = graph.opCount - 1;
  const found = bodies.get(op);
  if (found === undefined) throw new Error("the last op holds no body");
  return { ...found, held: bodies.size, macs: at(opCosts(graph, model, types).macs, op) };
}

const inside = ({ inside: part, reason }: OpenedBody) => {
  if (part === null) throw new Error(reason ?? "no reason");
  return part;
};

const endTexts = ({ ends }: OpenedBody, kind: BodyEnd["kind"]) =>
  ends.flatMap((end) =>
    end.kind === kind
      ? [`${end.name}${end.role === "" ? "" : ` (${end.role})`} ${end.type.elementType}[${end.type.shape}]`]
      : [],
  );

/** Every op with what it reads, as text: "Relu x". */
const opTexts = (graph: Graph) =>
  Array.from({ length: graph.opCount }, (_, op) => {
    const reads = [...row(graph.opInputs, op)].map((tensor) => item(graph.tensorNames, tensor));
    return [item(graph.opTypes, op), ...reads].join(" ");
  });

/** What every graph keeps to: readers and writers say the same of each tensor, and come in order. */
function expectSound(graph: Graph): void {
  for (let tensor = 0; tensor < graph.tensorCount; tensor++) {
    const writers = Array.from({ length: graph.opCount }, (_, op) => op).filter((op) =>
      row(graph.opOutputs, op).includes(tensor),
    );
    const readers = Array.from({ length: graph.opCount }, (_, op) => op).filter((op) =>
      row(graph.opInputs, op).includes(tensor),
    );
    expect(writers).toEqual([at(graph.tensorProducer, tensor)]);
    expect([...row(graph.tensorConsumers, tensor)]).toEqual(readers);
    for (const reader of readers) expect(reader).toBeGreaterThan(at(graph.tensorProducer, tensor));
  }
  for (const column of [graph.opNames, graph.opTypes, graph.opDomains, graph.opNodes, graph.opRuntimeNumbers]) {
    expect(column).toHaveLength(graph.opCount);
  }
}

/** [4, 8] x [8, width], with `x` and the weight `shared` of the graph around. */
function branch(width: number): GraphProto {
  const body = new ModelBuilder({ name: "branch" });
  const product = body.node("MatMul", ["x", body.weight("w", [8, width], 1)]);
  return body.output(body.node("Mul", [product, "shared"], { outputs: ["y"] }), "float", [4, width]).graph();
}

function outer(): ModelBuilder {
  const net = new ModelBuilder({ name: "net" });
  net.input("input", "float", [4, 8]);
  net.node("Relu", ["input"], { outputs: ["x"] });
  net.floats("shared", [2]);
  return net;
}

describe("bodies of ops of control flow", () => {
  test("If: each branch with its ops, what it captures and what it writes; the op counts the larger one", () => {
    const net = outer();
    const bodies = { then_branch: { graph: branch(2) }, else_branch: { graph: branch(16) } };
    net.output(net.node("If", [net.input("c", "bool", [])], { attributes: bodies }));
    const { runs, bodies: found, macs, held } = looked(net);
    expect(held).toBe(1);
    expect(runs).toBe(1);
    expect(found.map(({ attribute }) => attribute)).toEqual(["then_branch", "else_branch"]);
    expect(found.map(({ totals }) => totals)).toEqual([
      { ops: 2, macs: 4 * 8 * 2, parameters: 8 * 2 + 1, weightBytes: 4 * (8 * 2 + 1) },
      { ops: 2, macs: 4 * 8 * 16, parameters: 8 * 16 + 1, weightBytes: 4 * (8 * 16 + 1) },
    ]);
    expect(macs).toBe(4 * 8 * 16);
    const yes = item(found, 0);
    expect(opTexts(inside(yes).graph)).toEqual(["Captured", "MatMul x", "Mul /MatMul_output_0", "Output y"]);
    expect(yes.endOps).toEqual({ first: 1, last: 1 });
    expect(endTexts(yes, "captured")).toEqual(["x float[4,8]"]);
    expect(endTexts(yes, "weight")).toEqual(["shared float[1]"]);
    expect(endTexts(yes, "output")).toEqual(["y float[4,2]"]);
    for (const body of found) expectSound(inside(body).graph);
  });

  function loop(limit: (net: ModelBuilder) => string): ModelBuilder {
    const body = new ModelBuilder({ name: "body" });
    body.input("i", "int64", []);
    const going = body.node("Identity", [body.input("going", "bool", [])], { outputs: ["goes on"] });
    const product = body.node("MatMul", [body.input("h", "float", [4, 8]), body.weight("w", [8, 8], 1)]);
    body.output(going, "bool", []);
    body.output(body.node("Add", [product, "x"], { outputs: ["next"] }), "float", null);
    body.output(body.node("ReduceSum", ["next"], { attributes: { keepdims: 0 }, outputs: ["sum"] }), "float", null);
    const net = outer();
    const attributes = { body: { graph: body.graph() } };
    net.output(net.node("Loop", [limit(net), "", "x"], { attributes, outputs: ["last", "sums"] }), "float", null);
    return net;
  }

  test("Loop: what its ends are to it, and as many runs as its constant count", () => {
    const { runs, bodies, macs } = looked(loop((net) => net.integers("trips", [5], [])));
    const body = item(bodies, 0);
    expect(runs).toBe(5);
    expect(body.totals.macs).toBe(4 * 8 * 8);
    expect(macs).toBe(5 * body.totals.macs);
    expect(endTexts(body, "input")).toEqual([
      "i (iteration number) int64[]",
      "going (condition) bool[]",
      "h (carried value) float[4,8]",
    ]);
    expect(endTexts(body, "output")).toEqual([
      "goes on (condition) bool[]",
      "next (carried value) float[4,8]",
      "sum (stacked over the iterations) float[]",
    ]);
    // What no op reads has no box: the iteration number.
    expect(opTexts(inside(body).graph).filter((text) => text === "Input" || text === "Captured")).toHaveLength(3);
    expectSound(inside(body).graph);
  });

  test("Loop: a count that depends on the data leaves its work per iteration", () => {
    const { runs, bodies, macs } = looked(loop((net) => net.input("n", "int64", [])));
    expect(runs).toBeNaN();
    expect(macs).toBeNaN();
    expect(item(bodies, 0).totals.macs).toBe(4 * 8 * 8);
  });

  test("Scan: states and elements, as many runs as the scanned axis is long", () => {
    const body = new ModelBuilder({ name: "body" });
    const state = body.input("h", "float", [3]);
    const element = body.input("slice", "float", [3]);
    const sum = body.node("Add", [state, element], { outputs: ["h next"] });
    body.output(sum, "float", [3]).output(body.node("Exp", [sum], { outputs: ["y"] }), "float", [3]);
    const net = new ModelBuilder({ name: "net" });
    const inputs = [net.input("h0", "float", [3]), net.input("xs", "float", [7, 3])];
    const attributes = { body: { graph: body.graph() }, num_scan_inputs: 1 };
    net.output(net.node("Scan", inputs, { attributes, outputs: ["last", "ys"] }), "float", null);
    const { runs, bodies } = looked(net);
    expect(runs).toBe(7);
    expect(endTexts(item(bodies, 0), "input")).toEqual([
      "h (state) float[3]",
      "slice (element of the scanned axis) float[3]",
    ]);
    expect(endTexts(item(bodies, 0), "output")).toEqual([
      "h next (state) float[3]",
      "y (stacked along the scanned axis) float[3]",
    ]);
  });

  test("a body inside a body captures through it", () => {
    const inner = new ModelBuilder({ name: "inner" });
    const innermost = inner.output(inner.node("Add", ["x", "local"], { outputs: ["z"] }), "float", [4, 8]).graph();
    const middle = new ModelBuilder({ name: "middle" });
    middle.node("Exp", ["x"], { outputs: ["local"] });
    const attributes = { then_branch: { graph: innermost }, else_branch: { graph: innermost } };
    middle.output(middle.node("If", ["c"], { attributes, outputs: ["y"] }), "float", [4, 8]);
    const net = outer();
    const both = { then_branch: { graph: middle.graph() }, else_branch: { graph: middle.graph() } };
    net.output(net.node("If", [net.input("c", "bool", [])], { attributes: both }));
    const first = item(looked(net).bodies, 0);
    expect(endTexts(first, "captured")).toEqual(["x float[4,8]", "c bool[]"]);
    const [[op, held] = []] = inside(first).bodies;
    expect(item(inside(first).graph.opTypes, op ?? -1)).toBe("If");
    expect(endTexts(item(held?.bodies ?? [], 0), "captured")).toEqual(["x float[4,8]", "local float[4,8]"]);
  });

  test("a body in which nothing runs says so, and one that is broken says how", () => {
    const idle = new ModelBuilder({ name: "idle" }).output("x", "float", [4, 8]).graph();
    const broken = new ModelBuilder({ name: "broken" });
    broken.node("Exp", ["x"], { outputs: ["y"] });
    broken.node("Log", ["x"], { outputs: ["y"] });
    const bodies = { then_branch: { graph: idle }, else_branch: { graph: broken.output("y").graph() } };
    const net = outer();
    net.output(net.node("If", [net.input("c", "bool", [])], { name: "choice", attributes: bodies }));
    const [first, second] = looked(net).bodies;
    expect(first?.inside).toBeNull();
    expect(first?.reason).toBe(
      '"net.onnx, then_branch of choice": every output is a constant or an input, so there is no op to run.',
    );
    expect(first?.ends.map(({ kind, name }) => `${kind} ${name}`)).toEqual(["captured x", "output x"]);
    expect(second?.reason).toMatch(/else_branch of choice": tensor "y" is written by both .*; one writer was expected/);
  });
});
