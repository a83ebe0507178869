import type { TensorType } from "../../core/onnx/model.ts";

/** "float32 1x64x56x56"; unknown sizes as "?". */
export function typeText(type: TensorType): string {
  if (type.kind === "other") return "not a tensor";
  if (type.elementType === "undefined" && type.shape === null) return "type and shape unknown";
  const element = type.elementType === "float" ? "float32" : type.elementType;
  if (type.shape === null) return `${element}, shape unknown`;
  if (type.shape.length === 0) return `${element} scalar`;
  return `${element} ${type.shape.map((size) => size ?? "?").join("×")}`;
}
