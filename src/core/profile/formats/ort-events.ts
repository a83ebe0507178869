/** One event of an ONNX Runtime trace that matters here; times in seconds. */
export interface NodeEvent {
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
  /** GPU kernels, fences and whatever else is not a node's or a session's time. */
  | { readonly kind: "other"; readonly category: string };

const KERNEL_TIME = "_kernel_time";
/** A kernel that takes longer than this is no measurement (11 days). */
const LONGEST_MICROSECONDS = 1e12;

function isRecord(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function field(record: object, name: string): unknown {
  return Object.hasOwn(record, name) ? Reflect.get(record, name) : undefined;
}

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

/** Control characters inside strings make JSON invalid; as escapes they keep their meaning. */
function escapeControls(json: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
  return json.replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, (char) => {
    return `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

function parseObject(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    try {
      return JSON.parse(escapeControls(json));
    } catch {
      return null;
    }
  }
}

/**
 * One object of the trace as an event; null where it cannot be read (broken JSON, no name, no duration).
 * `_kernel_time` is taken off the name; fences and GPU kernels come back as "other".
 */
export function parseEvent(json: string): TraceEvent | null {
  const event = parseObject(json);
  if (!isRecord(event)) return null;
  const category = text(field(event, "cat"));
  const name = field(event, "name");
  if (category === null || typeof name !== "string") return null;
  if (category !== "Node" && category !== "Session") return { kind: "other", category };
  if (category === "Node" && !name.endsWith(KERNEL_TIME)) return { kind: "other", category: "fence" };
  const duration = microseconds(field(event, "dur"));
  if (duration === null) return null;
  if (category === "Session") return { kind: "session", name, duration };

  const args = field(event, "args");
  const detail = isRecord(args) ? args : {};
  const inputs = field(detail, "input_type_shape");
  return {
    kind: "node",
    node: {
      label: name.slice(0, -KERNEL_TIME.length),
      opType: text(field(detail, "op_name")),
      nodeIndex: count(field(detail, "node_index")),
      provider: text(field(detail, "provider")),
      inputCount: Array.isArray(inputs) ? inputs.length : null,
      activationBytes: count(field(detail, "activation_size")),
      outputShape: firstShape(field(detail, "output_type_shape")),
      start: microseconds(field(event, "ts")) ?? 0,
      duration,
    },
  };
}
