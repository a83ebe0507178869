import { OP_CLASSES, type OpCosts } from "../cost/cost.ts";
import type { ExportSubject } from "../export/export-subject.ts";
import type { Graph } from "../graph/graph.ts";
import { moduleTree } from "../graph/module-tree.ts";
import type { OpenedModel } from "../graph/opened-model.ts";
import { AS_STORED, buildProblem } from "../plan/build-problem.ts";
import { planFromBoundaries } from "../plan/order.ts";
import { predict } from "../predict/predict.ts";
import { estimateLatencies } from "../profile/estimate.ts";
import { unwrap } from "../result.ts";
import { defaultRig } from "../rig/presets.ts";
import type { Rig } from "../rig/rig.ts";
import { textGraph } from "./text-graph.ts";

/** A model around a graph, with a million multiply-accumulates per unit of work. */
export function modelOf(graph: Graph, work: Float64Array): OpenedModel {
  const column = (value: number) => new Float64Array(graph.opCount).fill(value);
  const costs: OpCosts = {
    macs: work.map((units) => units * 1e6),
    inputBytes: column(1000),
    outputBytes: column(1000),
    weightBytes: column(0),
    parameters: column(0),
    opClass: new Uint8Array(graph.opCount).fill(OP_CLASSES.indexOf("convKxK")),
  };
  return {
    fileName: "text.onnx",
    fileBytes: 1000,
    producer: "text art",
    irVersion: 8,
    opsets: [{ domain: "", version: 17 }],
    externalFiles: [],
    openDimensions: [],
    bindings: new Map([["batch", 1]]),
    graph,
    costs,
    totals: {
      ops: graph.opCount,
      macs: work.reduce((sum, units) => sum + units, 0) * 1e6,
      parameters: 0,
      weightBytes: 0,
    },
    cuts: [],
    attributes: graph.opNames.map(() => []),
    modules: moduleTree(graph),
    bodies: new Map(),
    unresolved: [],
    reasons: new Map(),
    givenTypes: new Map(),
    given: null,
    warning: null,
  };
}

/** A plan of a text graph on a rig, cut before the given positions of the op order; stage i runs on device i. */
export function exportSubject(text: string, cuts: readonly number[], rig: Rig = defaultRig()): ExportSubject {
  const { graph, work } = textGraph(text);
  const model = modelOf(graph, work);
  const latencies = rig.devices.map((device) => estimateLatencies(graph, model.costs, device));
  const problem = unwrap(buildProblem({ graph, rig, latencies, encoding: AS_STORED }));
  const order = Int32Array.from(graph.opNames, (_, op) => op);
  const devices = [0, ...cuts].map((_, stage) => stage);
  const plan = planFromBoundaries(order, cuts, devices);
  const prediction = predict(problem, plan);
  return {
    model,
    sha256: "ab".repeat(32),
    rig,
    encoding: AS_STORED,
    profiles: new Map(),
    latencies,
    problem,
    objective: "latency",
    plan,
    prediction,
    proof: {
      certificate: { status: "optimal", bound: prediction.latencySeconds, scope: "all plans of one stage per device" },
      value: prediction.latencySeconds,
      method: "test",
    },
  };
}
