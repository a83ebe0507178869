import type { Dimension, ElementType, TensorType } from "../model.ts";

export type Shape = readonly Dimension[];

/**
 * Elements of a small tensor in order, as far as they are known: a number (bool: 0 or 1), the name of a dimension, or
 * null. Shapes are computed from these.
 */
export type Values = readonly Dimension[];

/** What inference knows of one value. */
export interface Fact {
  readonly type: TensorType;
  /** Null where nothing is known of the elements. */
  readonly value: Values | null;
  /** What the elements of a sequence, or the content of an optional, are; null for a tensor and where unknown. */
  readonly element: Fact | null;
  /** Why not all of the type is known, as a clause; null where it is known, or follows from an input's. */
  readonly reason: string | null;
}

/** Elements up to which values are carried. */
export const VALUE_LIMIT = 1024;

export function tensor(elementType: ElementType, shape: Shape | null, value: Values | null = null): Fact {
  return { type: { kind: "tensor", elementType, shape }, value, element: null, reason: null };
}

/** A tensor whose shape cannot be told in full, and why. */
export function open(elementType: ElementType, shape: Shape | null, reason: string): Fact {
  return { type: { kind: "tensor", elementType, shape }, value: null, element: null, reason };
}

const OTHER: TensorType = { kind: "other", elementType: "undefined", shape: null };

/** A sequence, or an optional, with what it holds. */
export function sequence(element: Fact | null): Fact {
  return { type: OTHER, value: null, element, reason: null };
}

/** A value of which nothing is known, and why. */
export function unknown(reason: string): Fact {
  return open("undefined", null, reason);
}

/** A tensor of rank 0 or 1 that holds integers for shapes. */
export function integers(values: Values, elementType: ElementType = "int64"): Fact {
  return tensor(elementType, [values.length], values);
}
