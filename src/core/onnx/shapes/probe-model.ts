import { create, toBinary } from "@bufbuild/protobuf";
import {
  type GraphProto,
  GraphProtoSchema,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from "onnx-buf";
import { readsOf } from "../captures.ts";
import type { DimensionBindings, Model, TensorType } from "../model.ts";
import { isConstantNode, normalDomain } from "../subgraphs.ts";
import { GivenTensors } from "./given-tensors.ts";
import { isConcrete } from "./interpret.ts";
import { type LaidOutGraph, layOut } from "./laid-out.ts";
import { type RewriteContext, renamed, rewriteFunction, rewriteNode } from "./probe-bodies.ts";
import { shapeProbeName } from "./shape-probe-name.ts";
import { shapelessOutput } from "./type-messages.ts";
import { typedNode } from "./untyped-ops.ts";

/**
 * Pass 1 asks for every tensor; pass 2 asks also for the rank of tensors that pass 1 could not tell from scalars;
 * pass 3 is meant to be loaded with constant folding, which computes the shape arguments that depend on constants.
 */
export type ProbePass = 1 | 2 | 3;

export interface ProbeOptions {
  readonly bindings: DimensionBindings;
  readonly pass: ProbePass;
  /** Tensors whose `Shape` is asked for as well (passes 2 and 3). */
  readonly shapeProbes: readonly string[];
  /** What earlier passes found: concrete tensors are not asked for again, and large constants are not computed. */
  readonly known?: ReadonlyMap<string, TensorType> | undefined;
  /** Types that a person stated: those tensors become inputs of the probe. */
  readonly given?: ReadonlyMap<string, TensorType> | undefined;
  /**
   * Nodes of the main graph, by position, that the probe does without, and the types of what they write: an output
   * with a type becomes an input of the probe; nodes that need one without a type are left out in turn.
   */
  readonly leftOut?:
    | { readonly nodes: ReadonlySet<number>; readonly types: ReadonlyMap<string, TensorType> }
    | undefined;
}

const LOWEST_IR = 4n;
/** For the Shape nodes of a model that imports no version of the standard operators. */
const OWN_OPSET = 17n;

/**
 * A copy of the model made for asking a runtime about types without running and without weights: large constants
 * become graph inputs of known type, tensors become graph outputs, bound sizes stand in place of names, and what the
 * file declares of shapes inside is left out, so that all of it is inferred. The branches of an If stand beside the
 * main graph as well, their tensors named by `weightKey`. Null where there is nothing to ask. `model` is not changed.
 * O(skeleton) time and memory.
 */
export function probeModel(model: Model, options: ProbeOptions): Uint8Array<ArrayBuffer> | null {
  const { proto } = model;
  const context: RewriteContext = {
    weights: model.weights,
    bindings: options.bindings,
    opset: model.opsets.get("") ?? Number(OWN_OPSET),
  };
  const opsetImport = [...proto.opsetImport];
  if (!opsetImport.some(({ domain }) => normalDomain(domain) === "")) {
    opsetImport.push(create(OperatorSetIdProtoSchema, { domain: "", version: OWN_OPSET }));
  }
  const probe = create(ModelProtoSchema, {
    irVersion: proto.irVersion < LOWEST_IR ? LOWEST_IR : proto.irVersion,
    opsetImport,
    functions: proto.functions.map((definition) => rewriteFunction(definition, context)),
  });
  const graph = proto.graph === undefined ? null : probeGraph(model, proto.graph, context, options);
  if (graph === null || graph.output.length === 0) return null;
  probe.graph = graph;
  return toBinary(ModelProtoSchema, probe);
}

function probeGraph(model: Model, graph: GraphProto, context: RewriteContext, options: ProbeOptions): GraphProto {
  const { leftOut, pass, known, shapeProbes, bindings } = options;
  const isLeftOut = (position: number) => leftOut?.nodes.has(position) ?? false;
  const laidOut = layOut(graph, isLeftOut);
  const given = new GivenTensors(model, laidOut, bindings);
  if (pass === 3 && known !== undefined) given.giveFolded(known);
  for (const [name, type] of options.given ?? []) given.give(name, type);
  if (leftOut !== undefined) giveOutputs(graph, leftOut, given);

  let nodes = laidOut.flatMap((part) => rewritten(part, isLeftOut, context)).filter((node) => !isGiven(node, given));
  // What only a left-out node reads is asked about too.
  const wanted = new Set([...graph.node, ...nodes].flatMap(readsOf));
  if (leftOut !== undefined) nodes = computable(nodes, given);
  for (const name of shapeProbes) {
    nodes.push(create(NodeProtoSchema, { opType: "Shape", input: [name], output: [shapeProbeName(name)] }));
    wanted.add(shapeProbeName(name));
  }
  const reads = new Set(nodes.flatMap(readsOf));
  const read = ({ name }: { readonly name: string }) => reads.has(name);
  return create(GraphProtoSchema, {
    name: "probe",
    node: nodes,
    initializer: given.initializers.filter(read),
    input: [...given.inputs.values()].filter((info) => read(info) || given.graphInputs.has(info.name)),
    output: outputsOf(laidOut, nodes, wanted, known),
  });
}

function rewritten(part: LaidOutGraph, isLeftOut: (position: number) => boolean, context: RewriteContext): NodeProto[] {
  const nodes: NodeProto[] = [];
  for (const [position, node] of part.graph.node.entries()) {
    if (part.scope === "" && isLeftOut(position)) continue;
    nodes.push(typedNode(rewriteNode(node, part.scope, position, part.names, context), context.opset));
  }
  return nodes;
}

/** True where everything that the node would write is given. */
function isGiven(node: NodeProto, given: GivenTensors): boolean {
  return node.output.length > 0 && node.output.every((name) => name === "" || given.inputs.has(name));
}

function giveOutputs(graph: GraphProto, leftOut: NonNullable<ProbeOptions["leftOut"]>, given: GivenTensors): void {
  for (const position of leftOut.nodes) {
    for (const name of graph.node[position]?.output ?? []) {
      const type = leftOut.types.get(name);
      if (type?.kind === "tensor" && type.elementType !== "undefined") given.give(name, type);
    }
  }
}

/** The nodes whose every input is given or computed, in an order in which they can be. O(nodes x passes over them). */
function computable(nodes: readonly NodeProto[], given: GivenTensors): NodeProto[] {
  const there = new Set([...given.inputs.keys(), ...given.initializers.map(({ name }) => name)]);
  const kept: NodeProto[] = [];
  let waiting = nodes.map((node) => ({ node, reads: readsOf(node) }));
  for (let before = -1; waiting.length !== before; ) {
    before = waiting.length;
    waiting = waiting.filter(({ node, reads }) => {
      if (!reads.every((name) => there.has(name))) return true;
      for (const name of node.output) there.add(name);
      kept.push(node);
      return false;
    });
  }
  return kept;
}

/**
 * The tensors to ask about: those that nodes write for others or for the caller, unless an earlier pass settled them.
 * What nobody reads, such as the mask of a Dropout, is nobody's question.
 */
function outputsOf(
  laidOut: readonly LaidOutGraph[],
  nodes: readonly NodeProto[],
  wanted: ReadonlySet<string>,
  known: ProbeOptions["known"],
): ValueInfoProto[] {
  const declared = new Map<string, ValueInfoProto>();
  for (const { graph, names } of laidOut) {
    for (const info of graph.output) declared.set(renamed(info.name, names), info);
  }
  const outputs: ValueInfoProto[] = [];
  for (const name of nodes.flatMap((node) => (isConstantNode(node) ? [] : node.output))) {
    const type = known?.get(name);
    if (name === "" || (type !== undefined && (type.kind === "other" || isConcrete(type)))) continue;
    const info = declared.get(name);
    if (info !== undefined) outputs.push(shapelessOutput(info, name));
    else if (wanted.has(name)) outputs.push(create(ValueInfoProtoSchema, { name }));
  }
  return outputs;
}
