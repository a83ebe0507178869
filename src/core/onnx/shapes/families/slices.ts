import type { Dimension } from "../../model.ts";
import { axisOf, unknownSizes } from "../dimensions.ts";
import { type Fact, open, type Shape, tensor, type Values } from "../fact.ts";
import type { Outcome, Rule, ShapeFamily } from "../rule.ts";
import type { ShapeOp } from "../shape-op.ts";
import { sizesInput } from "./generators.ts";

const FROM_DATA = "where it is cut is computed from data";

/** From this size on a slice runs to the end of its axis, however long that is. */
const TO_THE_END = 2 ** 31 - 1;

interface Cut {
  readonly start: Dimension;
  readonly end: Dimension;
  readonly step: Dimension;
}

/** Slice: attributes up to operator set 9, inputs from 10 on. */
const slice: Rule = (op) => {
  const shape = op.shape(0);
  const elementType = op.elementType(0);
  if (shape === null) return [tensor(elementType, null)];
  const starts = op.ints("starts") ?? sizesInput(op, 1);
  const ends = op.ints("ends") ?? sizesInput(op, 2);
  const axes = op.ints("axes") ?? (op.has(3) ? op.numbers(3) : starts?.map((_, axis) => axis)) ?? null;
  const steps = op.has(4) ? sizesInput(op, 4) : null;
  if (starts === null || ends === null || axes === null) {
    return [open(elementType, unknownSizes(shape.length), FROM_DATA)];
  }
  if (ends.length !== starts.length || axes.length !== starts.length) {
    return `${starts.length} starts, ${ends.length} ends and ${axes.length} axes do not fit each other`;
  }
  const sizes = [...shape];
  let value = shape.length === 1 ? op.value(0) : null;
  for (const [index, axis] of axes.entries()) {
    const place = axisOf(axis, shape.length);
    if (place === null) return `axis ${axis} is not in a tensor of rank ${shape.length}`;
    const cut = {
      start: starts[index] ?? null,
      end: ends[index] ?? null,
      step: op.has(4) ? (steps?.[index] ?? null) : 1,
    };
    if (cut.step === 0) return "it steps by 0";
    const before = sizes[place] ?? null;
    sizes[place] = cutSize(before, cut);
    value = value === null ? null : cutValues(value, before, cut);
  }
  return [sliced(elementType, sizes, value, shape)];
};

/** A slice is open for its own sake only where an axis was known before. */
function sliced(elementType: Fact["type"]["elementType"], sizes: Shape, value: Values | null, before: Shape): Fact {
  const opened = sizes.some((size, axis) => size === null && before[axis] !== null);
  return opened ? open(elementType, sizes, FROM_DATA) : tensor(elementType, sizes, value);
}

/** How many elements a cut leaves of an axis. */
function cutSize(size: Dimension, { start, end, step }: Cut): Dimension {
  if (typeof step !== "number") return null;
  if (typeof size !== "number") {
    const whole = step === 1 && start === 0 && (end === size || (typeof end === "number" && end >= TO_THE_END));
    const reversed = step === -1 && start === -1 && typeof end === "number" && end <= -TO_THE_END;
    return whole || reversed ? size : null;
  }
  if (typeof start !== "number" || typeof end !== "number") return null;
  const [from, to] = bounds(size, start, end, step);
  return Math.max(0, Math.ceil((to - from) / step));
}

/** Start and end as positions on an axis of that size; going back, the end may be -1. */
function bounds(size: number, start: number, end: number, step: number): readonly [number, number] {
  const [low, high] = step > 0 ? [0, size] : [-1, size - 1];
  const place = (position: number) => Math.min(Math.max(position < 0 ? position + size : position, low), high);
  // Runtimes read the largest integer as "no end", also going back.
  const isOpen = step < 0 && (end === TO_THE_END || end >= 2 ** 63);
  // Going back, a start before the axis is its first element.
  return [step > 0 ? place(start) : Math.max(place(start), size === 0 ? -1 : 0), isOpen ? -1 : place(end)];
}

function cutValues(value: Values, size: Dimension, { start, end, step }: Cut): Values | null {
  if (typeof size !== "number" || typeof start !== "number" || typeof end !== "number" || typeof step !== "number") {
    return null;
  }
  const [from, to] = bounds(size, start, end, step);
  const count = Math.max(0, Math.ceil((to - from) / step));
  return Array.from({ length: Math.min(count, value.length) }, (_, index) => value[from + index * step] ?? null);
}

