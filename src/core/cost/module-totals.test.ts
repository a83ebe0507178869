import { expect, test } from "vitest";
import { at, row } from "../columns.ts";
import { buildGraph } from "../graph/build.ts";
import { moduleTree } from "../graph/module-tree.ts";
import { decodeModel } from "../onnx/decode.ts";
import { inferShapes } from "../onnx/shapes/infer-shapes.ts";
import { bytesSource } from "../onnx/source.ts";
import { wireNodes } from "../onnx/wiring.ts";
import { unwrap } from "../result.ts";
import { ModelBuilder } from "../testing/model-builder.ts";
import { mobileNetV2 } from "../testing/samples/mobilenet-v2.ts";
import { resNet50 } from "../testing/samples/resnet50.ts";
import { moduleTotals } from "./module-totals.ts";
import { modelTotals, opCosts } from "./op-costs.ts";

function costed(bytes: Uint8Array) {
  const model = unwrap(decodeModel(bytesSource("net.onnx", bytes)));
  const { types } = inferShapes(model, unwrap(wireNodes(model)), { bindings: new Map([["batch", 1]]) });
  const graph = unwrap(buildGraph(model, types));
  const costs = opCosts(graph, model, types);
  const modules = moduleTree(graph);
  return { graph, costs, modules, whole: modelTotals(graph, costs), totals: moduleTotals(modules, graph, costs) };
}

test.each([
  ["ResNet-50", resNet50("light")],
  ["MobileNetV2", mobileNetV2("light")],
] as const)("%s: the whole is the model, and each module the sum of those in it", (_, bytes) => {
  const { graph, modules, whole, totals } = costed(bytes);
  expect(totals.ops[0]).toBe(graph.opCount);
  expect(at(totals.macs, 0) / whole.macs).toBeCloseTo(1, 12);
  expect(totals.parameters[0]).toBe(whole.parameters);
  expect(totals.weightBytes[0]).toBe(whole.weightBytes);
  let nested = 0;
  for (let module = 0; module < modules.count; module++) {
    const children = [...row(modules.children, module)];
    if (children.length === 0) continue;
    nested++;
    const sum = (values: ArrayLike<number>) => children.reduce((total, child) => total + at(values, child), 0);
    expect(sum(totals.ops)).toBe(totals.ops[module]);
    expect(sum(totals.macs) / at(totals.macs, module)).toBeCloseTo(1, 12);
  }
  for (let module = 0; module < modules.count; module++) {
    const read = new Set<number>();
    for (let op = at(modules.firstOp, module); op < at(modules.endOp, module); op++) {
      for (const constant of row(graph.opConstants, op)) read.add(constant);
    }
    const bytes = [...read].reduce((sum, constant) => sum + at(graph.constantBytes, constant), 0);
    expect(totals.weightBytes[module]).toBe(bytes);
  }
  expect(nested).toBeGreaterThan(1);
});

test("a weight that two modules read counts once in what holds both", () => {
  const net = new ModelBuilder({ name: "tied" });
  const x = net.input("x", "float", [1, 8]);
  const weight = net.weight("shared", [8, 8], 0.3);
  const parts = (input: string, path: string) =>
    net.node("Relu", [net.node("MatMul", [input, weight], { path })], { path });
  const { modules, totals } = costed(net.output(parts(parts(x, "/a"), "/b")).bytes());
  expect(totals.parameters[0]).toBe(64);
  const inner = Array.from({ length: modules.count }, (_, module) => module).filter(
    (module) => module > 0 && at(totals.macs, module) === 64,
  );
  expect(inner.map((module) => totals.parameters[module])).toEqual(inner.map(() => 64));
});
