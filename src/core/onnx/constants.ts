import type { NodeProto, SparseTensorProto, TensorProto } from "onnx-buf";
import { elementCount, elementTypeOf, storedBytes } from "./element-types.ts";
import type { ElementType, Model } from "./model.ts";
import { bodiesOf, functionsByCall, isConstantNode } from "./subgraphs.ts";
import { functionScope, weightKey } from "./weight-key.ts";
import type { Initializer } from "./wiring.ts";

/** What is known of a constant without its elements. */
export interface ConstantInfo {
  readonly elementType: ElementType;
  /** Null where it is not known. */
  readonly shape: readonly number[] | null;
  /** Bytes as stored; NaN where unknown. */
  readonly bytes: number;
}

const UNKNOWN_CONSTANT: ConstantInfo = { elementType: "undefined", shape: null, bytes: Number.NaN };

export function initializerInfo(initializer: Initializer): ConstantInfo {
  return "dense" in initializer ? tensorInfo(initializer.dense) : sparseInfo(initializer.sparse);
}

/** Element type, shape and stored bytes of a tensor message. O(rank), for strings O(elements). */
function tensorInfo(tensor: TensorProto): ConstantInfo {
  const elementType = elementTypeOf(tensor.dataType);
  const shape = shapeOf(tensor.dims);
  const bytes = elementType === "string" ? textBytes(tensor.stringData) : storedBytes(elementType, elementCount(shape));
  return { elementType, shape, bytes };
}

/** A sparse tensor has its dense shape; its bytes are those of the values and the indices that are stored. */
function sparseInfo(sparse: SparseTensorProto): ConstantInfo {
  const values = sparse.values === undefined ? UNKNOWN_CONSTANT : tensorInfo(sparse.values);
  const indices = sparse.indices === undefined ? UNKNOWN_CONSTANT : tensorInfo(sparse.indices);
  return { elementType: values.elementType, shape: shapeOf(sparse.dims), bytes: values.bytes + indices.bytes };
}

/** What a Constant node yields, by whichever of its attributes is there. */
export function constantNodeInfo(node: NodeProto): ConstantInfo {
  const plain = (elementType: ElementType, shape: readonly number[]): ConstantInfo => ({
    elementType,
    shape,
    bytes: storedBytes(elementType, elementCount(shape)),
  });
  for (const attribute of node.attribute) {
    switch (attribute.name) {
      case "value":
        return attribute.t === undefined ? UNKNOWN_CONSTANT : tensorInfo(attribute.t);
      case "sparse_value":
        return attribute.sparseTensor === undefined ? UNKNOWN_CONSTANT : sparseInfo(attribute.sparseTensor);
      case "value_float":
        return plain("float", []);
      case "value_floats":
        return plain("float", [attribute.floats.length]);
      case "value_int":
        return plain("int64", []);
      case "value_ints":
        return plain("int64", [attribute.ints.length]);
      case "value_string":
        return { elementType: "string", shape: [], bytes: attribute.s.length };
      case "value_strings": {
        const { strings } = attribute;
        return { elementType: "string", shape: [strings.length], bytes: textBytes(strings) };
      }
    }
  }
  return UNKNOWN_CONSTANT;
}

export interface InnerConstant {
  /** See `weightKey`: unlike the names of all other constants of the model. */
  readonly key: string;
  readonly info: ConstantInfo;
}

/**
 * Finds the constants that stand inside a node: initializers and Constant nodes of its bodies and of the
 * model-local functions that it calls, at any depth. They travel with the node like the weights that it reads.
 * O(content of the node) per call.
 */
export function innerConstantsFinder(model: Model): (node: NodeProto, position: number) => readonly InnerConstant[] {
  const callee = functionsByCall(model.proto.functions);
  return (node, position) => {
    if (callee(node) === undefined && bodiesOf(node, "", position).length === 0) return [];
    const found: InnerConstant[] = [];
    const entered = new Set<string>();
    const pending: { readonly node: NodeProto; readonly position: number; readonly scope: string }[] = [
      { node, position, scope: "" },
    ];
    const enter = (nodes: readonly NodeProto[], scope: string) => {
      for (const [inner, content] of nodes.entries()) {
        if (isConstantNode(content)) {
          found.push({ key: weightKey(scope, content.output[0] ?? ""), info: constantNodeInfo(content) });
        } else {
          pending.push({ node: content, position: inner, scope });
        }
      }
    };
    // The list grows while it is walked.
    for (const outer of pending) {
      for (const { graph, scope } of bodiesOf(outer.node, outer.scope, outer.position)) {
        for (const tensor of graph.initializer) {
          found.push({ key: weightKey(scope, tensor.name), info: tensorInfo(tensor) });
        }
        for (const sparse of graph.sparseInitializer) {
          found.push({ key: weightKey(scope, sparse.values?.name ?? ""), info: sparseInfo(sparse) });
        }
        enter(graph.node, scope);
      }
      const definition = callee(outer.node);
      if (definition === undefined) continue;
      const scope = functionScope(definition.domain, definition.name, definition.overload);
      if (entered.has(scope)) continue;
      entered.add(scope);
      enter(definition.node, scope);
    }
    return found;
  };
}

function shapeOf(dims: readonly bigint[]): readonly number[] | null {
  const shape = dims.map(Number);
  return shape.every((size) => size >= 0) ? shape : null;
}

function textBytes(texts: readonly Uint8Array[]): number {
  return texts.reduce((sum, text) => sum + text.length, 0);
}
