import type { TensorType } from "../model.ts";

/** A type in one word for messages: `float[1, 3, ?]`, `int64[?]` for an unknown rank. O(rank). */
export function typeText({ kind, elementType, shape }: TensorType): string {
  if (kind === "other") return "no tensor";
  return `${elementType}[${shape === null ? "?" : shape.map((size) => size ?? "?").join(", ")}]`;
}
