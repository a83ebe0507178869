import type { Dimension } from "../model.ts";
import type { Shape } from "./fact.ts";

/** Arithmetic on sizes that may be names or unknown. What cannot be told is null. */

export function plus(a: Dimension, b: Dimension): Dimension {
  if (a === 0) return b;
  if (b === 0) return a;
  return typeof a === "number" && typeof b === "number" ? a + b : null;
}

export function times(a: Dimension, b: Dimension): Dimension {
  if (a === 1) return b;
  if (b === 1) return a;
  if (a === 0 || b === 0) return 0;
  return typeof a === "number" && typeof b === "number" ? a * b : null;
}

/** The product of sizes: a number, the one name among ones, or null. O(length). */
export function product(sizes: Shape): Dimension {
  return sizes.reduce<Dimension>(times, 1);
}

/** A size by a function of the number; null for a name. */
export function mapSize(size: Dimension | undefined, change: (size: number) => number): Dimension {
  return typeof size === "number" ? change(size) : null;
}

/** An axis counted from the front; null for one that a tensor of that rank does not have. */
export function axisOf(axis: number, rank: number): number | null {
  const front = axis < 0 ? axis + rank : axis;
  return Number.isInteger(front) && front >= 0 && front < rank ? front : null;
}

/** Axes counted from the front, distinct; null where one is not there. */
export function axesOf(axes: readonly number[], rank: number): ReadonlySet<number> | null {
  const found = new Set<number>();
  for (const axis of axes) {
    const front = axisOf(axis, rank);
    if (front === null) return null;
    found.add(front);
  }
  return found;
}

/** `rank` sizes of which nothing is known; null for a rank that no tensor has. */
export function unknownSizes(rank: Dimension): Shape | null {
  return typeof rank === "number" && Number.isInteger(rank) && rank >= 0 && rank <= 64
    ? new Array<null>(rank).fill(null)
    : null;
}

/**
 * The size of an axis that two tensors share element by element; undefined where both are numbers and differ. A number
 * is preferred to a name, a name to nothing.
 */
function sharedSize(a: Dimension, b: Dimension): Dimension | undefined {
  if (typeof a === "number" && typeof b === "number") return a === b ? a : undefined;
  if (typeof a === "number") return a;
  return typeof b === "number" ? b : (a ?? b);
}

/** The size of an axis along which sizes of 1 are repeated; undefined where that cannot be. */
export function broadcastSize(a: Dimension, b: Dimension): Dimension | undefined {
  if (a === b) return a;
  if (a === 1) return b;
  if (b === 1) return a;
  if (typeof a === "number" && typeof b === "number") return undefined;
  // Whatever the other one turns out to be, it is this number or 1.
  if (typeof a === "number") return a;
  return typeof b === "number" ? b : null;
}

/** Shape of an elementwise op on tensors of these shapes (numpy's rules); a clause where they do not fit. O(rank). */
export function broadcast(shapes: readonly Shape[]): Shape | string {
  const rank = Math.max(0, ...shapes.map((shape) => shape.length));
  const result: Dimension[] = new Array<Dimension>(rank).fill(1);
  for (const shape of shapes) {
    const offset = rank - shape.length;
    for (const [axis, size] of shape.entries()) {
      const both = broadcastSize(result[offset + axis] ?? null, size);
      if (both === undefined) return `the shapes ${shapes.map(shapeText).join(" and ")} do not fit each other`;
      result[offset + axis] = both;
    }
  }
  return result;
}

/** The sizes that tensors of one shape have; a clause where they cannot be one shape. O(rank). */
export function sharedShape(shapes: readonly Shape[]): Shape | string {
  const [first = [], ...others] = shapes;
  let result: Shape = first;
  for (const shape of others) {
    const both = shape.map((size, axis) => sharedSize(result[axis] ?? null, size));
    const whole = both.filter((size) => size !== undefined);
    if (shape.length !== result.length || whole.length !== both.length) {
      return `the shapes ${shapeText(result)} and ${shapeText(shape)} are not the same`;
    }
    result = whole;
  }
  return result;
}

/** "[1, 3, ?]" */
export function shapeText(shape: Shape): string {
  return `[${shape.map((size) => size ?? "?").join(", ")}]`;
}
