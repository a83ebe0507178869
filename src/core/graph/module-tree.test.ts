import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { at, item, row } from "../columns.ts";
import { decodeModel } from "../onnx/decode.ts";
import { bytesSource } from "../onnx/source.ts";
import { declaredTypes } from "../onnx/types.ts";
import { unwrap } from "../result.ts";
import { assembleGraph, tensorOfBytes } from "../testing/graph-assembly.ts";
import { resNet50 } from "../testing/samples/resnet50.ts";
import { layersForOps, transformer } from "../testing/samples/transformer.ts";
import { buildGraph } from "./build.ts";
import type { Graph } from "./graph.ts";
import { MOST_CHILDREN } from "./module-groups.ts";
import { alikeModules, enclosing, equalChildren, isBlock, type ModuleTree, moduleTree } from "./module-tree.ts";
import {
  closed,
  closedLevel,
  elementCount,
  MOST_ELEMENTS,
  moduleView,
  openAtFirst,
  opened,
  openedLevel,
} from "./module-view.ts";

function graphOf(bytes: Uint8Array): Graph {
  const model = unwrap(decodeModel(bytesSource("test.onnx", bytes)));
  return unwrap(buildGraph(model, declaredTypes(model)));
}

const encoder = (layers: number) =>
  graphOf(transformer({ layers, hidden: 64, heads: 4, vocabulary: 100, weights: "light" }));

/** A chain of ops, each with a name and a type; a mask computed by the first op may feed all. */
function chain(ops: readonly { name: string; type: string }[], hasMask = false): Graph {
  return assembleGraph({
    ops: ops.map(({ name, type }, op) => ({
      name,
      type,
      inputs: hasMask && op > 1 ? [op, 1] : [op],
      outputs: [op + 1],
      constants: [],
    })),
    tensors: [tensorOfBytes("in", 4096), ...ops.map(({ name }) => tensorOfBytes(`${name}.out`, 4096))],
    constants: [],
    outputs: [ops.length],
  });
}

function expectNested(tree: ModuleTree, opCount: number): void {
  expect([tree.firstOp[0], tree.endOp[0], tree.parent[0]]).toEqual([0, opCount, -1]);
  for (let module = 0; module < tree.count; module++) {
    const children = row(tree.children, module);
    expect(children.length).toBeLessThanOrEqual(MOST_CHILDREN);
    if (module > 0) expect(item(tree.names, module)).not.toBe("");
    let next = at(tree.firstOp, module);
    for (const child of children) {
      expect(child).toBeGreaterThan(module);
      expect(tree.parent[child]).toBe(module);
      expect(tree.firstOp[child]).toBe(next);
      next = at(tree.endOp, child);
    }
    if (children.length > 0) expect(next).toBe(tree.endOp[module]);
    else for (let op = next; op < at(tree.endOp, module); op++) expect(tree.blockOf[op]).toBe(module);
  }
}

const names = fc.constantFrom("/a/b/op", "/a/c/op", "/a/a.0/conv/op", "x.1.op", "/x/0/op", "/x/1/op", "", "__proto__");
const types = fc.constantFrom("Conv", "Relu", "Add", "MaxPool", "Reshape", "MatMul", "toString");

test("modules nest: the children of each are its ops without gap or overlap, whatever the names", () => {
  fc.assert(
    fc.property(fc.array(fc.record({ name: names, type: types }), { maxLength: 400 }), fc.boolean(), (ops, hasMask) => {
      const graph = chain(ops, hasMask);
      const tree = moduleTree(graph);
      expectNested(tree, graph.opCount);
      expect(moduleTree(graph)).toEqual(tree);
    }),
    { numRuns: 60 },
  );
});

test("any clicks leave a partition of the ops on screen, within the cap, with what was opened last open", () => {
  const graph = encoder(30);
  const tree = moduleTree(graph);
  const most = 300;
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(tree.count - 1), fc.boolean()), { maxLength: 12 }), (clicks) => {
      let open = openAtFirst(tree, graph);
      for (const [module, isOpening] of clicks) {
        open = isOpening ? opened(tree, graph, open, module, most) : closed(tree, open, module);
        const view = moduleView(tree, open);
        expect([...view.blocks.firstOp].every((op, i, all) => i === 0 || op > at(all, i - 1))).toBe(true);
        expect(view.blocks.firstOp[view.blocks.count]).toBe(graph.opCount);
        if (isOpening) {
          expect(elementCount(graph, view)).toBeLessThanOrEqual(most);
          for (const outer of enclosing(tree, module)) expect(open.has(outer)).toBe(true);
        } else expect(open.has(module)).toBe(false);
      }
    }),
    { numRuns: 40 },
  );
});

