import type { TypeProto_Tensor } from "onnx-buf";
import type { DimensionBindings } from "../model.ts";

/**
 * Name by which dimension `axis` of graph input `input` is bound: the one that the model gives it, `input:axis` for
 * an anonymous one, or null where the model states a size. `declared` is the size or name in the file.
 */
export function dimensionName(input: string, axis: number, declared: number | string | null): string | null {
  if (typeof declared === "number") return null;
  return declared === null ? `${input}:${axis}` : declared;
}

type DimensionMessage = NonNullable<TypeProto_Tensor["shape"]>["dim"][number];

/** A dimension as the file states it: its size, its name, or null for one that is absent, unnamed or negative. */
export function declaredDimension({ value }: DimensionMessage): number | string | null {
  if (value.case === "dimParam") return value.value === "" ? null : value.value;
  if (value.case !== "dimValue") return null;
  return value.value < 0n ? null : Number(value.value);
}

/** The size that the user gave to a named dimension, else the dimension as it is. */
export function boundDimension(dimension: number | string | null, bindings: DimensionBindings): number | string | null {
  return typeof dimension === "string" ? (bindings.get(dimension) ?? dimension) : dimension;
}
