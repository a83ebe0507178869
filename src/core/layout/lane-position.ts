import { f64, i32, item, u8 } from "../columns.ts";
import { alignSegments, linksByLayer, linksByPriority } from "./lane-align.ts";
import { LANE_GAP, WIRE_GAP, WIRE_SPACING } from "./metrics.ts";
import type { WiredLayers } from "./wires.ts";

const ROUNDS = 6;

export interface LanePositions {
  /** Centre of every node, drawn or bend, from the left edge of the drawing. */
  readonly x: Float64Array;
  readonly width: number;
}

/**
 * Horizontal centres: nodes are first aligned into straight vertical segments (main paths and wires before the
 * rest, no two segments crossing; after Brandes & Koepf 2001), across blocks only where that costs no width. Then segments are packed to the left and drawn
 * towards the middle of what they link to, as far as their neighbours let them. O(rounds x (nodes + links)).
 */
export function placeLanes(
  graph: WiredLayers,
  order: readonly Int32Array[],
  widths: Float64Array,
  blockOf: Int32Array,
): LanePositions {
  const position = new Int32Array(graph.count);
  for (const layer of order) for (const [index, node] of layer.entries()) position[node] = index;
  const links = linksByPriority(graph);
  const inBlock = (link: number) => {
    const [from, to] = [i32(graph.linkFrom, link), i32(graph.linkTo, link)];
    if (from >= graph.drawnCount && to >= graph.drawnCount) return true;
    if (to >= graph.drawnCount) return false;
    return i32(blockOf, i32(graph.sourceOf, from)) === i32(blockOf, to);
  };
  const straight = placeAligned(graph, order, widths, alignSegments(graph, order, position, links));
  const perBlock = alignSegments(graph, order, position, links.filter(inBlock));
  const compact = placeAligned(graph, order, widths, perBlock);
  return straight.width <= compact.width + STRAIGHT_WORTH ? straight : compact;
}

/** Width that a column may grow by so that its main path runs straight through all its blocks. */
const STRAIGHT_WORTH = 12;

function placeAligned(
  graph: WiredLayers,
  order: readonly Int32Array[],
  widths: Float64Array,
  segmentOf: Int32Array,
): LanePositions {
  let segmentCount = 0;
  for (const segment of segmentOf) segmentCount = Math.max(segmentCount, segment + 1);
  const fences = segmentFences(graph, order, segmentOf, widths, segmentCount);
  const x = settle(graph, segmentOf, segmentCount, fences, widths);
  const centres = new Float64Array(graph.count);
  let width = 0;
  for (let node = 0; node < graph.count; node++) {
    centres[node] = f64(x, i32(segmentOf, node));
    width = Math.max(width, f64(centres, node) + f64(widths, node) / 2);
  }
  return { x: centres, width };
}

/** Pairs of segments that stand side by side in some layer, with the least distance of their centres. */
interface Fence {
  readonly left: number;
  readonly right: number;
  readonly distance: number;
}
interface Fences {
  /** Segments such that each comes after all that stand to its left. */
  readonly order: Int32Array;
  readonly toLeft: readonly Fence[][];
  readonly toRight: readonly Fence[][];
}

function segmentFences(
  graph: WiredLayers,
  order: readonly Int32Array[],
  segmentOf: Int32Array,
  widths: Float64Array,
  segmentCount: number,
): Fences {
  const toLeft: Fence[][] = Array.from({ length: segmentCount }, () => []);
  const toRight: Fence[][] = Array.from({ length: segmentCount }, () => []);
  const waiting = new Int32Array(segmentCount);
  for (const layer of order) {
    for (let index = 1; index < layer.length; index++) {
      const leftNode = i32(layer, index - 1);
      const rightNode = i32(layer, index);
      const wires = (leftNode >= graph.drawnCount ? 1 : 0) + (rightNode >= graph.drawnCount ? 1 : 0);
      const gap = wires === 0 ? LANE_GAP : wires === 1 ? WIRE_GAP : WIRE_SPACING;
      const distance = (f64(widths, leftNode) + f64(widths, rightNode)) / 2 + gap;
      const fence = { left: i32(segmentOf, leftNode), right: i32(segmentOf, rightNode), distance };
      item(toLeft, fence.right).push(fence);
      item(toRight, fence.left).push(fence);
      waiting[fence.right] = i32(waiting, fence.right) + 1;
    }
  }
  const queue = new Int32Array(segmentCount);
  let tail = 0;
  for (let segment = 0; segment < segmentCount; segment++) {
    if (i32(waiting, segment) === 0) queue[tail++] = segment;
  }
  for (let head = 0; head < tail; head++) {
    for (const { right } of item(toRight, i32(queue, head))) {
      waiting[right] = i32(waiting, right) - 1;
      if (i32(waiting, right) === 0) queue[tail++] = right;
    }
  }
  if (tail !== segmentCount) throw new Error(`${segmentCount - tail} segments stand left of themselves`);
  return { order: queue, toLeft, toRight };
}

