import { create } from "@bufbuild/protobuf";
import {
  type GraphProto,
  type ModelProto,
  type TensorAnnotation,
  type TensorProto,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from "onnx-buf";
import { at, item } from "../../columns.ts";
import type { Graph } from "../../graph/graph.ts";
import type { Plan } from "../../plan/plan.ts";
import { err, ok, type Result } from "../../result.ts";
import { foldConstants } from "../folding.ts";
import type { Model, WeightLocation } from "../model.ts";
import { valueInfoOf } from "../shapes/type-messages.ts";
import { storedTensors } from "../stored-tensors.ts";
import { type Wiring, wireNodes } from "../wiring.ts";
import { changed } from "./changed.ts";
import { functionsOf, type SegmentContent, segmentContent } from "./segment-content.ts";
import { type StageFlow, stageFlows } from "./stage-flows.ts";

/** The part of a model that one stage runs, as a model of its own, without its large weights. */
export interface Segment {
  readonly stage: number;
  /** "model.stage1.onnx" */
  readonly fileName: string;
  /** Tensors that it reads, by their names in the whole model. */
  readonly inputs: readonly string[];
  /** Tensors that it makes for later stages or that the whole model yields, by their names there. */
  readonly outputs: readonly string[];
  readonly proto: ModelProto;
  /** Where the payloads lie in the whole model's file that `proto` lacks; may hold those of other segments too. */
  readonly payloads: ReadonlyMap<TensorProto, WeightLocation>;
  /** Files of external data that its weights lie in, by the names that the model calls them. */
  readonly externalFiles: readonly string[];
}

/** Initializers need not be inputs from this version on. */
const LOWEST_IR = 4n;

/**
 * One model for each stage that holds ops; chained, they compute what the whole model computes. A segment lists as
 * inputs only what it reads and as outputs only what it makes: who runs the chain keeps a tensor that a later stage
 * needs, and an output of the model that is one of its inputs. Constants, and nodes that depend on them alone, are
 * copied into every segment that needs them; outputs of the model that are constants are yielded by the last one.
 * Sizes are those that the graph was built with. Messages are shared with `model`, not copied. Errors: those of
 * `stageFlows` and `wireNodes`. O(stages x nodes + names).
 */
export function segmentModels(model: Model, graph: Graph, plan: Plan): Result<readonly Segment[]> {
  const { graph: whole } = model.proto;
  if (whole === undefined) return err(`"${model.fileName}" holds no graph.`);
  const wired = wireNodes(model);
  if (!wired.ok) return wired;
  const flows = stageFlows(graph, plan);
  if (!flows.ok) return flows;
  const wiring = wired.value;
  const folding = foldConstants(model, wiring);
  const payloads = payloadsOf(model);
  const constantOutputs = wiring.outputs.filter((name) => folding.constants.has(name));
  const last = flows.value.at(-1);
  return ok(
    flows.value.map((flow) => {
      const constants = flow === last ? constantOutputs : [];
      const positions = flow.ops.map((op) => at(graph.opNodes, op));
      const content = segmentContent(wiring, folding, positions, constants);
      const proto = segmentProto(model.proto, segmentGraph(whole, graph, wiring, flow, content, constants));
      return {
        stage: flow.stage,
        fileName: `${baseName(model.fileName)}.stage${flow.stage}.onnx`,
        inputs: flow.inputs.map((tensor) => item(graph.tensorNames, tensor)),
        outputs: [...flow.outputs.map((tensor) => item(graph.tensorNames, tensor)), ...constants],
        proto,
        payloads: payloads.inFile,
        externalFiles: externalFilesOf(proto, model, payloads.external),
      };
    }),
  );
}

/** The file's name without its ending and without what not every file system allows. */
function baseName(fileName: string): string {
  return fileName.replace(/\.onnx$/i, "").replaceAll(/[\p{Cc}/\\:*?"<>|]/gu, "_") || "model";
}

/** Tensors whose payload the skeleton lacks, apart by where it lies. A tensor that has its payload is not among them. */
function payloadsOf(model: Model) {
  const inFile = new Map<TensorProto, WeightLocation>();
  const external = new Map<TensorProto, WeightLocation>();
  for (const { tensor, key } of storedTensors(model.proto)) {
    const location = model.weights.get(key);
    if (location === undefined) continue;
    if (location.blob > 0) {
      if (tensor.externalData.length > 0) external.set(tensor, location);
    } else if (tensor.externalData.length === 0 && hasNoElements(tensor)) inFile.set(tensor, location);
  }
  return { inFile, external };
}

function hasNoElements(tensor: TensorProto): boolean {
  const { rawData, floatData, int32Data, int64Data, doubleData, uint64Data, stringData } = tensor;
  return [rawData, floatData, int32Data, int64Data, doubleData, uint64Data, stringData].every(
    ({ length }) => length === 0,
  );
}

function externalFilesOf(proto: ModelProto, model: Model, external: ReadonlyMap<TensorProto, WeightLocation>) {
  if (external.size === 0) return [];
  const blobs = new Set<number>();
  for (const { tensor } of storedTensors(proto)) blobs.add(external.get(tensor)?.blob ?? 0);
  return model.externalFiles.filter((_, index) => blobs.has(index + 1));
}

function segmentProto(whole: ModelProto, graph: GraphProto): ModelProto {
  return changed(whole, {
    irVersion: whole.irVersion < LOWEST_IR ? LOWEST_IR : whole.irVersion,
    graph,
    functions: functionsOf(graph.node, whole.functions),
    trainingInfo: [],
  });
}

function segmentGraph(
  whole: GraphProto,
  graph: Graph,
  wiring: Wiring,
  flow: StageFlow,
  { nodes, initializers }: SegmentContent,
  constantOutputs: readonly string[],
): GraphProto {
  const declared = new Map([...whole.valueInfo, ...whole.output, ...whole.input].map((info) => [info.name, info]));
  const declare = (tensor: number): ValueInfoProto => {
    const name = item(graph.tensorNames, tensor);
    const { kind, elementType, shape } = item(graph.tensorTypes, tensor);
    if (kind === "tensor" && elementType !== "undefined") return valueInfoOf(name, elementType, shape);
    return declared.get(name) ?? create(ValueInfoProtoSchema, { name });
  };
  const dense: TensorProto[] = [];
  const sparse = [];
  for (const [name, initializer] of wiring.initializers) {
    if (!initializers.has(name)) continue;
    if ("dense" in initializer) dense.push(initializer.dense);
    else sparse.push(initializer.sparse);
  }
  const inputs = flow.inputs.map(declare);
  const names = new Set([...inputs.map(({ name }) => name), ...initializers, ...nodes.flatMap(({ output }) => output)]);
  return changed(whole, {
    name: `${whole.name}.stage${flow.stage}`,
    node: [...nodes],
    initializer: dense,
    sparseInitializer: sparse,
    input: inputs,
    output: [
      ...flow.outputs.map(declare),
      ...constantOutputs.map((name) => declared.get(name) ?? create(ValueInfoProtoSchema, { name })),
    ],
    valueInfo: innerTensors(graph, flow).map(declare),
    quantizationAnnotation: whole.quantizationAnnotation.filter((annotation) => isAbout(annotation, names)),
  });
}

/** Tensors that the stage makes and reads itself: their types are kept for readers that infer none. */
function innerTensors(graph: Graph, flow: StageFlow): number[] {
  const ops = new Set(flow.ops);
  const outputs = new Set(flow.outputs);
  return [...graph.tensorProducer.keys()].filter(
    (tensor) =>
      ops.has(at(graph.tensorProducer, tensor)) &&
      !outputs.has(tensor) &&
      item(graph.tensorTypes, tensor).elementType !== "undefined",
  );
}

/** True where the annotation and all that it refers to lie within the segment. */
function isAbout({ tensorName, quantParameterTensorNames }: TensorAnnotation, names: ReadonlySet<string>): boolean {
  return names.has(tensorName) && quantParameterTensorNames.every(({ value }) => names.has(value));
}
