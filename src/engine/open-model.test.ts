import { existsSync, readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { at, row, rowCount } from "../core/columns.ts";
import { bytesSource } from "../core/onnx/source.ts";
import { mobileNetV2 } from "../core/testing/samples/mobilenet-v2.ts";
import { openModel } from "./open-model.ts";

const MODELS = new URL("../../../shared/models/", import.meta.url);

test("a generated sample opens with all shapes, costs and cuts", async () => {
  const opened = await openModel(bytesSource("mobilenet-v2.onnx", mobileNetV2()));
  if (!opened.ok) throw new Error(opened.error);
  const { graph, totals, cuts, unresolved, warning, attributes } = opened.value;
  expect({ ops: totals.ops, unresolved, warning }).toEqual({ ops: 100, unresolved: [], warning: null });
  expect(totals.macs / 0.3008e9).toBeCloseTo(1, 2);
  expect(cuts.length).toBeGreaterThan(40);
  expect(attributes).toHaveLength(graph.opCount);
  expect(attributes[0]).toContainEqual({ name: "kernel_shape", value: "3, 3" });
});

test("what cannot be opened says why in one sentence", async () => {
  const bytes = mobileNetV2().slice(0, 5000);
  const opened = await openModel(bytesSource("half.onnx", bytes));
  expect(opened).toMatchObject({
    ok: false,
    error: expect.stringMatching(/^"half\.onnx" is truncated: .* missing\)\.$/),
  });
});

test("every real model opens as the page opens it, its graph in topological order", {
  timeout: 180_000,
}, async (task) => {
  if (!existsSync(MODELS)) {
    task.skip("the folder shared/models does not lie beside the project");
    return;
  }
  const names = readdirSync(MODELS).filter((name) => name.endsWith(".onnx"));
  let ops = 0;
  for (const name of names) {
    const source = bytesSource(name, readFileSync(new URL(name, MODELS)));
    const opened = await openModel(source, { assumeUsual: true });
    if (!opened.ok) throw new Error(opened.error);
    const { graph, totals } = opened.value;
    expect(graph.opCount, name).toBeGreaterThan(0);
    expect(totals.weightBytes, name).toBeGreaterThan(0);
    for (let op = 0; op < rowCount(graph.opInputs); op++) {
      for (const tensor of row(graph.opInputs, op)) expect(at(graph.tensorProducer, tensor)).toBeLessThan(op);
    }
    ops += graph.opCount;
  }
  console.log(`opened ${names.length} real models of ${ops} ops in all`);
});
