import { fromBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema } from "onnx-buf";
import { InferenceSession, Tensor } from "onnxruntime-web";
import { expect, test } from "vitest";
import { chainModel, randomModel } from "./models.ts";

const nodesOf = (bytes: Uint8Array) => fromBinary(ModelProtoSchema, bytes).graph?.node ?? [];

/** Runs a model on ramps; all outputs by name. */
async function run(bytes: Uint8Array, channels: number): Promise<ReadonlyMap<string, readonly number[]>> {
  const session = await InferenceSession.create(bytes, { graphOptimizationLevel: "disabled", logSeverityLevel: 4 });
  const size = channels * 36;
  const ramp = Float32Array.from({ length: size }, (_, i) => (2 * i) / size - 1);
  const feeds = Object.fromEntries(
    session.inputNames.map((name) => [name, new Tensor("float32", ramp, [1, channels, 6, 6])]),
  );
  const outputs = await session.run(feeds);
  await session.release();
  return new Map(Object.entries(outputs).map(([name, { data }]) => [name, Array.from(data, Number)]));
}

test("chainModel: n ops, each reading the one before, and it runs", async () => {
  for (const ops of [1, 2, 3, 10, 41]) {
    const nodes = nodesOf(chainModel(ops));
    expect(nodes).toHaveLength(ops);
    for (const [op, { input }] of nodes.entries()) expect(input[0]).toBe(op === 0 ? "x" : nodes[op - 1]?.output[0]);
    const y = (await run(chainModel(ops), 2)).get("y") ?? [];
    expect(y.every(Number.isFinite)).toBe(true);
    expect(new Set(y).size).toBeGreaterThan(1);
  }
});

test("randomModel: 25 seeds run with finite outputs of order 1; branches, splits and shared tensors occur", async () => {
  const types = new Set<string>();
  let shared = 0;
  for (let seed = 0; seed < 25; seed++) {
    const bytes = randomModel(seed, { ops: 20 });
    expect(randomModel(seed, { ops: 20 })).toEqual(bytes);
    const nodes = nodesOf(bytes);
    expect(nodes).toHaveLength(20);
    for (const { opType } of nodes) types.add(opType);
    const reads = nodes.flatMap(({ input }) => [...new Set(input)]);
    if (nodes.some(({ output }) => reads.filter((name) => output.includes(name)).length > 1)) shared += 1;
    const outputs = await run(bytes, 4);
    expect(outputs.size).toBeGreaterThan(0);
    for (const values of outputs.values()) {
      expect(values.every((value) => Math.abs(value) < 20)).toBe(true);
    }
  }
  expect([...types].sort()).toEqual(["Abs", "Concat", "Conv", "Mean", "Relu", "Sigmoid", "Split", "Tanh"]);
  expect(shared).toBeGreaterThan(15);
});
