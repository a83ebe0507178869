import { create } from "@bufbuild/protobuf";
import {
  type AttributeProto,
  AttributeProtoSchema,
  type FunctionProto,
  FunctionProtoSchema,
  type GraphProto,
  GraphProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
} from "onnx-buf";
import type { DimensionBindings, Model } from "../model.ts";
import { attributeOf, isConstantNode } from "../subgraphs.ts";
import { functionScope, subgraphScope, weightKey } from "../weight-key.ts";
import { standIn } from "./payload-stand-in.ts";
import { boundInput, shapelessOutput } from "./type-messages.ts";

/** What the nodes of one model are rewritten with. */
export interface RewriteContext {
  readonly weights: Model["weights"];
  readonly bindings: DimensionBindings;
  /** Version of ai.onnx. */
  readonly opset: number;
}

/** New names by old ones; what is not in the map keeps its name. */
export type Renaming = ReadonlyMap<string, string>;

const UNCHANGED: Renaming = new Map();

export function renamed(name: string, names: Renaming): string {
  return names.get(name) ?? name;
}

/**
 * The node with other tensor names, with bodies that need no removed payload and declare no shapes, and without
 * documentation, metadata and its own name, which need not be unique in a file but must be in a runtime. Recursion goes as deep as bodies nest, which the decoder limits. O(content of the node).
 */
export function rewriteNode(
  node: NodeProto,
  scope: string,
  position: number,
  names: Renaming,
  context: RewriteContext,
): NodeProto {
  const { opType, domain, overload } = node;
  const body = (attribute: AttributeProto) => {
    if (attribute.g === undefined && attribute.graphs.length === 0) return attribute;
    const graphs = attribute.graphs.map((graph, element) =>
      rewriteBody(graph, subgraphScope(scope, position, attribute.name, element), names, context),
    );
    const { type, refAttrName } = attribute;
    const copy = create(AttributeProtoSchema, { name: attribute.name, type, refAttrName, graphs });
    if (attribute.g !== undefined) {
      copy.g = rewriteBody(attribute.g, subgraphScope(scope, position, attribute.name), names, context);
    }
    return copy;
  };
  return create(NodeProtoSchema, {
    opType,
    domain,
    overload,
    input: node.input.map((tensor) => renamed(tensor, names)),
    output: node.output.map((tensor) => renamed(tensor, names)),
    attribute: node.attribute.map(body),
  });
}

/** A model-local function whose Constant nodes need no removed payload and which declares no shapes. */
export function rewriteFunction(definition: FunctionProto, context: RewriteContext): FunctionProto {
  const { name, domain, overload, input, output, attribute, attributeProto, opsetImport } = definition;
  const node = rewriteNodes(definition.node, functionScope(domain, name, overload), UNCHANGED, context);
  return create(FunctionProtoSchema, {
    name,
    domain,
    overload,
    input,
    output,
    attribute,
    attributeProto,
    opsetImport,
    node,
  });
}

function rewriteBody(graph: GraphProto, scope: string, outer: Renaming, context: RewriteContext): GraphProto {
  const names = withoutOwn(outer, graph);
  const kept: TensorProto[] = [];
  const stands: NodeProto[] = [];
  for (const tensor of graph.initializer) {
    if (context.weights.has(weightKey(scope, tensor.name))) stands.push(...standIn(tensor, tensor.name, context.opset));
    else kept.push(tensor);
  }
  return create(GraphProtoSchema, {
    name: graph.name,
    node: [...stands, ...rewriteNodes(graph.node, scope, names, context)],
    initializer: kept,
    sparseInitializer: graph.sparseInitializer,
    input: graph.input.map((info) => boundInput(info, context.bindings, true)),
    output: graph.output.map((info) => shapelessOutput(info, renamed(info.name, names))),
  });
}

function rewriteNodes(
  nodes: readonly NodeProto[],
  scope: string,
  names: Renaming,
  context: RewriteContext,
): NodeProto[] {
  return nodes.flatMap((node, position) => {
    const [output = ""] = node.output;
    const tensor = isConstantNode(node) ? attributeOf(node, "value")?.t : undefined;
    return tensor === undefined || !context.weights.has(weightKey(scope, output))
      ? [rewriteNode(node, scope, position, names, context)]
      : standIn(tensor, output, context.opset);
  });
}

/** The renaming inside a body: names that the body defines itself are its own. */
function withoutOwn(outer: Renaming, graph: GraphProto): Renaming {
  if (outer.size === 0) return outer;
  const names = new Map(outer);
  for (const { name } of graph.input) names.delete(name);
  for (const { name } of graph.initializer) names.delete(name);
  for (const { values } of graph.sparseInitializer) names.delete(values?.name ?? "");
  for (const { output } of graph.node) for (const name of output) names.delete(name);
  return names;
}
