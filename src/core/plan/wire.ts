import { at, item } from "../columns.ts";
import type { Graph } from "../graph/graph.ts";
import { insideQuantisedGroups, quantisedGroups } from "../graph/quantised.ts";
import type { ElementType } from "../onnx/model.ts";
import { shrinkFactor } from "../rig/precision.ts";

/**
 * How the elements of a tensor are sent: as they are stored, or floats rounded to 16 or to 8 bits, the latter with the
 * scale and the zero point that they count from.
 */
export type WireFormat = "as-stored" | "f16" | "u8";

/**
 * How tensors are sent. Float tensors shrink, integers are sent as they are, nothing grows: a tensor too small to shrink
 * is sent as it is. Only the bytes change:
 * the time to encode and to decode is not counted.
 */
export interface Encoding {
  /** For the graph's inputs. */
  readonly input: WireFormat;
  /** For every other tensor except the graph's outputs, which are delivered as they are stored. */
  readonly cut: WireFormat;
  /** Bytes of all inputs together when they are sent source-coded (a JPEG); null = by `input`. */
  readonly inputBytesOverride: number | null;
}

export const AS_STORED: Encoding = { input: "as-stored", cut: "as-stored", inputBytesOverride: null };

const PRECISION = { "as-stored": "as-stored", f16: "f16", u8: "i8" } as const;
/** A scale of four bytes and a zero point of one (DynamicQuantizeLinear). */
const BESIDE = { "as-stored": 0, f16: 0, u8: 5 } as const;

/** Bytes that a tensor of `stored` bytes takes on the wire; NaN where its size is not known. */
function sentBytes(type: ElementType, stored: number, format: WireFormat): number {
  const factor = shrinkFactor(type, PRECISION[format]);
  return factor === 1 ? stored : Math.min(stored, stored * factor + BESIDE[format]);
}

/** Whether a tensor of `stored` bytes is sent in another form; one of unknown size is, where its type shrinks. */
export function isEncoded(type: ElementType, stored: number, format: WireFormat): boolean {
  return Number.isNaN(stored) ? shrinkFactor(type, PRECISION[format]) < 1 : sentBytes(type, stored, format) < stored;
}

export interface TensorSizes {
  readonly memoryBytes: Float64Array;
  readonly wireBytes: Float64Array;
  readonly uncuttable: Uint8Array;
}

/**
 * Bytes of every tensor in memory and on the wire, unknown sizes as 0 and marked uncuttable, as are the tensors inside
 * the integer kernels of a quantised model. An override of the
 * input's bytes is shared among the inputs in proportion to their stored bytes, evenly where one of them is unknown;
 * it makes inputs of unknown size cuttable. O(tensors).
 */
export function tensorSizes(graph: Graph, encoding: Encoding): TensorSizes {
  const memoryBytes = new Float64Array(graph.tensorCount);
  const wireBytes = new Float64Array(graph.tensorCount);
  const uncuttable = insideQuantisedGroups(graph, quantisedGroups(graph));
  const inputs = new Set(graph.inputs);
  const outputs = new Set(graph.outputs);
  for (let tensor = 0; tensor < graph.tensorCount; tensor++) {
    const type = item(graph.tensorTypes, tensor);
    const stored = at(graph.tensorBytes, tensor);
    if (Number.isNaN(stored) || type.kind !== "tensor") uncuttable[tensor] = 1;
    if (Number.isNaN(stored)) continue;
    const format = inputs.has(tensor) ? encoding.input : outputs.has(tensor) ? "as-stored" : encoding.cut;
    memoryBytes[tensor] = stored;
    wireBytes[tensor] = sentBytes(type.elementType, stored, format);
  }
  if (encoding.inputBytesOverride !== null) shareInputBytes(graph, encoding.inputBytesOverride, wireBytes, uncuttable);
  return { memoryBytes, wireBytes, uncuttable };
}

function shareInputBytes(graph: Graph, total: number, wireBytes: Float64Array, uncuttable: Uint8Array): void {
  let stored = 0;
  for (const tensor of graph.inputs) stored += at(graph.tensorBytes, tensor);
  for (const tensor of graph.inputs) {
    const share = stored > 0 ? at(graph.tensorBytes, tensor) / stored : 1 / graph.inputs.length;
    wireBytes[tensor] = total * share;
    if (item(graph.tensorTypes, tensor).kind === "tensor") uncuttable[tensor] = 0;
  }
}
