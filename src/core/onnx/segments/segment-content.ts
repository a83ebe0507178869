import type { FunctionProto, NodeProto } from "onnx-buf";
import { item } from "../../columns.ts";
import type { Folding } from "../folding.ts";
import { bodiesOf, functionsByCall } from "../subgraphs.ts";
import type { Wiring } from "../wiring.ts";

/** What of the main graph a segment holds. */
export interface SegmentContent {
  /** In topological order. */
  readonly nodes: readonly NodeProto[];
  /** Initializers that something of it reads or that are its outputs. */
  readonly initializers: ReadonlySet<string>;
}

/**
 * The given nodes, and copies of all constants that they need: initializers, and nodes that depend on constants alone,
 * which no segment sends to another. `constantOutputs` are constants that the segment yields itself.
 * O(nodes of the model + names read).
 */
export function segmentContent(
  wiring: Wiring,
  { constants }: Folding,
  positions: Iterable<number>,
  constantOutputs: readonly string[],
): SegmentContent {
  const held = new Set(positions);
  const initializers = new Set<string>();
  const take = (name: string) => {
    if (!constants.has(name)) return;
    const producer = wiring.producers.get(name);
    if (producer === undefined) initializers.add(name);
    else held.add(producer);
  };
  for (const name of constantOutputs) take(name);
  // The set grows while it is walked.
  for (const position of held) for (const name of item(wiring.reads, position)) take(name);
  const nodes = wiring.order.filter((position) => held.has(position)).map((position) => item(wiring.nodes, position));
  return { nodes, initializers };
}

/** The model-local functions that the nodes call, in bodies and in each other too, in the file's order. O(content). */
export function functionsOf(nodes: readonly NodeProto[], functions: readonly FunctionProto[]): FunctionProto[] {
  if (functions.length === 0) return [];
  const callee = functionsByCall(functions);
  const called = new Set<FunctionProto>();
  const pending = [...nodes];
  // The list grows while it is walked.
  for (const node of pending) {
    for (const { graph } of bodiesOf(node, "", 0)) for (const inner of graph.node) pending.push(inner);
    const definition = callee(node);
    if (definition === undefined || called.has(definition)) continue;
    called.add(definition);
    for (const inner of definition.node) pending.push(inner);
  }
  return functions.filter((definition) => called.has(definition));
}
