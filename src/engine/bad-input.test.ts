import { create } from "@bufbuild/protobuf";
import { TensorProtoSchema } from "onnx-buf";
import { describe, expect, test } from "vitest";
import { item } from "../core/columns.ts";
import { moduleView, openAtFirst } from "../core/graph/module-view.ts";
import type { OpenedGraph, OpenedModel } from "../core/graph/opened-model.ts";
import { layoutFilmstrip } from "../core/layout/filmstrip.ts";
import { decodeModel } from "../core/onnx/decode.ts";
import { readWeight } from "../core/onnx/external.ts";
import { bytesSource } from "../core/onnx/source.ts";
import { AS_STORED, buildProblem } from "../core/plan/build-problem.ts";
import { noSplitPlan } from "../core/plan/plan-edit.ts";
import { predict } from "../core/predict/predict.ts";
import { deviceLatencies } from "../core/profile/latencies.ts";
import { unwrap } from "../core/result.ts";
import { defaultRig } from "../core/rig/presets.ts";
import { chain, changed, claimingModel, nestedModel, unsortedModel } from "../core/testing/bad-models.ts";
import { withExternalData } from "../core/testing/external-data.ts";
import { ModelBuilder } from "../core/testing/model-builder.ts";
import { openAtOnce } from "./open-model.ts";

/** Milliseconds that any of these may take, on a machine that is busy with other work too. */
const PATIENCE = 15_000;

/** All that opening comes to in the page: through a worker's border, drawn, bodies too, and priced. */
function open(bytes: Uint8Array): OpenedModel {
  const start = performance.now();
  const { model } = unwrap(openAtOnce(bytesSource("bad.onnx", bytes), { assumeUsual: true }));
  const arrived = structuredClone(model);
  const pending: OpenedGraph[] = [arrived];
  // The list grows while it is walked.
  for (const { graph, modules, bodies } of pending) {
    const { blocks, collapsed } = moduleView(modules, openAtFirst(modules, graph));
    layoutFilmstrip(graph, blocks, { collapsed, aspect: 2 });
    for (const held of bodies.values()) {
      pending.push(...held.bodies.flatMap(({ inside }) => (inside === null ? [] : [inside])));
    }
  }
  const rig = defaultRig();
  const { graph, costs } = arrived;
  const latencies = rig.devices.map((device) => deviceLatencies(graph, costs, device, null));
  const problem = buildProblem({ graph, rig, latencies, encoding: AS_STORED });
  if (problem.ok) expect(predict(problem.value, noSplitPlan(problem.value, 0)).latencySeconds).not.toBeNaN();
  expect(performance.now() - start).toBeLessThan(PATIENCE);
  return arrived;
}

function refusal(bytes: Uint8Array): string {
  const opened = openAtOnce(bytesSource("bad.onnx", bytes), { assumeUsual: true });
  return opened.ok ? "opened" : opened.error;
}

describe("nesting", () => {
  test("20 deep opens, and each level can be looked into", () => {
    let part: OpenedGraph | null = open(nestedModel(20));
    let levels = 0;
    while (part !== null && part.bodies.size > 0) {
      const [held] = part.bodies.values();
      expect(held?.bodies.map(({ attribute }) => attribute)).toEqual(["then_branch", "else_branch"]);
      part = held?.bodies[0]?.inside ?? null;
      levels += 1;
    }
    expect(levels).toBe(20);
  });

  test("60 deep is refused with the reason", () => {
    expect(refusal(nestedModel(60))).toMatch(
      /^"bad.onnx" nests messages deeper than 64 levels at byte \d+; no usual model does\.$/,
    );
  });
});

describe("size", () => {
  test("a chain of 5,000 ops opens", () => {
    const { graph, cuts } = open(chain(5000).bytes());
    expect([graph.opCount, cuts.length]).toEqual([5000, 4999]);
  });

  test("names of 20 kB open, with short names for modules", () => {
    const long = "n".repeat(20_000);
    const { graph, modules } = open(chain(150, (op) => `/${long}${op >> 3}/${long}${op}`).bytes());
    expect(graph.opCount).toBe(150);
    expect(Math.max(...modules.names.map((name) => name.length))).toBeLessThanOrEqual(100);
  });
});

