import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { at } from "../columns.ts";
import { decodeModel } from "../onnx/decode.ts";
import { bytesSource } from "../onnx/source.ts";
import { declaredTypes } from "../onnx/types.ts";
import { unwrap } from "../result.ts";
import { assembleGraph, tensorOfBytes } from "../testing/graph-assembly.ts";
import { SAMPLES } from "../testing/samples/catalogue.ts";
import { textGraph } from "../testing/text-graph.ts";
import { type Blocks, graphBlocks } from "./blocks.ts";
import { buildGraph } from "./build.ts";
import type { Graph } from "./graph.ts";
import { modulePath } from "./module-runs.ts";

/** A chain of ops, in which an op may also read an earlier one. */
function chain(ops: readonly { name: string; type: string; also?: number }[]): Graph {
  return assembleGraph({
    ops: ops.map(({ name, type, also }, op) => ({
      name,
      type,
      inputs: also === undefined ? [op] : [op, also + 1],
      outputs: [op + 1],
      constants: [],
    })),
    tensors: [tensorOfBytes("in", 4096), ...ops.map(({ name }) => tensorOfBytes(`${name}.out`, 4096))],
    constants: [],
    outputs: [ops.length],
  });
}

const sizes = ({ firstOp, count }: Blocks) =>
  Array.from({ length: count }, (_, block) => at(firstOp, block + 1) - at(firstOp, block));

function expectPartition(graph: Graph, { count, names, blockOf, firstOp }: Blocks): void {
  expect(firstOp[0]).toBe(0);
  expect(firstOp[count]).toBe(graph.opCount);
  expect(names).toHaveLength(count);
  expect(new Set(names).size).toBe(count);
  for (const name of names) expect(name).not.toBe("");
  for (let block = 0; block < count; block++) {
    expect(at(firstOp, block)).toBeLessThan(at(firstOp, block + 1));
    for (let op = at(firstOp, block); op < at(firstOp, block + 1); op++) expect(blockOf[op]).toBe(block);
  }
}

const names = fc.constantFrom(
  "/a/b/op",
  "/a/c/op",
  "/a/a.0/conv/op",
  "x.1.op",
  "Conv_1",
  "",
  "__proto__",
  "/",
  "a;b/c",
);
const types = fc.constantFrom("Conv", "Relu", "Add", "MaxPool", "Reshape", "Gemm", "toString");

test("blocks are runs of the op order with names of their own, whatever the ops are called", () => {
  fc.assert(
    fc.property(fc.array(fc.record({ name: names, type: types, back: fc.nat(30) }), { maxLength: 150 }), (specs) => {
      const graph = chain(
        specs.map(({ name, type, back }, op) => ({
          name,
          type,
          ...(back < op && back > 1 ? { also: op - back } : {}),
        })),
      );
      expectPartition(graph, graphBlocks(graph));
    }),
    { numRuns: 200 },
  );
});

test("the path of an op's name", () => {
  expect(modulePath("/layer1/layer1.0/conv1/Conv")).toEqual(["layer1", "layer1.0", "conv1"]);
  expect(modulePath("features.3.conv")).toEqual(["features", "3"]);
  expect(modulePath("model/dense/BiasAdd;model/dense/MatMul")).toEqual(["model", "dense"]);
  expect(modulePath("Conv_12")).toEqual([]);
});

const residual = (from: string, to: string) =>
  `${from} -> ${to}c1:Conv -> ${to}b1:BatchNormalization -> ${to}r1:Relu -> ${to}c2:Conv -> ${to}b2:BatchNormalization
   ${to}b2 -> ${to}s:Add -> ${to}:Relu; ${from} -> ${to}s`;

test("flat names: a residual network reads as stem, regions with their Relu, head", () => {
  const { graph } = textGraph(`
    c:Conv -> b:BatchNormalization -> r:Relu -> x0:MaxPool
    ${residual("x0", "x1")}
    ${residual("x1", "x2")}
    ${residual("x2", "x3")}
    x3 -> gap:GlobalAveragePool -> f:Flatten -> fc:Gemm -> p:Softmax
  `);
  const blocks = graphBlocks(graph);
  expect(blocks.names).toEqual(["stem", "res 1", "res 2", "res 3", "head"]);
  expect(sizes(blocks)).toEqual([4, 7, 7, 7, 4]);
});

test("module names group where the exporter kept them", () => {
  const module = (name: string, count: number) =>
    Array.from({ length: count }, (_, i) => ({ name: `/enc/${name}/op${i}/Mul`, type: "Mul" }));
  const graph = chain([...module("layers.0", 9), ...module("layers.1", 9), ...module("norm", 5)]);
  expect(graphBlocks(graph).names).toEqual(["layers.0", "layers.1", "norm"]);
});

test("names that say the op's type or number group nothing", () => {
  const graph = chain(
    Array.from({ length: 30 }, (_, i) => {
      const type = i % 3 === 0 ? "Conv" : "Relu";
      return { name: `p2o.${type}.${i}`, type };
    }),
  );
  for (const name of graphBlocks(graph).names) expect(name).not.toContain("p2o");
});

test("a long chain breaks after its poolings", () => {
  const stage = (i: number) =>
    ["Conv", "Relu", "Conv", "Relu", "MaxPool"].map((type, j) => ({ name: `s${i}_${j}`, type }));
  const blocks = graphBlocks(chain([0, 1, 2, 3, 4].flatMap(stage)));
  for (const start of blocks.firstOp.slice(1, -1)) expect(start % 5).toBe(0);
  expect(blocks.count).toBeGreaterThanOrEqual(3);
});

test("no run is longer than 64 ops, however many tensors cross", () => {
  const ops = Array.from({ length: 400 }, (_, op) => ({
    name: `n${op}`,
    type: "Add",
    ...(op > 40 ? { also: op - 40 } : {}),
  }));
  const blocks = graphBlocks(chain(ops));
  expect(Math.max(...sizes(blocks))).toBeLessThanOrEqual(64);
});

describe("samples", () => {
  const generated = new Map(
    SAMPLES.flatMap(({ id, source }) =>
      source.kind === "generated" ? [[id as string, source.generate] as const] : [],
    ),
  );
  const blocksOf = (id: string) => {
    const generate = generated.get(id);
    if (generate === undefined) throw new Error(`no sample "${id}"`);
    const model = unwrap(decodeModel(bytesSource(`${id}.onnx`, generate())));
    return graphBlocks(unwrap(buildGraph(model, declaredTypes(model))));
  };
  test("ResNet-50 has its 16 residual blocks", () => {
    const { names: all } = blocksOf("resnet50");
    expect(all.filter((name) => /^layer\d\.\d$/.test(name) || /^res \d+$/.test(name))).toHaveLength(16);
  });
  test("VGG-16, whose layers are one long module, is broken after its pools", () => {
    const { names, firstOp } = blocksOf("vgg16");
    expect([...firstOp]).toEqual([0, 5, 10, 17, 24, 31, 32, 37]);
    expect(new Set(names).size).toBe(names.length);
  });
  test("the transformer has its 12 layers", () => {
    const { names: all } = blocksOf("transformer");
    for (let layer = 0; layer < 12; layer++) {
      expect(all.some((name) => name.startsWith(`layer.${layer}/`))).toBe(true);
    }
  });
});
