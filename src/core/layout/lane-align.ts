import { i32, item } from "../columns.ts";
import type { WiredLayers } from "./wires.ts";

/** Links from the top layer down. */
export function linksByLayer({ layerOf, linkFrom }: WiredLayers): number[] {
  return Array.from(linkFrom, (_, link) => link).sort(
    (a, b) => i32(layerOf, i32(linkFrom, a)) - i32(layerOf, i32(linkFrom, b)) || a - b,
  );
}

/** Links by how much they should be straight, strongest first. */
export function linksByPriority(graph: WiredLayers): number[] {
  const { count, drawnCount, linkFrom, linkTo } = graph;
  const below = new Int32Array(count);
  const above = new Int32Array(count);
  const byLayer = linksByLayer(graph);
  const bestDown = new Int32Array(count).fill(-1);
  const bestUp = new Int32Array(count).fill(-1);
  const isDrawn = (link: number) => i32(linkFrom, link) < drawnCount && i32(linkTo, link) < drawnCount;
  for (const link of byLayer) {
    const depth = i32(above, i32(linkFrom, link)) + 1;
    const to = i32(linkTo, link);
    if (isDrawn(link) && (depth > i32(above, to) || i32(bestUp, to) < 0)) bestUp[to] = link;
    above[to] = Math.max(i32(above, to), depth);
  }
  for (const link of byLayer.toReversed()) {
    const height = i32(below, i32(linkTo, link)) + 1;
    const from = i32(linkFrom, link);
    if (isDrawn(link) && (height >= i32(below, from) || i32(bestDown, from) < 0)) bestDown[from] = link;
    below[from] = Math.max(i32(below, from), height);
  }
  const priority = (link: number) => {
    const from = i32(linkFrom, link);
    const to = i32(linkTo, link);
    if (from >= drawnCount && to >= drawnCount) return 2;
    if (!isDrawn(link)) return 0;
    return i32(bestDown, from) === link && i32(bestUp, to) === link ? 3 : 1;
  };
  return byLayer.sort((a, b) => priority(b) - priority(a));
}

/** Joins nodes into vertical segments; gives the segment number of each node. */
export function alignSegments(
  graph: WiredLayers,
  order: readonly Int32Array[],
  position: Int32Array,
  links: readonly number[],
): Int32Array {
  const { count, linkFrom, linkTo } = graph;
  const nodeBelow = new Int32Array(count).fill(-1);
  const nodeAbove = new Int32Array(count).fill(-1);
  const accepted: number[][] = order.map(() => []);
  for (const link of links) {
    const from = i32(linkFrom, link);
    const to = i32(linkTo, link);
    if (i32(nodeBelow, from) >= 0 || i32(nodeAbove, to) >= 0) continue;
    const others = item(accepted, i32(graph.layerOf, from));
    const crosses = others.some((other) => {
      const left = i32(position, from) - i32(position, i32(linkFrom, other));
      return left * (i32(position, to) - i32(position, i32(linkTo, other))) < 0;
    });
    if (crosses) continue;
    others.push(link);
    nodeBelow[from] = to;
    nodeAbove[to] = from;
  }
  const segmentOf = new Int32Array(count).fill(-1);
  let segments = 0;
  for (const layer of order) {
    for (const node of layer) {
      const upper = i32(nodeAbove, node);
      segmentOf[node] = upper >= 0 ? i32(segmentOf, upper) : segments++;
    }
  }
  return segmentOf;
}
