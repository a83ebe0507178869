import type { GraphProto } from "onnx-buf";
import { bodiesOf, normalDomain } from "../subgraphs.ts";
import { weightKey } from "../weight-key.ts";
import type { Renaming } from "./probe-bodies.ts";

/** A graph whose nodes stand in the probe: the main one, or a branch of an If. */
export interface LaidOutGraph {
  readonly graph: GraphProto;
  readonly scope: string;
  /** The names that the nodes have in the probe: those that a branch defines are prefixed with its scope. */
  readonly names: Renaming;
}

/**
 * The main graph, and every branch of every If in it and in its branches, so that the tensors inside are asked about
 * like any other: which branch runs is not known, and both read only what is there before. `skipped` tells which
 * nodes of the main graph are left out. Bodies of Loop and Scan have inputs of their own and stay where they are.
 * O(nodes + names x nesting).
 */
export function layOut(main: GraphProto, skipped: (position: number) => boolean): LaidOutGraph[] {
  const laidOut: LaidOutGraph[] = [{ graph: main, scope: "", names: new Map() }];
  // The list grows while it is walked.
  for (const { graph, scope, names } of laidOut) {
    for (const [position, node] of graph.node.entries()) {
      if (node.opType !== "If" || normalDomain(node.domain) !== "" || (scope === "" && skipped(position))) continue;
      for (const branch of bodiesOf(node, scope, position)) {
        const inner = new Map(names);
        const define = (name: string) => {
          if (name !== "") inner.set(name, weightKey(branch.scope, name));
        };
        for (const { name } of branch.graph.initializer) define(name);
        for (const { values } of branch.graph.sparseInitializer) define(values?.name ?? "");
        for (const { output } of branch.graph.node) for (const name of output) define(name);
        laidOut.push({ ...branch, names: inner });
      }
    }
  }
  return laidOut;
}
