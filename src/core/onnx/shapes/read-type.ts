import { err, ok, type Result } from "../../result.ts";
import { elementTypeNamed } from "../element-types.ts";
import type { ElementType, TensorType } from "../model.ts";
import { readShape } from "./read-shape.ts";

/** Other words for element types: as NumPy, Rust and onnxruntime have them. */
const ALIASES: ReadonlyMap<string, ElementType> = new Map([
  ["float32", "float"],
  ["f32", "float"],
  ["fp32", "float"],
  ["f16", "float16"],
  ["fp16", "float16"],
  ["half", "float16"],
  ["bf16", "bfloat16"],
  ["float64", "double"],
  ["f64", "double"],
  ["i64", "int64"],
  ["i32", "int32"],
  ["i16", "int16"],
  ["i8", "int8"],
  ["u64", "uint64"],
  ["u32", "uint32"],
  ["u16", "uint16"],
  ["u8", "uint8"],
  ["boolean", "bool"],
]);

/**
 * A tensor's type as a person writes it: "f32[1,64,56,56]", "int64[]" for a scalar; sizes also with "x" or spaces between
 * them. Errors: no element type of ONNX, no sizes, a size that is none. O(length).
 */
export function readType(text: string): Result<TensorType> {
  const [, word = "", sizes] = /^\s*([A-Za-z0-9]*)\s*(\[.*\])\s*$/.exec(text) ?? [];
  if (sizes === undefined) {
    return err(`"${text}" is no type of a tensor; an element type and sizes such as "f32[1,64,56,56]" were expected.`);
  }
  const elementType = ALIASES.get(word.toLowerCase()) ?? elementTypeNamed(word.toLowerCase());
  if (elementType === null) {
    return err(`"${word}" is no element type; one such as "f32", "f16", "int64", "uint8" or "bool" was expected.`);
  }
  const shape = readShape(sizes);
  return shape.ok ? ok({ kind: "tensor", elementType, shape: shape.value }) : shape;
}
