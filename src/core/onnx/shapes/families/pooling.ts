import type { Dimension, ElementType } from "../../model.ts";
import { mapSize } from "../dimensions.ts";
import { type Shape, tensor } from "../fact.ts";
import type { Outcome, Rule, ShapeFamily } from "../rule.ts";
import type { ShapeOp } from "../shape-op.ts";
import { sizesInput } from "./generators.ts";
import { places, windowsOf } from "./windows.ts";

/** Shape of [N, C, ...], or with `last` [N, ..., C], after pooling; a clause where it cannot be. */
function pooledShape(op: ShapeOp, input: Shape, last = false): Shape | string {
  const count = input.length - 2;
  if (count < 1) return `a tensor of rank ${input.length} has no spatial axes`;
  const windows = windowsOf(op, count, op.ints("kernel_shape"));
  if (typeof windows === "string") return windows;
  const roundsUp = op.int("ceil_mode", 0) === 1;
  const spatial = (last ? input.slice(1, -1) : input.slice(2)).map((size, axis) =>
    places(windows, axis, size, roundsUp),
  );
  const [batch = null, second = null] = input;
  return last ? [batch, ...spatial, input.at(-1) ?? null] : [batch, second, ...spatial];
}

/** Pooling by windows; MaxPool also writes where each maximum was. */
function pools(last = false): Rule {
  return (op) => {
    const input = op.shape(0);
    const shape = input === null ? null : pooledShape(op, input, last);
    if (typeof shape === "string") return shape;
    return [tensor(op.elementType(0), shape), tensor("int64", shape)];
  };
}

/** Pooling over all spatial axes at once, which stay with size 1. */
function poolsAll(last = false): Rule {
  return (op) => {
    const input = op.shape(0);
    if (input !== null && input.length < 2) return `a tensor of rank ${input.length} has no channels`;
    const isChannel = (axis: number) => axis === (last ? (input?.length ?? 0) - 1 : 1);
    const shape = input?.map((size, axis) => (axis === 0 || isChannel(axis) ? size : 1)) ?? null;
    return [tensor(op.elementType(0), shape)];
  };
}

/** MaxUnpool: the input of the pooling that it undoes; an input may state the sizes. */
function unpools(op: ShapeOp): Outcome {
  const elementType = op.elementType(0);
  if (op.has(2)) return [tensor(elementType, sizesInput(op, 2))];
  const input = op.shape(0);
  if (input === null) return [tensor(elementType, null)];
  const windows = windowsOf(op, input.length - 2, op.ints("kernel_shape"));
  if (typeof windows === "string") return windows;
  const { kernel, strides, pads, count } = windows;
  const spatial = input.slice(2).map((size, axis): Dimension => {
    const width = kernel[axis];
    if (typeof width !== "number") return null;
    const padding = (pads[axis] ?? 0) + (pads[axis + count] ?? 0);
    return mapSize(size, (n) => (n - 1) * (strides[axis] ?? 1) + width - padding);
  });
  return [tensor(elementType, [...input.slice(0, 2), ...spatial])];
}

/** Pooling of regions [R, ...] of X [N, C, H, W] -> [R, C, height, width]. */
function regions(height: (op: ShapeOp) => readonly number[], elementType?: ElementType): Rule {
  return (op) => {
    const [rows = 1, columns = 1] = height(op);
    const shape = [op.shape(1)?.[0] ?? null, op.shape(0)?.[1] ?? null, rows, columns];
    return [tensor(elementType ?? op.elementType(0), shape)];
  };
}

export const pooling: ShapeFamily = {
  domain: "",
  rules: {
    MaxPool: pools(),
    AveragePool: pools(),
    LpPool: pools(),
    GlobalAveragePool: poolsAll(),
    GlobalMaxPool: poolsAll(),
    GlobalLpPool: poolsAll(),
    MaxUnpool: unpools,
    MaxRoiPool: regions((op) => op.ints("pooled_shape") ?? []),
    RoiAlign: regions((op) => [op.int("output_height", 1), op.int("output_width", 1)]),
  },
};

const byLayout =
  (make: (last: boolean) => Rule): Rule =>
  (op) =>
    make(op.int("channels_last", 0) === 1)(op);

export const contribPooling: ShapeFamily = {
  domain: "com.microsoft",
  rules: {
    MaxpoolWithMask: pools(),
    NhwcMaxPool: pools(true),
    QLinearAveragePool: byLayout(pools),
    QLinearGlobalAveragePool: byLayout(poolsAll),
  },
};
