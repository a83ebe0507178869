import { at, type Csr, i32, row } from "../columns.ts";
import type { Blocks } from "../graph/blocks.ts";
import type { GraphLinks } from "../graph/graph.ts";
import {
  FOLDED_HEIGHT,
  FOLDED_MAX_WIDTH,
  FOLDED_MIN_WIDTH,
  LETTER_WIDTH,
  OP_HEIGHT,
  OP_WIDTH,
  PANEL_PADDING,
} from "./metrics.ts";

/** What is drawn as one box each, in op order: an op of an open block, or a whole folded block. */
export interface DrawnNodes {
  readonly count: number;
  /** count + 1 entries: node `n` stands for ops firstOp[n] .. firstOp[n + 1] - 1. */
  readonly firstOp: Int32Array;
  readonly nodeOf: Int32Array;
  readonly blockOf: Int32Array;
  /** 1 for a folded block. */
  readonly folded: Uint8Array;
  readonly width: Float64Array;
  readonly height: Float64Array;
}

/** O(ops). */
export function drawnNodes(graph: GraphLinks, blocks: Blocks, collapsed: ReadonlySet<number>): DrawnNodes {
  const nodeOf = new Int32Array(graph.opCount);
  const starts: number[] = [];
  const block: number[] = [];
  for (let op = 0; op < graph.opCount; op++) {
    const own = i32(blocks.blockOf, op);
    if (!collapsed.has(own) || op === i32(blocks.firstOp, own)) {
      starts.push(op);
      block.push(own);
    }
    nodeOf[op] = starts.length - 1;
  }
  const folded = Uint8Array.from(block, (own) => (collapsed.has(own) ? 1 : 0));
  const widest = [...collapsed].reduce((most, own) => Math.max(most, nameWidth(blocks, own)), FOLDED_MIN_WIDTH);
  const foldedWidth = Math.min(FOLDED_MAX_WIDTH, widest);
  return {
    count: starts.length,
    firstOp: Int32Array.from([...starts, graph.opCount]),
    nodeOf,
    blockOf: Int32Array.from(block),
    folded,
    width: Float64Array.from(folded, (isFolded) => (isFolded === 1 ? foldedWidth : OP_WIDTH)),
    height: Float64Array.from(folded, (isFolded) => (isFolded === 1 ? FOLDED_HEIGHT : OP_HEIGHT)),
  };
}

/** Room that a block's name asks for, with padding. */
export function nameWidth(blocks: Blocks, block: number): number {
  return LETTER_WIDTH * (blocks.names[block]?.length ?? 0) + 2 * PANEL_PADDING;
}

/**
 * Nodes that read what each node writes, ascending and distinct, over the pairs that `admits`.
 * O(edges log readers).
 */
export function successorsWhere(
  graph: GraphLinks,
  nodes: DrawnNodes,
  admits: (from: number, to: number, tensor: number) => boolean,
): Csr {
  const offsets = new Int32Array(nodes.count + 1);
  const values: number[] = [];
  for (let node = 0; node < nodes.count; node++) {
    const found = new Set<number>();
    for (let op = i32(nodes.firstOp, node); op < i32(nodes.firstOp, node + 1); op++) {
      for (const tensor of row(graph.opOutputs, op)) {
        for (const reader of row(graph.tensorConsumers, tensor)) {
          const target = i32(nodes.nodeOf, reader);
          if (target !== node && admits(node, target, tensor)) found.add(target);
        }
      }
    }
    values.push(...[...found].sort((a, b) => a - b));
    offsets[node + 1] = values.length;
  }
  return { offsets, values: Int32Array.from(values) };
}

/** Distinct tensors that each node reads from outside itself. O(edges). */
export function inputCounts(graph: GraphLinks, nodes: DrawnNodes): Int32Array {
  const counts = new Int32Array(nodes.count);
  for (let tensor = 0; tensor < graph.tensorCount; tensor++) {
    const producer = at(graph.tensorProducer, tensor);
    let last = producer < 0 ? -1 : i32(nodes.nodeOf, producer);
    for (const reader of row(graph.tensorConsumers, tensor)) {
      const node = i32(nodes.nodeOf, reader);
      if (node === last) continue;
      counts[node] = i32(counts, node) + 1;
      last = node;
    }
  }
  return counts;
}
