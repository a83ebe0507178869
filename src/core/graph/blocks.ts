import { at } from "../columns.ts";
import { readableBreaks, readingCrossings } from "./block-breaks.ts";
import { nameBlocks } from "./block-names.ts";
import type { Graph } from "./graph.ts";
import { moduleRuns } from "./module-runs.ts";

/** Contiguous runs of the op order in which a network reads: block `b` holds ops firstOp[b] .. firstOp[b + 1] - 1. */
export interface Blocks {
  readonly count: number;
  /** Short and unique: "stem", "res 3", "layer1.0", "head". */
  readonly names: readonly string[];
  /** Block of each op. */
  readonly blockOf: Int32Array;
  /** count + 1 entries; the last is the op count. */
  readonly firstOp: Int32Array;
}

/** A module longer than this is broken further by where few tensors cross. */
const LONGEST_MODULE = 40;
/** One that is a mere chain would be a single column of so many rows. */
const LONGEST_CHAIN = 18;

const isChain = (crossing: Int32Array, from: number, to: number): boolean =>
  crossing.subarray(from + 1, to).every((tensors) => tensors === 1);

/**
 * Breaks a graph into blocks of some ten ops: by module names where the exporter kept them, else where one
 * tensor crosses and a branch region opens, else where fewest tensors cross. Deterministic. O(ops + edges).
 */
export function graphBlocks(graph: Graph): Blocks {
  return blocksWithPaths(graph).blocks;
}

/** The same with the module path of each block, outermost first; empty where names tell of no module. */
export function blocksWithPaths(graph: Graph): { blocks: Blocks; paths: readonly (readonly string[])[] } {
  if (graph.opCount === 0) {
    return { blocks: { count: 0, names: [], blockOf: new Int32Array(0), firstOp: new Int32Array(1) }, paths: [] };
  }
  const crossing = readingCrossings(graph);
  const modules = moduleRuns(graph) ?? [{ from: 0, to: graph.opCount, path: [] }];
  const starts: number[] = [];
  const paths: (readonly string[])[] = [];
  for (const { from, to, path } of modules) {
    const longest = isChain(crossing, from, to) ? LONGEST_CHAIN : LONGEST_MODULE;
    const whole = path.length > 0 && to - from <= longest;
    for (const start of whole ? [from] : readableBreaks(graph, crossing, from, to)) {
      starts.push(start);
      paths.push(path);
    }
  }
  const firstOp = Int32Array.from([...starts, graph.opCount]);
  const blockOf = new Int32Array(graph.opCount);
  for (let block = 0; block < starts.length; block++) {
    blockOf.fill(block, at(firstOp, block), at(firstOp, block + 1));
  }
  const names = nameBlocks(graph, crossing, firstOp, paths);
  return { blocks: { count: starts.length, names, blockOf, firstOp }, paths };
}
