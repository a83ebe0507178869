import type { GraphProto, NodeProto } from "onnx-buf";
import { bodiesOf } from "./subgraphs.ts";

/** Names that one body defines, and the body around it (null: the node's own graph). */
interface Names {
  readonly own: ReadonlySet<string>;
  readonly outer: Names | null;
}

/**
 * The distinct tensor names that a node needs from its graph, in order of first use: its inputs, then what its
 * bodies capture (free variables, nested bodies and body outputs included). Empty names are absent optional
 * inputs and left out. O(names x nesting depth).
 */
export function readsOf(node: NodeProto): string[] {
  const reads = new Set(node.input);
  addCaptures(
    bodiesOf(node, "", 0).map(({ graph }) => graph),
    reads,
  );
  reads.delete("");
  return [...reads];
}

/** The distinct names that one body captures, see `readsOf`, in order of first use. O(names x nesting depth). */
export function capturesOf(body: GraphProto): string[] {
  const found = new Set<string>();
  addCaptures([body], found);
  found.delete("");
  return [...found];
}

function addCaptures(bodies: readonly GraphProto[], found: Set<string>): void {
  const pending: { readonly graph: GraphProto; readonly names: Names }[] = bodies.map((graph) => ({
    graph,
    names: { own: definitions(graph), outer: null },
  }));
  // The list grows while it is walked.
  for (const { graph, names } of pending) {
    const use = (name: string) => {
      if (!isDefined(names, name)) found.add(name);
    };
    for (const inner of graph.node) {
      for (const name of inner.input) use(name);
      for (const body of bodiesOf(inner, "", 0)) {
        pending.push({ graph: body.graph, names: { own: definitions(body.graph), outer: names } });
      }
    }
    for (const output of graph.output) use(output.name);
  }
}

function definitions(graph: GraphProto): Set<string> {
  const names = new Set<string>();
  for (const input of graph.input) names.add(input.name);
  for (const tensor of graph.initializer) names.add(tensor.name);
  for (const sparse of graph.sparseInitializer) names.add(sparse.values?.name ?? "");
  for (const node of graph.node) for (const name of node.output) names.add(name);
  return names;
}

function isDefined(names: Names, name: string): boolean {
  for (let scope: Names | null = names; scope !== null; scope = scope.outer) {
    if (scope.own.has(name)) return true;
  }
  return false;
}