/** Centres of the segments: packed left, then moved towards what they link to. */
function settle(
  graph: WiredLayers,
  segmentOf: Int32Array,
  segmentCount: number,
  fences: Fences,
  widths: Float64Array,
): Float64Array {
  const half = new Float64Array(segmentCount);
  for (let node = 0; node < graph.count; node++) {
    const segment = i32(segmentOf, node);
    half[segment] = Math.max(f64(half, segment), f64(widths, node) / 2);
  }
  const x = half.slice();
  let width = 0;
  for (const segment of fences.order) {
    for (const { left, distance } of item(fences.toLeft, segment)) {
      x[segment] = Math.max(f64(x, segment), f64(x, left) + distance);
    }
    width = Math.max(width, f64(x, segment) + f64(half, segment));
  }
  const freeRange = (segment: number): readonly [number, number] => {
    let low = f64(half, segment);
    let high = width - f64(half, segment);
    for (const { left, distance } of item(fences.toLeft, segment)) low = Math.max(low, f64(x, left) + distance);
    for (const { right, distance } of item(fences.toRight, segment)) high = Math.min(high, f64(x, right) - distance);
    return [low, high];
  };
  const wish = new Float64Array(segmentCount);
  const wishes = new Float64Array(segmentCount);
  for (let round = 0; round < ROUNDS; round++) {
    wish.fill(0);
    wishes.fill(0);
    for (const [link, from] of graph.linkFrom.entries()) {
      const upper = i32(segmentOf, from);
      const lower = i32(segmentOf, i32(graph.linkTo, link));
      if (upper === lower) continue;
      wish[upper] = f64(wish, upper) + f64(x, lower);
      wish[lower] = f64(wish, lower) + f64(x, upper);
      wishes[upper] = f64(wishes, upper) + 1;
      wishes[lower] = f64(wishes, lower) + 1;
    }
    const fromRight = round % 2 === 0;
    for (let step = 0; step < segmentCount; step++) {
      const segment = i32(fences.order, fromRight ? segmentCount - 1 - step : step);
      if (f64(wishes, segment) === 0) continue;
      const [low, high] = freeRange(segment);
      x[segment] = Math.max(low, Math.min(high, f64(wish, segment) / f64(wishes, segment)));
    }
  }
  straighten(graph, segmentOf, x, freeRange);
  return x;
}

/** Top down, moves segments exactly below what their first box reads, where their neighbours leave room. */
function straighten(
  graph: WiredLayers,
  segmentOf: Int32Array,
  x: Float64Array,
  freeRange: (segment: number) => readonly [number, number],
): void {
  const moved = new Uint8Array(x.length);
  for (const link of linksByLayer(graph)) {
    const upper = i32(graph.linkFrom, link);
    const lower = i32(graph.linkTo, link);
    const segment = i32(segmentOf, lower);
    if (upper >= graph.drawnCount || lower >= graph.drawnCount) continue;
    if (segment === i32(segmentOf, upper) || u8(moved, segment) === 1) continue;
    const target = f64(x, i32(segmentOf, upper));
    const [low, high] = freeRange(segment);
    if (target < low || target > high) continue;
    x[segment] = target;
    moved[segment] = 1;
  }
}
