import type { NodeProto } from "onnx-buf";
import type { Dimension, TensorType } from "../model.ts";
import { normalDomain } from "../subgraphs.ts";
import { type Fact, open, type Shape, sequence, tensor } from "./fact.ts";
import type { Outcome } from "./rule.ts";
import type { ShapeOp } from "./shape-op.ts";

/**
 * Looks at the body in an attribute with what its inputs are, and returns what its outputs are; null where the node
 * has no such body.
 */
export type BodyRunner = (attribute: string, inputs: readonly (Fact | null)[]) => readonly Fact[] | null;

/** How an op with bodies makes its outputs' types. */
export type ControlFlow = (op: ShapeOp, run: BodyRunner) => Outcome;

const FLOWS: ReadonlyMap<string, ControlFlow> = new Map([
  ["If", branches],
  ["Loop", loop],
  ["Scan", scan],
  ["SequenceMap", sequenceMap],
]);

/** How the types of a node with bodies are inferred; undefined for any other node. O(1). */
export function controlFlowOf({ domain, opType }: NodeProto): ControlFlow | undefined {
  return normalDomain(domain) === "" ? FLOWS.get(opType) : undefined;
}

/** Source of all: operator schemas of ONNX. A known condition decides; else what both branches have in common holds. */
function branches(op: ShapeOp, run: BodyRunner): Outcome {
  const yes = run("then_branch", []);
  const no = run("else_branch", []);
  if (yes === null || no === null) return "one of its branches is missing";
  const condition = op.scalar(0);
  if (typeof condition === "number") return condition === 0 ? no : yes;
  return yes.map((fact, place) => common(fact, no[place] ?? fact, "its branches write different shapes"));
}

/** How often sizes that change from turn to turn are given up before the whole shape is. */
const TURNS = 3;

/**
 * Loop: inputs M, condition, carried values; the body takes the turn's number, the condition and the carried values,
 * and writes the next condition, the carried values, and what is stacked along a new first axis.
 */
function loop(op: ShapeOp, run: BodyRunner): Outcome {
  const initial = op.inputs.slice(2);
  const starts = !op.has(1) || op.scalar(1) === 1;
  const condition = tensor("bool", [], starts ? [1] : null);
  let carried: (Fact | null)[] = initial.map((fact) => (fact === null ? null : { ...fact, value: null }));
  let written: readonly Fact[] = [];
  for (let turn = 0; ; turn++) {
    const found = run("body", [tensor("int64", []), condition, ...carried]);
    if (found === null) return "its body is missing";
    written = found;
    let stable = true;
    carried = carried.map((before, place) => {
      const after = written[place + 1];
      if (before === null || after === undefined) return before;
      const both = common(before, after, "its shape changes from turn to turn");
      const kept = turn < TURNS ? both : open(both.type.elementType, null, "its shape changes from turn to turn");
      if (same(kept.type, before.type)) return before;
      stable = false;
      return kept;
    });
    if (stable || turn > TURNS) break;
  }
  const never = starts && written[0]?.value?.[0] === 1;
  const limit = op.scalar(0);
  const turns = op.has(0) && never ? (typeof limit === "number" ? Math.max(0, limit) : limit) : null;
  const stacked = written.slice(1 + carried.length).map((fact) => stack(fact, 0, turns));
  return [...carried, ...stacked];
}

/** Scan: states, then inputs that are gone along; version 8 has lengths before them and a batch axis around all. */
function scan(op: ShapeOp, run: BodyRunner): Outcome {
  const isBatched = op.opset < 9;
  const inputs = isBatched ? op.inputs.slice(1) : op.inputs;
  const scanned = op.int("num_scan_inputs", 0);
  const states = inputs.length - scanned;
  if (!(scanned > 0 && states >= 0)) return `it goes along ${scanned} of ${inputs.length} inputs`;
  const lead = isBatched ? 1 : 0;
  const batch = isBatched ? (inputs[states]?.type.shape?.[0] ?? null) : null;
  const inAxes = op.ints("scan_input_axes");
  const outAxes = op.ints("scan_output_axes");
  let length: Dimension = null;
  const given = inputs.map((fact, place) => {
    if (fact === null) return null;
    const { elementType, shape } = fact.type;
    if (place < states) return isBatched ? tensor(elementType, shape?.slice(1) ?? null) : { ...fact, value: null };
    const axis = isBatched ? 1 : axisIn(inAxes?.[place - states] ?? 0, shape?.length ?? 0);
    const size = shape?.[axis] ?? null;
    length = typeof length === "number" ? length : (size ?? length);
    return tensor(elementType, shape?.toSpliced(axis, 1).slice(lead) ?? null);
  });
  const written = run("body", given);
  if (written === null) return "its body is missing";
  return written.map((fact, place) => {
    const outer = (shape: Shape): Shape => (isBatched ? [batch, ...shape] : shape);
    if (place < states) {
      const state = given[place];
      const both = state === null || state === undefined ? fact : common(state, fact, "its shape changes");
      return { ...both, value: null, type: { ...both.type, shape: both.type.shape && outer(both.type.shape) } };
    }
    if (isBatched) {
      const { elementType, shape } = fact.type;
      return shape === null ? fact : tensor(elementType, [batch, length, ...shape]);
    }
    return stack(fact, outAxes?.[place - states] ?? 0, length);
  });
}

/** SequenceMap: the body sees one element of each sequence, and every other input as it is. */
function sequenceMap(op: ShapeOp, run: BodyRunner): Outcome {
  const written = run(
    "body",
    op.inputs.map((fact) => (fact?.type.kind === "other" ? fact.element : fact)),
  );
  return written === null ? "its body is missing" : written.map((fact) => sequence({ ...fact, value: null }));
}

function stack(fact: Fact, axis: number, length: Dimension): Fact {
  const { kind, elementType, shape } = fact.type;
  if (kind === "other" || shape === null) return { ...fact, value: null };
  const stacked = shape.toSpliced(axisIn(axis, shape.length + 1), 0, length);
  return length === null
    ? open(elementType, stacked, "how often its body runs depends on the data")
    : tensor(elementType, stacked);
}

/** The axis counted from the front; 0 for one that is not there. */
function axisIn(axis: number, rank: number): number {
  const front = axis < 0 ? axis + rank : axis;
  return front >= 0 && front < rank ? front : 0;
}

/** What holds of a value that is one or the other. */
function common(a: Fact, b: Fact, reason: string): Fact {
  if (a.type.kind === "other" && b.type.kind === "other") {
    const element = a.element === null || b.element === null ? null : common(a.element, b.element, reason);
    return sequence(element);
  }
  const { elementType } = a.type;
  if (a.type.kind !== b.type.kind || elementType !== b.type.elementType) return open("undefined", null, reason);
  const [one, other] = [a.type.shape, b.type.shape];
  if (one === null || other === null) return one === null ? a : b;
  if (one.length !== other.length) return open(elementType, null, reason);
  const shape = one.map((size, axis) => (size === other[axis] ? size : null));
  return shape.includes(null) ? open(elementType, shape, a.reason ?? b.reason ?? reason) : tensor(elementType, shape);
}

function same(a: TensorType, b: TensorType): boolean {
  if (a.kind !== b.kind || a.elementType !== b.elementType) return false;
  if (a.shape === null || b.shape === null) return a.shape === b.shape;
  return a.shape.length === b.shape.length && a.shape.every((size, axis) => size === b.shape?.[axis]);
}
