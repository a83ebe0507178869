import { item } from "../core/columns.ts";
import { modelTotals, opCosts } from "../core/cost/op-costs.ts";
import { buildGraph } from "../core/graph/build.ts";
import { oneTensorCuts } from "../core/graph/cuts.ts";
import type { OpenedModel } from "../core/graph/opened-model.ts";
import { attributeTexts } from "../core/onnx/attributes.ts";
import { decodeModel } from "../core/onnx/decode.ts";
import type { DimensionBindings } from "../core/onnx/model.ts";
import { bindDimensions, openDimensions } from "../core/onnx/shapes/open-dimensions.ts";
import { usualSizes } from "../core/onnx/shapes/usual-sizes.ts";
import type { ByteSource } from "../core/onnx/source.ts";
import { declaredTypes } from "../core/onnx/types.ts";
import { ok, type Result } from "../core/result.ts";
import { inferTypes } from "./shape-oracle.ts";

export interface OpenOptions {
  /** Sizes of symbolic dimensions; the ones left out take their suggestion where there is one. */
  readonly bindings?: DimensionBindings;
  /** Whether dimensions without a size or suggestion take the likeliest usual size, to be confirmed by a person. */
  readonly assumeUsual?: boolean;
  /** Told of each step, for a person who waits. */
  readonly onStep?: (text: string) => void;
}

/**
 * From the bytes of an ONNX file to everything that the tool knows of it: decode, infer shapes, fold, count work.
 * The same for the page's worker and for the command line. Errors are sentences about the file.
 */
export async function openModel(source: ByteSource, options: OpenOptions = {}): Promise<Result<OpenedModel>> {
  const step = options.onStep ?? (() => {});
  step("Reading the model");
  const decoded = decodeModel(source);
  if (!decoded.ok) return decoded;
  const model = decoded.value;
  // The structure is checked first: a cycle or a missing tensor has a better sentence here than from the runtime.
  const structure = buildGraph(model, declaredTypes(model));
  if (!structure.ok) return structure;
  const dimensions = openDimensions(model).map((dimension) => ({ ...dimension, usual: usualSizes(dimension, model) }));
  const bound = bindDimensions(model.fileName, dimensions, options.bindings ?? new Map(), options.assumeUsual);
  if (!bound.ok) return bound;
  const bindings = bound.value;
  step("Inferring shapes");
  const inferred = await inferTypes(model, bindings);
  step("Building the graph");
  const built = buildGraph(model, inferred.types);
  if (!built.ok) return built;
  const graph = built.value;
  const costs = opCosts(graph, model, inferred.types);
  const nodes = model.proto.graph?.node ?? [];
  return ok({
    fileName: model.fileName,
    fileBytes: model.fileBytes,
    producer: model.producer,
    irVersion: model.irVersion,
    opsets: [...model.opsets].map(([domain, version]) => ({ domain, version })),
    openDimensions: dimensions,
    bindings,
    graph,
    costs,
    totals: modelTotals(graph, costs),
    cuts: oneTensorCuts(graph),
    attributes: [...graph.opNodes].map((node) => attributeTexts(item(nodes, node))),
    unresolved: inferred.unresolved,
    warning: inferred.warning,
  });
}
