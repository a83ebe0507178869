import type { Dimension, DimensionBindings, ElementType, TensorType } from "../model.ts";
import { boundDimension } from "./dimension-names.ts";
import { shapeProbeName } from "./shape-probe-name.ts";

/** What a runtime says of one graph output; the fields of onnxruntime's ValueMetadata that are read here. */
export type OutputMetadata =
  | { readonly name: string; readonly isTensor: false }
  | {
      readonly name: string;
      readonly isTensor: true;
      readonly type: string;
      readonly shape: readonly (number | string)[];
    };

/** How onnxruntime-web reports a dimension without size and name (-1 as an unsigned number). */
const ANONYMOUS = 4_294_967_295;

const ELEMENT_TYPES: ReadonlyMap<string, ElementType> = new Map([
  ["float32", "float"],
  ["float64", "double"],
  ["float16", "float16"],
  ["uint8", "uint8"],
  ["int8", "int8"],
  ["uint16", "uint16"],
  ["int16", "int16"],
  ["uint32", "uint32"],
  ["int32", "int32"],
  ["uint64", "uint64"],
  ["int64", "int64"],
  ["bool", "bool"],
  ["string", "string"],
  ["uint4", "uint4"],
  ["int4", "int4"],
]);

/** True for a tensor whose every dimension is a number. O(rank). */
export function isConcrete({ kind, shape }: TensorType): boolean {
  return kind === "tensor" && shape !== null && shape.every((size) => typeof size === "number");
}

/**
 * Types of the tensors that a session over a probe model reports. `[]` means a scalar or an unknown rank alike, so
 * it is read as unknown unless the tensor was among `shapeProbes` and the size of its shape tells. Dimensions that
 * carry the name of a bound one get its size. O(outputs).
 */
export function interpretOutputs(
  outputs: readonly OutputMetadata[],
  shapeProbes: readonly string[],
  bindings: DimensionBindings,
): Map<string, TensorType> {
  const types = new Map<string, TensorType>();
  for (const output of outputs) {
    if (!output.isTensor) {
      types.set(output.name, { kind: "other", elementType: "undefined", shape: null });
      continue;
    }
    const elementType = ELEMENT_TYPES.get(output.type) ?? "undefined";
    const shape = output.shape.map((size) => boundDimension(readDimension(size), bindings));
    types.set(output.name, { kind: "tensor", elementType, shape: shape.length === 0 ? null : shape });
  }
  for (const name of shapeProbes) {
    const rank = types.get(shapeProbeName(name))?.shape?.[0];
    const type = types.get(name);
    types.delete(shapeProbeName(name));
    if (type?.kind !== "tensor" || type.shape !== null || typeof rank !== "number") continue;
    types.set(name, { ...type, shape: Array.from({ length: rank }, () => null) });
  }
  return types;
}

/** What two passes found, together: of each tensor the type that says more. O(tensors x rank). */
export function mergeTypes(
  earlier: ReadonlyMap<string, TensorType>,
  later: ReadonlyMap<string, TensorType>,
): Map<string, TensorType> {
  const merged = new Map(earlier);
  for (const [name, type] of later) {
    const old = merged.get(name);
    if (old === undefined || knowledge(type) > knowledge(old)) merged.set(name, type);
  }
  return merged;
}

/** True where nothing is left to know: sequences and the like have no shape. O(rank). */
export function isResolved(type: TensorType): boolean {
  return type.kind === "other" || isConcrete(type);
}

/**
 * Types with the gaps filled by what the file declares: of a tensor that is missing, or whose declaration says more
 * and contradicts nothing that is known. O(declarations x rank).
 */
export function fillIn(
  types: ReadonlyMap<string, TensorType>,
  declared: ReadonlyMap<string, TensorType>,
): Map<string, TensorType> {
  const agreeing = [...declared].filter(([name, type]) => {
    const known = types.get(name);
    return known === undefined || agrees(known, type);
  });
  return mergeTypes(types, new Map(agreeing));
}

function agrees(known: TensorType, said: TensorType): boolean {
  if (known.kind !== said.kind) return false;
  if (known.elementType !== said.elementType && known.elementType !== "undefined") return false;
  if (known.shape === null) return true;
  if (known.shape.length !== said.shape?.length) return false;
  return known.shape.every((size, axis) => typeof size !== "number" || size === said.shape?.[axis]);
}

/** Unknown rank < unknown sizes < names < numbers. A type with an element type says more than one without. */
function knowledge({ elementType, shape }: TensorType): number {
  const element = elementType === "undefined" ? 0 : 0.25;
  if (shape === null) return element;
  const said = shape.reduce<number>((sum, size) => sum + (size === null ? 0 : typeof size === "string" ? 0.5 : 1), 0);
  return element + 1 + said / Math.max(shape.length, 1);
}

function readDimension(size: number | string): Dimension {
  if (typeof size === "string") return size === "" ? null : size;
  return size < 0 || size === ANONYMOUS ? null : size;
}
