import type { GraphProto, ValueInfoProto } from "onnx-buf";

/** The inputs that a caller must provide: initializers that the file lists as inputs too (IR < 4) are none. O(names). */
export function ownInputs(graph: GraphProto): readonly ValueInfoProto[] {
  const initializers = new Set(graph.initializer.map(({ name }) => name));
  for (const { values } of graph.sparseInitializer) initializers.add(values?.name ?? "");
  return graph.input.filter(({ name }) => name !== "" && !initializers.has(name));
}
