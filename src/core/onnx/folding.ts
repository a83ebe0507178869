import type { FunctionProto, NodeProto } from "onnx-buf";
import { item } from "../columns.ts";
import type { Model } from "./model.ts";
import { bodiesOf, functionsByCall, isConstantNode } from "./subgraphs.ts";
import type { Wiring } from "./wiring.ts";

/** What of the main graph is known before any input arrives. */
export interface Folding {
  /** 1 for each node (by file position) that depends on constants alone. */
  readonly constantNodes: Uint8Array;
  /** Names of constant tensors: initializers and what constant nodes write. */
  readonly constants: ReadonlySet<string>;
}

/**
 * Finds the nodes that are fed by constants alone: Constant nodes, and nodes that read something, all of it
 * constant (captures of bodies count as read). Random ops, also inside bodies and functions, never are; nor is a
 * node other than Constant that reads nothing. O(nodes + names).
 */
export function foldConstants(model: Model, wiring: Wiring): Folding {
  const random = new RandomSearch(model.proto.functions);
  const constantNodes = new Uint8Array(wiring.nodes.length);
  const constants = new Set(wiring.initializers.keys());
  for (const position of wiring.order) {
    const node = item(wiring.nodes, position);
    const reads = item(wiring.reads, position);
    const fed = reads.length > 0 && reads.every((name) => constants.has(name)) && !random.occursIn(node);
    if (!fed && !isConstantNode(node)) continue;
    constantNodes[position] = 1;
    for (const name of node.output) if (name !== "") constants.add(name);
  }
  return { constantNodes, constants };
}

class RandomSearch {
  readonly #callee: (node: NodeProto) => FunctionProto | undefined;
  readonly #known = new Map<FunctionProto, boolean>();

  constructor(functions: readonly FunctionProto[]) {
    this.#callee = functionsByCall(functions);
  }

  /** True where the node, a body of it or a function that it calls draws random numbers. */
  occursIn(node: NodeProto): boolean {
    const callee = this.#callee(node);
    const known = callee === undefined ? undefined : this.#known.get(callee);
    if (known !== undefined) return known;
    const found = this.#search(node);
    if (callee !== undefined) this.#known.set(callee, found);
    return found;
  }

  #search(start: NodeProto): boolean {
    const entered = new Set<FunctionProto>();
    const pending = [start];
    // The list grows while it is walked.
    for (const node of pending) {
      if (isRandom(node.opType)) return true;
      for (const { graph } of bodiesOf(node, "", 0)) for (const inner of graph.node) pending.push(inner);
      const callee = this.#callee(node);
      if (callee === undefined || entered.has(callee)) continue;
      entered.add(callee);
      for (const inner of callee.node) pending.push(inner);
    }
    return false;
  }
}

function isRandom(opType: string): boolean {
  return opType.startsWith("Random") || opType === "Multinomial" || opType === "Bernoulli";
}
