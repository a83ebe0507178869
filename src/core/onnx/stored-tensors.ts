import type { GraphProto, ModelProto, NodeProto, SparseTensorProto, TensorProto } from "onnx-buf";
import { bodiesOf, isConstantNode } from "./subgraphs.ts";
import { functionScope, sparseIndicesKey, weightKey } from "./weight-key.ts";

interface StoredTensor {
  readonly tensor: TensorProto;
  /** See `weightKey`. */
  readonly key: string;
}

/**
 * Every tensor message whose payload `Model.weights` may place elsewhere, with its key there: initializers and the
 * tensors of Constant nodes, dense and sparse, of the main graph, the model-local functions and all bodies.
 * O(nodes + initializers).
 */
export function* storedTensors(proto: ModelProto): Generator<StoredTensor, void> {
  for (const { nodes, graph, scope } of scopesOf(proto)) {
    for (const tensor of graph?.initializer ?? []) yield { tensor, key: weightKey(scope, tensor.name) };
    for (const sparse of graph?.sparseInitializer ?? []) {
      yield* sparseParts(sparse, weightKey(scope, sparse.values?.name ?? ""));
    }
    for (const node of nodes) {
      if (!isConstantNode(node)) continue;
      const key = weightKey(scope, node.output[0] ?? "");
      for (const { t, sparseTensor } of node.attribute) {
        if (t !== undefined) yield { tensor: t, key };
        if (sparseTensor !== undefined) yield* sparseParts(sparseTensor, key);
      }
    }
  }
}

function* sparseParts({ values, indices }: SparseTensorProto, key: string): Generator<StoredTensor, void> {
  if (values !== undefined) yield { tensor: values, key };
  if (indices !== undefined) yield { tensor: indices, key: sparseIndicesKey(key) };
}

interface Scope {
  readonly nodes: readonly NodeProto[];
  /** Null for the body of a function. */
  readonly graph: GraphProto | null;
  readonly scope: string;
}

/** The main graph, the model-local functions and every body within them. */
function scopesOf(proto: ModelProto): Scope[] {
  const scopes: Scope[] = [];
  if (proto.graph !== undefined) scopes.push({ nodes: proto.graph.node, graph: proto.graph, scope: "" });
  for (const { domain, name, overload, node } of proto.functions) {
    scopes.push({ nodes: node, graph: null, scope: functionScope(domain, name, overload) });
  }
  // The list grows while it is walked.
  for (const { nodes, scope } of scopes) {
    for (const [position, node] of nodes.entries()) {
      for (const body of bodiesOf(node, scope, position)) scopes.push({ ...body, nodes: body.graph.node });
    }
  }
  return scopes;
}
