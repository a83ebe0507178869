import { openBodies } from "../core/bodies/open-bodies.ts";
import { at, item } from "../core/columns.ts";
import { modelTotals, opCosts } from "../core/cost/op-costs.ts";
import { buildWiredGraph } from "../core/graph/build.ts";
import { oneTensorCuts } from "../core/graph/cuts.ts";
import { moduleTree } from "../core/graph/module-tree.ts";
import type { OpenedModel, Refinement } from "../core/graph/opened-model.ts";
import { attributeTexts } from "../core/onnx/attributes.ts";
import { decodeModel } from "../core/onnx/decode.ts";
import type { DimensionBindings, Model, TensorType } from "../core/onnx/model.ts";
import { checkGivenTypes } from "../core/onnx/shapes/given-types.ts";
import { type InferredShapes, inferShapes } from "../core/onnx/shapes/infer-shapes.ts";
import { bindDimensions, openDimensions } from "../core/onnx/shapes/open-dimensions.ts";
import { differencesText, reconcile } from "../core/onnx/shapes/reconcile.ts";
import { usualSizes } from "../core/onnx/shapes/usual-sizes.ts";
import { openTensors } from "../core/onnx/shapes/wanted.ts";
import type { ByteSource } from "../core/onnx/source.ts";
import { type Wiring, wireNodes } from "../core/onnx/wiring.ts";
import { ok, type Result } from "../core/result.ts";
import { inferTypes } from "./shape-oracle.ts";

export interface OpenOptions {
  /** Sizes of symbolic dimensions; the ones left out take their suggestion where there is one. */
  readonly bindings?: DimensionBindings;
  /** Types that a person stated for tensors that inference cannot tell, by name. */
  readonly givenTypes?: ReadonlyMap<string, TensorType>;
  /** Whether dimensions without a size or suggestion take the likeliest usual size, to be confirmed by a person. */
  readonly assumeUsual?: boolean;
  /** Told of each step, for a person who waits. */
  readonly onStep?: (text: string) => void;
}

/** A model that can be shown already, and what is still to be asked about it. */
export interface Opening {
  /** With the types of our own inference. */
  readonly model: OpenedModel;
  /** Asks onnxruntime about the types, without weights and without running anything. */
  refine(): Promise<Refinement>;
}

/**
 * From the bytes of an ONNX file to all that the tool knows of it, by our own inference of types: decode, wire, infer,
 * fold, count work. Loads no runtime. Errors are sentences about the file. O(structure of the file).
 */
export function openAtOnce(source: ByteSource, options: OpenOptions = {}): Result<Opening> {
  const step = options.onStep ?? (() => {});
  step("Reading the model");
  const decoded = decodeModel(source);
  if (!decoded.ok) return decoded;
  const model = decoded.value;
  const wired = wireNodes(model);
  if (!wired.ok) return wired;
  const dimensions = openDimensions(model).map((dimension) => ({ ...dimension, usual: usualSizes(dimension, model) }));
  const bound = bindDimensions(model.fileName, dimensions, options.bindings ?? new Map(), options.assumeUsual);
  if (!bound.ok) return bound;
  const bindings = bound.value;
  const givenTypes = options.givenTypes ?? new Map<string, TensorType>();
  step("Inferring shapes");
  const own = inferShapes(model, wired.value, { bindings, given: givenTypes });
  const checked = checkGivenTypes(model.fileName, givenTypes, wired.value, own.types);
  if (!checked.ok) return checked;
  step("Building the graph");
  const subject = { model, wiring: wired.value, dimensions, bindings, givenTypes };
  const first = openedAs(subject, own, null);
  if (!first.ok) return first;
  return ok({ model: first.value, refine: () => refine(subject, own) });
}

/**
 * The same with what onnxruntime says of the types, for whoever needs the last word at once (the command line): what it
 * refuses, and where it contradicts our own inference, is in `warning`.
 */
export async function openModel(source: ByteSource, options: OpenOptions = {}): Promise<Result<OpenedModel>> {
  const opening = openAtOnce(source, options);
  if (!opening.ok) return opening;
  options.onStep?.("Asking onnxruntime about the shapes");
  const { model, differences, warning } = await opening.value.refine();
  const contradiction = differencesText(opening.value.model.fileName, differences);
  const warnings = [warning, contradiction].filter((text) => text !== null);
  return ok({ ...(model ?? opening.value.model), warning: warnings.length === 0 ? null : warnings.join(" ") });
}

interface Subject {
  readonly model: Model;
  readonly wiring: Wiring;
  readonly dimensions: OpenedModel["openDimensions"];
  readonly bindings: DimensionBindings;
  readonly givenTypes: ReadonlyMap<string, TensorType>;
}

async function refine(subject: Subject, own: InferredShapes): Promise<Refinement> {
  const { model, wiring, bindings, givenTypes } = subject;
  const runtime = await inferTypes(model, bindings, { given: givenTypes });
  const { types, differences, added, changed } = reconcile(own.types, runtime.types, givenTypes);
  const warning = openTensors(wiring, types).length > 0 ? runtime.warning : null;
  if (!changed) return { model: null, differences, added, warning };
  const refined = openedAs(subject, { types, reasons: own.reasons }, warning);
  // The structure was built before; types cannot make it fail.
  if (!refined.ok) throw new Error(refined.error);
  return { model: refined.value, differences, added, warning };
}

function openedAs(subject: Subject, inferred: InferredShapes, warning: string | null): Result<OpenedModel> {
  const { model, wiring, dimensions, bindings, givenTypes } = subject;
  const { types, reasons } = inferred;
  const built = buildWiredGraph(model, wiring, types);
  if (!built.ok) return built;
  const graph = built.value;
  const costs = opCosts(graph, model, types);
  const nodes = model.proto.graph?.node ?? [];
  const unresolved = openTensors(wiring, types);
  return ok({
    fileName: model.fileName,
    fileBytes: model.fileBytes,
    producer: model.producer,
    irVersion: model.irVersion,
    opsets: [...model.opsets].map(([domain, version]) => ({ domain, version })),
    externalFiles: model.externalFiles,
    openDimensions: dimensions,
    bindings,
    graph,
    modules: moduleTree(graph),
    bodies: openBodies({ model, wiring, types }, graph),
    costs,
    totals: modelTotals(graph, costs),
    cuts: oneTensorCuts(graph).filter((tensor) => !Number.isNaN(at(graph.tensorBytes, tensor))),
    attributes: [...graph.opNodes].map((node) => attributeTexts(item(nodes, node))),
    unresolved,
    reasons: new Map(unresolved.flatMap((name) => [[name, reasons.get(name) ?? "its size depends on the data"]])),
    givenTypes,
    warning,
    given: null,
  });
}