describe("a transformer", () => {
  test("nests as its exporter named it, and its layers are recognised as the same", () => {
    const tree = moduleTree(encoder(12));
    const top = [...row(tree.children, 0)].map((module) => item(tree.names, module));
    expect(top).toContain("encoder");
    const at0 = tree.names.indexOf("encoder");
    const layers = [...row(tree.children, at0)];
    expect(layers.map((module) => item(tree.names, module))).toEqual(
      Array.from({ length: 12 }, (_, layer) => `layer.${layer}`),
    );
    // Without inference only the last layer has an output of a known shape.
    expect(new Set(layers.slice(0, -1).map((module) => at(tree.pattern, module))).size).toBe(1);
    expect(equalChildren(tree, at0)).toBe(0);
    expect(layers.map((module) => alikeModules(tree, module))).toEqual([...Array.from({ length: 11 }, () => 10), 0]);
  });

  test("of 5,000 ops opens as groups of layers, and no opening leaves more than can be drawn", () => {
    const graph = encoder(layersForOps(5000));
    const tree = moduleTree(graph);
    const open = openAtFirst(tree, graph);
    const view = moduleView(tree, open);
    expect(view.blocks.count).toBeGreaterThanOrEqual(8);
    expect(view.blocks.count).toBeLessThanOrEqual(64);
    expect(view.collapsed.size).toBe(view.blocks.count);
    let all = open;
    for (let module = 1; module < tree.count; module += 9) all = opened(tree, graph, all, module);
    expect(elementCount(graph, moduleView(tree, all))).toBeLessThanOrEqual(MOST_ELEMENTS);
    all = opened(tree, graph, all, tree.count - 1);
    expect(all.has(tree.count - 1)).toBe(true);
  });
});

test("levels open as far as they can be drawn, and close again", () => {
  const graph = encoder(30);
  const tree = moduleTree(graph);
  let open = openAtFirst(tree, graph);
  const start = moduleView(tree, open).blocks.count;
  for (let level = 0; level < 4; level++) {
    const next = openedLevel(tree, graph, open, 400);
    expect(next.size).toBeGreaterThanOrEqual(open.size);
    open = next;
    expect(elementCount(graph, moduleView(tree, open))).toBeLessThanOrEqual(400);
  }
  expect(openedLevel(tree, graph, open, 1e6).size).toBeGreaterThan(open.size);
  for (let level = 0; level < 8; level++) open = closedLevel(tree, open);
  expect(open.size).toBe(0);
  expect(moduleView(tree, open).blocks.count).toBeLessThanOrEqual(start);
});

test("repeats are found where names tell nothing", () => {
  const unit = ["Conv", "Relu", "Conv", "Relu", "MaxPool", "Gemm", "Tanh", "Sigmoid"];
  const ops = Array.from({ length: 800 }, (_, op) => ({ name: `n${op}`, type: item(unit, op % 8) }));
  const tree = moduleTree(chain(ops));
  expectNested(tree, 800);
  const top = row(tree.children, 0);
  expect(top.length).toBeLessThanOrEqual(MOST_CHILDREN);
  expect([...top].filter((module) => equalChildren(tree, module) >= 2).length).toBeGreaterThan(top.length / 2);
});

test("ResNet-50 is shown with all its ops", () => {
  const graph = graphOf(resNet50("light"));
  const tree = moduleTree(graph);
  const view = moduleView(tree, openAtFirst(tree, graph));
  expect(view.collapsed.size).toBe(0);
  expect([...view.moduleOf].every((module) => isBlock(tree, module))).toBe(true);
});

test("a name of 20 kB is cut", () => {
  const ops = Array.from({ length: 60 }, (_, op) => ({ name: `/${"m".repeat(20_000)}${op >> 4}/op`, type: "Conv" }));
  const tree = moduleTree(chain(ops));
  for (const name of tree.names) expect(name.length).toBeLessThanOrEqual(80);
});