describe("sizes of axes", () => {
  test.each(["4611686018427387904", "1099511627776", "9007199254740993"])("%s is not computed with", (size) => {
    const { graph, totals } = open(claimingModel([BigInt(size), 4n]));
    for (const bytes of graph.tensorBytes) expect(Number.isNaN(bytes) || bytes > 1e12).toBe(true);
    expect(Number.isNaN(totals.macs) || totals.macs > 1e12).toBe(true);
  });

  test("negative ones are not known", () => {
    const { graph, openDimensions } = open(claimingModel([-1n, 4n]));
    expect(openDimensions).toHaveLength(1);
    expect(item(graph.tensorTypes, 0).shape).toEqual([1, 4]);
  });

  test("those of a weight that its bytes do not fill", () => {
    const net = chain(2);
    const bytes = changed(net, (graph) => {
      const rawData = new Uint8Array(8);
      graph.initializer.push(create(TensorProtoSchema, { name: "w", dims: [2n ** 50n, 3n], dataType: 1, rawData }));
      item(graph.node, 1).opType = "Add";
      item(graph.node, 1).input.push("w");
    });
    const { totals } = open(bytes);
    expect(totals.weightBytes).toBeGreaterThan(2 ** 51);
  });
});

describe("names", () => {
  test("of ops that repeat or are empty are made unique", () => {
    const bytes = changed(chain(6), (graph) => {
      for (const [op, node] of graph.node.entries()) node.name = op < 3 ? "same" : "";
    });
    expect(open(bytes).graph.opNames).toEqual(["same", "same_1", "same_2", "Relu_3", "Relu_4", "Relu_5"]);
  });

  test("a tensor that is written twice is refused", () => {
    const bytes = changed(chain(3), (graph) => {
      item(graph.node, 2).output = ["n0:0"];
    });
    expect(refusal(bytes)).toBe(
      '"bad.onnx": tensor "n0:0" is written by both node "n0" (Relu) and node "n2" (Relu); one writer was expected.',
    );
  });

  test("an input without a name that an op needs is an absent one", () => {
    const bytes = changed(chain(3), (graph) => {
      item(graph.node, 2).input = [""];
    });
    const { graph } = open(bytes);
    expect(graph.opNames).toEqual(["n2"]);
  });

  test("a tensor that nothing gives is refused", () => {
    const bytes = changed(chain(3), (graph) => {
      item(graph.node, 1).input = ["nowhere"];
    });
    expect(refusal(bytes)).toBe(
      '"bad.onnx": node "n1" (Relu) reads tensor "nowhere", but no node, initializer or graph input provides it.',
    );
  });
});

describe("order", () => {
  test("an unsorted graph is the same network", () => {
    const sorted = open(chain(40).bytes());
    const unsorted = open(unsortedModel(40));
    expect(unsorted.graph.opNames).toEqual(sorted.graph.opNames);
    expect(unsorted.totals).toEqual(sorted.totals);
  });

  test("a cycle is refused", () => {
    const bytes = changed(chain(4), (graph) => {
      item(graph.node, 0).input = ["n3:0"];
    });
    expect(refusal(bytes)).toMatch(
      /^"bad.onnx": node "n\d" \(Relu\) depends on its own output; a graph without cycles/,
    );
  });
});

describe("external data elsewhere", () => {
  test.each(["../../../etc/passwd", "/etc/passwd", "C:\\weights.bin", "a/../../b.bin", "b\0.bin"])(
    "%j: the network opens, its weights are never looked for there",
    (location) => {
      const net = new ModelBuilder({ name: "net" });
      const y = net.node("MatMul", [net.input("x", "float", [1, 40]), net.weight("w", [40, 40], 1)]);
      const { model } = withExternalData(net.output(y, "float", [1, 40]).bytes(), location);
      expect(open(model).totals.macs).toBe(1600);
      const source = bytesSource("bad.onnx", model);
      const decoded = unwrap(decodeModel(source));
      const place = decoded.weights.get("w");
      if (place === undefined) throw new Error("the weight lies elsewhere");
      // A file of that very name is no reason to take it.
      const read = readWeight(decoded, place, source, [bytesSource(location, new Uint8Array(8000))]);
      expect(read.ok ? "" : read.error).toContain("a relative path inside the model's own folder was expected.");
    },
  );
});
