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
import { AS_STORED, type Encoding } from "../../plan/wire.ts";
import { err, ok, type Result } from "../../result.ts";
import { foldConstants } from "../folding.ts";
import type { Model, WeightLocation } from "../model.ts";
import { valueInfoOf } from "../shapes/type-messages.ts";
import { storedTensors } from "../stored-tensors.ts";
import { bodiesOf } from "../subgraphs.ts";
import { type Wiring, wireNodes } from "../wiring.ts";
import { changed } from "./changed.ts";
import { functionsOf, type SegmentContent, segmentContent } from "./segment-content.ts";
import { type StageFlow, stageFlows } from "./stage-flows.ts";
import { type WirePart, type WireTensor, wireTensors } from "./wire-tensors.ts";

/** The part of a model that one stage runs, as a model of its own, without its large weights. */
export interface Segment {
  readonly stage: number;
  /** "model.stage1.onnx" */
  readonly fileName: string;
  /** Tensors that it reads, by their names in the whole model; parts in place of one that is sent in another form. */
  readonly inputs: readonly string[];
  /** Tensors that it makes for later stages or that the whole model yields, named likewise. */
  readonly outputs: readonly string[];
  /** Tensors that it sends in another form than they are stored in; their parts are among the outputs. */
  readonly encoded: readonly WireTensor[];
  readonly proto: ModelProto;
  /** Where the payloads lie in the whole model's file that `proto` lacks; may hold those of other segments too. */
  readonly payloads: ReadonlyMap<TensorProto, WeightLocation>;
  /** Where those lie that the model keeps in files of external data; may hold those of other segments too. */
  readonly external: ReadonlyMap<TensorProto, WeightLocation>;
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
 * A tensor that `encoding` sends in another form is encoded by the segment that makes it and decoded by those that read
 * it; an input of the model that later stages read is encoded by the first, which then exists even without ops.
 * Sizes are those that the graph was built with. Messages are shared with `model`, not copied. Errors: those of
 * `stageFlows`, `wireTensors` and `wireNodes`. O(stages x nodes + names).
 */
export function segmentModels(
  model: Model,
  graph: Graph,
  plan: Plan,
  encoding: Encoding = AS_STORED,
): Result<readonly Segment[]> {
  const { graph: whole } = model.proto;
  if (whole === undefined) return err(`"${model.fileName}" holds no graph.`);
  const wired = wireNodes(model);
  if (!wired.ok) return wired;
  const flows = stageFlows(graph, plan);
  if (!flows.ok) return flows;
  const wiring = wired.value;
  const wires = wireTensors(graph, plan, encoding, model.opsets.get("") ?? 0, namesIn(whole));
  if (!wires.ok) return wires;
  const folding = foldConstants(model, wiring);
  const payloads = payloadsOf(model);
  const constantOutputs = wiring.outputs.filter((name) => folding.constants.has(name));
  const parts = stageParts(graph, flows.value, wires.value);
  const last = parts.at(-1);
  return ok(
    parts.map((part) => {
      const { flow } = part;
      const constants = part === last ? constantOutputs : [];
      const positions = flow.ops.map((op) => at(graph.opNodes, op));
      const content = segmentContent(wiring, folding, positions, constants);
      const proto = segmentProto(model.proto, segmentGraph(whole, graph, wiring, part, content, constants));
      return {
        stage: flow.stage,
        fileName: `${baseName(model.fileName)}.stage${flow.stage}.onnx`,
        inputs: proto.graph?.input.map(({ name }) => name) ?? [],
        outputs: proto.graph?.output.map(({ name }) => name) ?? [],
        encoded: part.encoded,
        proto,
        payloads: payloads.inFile,
        external: payloads.external,
        externalFiles: externalFilesOf(proto, model, payloads.external),
      };
    }),
  );
}

/** A stage with what of its interface is sent in another form. */
interface StagePart {
  readonly flow: StageFlow;
  /** Inputs that arrive in parts. */
  readonly decoded: readonly WireTensor[];
  /** Tensors that leave in parts. */
  readonly encoded: readonly WireTensor[];
  /** Tensors that arrive, and that leave, as they are stored. */
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
}

function stageParts(
  graph: Graph,
  flows: readonly StageFlow[],
  wires: ReadonlyMap<number, WireTensor>,
): readonly StagePart[] {
  const ofStage = (flow: StageFlow, sentInputs: readonly number[]): StagePart => {
    const { stage, inputs, outputs } = flow;
    const arrives = (tensor: number) => (stage === 0 ? undefined : wires.get(tensor));
    const taken = inputs.filter((tensor) => arrives(tensor) === undefined);
    return {
      flow,
      decoded: inputs.flatMap((tensor) => arrives(tensor) ?? []),
      encoded: [...sentInputs, ...outputs].flatMap((tensor) => wires.get(tensor) ?? []),
      inputs: [...taken, ...sentInputs.filter((tensor) => !taken.includes(tensor))],
      outputs: outputs.filter((tensor) => !wires.has(tensor)),
    };
  };
  const sentInputs = [...wires.keys()].filter((tensor) => at(graph.tensorProducer, tensor) < 0);
  const parts = flows.map((flow) => ofStage(flow, flow.stage === 0 ? sentInputs : []));
  if (sentInputs.length === 0 || flows.some(({ stage }) => stage === 0)) return parts;
  return [ofStage({ stage: 0, ops: [], inputs: [], outputs: [] }, sentInputs), ...parts];
}

/** Every name of a value in the graph and in the bodies within it. O(nodes). */
function namesIn(graph: GraphProto): ReadonlySet<string> {
  const names = new Set<string>();
  const pending = [graph];
  // The list grows while it is walked.
  for (const { input, initializer, sparseInitializer, node } of pending) {
    for (const { name } of [...input, ...initializer]) names.add(name);
    for (const { values } of sparseInitializer) names.add(values?.name ?? "");
    for (const one of node) {
      for (const name of [...one.input, ...one.output]) names.add(name);
      for (const { graph: body } of bodiesOf(one, "", 0)) pending.push(body);
    }
  }
  return names;
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

/** Names of the files of external data that the tensors of a segment still refer to. O(nodes + initializers). */
export function externalFilesOf(
  proto: ModelProto,
  model: Model,
  external: ReadonlyMap<TensorProto, WeightLocation>,
): readonly string[] {
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
  { flow, decoded, encoded, inputs: taken, outputs }: StagePart,
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
  const declareParts = ({ parts }: WireTensor) =>
    parts.map(({ name, elementType, shape }: WirePart) => valueInfoOf(name, elementType, shape));
  const inputs = [...taken.map(declare), ...decoded.flatMap(declareParts)];
  const all = [...decoded.flatMap(({ decode }) => decode), ...nodes, ...encoded.flatMap(({ encode }) => encode)];
  const names = new Set([...inputs.map(({ name }) => name), ...initializers, ...all.flatMap(({ output }) => output)]);
  const numbers = new Map(graph.tensorNames.map((name, tensor) => [name, tensor]));
  const arrived = decoded.flatMap(({ name }) => numbers.get(name) ?? []);
  return changed(whole, {
    name: `${whole.name}.stage${flow.stage}`,
    node: all,
    initializer: dense,
    sparseInitializer: sparse,
    input: inputs,
    output: [
      ...outputs.map(declare),
      ...encoded.flatMap(declareParts),
      ...constantOutputs.map((name) => declared.get(name) ?? create(ValueInfoProtoSchema, { name })),
    ],
    valueInfo: [...arrived, ...innerTensors(graph, flow, outputs)].map(declare),
    quantizationAnnotation: whole.quantizationAnnotation.filter((annotation) => isAbout(annotation, names)),
  });
}

/** Tensors that the stage makes and reads itself: their types are kept for readers that infer none. */
function innerTensors(graph: Graph, flow: StageFlow, sent: readonly number[]): number[] {
  const ops = new Set(flow.ops);
  const outputs = new Set(sent);
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
