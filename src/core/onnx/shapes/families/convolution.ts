import type { Dimension, ElementType } from "../../model.ts";
import { plus, times } from "../dimensions.ts";
import { type Shape, tensor } from "../fact.ts";
import type { Outcome, Rule, ShapeFamily } from "../rule.ts";
import type { ShapeOp } from "../shape-op.ts";
import { places, windowsOf } from "./windows.ts";

/** Where a convolution has its operands, and whether channels come last. */
interface Operands {
  readonly weights: number;
  readonly elementType: (op: ShapeOp) => ElementType;
}

const FLOATING: Operands = { weights: 1, elementType: (op) => op.elementType(0) };

/** X [N, C, ...], W [M, C / group, ...] -> [N, M, ...]. */
function convolves({ weights, elementType }: Operands = FLOATING): Rule {
  return (op) => {
    const [input, kernel] = [op.shape(0), op.shape(weights)];
    const type = elementType(op);
    if (input === null) return [tensor(type, null)];
    const count = input.length - 2;
    if (count < 1) return `a tensor of rank ${input.length} has no spatial axes`;
    if (kernel !== null && kernel.length !== input.length)
      return `weights of rank ${kernel.length} do not fit an input of rank ${input.length}`;
    const [batch = null, channels = null] = input;
    const group = op.int("group", 1);
    const taken = times(kernel?.[1] ?? null, group);
    if (typeof taken === "number" && typeof channels === "number" && taken !== channels) {
      return `weights for ${taken} channels do not fit an input of ${channels}`;
    }
    const windows = windowsOf(
      op,
      count,
      op.ints("kernel_shape") ?? kernel?.slice(2) ?? new Array<null>(count).fill(null),
    );
    if (typeof windows === "string") return windows;
    const spatial = input.slice(2).map((size, axis) => places(windows, axis, size, false));
    return [tensor(type, [batch, kernel?.[0] ?? null, ...spatial])];
  };
}

/** X [N, C, ...], W [C, M / group, ...] -> [N, M, ...]; an attribute may state the spatial sizes. */
const convolvesTransposed: Rule = (op): Outcome => {
  const [input, kernel] = [op.shape(0), op.shape(1)];
  const elementType = op.elementType(0);
  if (input === null) return [tensor(elementType, null)];
  const count = input.length - 2;
  if (count < 1) return `a tensor of rank ${input.length} has no spatial axes`;
  if (kernel !== null && kernel.length !== input.length)
    return `weights of rank ${kernel.length} do not fit an input of rank ${input.length}`;
  const windows = windowsOf(
    op,
    count,
    op.ints("kernel_shape") ?? kernel?.slice(2) ?? new Array<null>(count).fill(null),
  );
  if (typeof windows === "string") return windows;
  const head: Shape = [input[0] ?? null, times(kernel?.[1] ?? null, op.int("group", 1))];
  const stated = op.ints("output_shape");
  if (stated !== null && stated.length >= count) return [tensor(elementType, [...head, ...stated.slice(-count)])];
  const extra = op.ints("output_padding") ?? [];
  const { strides, dilations, pads, autoPad } = windows;
  const spatial = input.slice(2).map((size, axis): Dimension => {
    const stride = strides[axis] ?? 1;
    const moved = times(size, stride);
    if (autoPad === "SAME_UPPER" || autoPad === "SAME_LOWER") return moved;
    const width = windows.kernel[axis];
    if (typeof width !== "number") return null;
    const padding = autoPad === "VALID" ? 0 : (pads[axis] ?? 0) + (pads[axis + count] ?? 0);
    const rest = (extra[axis] ?? 0) + (dilations[axis] ?? 1) * (width - 1) + 1 - padding - stride;
    return plus(moved, rest);
  });
  return [tensor(elementType, [...head, ...spatial])];
};

/** Convolutions, plain and quantised. */
export const convolution: ShapeFamily = {
  domain: "",
  rules: {
    Conv: convolves(),
    DeformConv: convolves(),
    ConvInteger: convolves({ weights: 1, elementType: () => "int32" }),
    QLinearConv: convolves({ weights: 3, elementType: (op) => op.elementType(7) }),
    ConvTranspose: convolvesTransposed,
  },
};

/** QLinearConv of com.microsoft: with `channels_last` X is [N, ..., C] and weights are as always. */
const quantised: Rule = (op) => {
  if (op.int("channels_last", 0) !== 1)
    return convolves({ weights: 3, elementType: (view) => view.elementType(7) })(op);
  return channelsLast(op, 3, op.elementType(7));
};

/** A convolution over X [N, ..., C] with weights [M, C / group, ...] -> [N, ..., M]. */
function channelsLast(op: ShapeOp, weights: number, elementType: ElementType): Outcome {
  const [input, kernel] = [op.shape(0), op.shape(weights)];
  if (input === null) return [tensor(elementType, null)];
  const count = input.length - 2;
  if (count < 1) return `a tensor of rank ${input.length} has no spatial axes`;
  const windows = windowsOf(op, count, op.ints("kernel_shape") ?? kernel?.slice(2) ?? null);
  if (typeof windows === "string") return windows;
  const spatial = input.slice(1, -1).map((size, axis) => places(windows, axis, size, false));
  return [tensor(elementType, [input[0] ?? null, ...spatial, kernel?.[0] ?? null])];
}

export const contribConvolution: ShapeFamily = {
  domain: "com.microsoft",
  rules: {
    FusedConv: convolves(),
    Conv: convolves(),
    NhwcFusedConv: (op) => channelsLast(op, 1, op.elementType(0)),
    NhwcConv: (op) => channelsLast(op, 1, op.elementType(0)),
    QLinearConv: quantised,
    ConvTransposeWithDynamicPads: (op) => [tensor(op.elementType(0), null)],
  },
};
