import type { NodeProto, SparseTensorProto, TensorProto } from "onnx-buf";
import { item } from "../columns.ts";
import { err, ok, type Result } from "../result.ts";
import { readsOf } from "./captures.ts";
import type { Model } from "./model.ts";
import { topologicalOrder } from "./topological-order.ts";

export type Initializer = { readonly dense: TensorProto } | { readonly sparse: SparseTensorProto };

/** Who writes and reads each tensor of the main graph, checked. Nodes go by their position in the file. */
export interface Wiring {
  readonly nodes: readonly NodeProto[];
  /** Node positions in topological order: of the nodes that could come next, always the earliest in the file. */
  readonly order: readonly number[];
  /** Distinct names that each node reads, captures of its bodies included, see `readsOf`. */
  readonly reads: readonly (readonly string[])[];
  /** Position of the node that writes each name. */
  readonly producers: ReadonlyMap<string, number>;
  readonly initializers: ReadonlyMap<string, Initializer>;
  /** Names of the graph's inputs, distinct, those with an initializer (IR < 4 lists them too) left out. */
  readonly inputs: readonly string[];
  /** Names of the graph's outputs, distinct. */
  readonly outputs: readonly string[];
}

/**
 * Connects the nodes of a model's main graph. Errors name the tensor and the nodes: a tensor that is written
 * twice, one that nothing provides, a cycle. O((nodes + names) log nodes).
 */
export function wireNodes(model: Model): Result<Wiring> {
  const graph = model.proto.graph;
  if (graph === undefined) return err(`"${model.fileName}" holds no graph.`);
  const nodes = graph.node;
  const initializers = new Map<string, Initializer>();
  for (const dense of graph.initializer) initializers.set(dense.name, { dense });
  for (const sparse of graph.sparseInitializer) initializers.set(sparse.values?.name ?? "", { sparse });
  initializers.delete("");
  const inputNames = new Set(graph.input.map(({ name }) => name));
  const inputs = [...inputNames].filter((name) => name !== "" && !initializers.has(name));
  const refuse = (sentence: string) => err(`"${model.fileName}": ${sentence}`);

  const producers = new Map<string, number>();
  for (const [position, node] of nodes.entries()) {
    for (const name of node.output) {
      if (name === "") continue;
      const other = producers.get(name);
      const rival =
        other !== undefined
          ? describeNode(item(nodes, other), other)
          : inputNames.has(name) || initializers.has(name)
            ? `the ${inputNames.has(name) ? "graph input" : "initializer"} of that name`
            : null;
      if (rival !== null) {
        return refuse(
          `tensor "${name}" is written by both ${rival} and ${describeNode(node, position)}; one writer was expected.`,
        );
      }
      producers.set(name, position);
    }
  }

  const provided = (name: string) => producers.has(name) || inputNames.has(name) || initializers.has(name);
  const reads = nodes.map(readsOf);
  for (const [position, names] of reads.entries()) {
    const missing = names.find((name) => !provided(name));
    if (missing === undefined) continue;
    const reader = describeNode(item(nodes, position), position);
    return refuse(`${reader} reads tensor "${missing}", but no node, initializer or graph input provides it.`);
  }
  const outputs = [...new Set(graph.output.map(({ name }) => name))].filter((name) => name !== "");
  const missing = outputs.find((name) => !provided(name));
  if (missing !== undefined) {
    return refuse(`graph output "${missing}" is missing: no node, initializer or graph input provides it.`);
  }

  const sorted = topologicalOrder(reads.map((names) => names.flatMap((name) => producers.get(name) ?? [])));
  if (!sorted.ok) {
    const label = describeNode(item(nodes, sorted.error), sorted.error);
    return refuse(`${label} depends on its own output; a graph without cycles was expected.`);
  }
  return ok({ nodes, order: sorted.value, reads, producers, initializers, inputs, outputs });
}

/** A node as messages call it: by name and type, or by type and position where it has no name. */
export function describeNode(node: NodeProto, position: number): string {
  return node.name === "" ? `node ${position} (${node.opType})` : `node "${node.name}" (${node.opType})`;
}
