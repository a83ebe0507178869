import type { ModelProto } from "onnx-buf";

/** Where the bytes of one payload lie that the skeleton does not hold: a large one of the file, or an external one. */
export interface WeightLocation {
  /** 0 is the model file itself; blob b >= 1 is `Model.externalFiles[b - 1]`. */
  readonly blob: number;
  readonly offset: number;
  /** Bytes of the payload in its blob; NaN where an external entry gives no length and the type tells none. */
  readonly length: number;
  /** Which TensorProto field holds the payload ("rawData", or a typed field in its packed wire encoding). */
  readonly field: "rawData" | "floatData" | "int32Data" | "int64Data" | "doubleData" | "uint64Data";
}

/**
 * A decoded ONNX file without its large weights: the protobuf message as it stands in the file, with the nodes of
 * model-local functions in place of their calls and payloads over 1 KiB removed, and an index that says where each
 * removed payload lies. Names are data: look-ups use Map.
 */
export interface Model {
  readonly fileName: string;
  /** Bytes of the original file. */
  readonly fileBytes: number;
  readonly producer: string;
  readonly irVersion: number;
  /** Operator-set version per domain; "" is ai.onnx. */
  readonly opsets: ReadonlyMap<string, number>;
  readonly proto: ModelProto;
  /** Keyed by `weightKey` (weight-key.ts): in the main graph an initializer's name, or a Constant node's output. */
  readonly weights: ReadonlyMap<string, WeightLocation>;
  /** Names of external-data files that initializers refer to, in order of first use. */
  readonly externalFiles: readonly string[];
}

/** Element types by their ONNX name in lower case ("float", "float16", "int64", "uint8", "bool", ...). */
export type ElementType =
  | "float"
  | "uint8"
  | "int8"
  | "uint16"
  | "int16"
  | "int32"
  | "int64"
  | "string"
  | "bool"
  | "float16"
  | "double"
  | "uint32"
  | "uint64"
  | "complex64"
  | "complex128"
  | "bfloat16"
  | "float8e4m3fn"
  | "float8e4m3fnuz"
  | "float8e5m2"
  | "float8e5m2fnuz"
  | "uint4"
  | "int4"
  | "float4e2m1"
  | "float8e8m0"
  | "uint2"
  | "int2"
  | "undefined";

/** One dimension: a size, the name of a symbolic size, or null where nothing is known. */
export type Dimension = number | string | null;

/** What is known of a tensor. `shape` null = rank unknown; `kind` "other" = sequence, optional, map. */
export interface TensorType {
  readonly kind: "tensor" | "other";
  readonly elementType: ElementType;
  readonly shape: readonly Dimension[] | null;
}

/** Sizes that the user gave to symbolic dimensions, by name. */
export type DimensionBindings = ReadonlyMap<string, number>;
