import { field, isRecord, parseLenient } from "./lenient-json.ts";

/** One event of an ONNX Runtime trace that matters here; times in seconds. */
export interface NodeEvent {
  /** What tells nodes of one run apart, as far as the trace does: label, type and number. */
  readonly key: string;
  readonly label: string;
  readonly opType: string | null;
  readonly nodeIndex: number | null;
  readonly provider: string | null;
  readonly inputCount: number | null;
  readonly activationBytes: number | null;
  readonly outputShape: readonly number[] | null;
  readonly start: number;
  readonly duration: number;
}

export type TraceEvent =
  | { readonly kind: "node"; readonly node: NodeEvent }
  | { readonly kind: "session"; readonly name: string; readonly duration: number }
  /** A program that the WebGPU provider ran on the GPU for an op. */
  | { readonly kind: "gpu"; readonly label: string; readonly program: string; readonly duration: number }
  /** GPU kernels, fences and whatever else is not a node's or a session's time. */
  | { readonly kind: "other"; readonly category: string };

const KERNEL_TIME = "_kernel_time";
/** A kernel that takes longer than this is no measurement (11 days). */
const LONGEST_MICROSECONDS = 1e12;

function microseconds(value: unknown): number | null {
  return typeof value === "number" && value >= 0 && value <= LONGEST_MICROSECONDS ? value / 1e6 : null;
}

function text(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

/** A count written as text or number ("131", 131). */
function count(value: unknown): number | null {
  const number = typeof value === "string" && value !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isSafeInteger(number) && number >= 0 ? number : null;
}

/** The sizes in `[{"float": [1, 64, 55, 55]}]`: those of the first tensor. */
function firstShape(value: unknown): readonly number[] | null {
  const first: unknown = Array.isArray(value) ? value[0] : undefined;
  if (!isRecord(first)) return null;
  const sizes: unknown = Object.values(first)[0];
  return Array.isArray(sizes) && sizes.every((size) => typeof size === "number") ? sizes : null;
}

/**
 * One object of the trace as an event; null where it cannot be read (broken JSON, no name, no duration).
 * `_kernel_time` is taken off the name; fences and GPU kernels come back as "other".
 */
export function parseEvent(json: string): TraceEvent | null {
  const event = parseLenient(json);
  if (!isRecord(event)) return null;
  const category = text(field(event, "cat"));
  const name = field(event, "name");
  if (category === null || typeof name !== "string") return null;
  if (category === "Api") return gpuEvent(name, microseconds(field(event, "dur"))) ?? { kind: "other", category };
  if (category !== "Node" && category !== "Session") return { kind: "other", category };
  if (category === "Node" && !name.endsWith(KERNEL_TIME)) return { kind: "other", category: "fence" };
  const duration = microseconds(field(event, "dur"));
  if (duration === null) return null;
  if (category === "Session") return { kind: "session", name, duration };

  const args = field(event, "args");
  const detail = isRecord(args) ? args : {};
  const inputs = field(detail, "input_type_shape");
  const label = name.slice(0, -KERNEL_TIME.length);
  const opType = text(field(detail, "op_name"));
  const nodeIndex = count(field(detail, "node_index"));
  return {
    kind: "node",
    node: {
      key: `${label}\n${opType ?? ""}\n${nodeIndex ?? ""}`,
      label,
      opType,
      nodeIndex,
      provider: text(field(detail, "provider")),
      inputCount: Array.isArray(inputs) ? inputs.length : null,
      activationBytes: count(field(detail, "activation_size")),
      outputShape: firstShape(field(detail, "output_type_shape")),
      start: microseconds(field(event, "ts")) ?? 0,
      duration,
    },
  };
}

/**
 * The WebGPU provider's events, one per program that the GPU ran: "label&type&program". They stand behind the runs, in
 * the order of execution.
 */
function gpuEvent(name: string, duration: number | null): TraceEvent | null {
  const parts = name.split("&");
  if (parts.length < 3 || duration === null) return null;
  const label = parts.slice(0, -2).join("&");
  return { kind: "gpu", label, program: parts.slice(-2).join("&"), duration };
}

/** The beginning of a node's line exactly as ONNX Runtime prints it: duration, start, label. */
const NODE_LINE =
  /^\{"cat" ?: ?"Node","pid" ?:\d+,"tid" ?:\d+,"dur" ?:(\d{1,12}),"ts" ?:(\d{1,15}),"ph" ?: ?"X","name" ?:"([^"\\]*)_kernel_time","args" ?: ?\{/;

/**
 * Reads the lines of nodes that have been seen before without parsing them whole: only duration and start differ from
 * run to run, and they stand at the front.
 */
export class KnownNodes {
  readonly #byLabel = new Map<string, { readonly node: NodeEvent; readonly type: string; readonly index: string }>();

  learn(node: NodeEvent): void {
    if (node.opType === null || node.nodeIndex === null || this.#byLabel.has(node.label)) return;
    this.#byLabel.set(node.label, {
      node,
      type: JSON.stringify(node.opType),
      index: `"node_index":"${node.nodeIndex}"`,
    });
  }

  /** The event on a line; null where the line must be parsed. */
  recall(line: string): NodeEvent | null {
    // A line with a second event on it, or without the end of the first, is not of the writer's own layout.
    if (!line.endsWith("}}") || line.indexOf('"cat"', 2) >= 0) return null;
    const match = NODE_LINE.exec(line);
    if (match === null) return null;
    const [, duration, start, label = ""] = match;
    const known = this.#byLabel.get(label);
    if (known === undefined || !line.includes(known.type) || !line.includes(known.index)) return null;
    return { ...known.node, start: Number(start) / 1e6, duration: Number(duration) / 1e6 };
  }
}
