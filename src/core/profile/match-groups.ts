import { at, item, row } from "../columns.ts";
import type { Graph } from "../graph/graph.ts";
import { isWeightless, soleConsumer, soleProducer } from "./fusion.ts";
import { familyOf, isFamily } from "./op-families.ts";

/** Ops that are folded into, or fused behind, another op. Heavier ops never are. */
const FUSED_BEHIND = new Set([
  "BatchNormalization",
  "Relu",
  "LeakyRelu",
  "PRelu",
  "Clip",
  "Sigmoid",
  "Tanh",
  "HardSigmoid",
  "HardSwish",
  "Elu",
  "Selu",
  "Softplus",
  "Mish",
  "Gelu",
  "Erf",
  "Add",
  "Sum",
  "Mul",
  "Sub",
  "Div",
  "Pow",
  "Sqrt",
  "Cast",
  "Transpose",
  "QuantizeLinear",
  "DequantizeLinear",
]);

/** What the NCHWc rewrites of ONNX Runtime call an op type. */
const RENAMED: ReadonlyMap<string, string> = new Map([["Resize", "Upsample"]]);

const SUMS = new Set(["Add", "Sum"]);

/** Whether an op belongs to no group yet. */
type IsFree = (op: number) => boolean;

/**
 * Ops from a fused group's last op up to the op that gives the group its kernel, last first: along sole producers
 * whose result nobody else reads, through ops without an owner. Empty where no op of `headType`, a type or a family, is met.
 */
export function walkUp(graph: Graph, isFree: IsFree, tail: number, headType: string): readonly number[] {
  const path: number[] = [];
  let op = tail;
  for (;;) {
    if (op !== tail && !isFree(op)) return [];
    path.push(op);
    const type = item(graph.opTypes, op);
    if (type === headType || RENAMED.get(type) === headType || (isFamily(headType) && familyOf(type) === headType))
      return path;
    const producer = soleProducer(graph, op);
    if (producer < 0 || soleConsumer(graph, producer) !== op) return [];
    op = producer;
  }
}

/**
 * Ops behind `last` that its runtime fused into it: the sole consumers in a row that nobody owns and that can be
 * fused. Ops without work (Dropout, Reshape) are stepped over where a fused op follows. With `sumFirst` the
 * walk starts with an addition, or not at all.
 */
export function walkDown(graph: Graph, isFree: IsFree, last: number, sumFirst: boolean): readonly number[] {
  const fused: number[] = [];
  let mustBeSum = sumFirst;
  for (let op = soleConsumer(graph, last); op >= 0 && isFree(op); op = soleConsumer(graph, op)) {
    const type = item(graph.opTypes, op);
    if (isWeightless(type)) continue;
    if (mustBeSum ? !SUMS.has(type) : !FUSED_BEHIND.has(type)) break;
    mustBeSum = false;
    fused.push(op);
  }
  return fused;
}

/**
 * Ops on the paths from `from` to `to`, both included; with `from` or `to` null everything before or behind the other.
 * Where no path joins the two, everything between them in topological order. Ascending. O(ops + edges).
 */
export function opsBetween(graph: Graph, from: number | null, to: number | null): readonly number[] {
  if (from !== null && to !== null && from > to) return [from, to].sort((a, b) => a - b);
  const first = from ?? 0;
  const last = to ?? graph.opCount - 1;
  const behind = new Uint8Array(graph.opCount);
  const before = new Uint8Array(graph.opCount);
  const reads = (op: number, marked: Uint8Array) =>
    row(graph.opInputs, op).some((tensor) => {
      const producer = at(graph.tensorProducer, tensor);
      return producer >= 0 && at(marked, producer) === 1;
    });
  for (let op = first; op <= last; op++) {
    behind[op] = from === null || op === from || reads(op, behind) ? 1 : 0;
  }
  for (let op = last; op >= first; op--) {
    const isRead = row(graph.opOutputs, op).some((tensor) =>
      row(graph.tensorConsumers, tensor).some((consumer) => at(before, consumer) === 1),
    );
    before[op] = to === null || op === to || isRead ? 1 : 0;
  }
  const ops = Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i);
  const between = ops.filter((op) => at(behind, op) === 1 && at(before, op) === 1);
  return from !== null && to !== null && !between.includes(from) ? ops : between;
}

/**
 * Ops that no group owns although they do work, because an equal op has done it already: same type and constants of
 * the same shapes, reading the same tensors, or tensors that are duplicates themselves. ONNX Runtime removes them
 * (common subexpression elimination). O(ops + edges).
 */
export function findDuplicates(graph: Graph, isFree: IsFree): readonly number[] {
  // The tensor whose value each tensor repeats; itself for the first of its kind.
  const original = Int32Array.from({ length: graph.tensorCount }, (_, tensor) => tensor);
  const signature = (op: number) =>
    JSON.stringify([
      item(graph.opTypes, op),
      Array.from(row(graph.opInputs, op), (tensor) => at(original, tensor)),
      Array.from(row(graph.opConstants, op), (constant) => item(graph.constantShapes, constant) ?? constant),
      Array.from(row(graph.opOutputs, op), (tensor) => item(graph.tensorTypes, tensor).shape),
    ]);
  const first = new Map<string, number>();
  for (let op = 0; op < graph.opCount; op++) if (!isFree(op)) first.set(signature(op), op);

  const duplicates: number[] = [];
  for (let op = 0; op < graph.opCount; op++) {
    if (!isFree(op)) continue;
    const text = signature(op);
    const twin = first.get(text);
    const isWork = !isWeightless(item(graph.opTypes, op));
    if (twin === undefined) {
      if (!isWork) first.set(text, op);
      continue;
    }
    if (isWork) duplicates.push(op);
    for (const [i, tensor] of row(graph.opOutputs, op).entries()) {
      const same = row(graph.opOutputs, twin)[i];
      if (same !== undefined) original[tensor] = at(original, same);
    }
  }
  return duplicates;
}
