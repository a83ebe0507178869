import { at, item, row } from "../columns.ts";
import { OP_CLASSES, type OpClass, type OpCosts } from "../cost/cost.ts";
import type { Graph } from "../graph/graph.ts";
import type { ElementType } from "../onnx/model.ts";
import { shrinkFactor } from "../rig/precision.ts";
import type { CostModel, Device, FittedModel, RooflineModel } from "../rig/rig.ts";
import { foldedInto, isWeightless } from "./fusion.ts";
import { type LatencyTable, PROVENANCES, type Provenance } from "./profile.ts";

/** Ops that read some rows of a constant table, not all of it. */
const TABLE_LOOKUPS = new Set(["Gather", "GatherElements", "GatherND", "EmbedLayerNormalization"]);

/** Work of one op as a device does it; bytes as the device holds them. */
interface Work {
  readonly opClass: OpClass;
  readonly macs: number;
  readonly activationBytes: number;
  readonly weightBytes: number;
}

/**
 * Seconds by a fitted model. The fits know three rates of convolution. Matrix products (gemm, attention, recurrent
 * and whatever else multiplies) take the rate of the 1x1 convolution, which is one; all other ops cost their
 * bytes and the overhead of a layer.
 */
function fittedSeconds(model: FittedModel, work: Work): number {
  const { conv1x1, convKxK, depthwise } = model.secondsPerMac;
  let perMac: number;
  switch (work.opClass) {
    case "convKxK":
      perMac = convKxK;
      break;
    case "depthwise":
      perMac = depthwise;
      break;
    case "conv1x1":
    case "gemm":
    case "attention":
    case "recurrent":
    case "other":
      perMac = conv1x1;
      break;
    case "elementwise":
    case "pool":
    case "normalization":
    case "movement":
    case "view":
      perMac = 0;
      break;
  }
  return (
    (perMac === 0 ? 0 : work.macs * perMac) +
    work.activationBytes * model.secondsPerActivationByte +
    work.weightBytes * model.secondsPerWeightByte +
    model.secondsPerOp
  );
}

/** Seconds by the roofline (Williams, Waterman, Patterson, CACM 2009) plus a launch per op. */
function rooflineSeconds(model: RooflineModel, work: Work): number {
  const rate = model.peakMacsPerSecond * (model.efficiency[work.opClass] ?? model.efficiency.other);
  const bytes = work.activationBytes + work.weightBytes;
  return model.launch + Math.max(work.macs / rate, bytes / model.memoryBandwidth);
}

/** The band of a cost model as factors on its figure. */
function bandOf(model: CostModel): { readonly low: number; readonly high: number } {
  return model.kind === "fitted"
    ? { low: 1 - model.error, high: 1 + model.error }
    : { low: 1 / model.bandFactor, high: model.bandFactor };
}

function heldBytes(
  items: Iterable<number>,
  sizes: Float64Array,
  typeOf: (i: number) => ElementType,
  precision: Device["weightPrecision"],
): number {
  let total = 0;
  for (const i of items) total += at(sizes, i) * shrinkFactor(typeOf(i), precision);
  return total;
}

function workOf(graph: Graph, costs: OpCosts, op: number, precision: Device["weightPrecision"]): Work {
  const opClass = item(OP_CLASSES, at(costs.opClass, op));
  const macs = at(costs.macs, op);
  let activationBytes = at(costs.inputBytes, op) + at(costs.outputBytes, op);
  let weightBytes = at(costs.weightBytes, op);
  let outputBytes = at(costs.outputBytes, op);
  if (precision !== "as-stored") {
    // A device that holds weights in fewer bits computes in them too: its activations shrink alike.
    const tensorType = (i: number) => item(graph.tensorTypes, i).elementType;
    const constantType = (i: number) => item(graph.constantTypes, i);
    outputBytes = heldBytes(row(graph.opOutputs, op), graph.tensorBytes, tensorType, precision);
    activationBytes = heldBytes(row(graph.opInputs, op), graph.tensorBytes, tensorType, precision) + outputBytes;
    weightBytes = heldBytes(row(graph.opConstants, op), graph.constantBytes, constantType, precision);
  }
  if (TABLE_LOOKUPS.has(item(graph.opTypes, op))) weightBytes = Math.min(weightBytes, outputBytes);
  return { opClass, macs, activationBytes, weightBytes };
}

/**
 * Latency of every op on a device by its cost model, with provenance "fitted" or "estimated" and the model's band.
 *
 * Ops are mapped to what a runtime executes: ops that only relabel a tensor cost nothing ("elided"), and so do ops
 * that are folded into the Conv, Gemm or MatMul before them (`foldedInto`); these share a `group` with it. Charging
 * a folded Relu its bytes and the overhead of a layer would count both twice, since the fits were made on layers
 * after folding.
 *
 * An op with an unknown size gets provenance "unknown" and 0 s (see `latencySummary`, which counts them); an op that
 * the device does not support gets Infinity. O(ops + edges).
 */
export function estimateLatencies(graph: Graph, costs: OpCosts, device: Device): LatencyTable {
  const model = device.costModel;
  const modelled: Provenance = model.kind === "fitted" ? "fitted" : "estimated";
  const band = bandOf(model);
  const unsupported = new Set(device.unsupportedOps);
  const head = foldedInto(graph);

  const seconds = new Float64Array(graph.opCount);
  const low = new Float64Array(graph.opCount);
  const high = new Float64Array(graph.opCount);
  const provenance = new Uint8Array(graph.opCount);
  const group = new Int32Array(graph.opCount).fill(-1);
  const origins = new Map<Provenance, string>();
  let groups = 0;

  const put = (op: number, value: number, kind: Provenance, origin: string) => {
    seconds[op] = value;
    low[op] = Number.isFinite(value) ? value * band.low : value;
    high[op] = Number.isFinite(value) ? value * band.high : value;
    provenance[op] = PROVENANCES.indexOf(kind);
    origins.set(kind, origin);
  };

  for (let op = 0; op < graph.opCount; op++) {
    const type = item(graph.opTypes, op);
    const root = at(head, op);
    if (unsupported.has(type)) {
      put(op, Number.POSITIVE_INFINITY, modelled, model.citation);
    } else if (root >= 0 && Number.isFinite(at(seconds, root))) {
      if (at(group, root) < 0) group[root] = groups++;
      group[op] = at(group, root);
      put(op, 0, "elided", ELIDED_ORIGIN);
    } else if (isWeightless(type) || item(OP_CLASSES, at(costs.opClass, op)) === "view") {
      put(op, 0, "elided", ELIDED_ORIGIN);
    } else {
      const work = workOf(graph, costs, op, device.weightPrecision);
      const value = model.kind === "fitted" ? fittedSeconds(model, work) : rooflineSeconds(model, work);
      // A size that is not known, or is beyond all measure, makes no figure.
      if (Number.isFinite(value)) put(op, value, modelled, model.citation);
      else put(op, 0, "unknown", UNKNOWN_ORIGIN);
    }
  }
  return { seconds, low, high, provenance, group, origins };
}

export const ELIDED_ORIGIN = "takes no time of its own: relabels a tensor, or is folded into the op before it";
const UNKNOWN_ORIGIN = "sizes are not known; counted as 0 s";
