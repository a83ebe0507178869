import type { Tensor } from "onnxruntime-web";
import type { SeededInput } from "../core/onnx/seeded-inputs.ts";

/** Names of element types as the runtime's tensors have them, where they differ from ONNX's. */
const TENSOR_TYPES: ReadonlyMap<string, string> = new Map([
  ["float", "float32"],
  ["double", "float64"],
]);

/** Made-up inputs as the runtime takes them, by name. */
export function runtimeTensors(
  inputs: readonly SeededInput[],
  TensorClass: typeof Tensor,
): ReadonlyMap<string, Tensor> {
  return new Map(
    inputs.map(({ name, elementType, dims, data }) => {
      const type = (TENSOR_TYPES.get(elementType) ?? elementType) as Tensor.Type;
      return [name, new TensorClass(type, data as Tensor.DataType, dims)];
    }),
  );
}
