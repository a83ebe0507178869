import { modelTotals, opCosts } from "../cost/op-costs.ts";
import { buildGraph } from "../graph/build.ts";
import { decodeModel } from "../onnx/decode.ts";
import type { TensorType } from "../onnx/model.ts";
import { bytesSource } from "../onnx/source.ts";
import { unwrap } from "../result.ts";
import type { ModelBuilder } from "./model-builder.ts";

/** Graph and costs of a built model; tensors have the types that it declares, and those in `types`. */
export function modelCosts(builder: ModelBuilder, types: ReadonlyMap<string, TensorType> = new Map()) {
  const model = unwrap(decodeModel(bytesSource("built.onnx", builder.bytes())));
  const graph = unwrap(buildGraph(model, types));
  const costs = opCosts(graph, model, types);
  return { graph, costs, totals: modelTotals(graph, costs) };
}
