import { at, row } from "../../core/columns.ts";
import { ancestors, descendants, type Ops } from "../../core/graph/closure.ts";
import type { Graph } from "../../core/graph/graph.ts";
import type { FilmstripLayout } from "../../core/layout/filmstrip.ts";
import { boxOf } from "./elements.ts";

/** What is shown of the selected op's dependences. */
export interface Trace {
  readonly upstream: boolean;
  readonly downstream: boolean;
}

export const NO_TRACE: Trace = { upstream: false, downstream: false };

/**
 * 1 for each box of the drawing that belongs to the trace of what is selected; null where nothing is traced. A closed module is in
 * it as a whole as soon as one of its ops is. O(ops + edges).
 */
export function tracedBoxes(
  graph: Graph,
  layout: FilmstripLayout,
  selected: Ops | null,
  { upstream, downstream }: Trace,
): Uint8Array | null {
  if (selected === null || !(upstream || downstream)) return null;
  const boxes = new Uint8Array(layout.nodes.count);
  for (const marks of [
    ...(upstream ? [ancestors(graph, selected)] : []),
    ...(downstream ? [descendants(graph, selected)] : []),
  ]) {
    for (const [op, mark] of marks.entries()) if (mark === 1) boxes[boxOf(layout, op)] = 1;
  }
  return boxes;
}

/** 1 for each box with an op that writes or reads a tensor; null for a tensor that the graph does not have. O(boxes + readers). */
export function endBoxes(graph: Graph, layout: FilmstripLayout, tensor: number): Uint8Array | null {
  if (tensor >= graph.tensorCount) return null;
  const boxes = new Uint8Array(layout.nodes.count);
  const producer = at(graph.tensorProducer, tensor);
  for (const op of [...(producer < 0 ? [] : [producer]), ...row(graph.tensorConsumers, tensor)]) {
    boxes[boxOf(layout, op)] = 1;
  }
  return boxes;
}
