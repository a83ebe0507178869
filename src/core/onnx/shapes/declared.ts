import type { DimensionBindings, Model, TensorType } from "../model.ts";
import { declaredTypes } from "../types.ts";
import { boundDimension, dimensionName } from "./dimension-names.ts";
import { ownInputs } from "./own-inputs.ts";

/**
 * What the file itself states of its tensors (inputs, outputs, value_info), with the sizes of bound dimensions in
 * place of their names. O(declarations x rank).
 */
export function boundDeclarations(model: Model, bindings: DimensionBindings): Map<string, TensorType> {
  const inputs = inputNames(model);
  const types = new Map<string, TensorType>();
  const constants = new Set(model.proto.graph?.initializer.map(({ name }) => name));
  for (const [name, type] of declaredTypes(model)) {
    if (constants.has(name)) continue;
    const shape = type.shape?.map((size, axis) => {
      const bound = boundDimension(inputs.has(name) ? (dimensionName(name, axis, size) ?? size) : size, bindings);
      return typeof bound === "number" ? bound : size;
    });
    types.set(name, { ...type, shape: shape ?? null });
  }
  return types;
}

function inputNames(model: Model): Set<string> {
  const { graph } = model.proto;
  return new Set(graph === undefined ? [] : ownInputs(graph).map(({ name }) => name));
}
