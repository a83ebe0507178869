import { fromBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema } from "onnx-buf";
import { expect, test } from "vitest";
import { chainModel, randomModel } from "./models.ts";

const nodesOf = (bytes: Uint8Array) => fromBinary(ModelProtoSchema, bytes).graph?.node ?? [];

test("chainModel: n ops, each reading the one before", () => {
  for (const ops of [1, 2, 3, 10, 41]) {
    const nodes = nodesOf(chainModel(ops));
    expect(nodes).toHaveLength(ops);
    for (const [op, { input }] of nodes.entries()) expect(input[0]).toBe(op === 0 ? "x" : nodes[op - 1]?.output[0]);
  }
});

test("randomModel: the same for the same seed; branches, splits and shared tensors occur", () => {
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
  }
  expect([...types].sort()).toEqual(["Abs", "Concat", "Conv", "Mean", "Relu", "Sigmoid", "Split", "Tanh"]);
  expect(shared).toBeGreaterThan(15);
});