const gather: Rule = (op) => {
  const [data, indices] = [op.shape(0), op.shape(1)];
  const elementType = op.elementType(0);
  if (data === null || indices === null) return [tensor(elementType, null)];
  const axis = axisOf(op.int("axis", 0), data.length);
  if (axis === null) return `axis ${op.int("axis", 0)} is not in a tensor of rank ${data.length}`;
  const shape = [...data.slice(0, axis), ...indices, ...data.slice(axis + 1)];
  const [from, places] = [op.value(0), op.value(1)];
  const picked =
    data.length === 1 && from !== null && places !== null
      ? places.map((place) => (typeof place === "number" ? (from.at(place) ?? null) : null))
      : null;
  return [tensor(elementType, shape, picked)];
};

/** GatherND: each row of the last axis of the indices picks what lies behind that many axes. */
const gatherMany: Rule = (op) => {
  const [data, indices] = [op.shape(0), op.shape(1)];
  const elementType = op.elementType(0);
  if (data === null || indices === null) return [tensor(elementType, null)];
  const depth = indices.at(-1) ?? null;
  const batch = op.int("batch_dims", 0);
  if (typeof depth !== "number") return [open(elementType, null, "how many axes it picks from is not known")];
  if (batch < 0 || batch + depth > data.length) return `indices of ${depth} do not fit a tensor of rank ${data.length}`;
  return [tensor(elementType, [...indices.slice(0, -1), ...data.slice(batch + depth)])];
};

const likeIndices: Rule = (op) => [tensor(op.elementType(0), op.shape(1))];
const likeData: Rule = (op) => [tensor(op.elementType(0), op.shape(0))];

const compress: Rule = (op) => {
  const shape = op.shape(0);
  const elementType = op.elementType(0);
  const chosen = op.numbers(1)?.reduce((count, flag) => count + (flag === 0 ? 0 : 1), 0) ?? null;
  const axis = op.attribute("axis") === undefined ? null : op.int("axis", 0);
  const reason = "how much of it is chosen depends on the data";
  if (axis === null) return [chosen === null ? open(elementType, [null], reason) : tensor(elementType, [chosen])];
  if (shape === null) return [tensor(elementType, null)];
  const place = axisOf(axis, shape.length);
  if (place === null) return `axis ${axis} is not in a tensor of rank ${shape.length}`;
  const sizes = shape.with(place, chosen);
  return [chosen === null ? open(elementType, sizes, reason) : tensor(elementType, sizes)];
};

const nonZero: Rule = (op) => {
  const rank = op.shape(0)?.length ?? null;
  const count = op.numbers(0)?.reduce((total, element) => total + (element === 0 ? 0 : 1), 0) ?? null;
  // A scalar counts as a row of one.
  const sizes = [rank === null ? null : Math.max(rank, 1), count];
  return [
    count === null ? open("int64", sizes, "how many elements are not 0 depends on the data") : tensor("int64", sizes),
  ];
};

function unique(op: ShapeOp): Outcome {
  const shape = op.shape(0);
  const elementType = op.elementType(0);
  const reason = "how many different elements there are depends on the data";
  const axis = op.attribute("axis") === undefined ? null : op.int("axis", 0);
  const place = axis === null || shape === null ? null : axisOf(axis, shape.length);
  if (axis !== null && shape !== null && place === null)
    return `axis ${axis} is not in a tensor of rank ${shape.length}`;
  const sizes = axis === null ? [null] : place === null ? null : (shape?.with(place, null) ?? null);
  const all =
    axis === null
      ? shape === null
        ? null
        : shape.reduce<Dimension>((n, s) => (typeof n === "number" && typeof s === "number" ? n * s : null), 1)
      : place === null
        ? null
        : (shape?.[place] ?? null);
  return [
    open(elementType, sizes, reason),
    open("int64", [null], reason),
    tensor("int64", [all]),
    open("int64", [null], reason),
  ];
}

/** Ops that pick elements or put them in place. */
export const slices: ShapeFamily = {
  domain: "",
  rules: {
    Slice: slice,
    DynamicSlice: slice,
    Gather: gather,
    GatherElements: likeIndices,
    GatherND: gatherMany,
    Scatter: likeData,
    ScatterElements: likeData,
    ScatterND: likeData,
    Compress: compress,
    NonZero: nonZero,
    Unique: unique,
  },
};

export const contribSlices: ShapeFamily = {
  domain: "com.microsoft",
  rules: { GatherND: gatherMany, DynamicSlice: slice, Unique: unique },
};
