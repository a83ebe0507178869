import { create } from "@bufbuild/protobuf";
import { type GraphProto, type NodeProto, type ValueInfoProto, ValueInfoProtoSchema } from "onnx-buf";
import { capturesOf } from "../onnx/captures.ts";
import type { Model, TensorType } from "../onnx/model.ts";
import { changed } from "../onnx/segments/changed.ts";
import { type Body, bodiesOf, isConstantNode } from "../onnx/subgraphs.ts";
import { UNKNOWN_TYPE } from "../onnx/types.ts";
import { weightKey } from "../onnx/weight-key.ts";
import type { Initializer, Wiring } from "../onnx/wiring.ts";

/** A model, or a body as a model, with what is known of its tensors. */
export interface GraphSource {
  readonly model: Model;
  readonly wiring: Wiring;
  /** By `weightKey`. */
  readonly types: ReadonlyMap<string, TensorType>;
}

/** A body as a model of its own. */
export interface BodyModel {
  readonly model: Model;
  /** By `weightKey` in that model. */
  readonly types: ReadonlyMap<string, TensorType>;
  /** Names taken from the graphs around, in order of first use: tensors, and weights of the graph around. */
  readonly captured: readonly string[];
  readonly capturedWeights: readonly string[];
}

/**
 * A body of a node of `around` as a model: captured tensors are inputs, captured initializers and Constant nodes are
 * there too, the nodes keep their positions. It holds no payloads. O(content of the body).
 */
export function bodyModel({ model, wiring, types }: GraphSource, body: Body, title: string): BodyModel {
  const { graph, scope } = body;
  const own = relativeTypes(graph, scope, types);
  const input: ValueInfoProto[] = [...graph.input];
  const weights: Initializer[] = [];
  const nodes: NodeProto[] = [...graph.node];
  const captured: string[] = [];
  const capturedWeights: string[] = [];
  for (const name of capturesOf(graph)) {
    const initializer = wiring.initializers.get(name);
    const producer = wiring.producers.get(name);
    const node = producer === undefined ? undefined : wiring.nodes[producer];
    if (initializer !== undefined) weights.push(initializer);
    else if (node !== undefined && isConstantNode(node)) nodes.push(node);
    else {
      captured.push(name);
      input.push(create(ValueInfoProtoSchema, { name }));
      own.set(name, types.get(name) ?? UNKNOWN_TYPE);
      continue;
    }
    capturedWeights.push(name);
  }
  const whole = changed(graph, {
    input,
    node: nodes,
    initializer: [...graph.initializer, ...weights.flatMap((weight) => ("dense" in weight ? [weight.dense] : []))],
    sparseInitializer: [
      ...graph.sparseInitializer,
      ...weights.flatMap((weight) => ("sparse" in weight ? [weight.sparse] : [])),
    ],
  });
  return {
    model: { ...model, fileName: title, proto: changed(model.proto, { graph: whole }), weights: new Map() },
    types: own,
    captured,
    capturedWeights,
  };
}

/** Types of a body and of the bodies in it, by their `weightKey` inside the body. */
function relativeTypes(
  graph: GraphProto,
  scope: string,
  types: ReadonlyMap<string, TensorType>,
): Map<string, TensorType> {
  const found = new Map<string, TensorType>();
  const pending: Body[] = [{ graph, scope: "" }];
  // The list grows while it is walked.
  for (const inner of pending) {
    const take = (name: string) => {
      const key = weightKey(inner.scope, name);
      const type = types.get(weightKey(scope, key));
      if (name !== "" && type !== undefined) found.set(key, type);
    };
    for (const { name } of inner.graph.input) take(name);
    for (const [position, node] of inner.graph.node.entries()) {
      for (const name of node.output) take(name);
      pending.push(...bodiesOf(node, inner.scope, position));
    }
  }
  return found;
}
