import type { OpClass } from "./cost.ts";
import type { OpFamily, Work } from "./family.ts";
import { type OpView, product, type Sizes } from "./op-view.ts";

/** Where the weights stand among the inputs. */
function weightPlace(type: string): number {
  return type.startsWith("QLinear") ? 3 : 1;
}

function classOf(weights: Sizes, groups: number, channels: number): OpClass {
  if (weights === null) return "convKxK";
  // A group per input channel: each output reads one channel only.
  if (groups > 1 && groups === channels) return "depthwise";
  return product(weights.slice(2)) === 1 ? "conv1x1" : "convKxK";
}

/**
 * Conv: X [N, C, D...], W [M, C / groups, k...], Y [N, M, D'...]: each element of Y takes (C / groups) x prod(k)
 * multiply-accumulates. O(1). Source: ONNX operator schema of Conv.
 */
function convolution(op: OpView): Work {
  const weights = op.input(weightPlace(op.type));
  const output = op.output(0);
  const groups = op.int("group", 1);
  const macs = weights === null || output === null ? Number.NaN : product(output) * product(weights.slice(1));
  return { macs, opClass: classOf(weights, groups, (weights?.[1] ?? 0) * groups) };
}

/**
 * ConvTranspose: X [N, C, D...], W [C, M / groups, k...]: each element of X is multiplied into (M / groups) x
 * prod(k) places. O(1). Source: ONNX operator schema of ConvTranspose.
 */
function transposedConvolution(op: OpView): Work {
  const input = op.input(0);
  const weights = op.input(1);
  const groups = op.int("group", 1);
  const macs = weights === null || input === null ? Number.NaN : product(input) * product(weights.slice(1));
  return { macs, opClass: classOf(weights, groups, weights?.[0] ?? 0) };
}

/** DeformConv counts like Conv; the interpolation at its offsets is not counted. */
export const convolutions: OpFamily = {
  types: ["Conv", "FusedConv", "NhwcConv", "NhwcFusedConv", "ConvInteger", "QLinearConv", "DeformConv"],
  work: convolution,
};

export const transposedConvolutions: OpFamily = {
  types: ["ConvTranspose", "ConvTransposeWithDynamicPads"],
  work: transposedConvolution,
};
