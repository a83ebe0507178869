import type { Dimension } from "../../model.ts";
import { mapSize } from "../dimensions.ts";
import type { ShapeOp } from "../shape-op.ts";

/** How a kernel moves over the spatial axes of a tensor. */
export interface Windows {
  /** Spatial axes. */
  readonly count: number;
  readonly kernel: readonly Dimension[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Those before, then those behind the axes. */
  readonly pads: readonly number[];
  /** "NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER". */
  readonly autoPad: string;
}

/** The attributes of a convolution or pooling over `count` axes; a clause where they do not fit. */
export function windowsOf(op: ShapeOp, count: number, kernel: readonly Dimension[] | null): Windows | string {
  if (kernel === null || kernel.length !== count) return `its kernel does not have the ${count} axes of its input`;
  const list = (name: string, length: number, otherwise: number): readonly number[] | null => {
    const stated = op.ints(name);
    if (stated === null || stated.length === 0) return new Array<number>(length).fill(otherwise);
    return stated.length === length ? stated : null;
  };
  const strides = list("strides", count, 1);
  const dilations = list("dilations", count, 1);
  const pads = list("pads", 2 * count, 0);
  if (strides === null || dilations === null || pads === null) return `its attributes do not fit ${count} axes`;
  if (strides.some((stride) => !(stride >= 1))) return `strides of ${strides.join(", ")} are not possible`;
  return { count, kernel, strides, dilations, pads, autoPad: op.text("auto_pad", "NOTSET") || "NOTSET" };
}

/** How many places along spatial axis `axis` of that size a kernel takes. */
export function places(windows: Windows, axis: number, size: Dimension, roundsUp: boolean): Dimension {
  const { kernel, strides, dilations, pads, autoPad, count } = windows;
  const [stride, dilation] = [strides[axis] ?? 1, dilations[axis] ?? 1];
  if (autoPad === "SAME_UPPER" || autoPad === "SAME_LOWER") return mapSize(size, (n) => Math.ceil(n / stride));
  const width = kernel[axis];
  if (typeof size !== "number" || typeof width !== "number") {
    // A kernel of 1 that takes each place leaves even an unknown size as it is.
    const isSame = width === 1 && stride === 1 && (pads[axis] ?? 0) === 0 && (pads[axis + count] ?? 0) === 0;
    return isSame ? size : null;
  }
  const isValid = autoPad === "VALID";
  const before = isValid ? 0 : (pads[axis] ?? 0);
  const behind = isValid ? 0 : (pads[axis + count] ?? 0);
  const room = size + before + behind - (dilation * (width - 1) + 1);
  if (!roundsUp) return Math.floor(room / stride) + 1;
  const found = Math.ceil(room / stride) + 1;
  // The last place must begin inside the tensor or its padding before it.
  return (found - 1) * stride >= size + before ? found - 1 : found;
}
