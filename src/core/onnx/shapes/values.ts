import type { Dimension, ElementType } from "../model.ts";
import { type Shape, VALUE_LIMIT, type Values } from "./fact.ts";

/** Bounds of integer types; 64-bit ones as far as numbers are exact. */
const RANGES: ReadonlyMap<ElementType, readonly [number, number]> = new Map([
  ["int64", [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER]],
  ["uint64", [0, Number.MAX_SAFE_INTEGER]],
  ["int32", [-(2 ** 31), 2 ** 31 - 1]],
  ["uint32", [0, 2 ** 32 - 1]],
  ["int16", [-(2 ** 15), 2 ** 15 - 1]],
  ["uint16", [0, 2 ** 16 - 1]],
  ["int8", [-128, 127]],
  ["uint8", [0, 255]],
]);

/** A computed number as a tensor of the type holds it; null where it does not fit or the type is not followed. */
export function heldNumber(value: number, elementType: ElementType): number | null {
  switch (elementType) {
    case "float":
      return Math.fround(value);
    case "double":
      return value;
    case "bool":
      return value === 0 ? 0 : 1;
    default: {
      const range = RANGES.get(elementType);
      if (range === undefined || Number.isNaN(value)) return null;
      const whole = Math.trunc(value);
      return whole >= range[0] && whole <= range[1] ? whole : null;
    }
  }
}

/** Number of elements where it is known and small enough for values to be carried, else null. */
export function smallCount(shape: Shape | null): number | null {
  if (shape === null) return null;
  let count = 1;
  for (const size of shape) {
    if (typeof size !== "number" || !(Number.isInteger(size) && size >= 0)) return null;
    count *= size;
  }
  return count <= VALUE_LIMIT ? count : null;
}

/**
 * Elements of an elementwise op with numpy's broadcasting, from the elements of its inputs; null where they are not
 * known or too many. `shape` is that of the result. O(elements x inputs).
 */
export function broadcastValues(
  shape: Shape,
  operands: readonly { readonly shape: Shape | null; readonly value: Values | null }[],
  combine: (elements: readonly Dimension[]) => Dimension,
): Values | null {
  const count = smallCount(shape);
  if (count === null) return null;
  const readers = operands.map((operand) => reader(shape, operand.shape, operand.value));
  if (readers.includes(null)) return null;
  const result: Dimension[] = [];
  for (let index = 0; index < count; index++) result.push(combine(readers.map((read) => read?.(index) ?? null)));
  return result;
}

/** Reads the element of an operand that stands where element `index` of the result does. */
function reader(result: Shape, shape: Shape | null, value: Values | null): ((index: number) => Dimension) | null {
  if (shape === null || value === null || smallCount(shape) !== value.length) return null;
  if (value.length === 1) return () => value[0] ?? null;
  const offset = result.length - shape.length;
  if (offset === 0 && shape.every((size, axis) => size === result[axis])) return (index) => value[index] ?? null;
  return (index) => {
    let [rest, place, step] = [index, 0, 1];
    for (let axis = result.length - 1; axis >= 0; axis--) {
      const size = Number(result[axis]);
      const coordinate = rest % size;
      rest = Math.floor(rest / size);
      const own = axis < offset ? 1 : Number(shape[axis - offset]);
      if (own !== 1) place += coordinate * step;
      step *= own;
    }
    return value[place] ?? null;
  };
}
