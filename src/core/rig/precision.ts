import type { ElementType } from "../onnx/model.ts";
import type { Device } from "./rig.ts";

/** Bits of floating-point elements as stored; integers are kept as they are on every device. */
const FLOAT_BITS: ReadonlyMap<ElementType, number> = new Map([
  ["double", 64],
  ["float", 32],
  ["float16", 16],
  ["bfloat16", 16],
]);

const HELD_BITS = { "as-stored": Number.POSITIVE_INFINITY, f16: 16, i8: 8 } as const;

/**
 * By what factor a device shrinks elements of a type: a float weight on an "i8" device takes a quarter of its stored
 * bytes. Never above 1: nothing is widened.
 */
export function shrinkFactor(type: ElementType, precision: Device["weightPrecision"]): number {
  const bits = FLOAT_BITS.get(type);
  return bits === undefined ? 1 : Math.min(1, HELD_BITS[precision] / bits);
}
