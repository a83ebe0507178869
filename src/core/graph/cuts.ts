import { at, row } from "../columns.ts";
import type { Graph } from "./graph.ts";

export interface CutOptions {
  /**
   * Treat Shape and Size ops, and whatever is computed from their results alone, as if they were constants: such
   * side paths carry a few bytes and would hide cuts. At such a cut those few bytes may cross as well.
   */
  readonly ignoreShapePaths?: boolean;
}

/**
 * Tensors between ops that every path from a graph input to a graph output crosses, in topological order: each
 * alone separates the inputs from the outputs. Ops that depend on no input (random sources) count as standing where
 * they are first needed; in a graph that reads no input they count as its inputs.
 *
 * All ops that a cut leaves behind are ancestors of its producer, so in any topological order the cut is the only
 * tensor that crosses the boundary behind its producer; one sweep over lifetimes finds such boundaries.
 * O(ops + edges).
 */
export function oneTensorCuts(graph: Graph, options: CutOptions = {}): number[] {
  const ignored = options.ignoreShapePaths === true ? shapePaths(graph) : new Uint8Array(graph.opCount);
  const place = placesOfNeed(graph, ignored);
  const end = graph.opCount;
  // Over boundaries: by how much the number of crossing tensors, and the sum of their numbers, changes.
  const countChange = new Int32Array(end + 2);
  const sumChange = new Float64Array(end + 2);
  const lastRead = new Int32Array(graph.tensorCount).fill(-1);
  const isOutput = new Uint8Array(graph.tensorCount);
  for (const tensor of graph.outputs) isOutput[tensor] = 1;
  for (let tensor = 0; tensor < graph.tensorCount; tensor += 1) {
    const producer = at(graph.tensorProducer, tensor);
    if (producer >= 0 && at(ignored, producer) === 1) continue;
    let last = -1;
    for (const consumer of row(graph.tensorConsumers, tensor)) {
      if (at(ignored, consumer) === 0) last = Math.max(last, at(place, consumer));
    }
    lastRead[tensor] = last;
    // Boundary b stands before place b; the tensor crosses boundaries from .. to - 1.
    const from = producer < 0 ? 0 : at(place, producer) + 1;
    const to = (at(isOutput, tensor) === 1 ? end : last) + 1;
    if (from >= to) continue;
    countChange[from] = at(countChange, from) + 1;
    countChange[to] = at(countChange, to) - 1;
    sumChange[from] = at(sumChange, from) + tensor;
    sumChange[to] = at(sumChange, to) - tensor;
  }
  const cuts: number[] = [];
  let count = 0;
  let sum = 0;
  for (let boundary = 0; boundary < end; boundary += 1) {
    count += at(countChange, boundary);
    sum += at(sumChange, boundary);
    if (count !== 1 || at(graph.tensorProducer, sum) < 0 || at(lastRead, sum) < boundary) continue;
    if (cuts.at(-1) !== sum) cuts.push(sum);
  }
  return cuts;
}

/** Marks Shape and Size ops and the ops that read nothing but their results. */
function shapePaths(graph: Graph): Uint8Array {
  const marked = new Uint8Array(graph.opCount);
  for (let op = 0; op < graph.opCount; op += 1) {
    const type = graph.opTypes[op];
    const isShape = (type === "Shape" || type === "Size") && graph.opDomains[op] === "";
    const inputs = row(graph.opInputs, op);
    const derived =
      inputs.length > 0 &&
      inputs.every((tensor) => {
        const producer = at(graph.tensorProducer, tensor);
        return producer >= 0 && at(marked, producer) === 1;
      });
    if (isShape || derived) marked[op] = 1;
  }
  return marked;
}

/**
 * Place of each op in the order: its own, or for ops that depend on no graph input that of their first reader. Where
 * no input is read at all, the ops that read nothing stand before all others (-1), as inputs do.
 */
function placesOfNeed(graph: Graph, ignored: Uint8Array): Int32Array {
  const place = new Int32Array(graph.opCount);
  const fed = new Uint8Array(graph.opCount);
  let anyFed = false;
  for (let op = 0; op < graph.opCount; op += 1) {
    place[op] = op;
    if (at(ignored, op) === 1) continue;
    for (const tensor of row(graph.opInputs, op)) {
      const producer = at(graph.tensorProducer, tensor);
      if (producer < 0 || at(fed, producer) === 1) fed[op] = 1;
    }
    if (at(fed, op) === 1) anyFed = true;
  }
  if (!anyFed) {
    for (let op = 0; op < graph.opCount; op += 1) if (row(graph.opInputs, op).length === 0) place[op] = -1;
    return place;
  }
  for (let op = graph.opCount - 1; op >= 0; op -= 1) {
    if (at(fed, op) === 1) continue;
    let first = graph.opCount;
    for (const tensor of row(graph.opOutputs, op)) {
      for (const consumer of row(graph.tensorConsumers, tensor)) {
        if (at(ignored, consumer) === 0) first = Math.min(first, at(place, consumer));
      }
    }
    place[op] = first;
  }
  return place;
}
