import { f64, i32, item, row } from "../columns.ts";
import { nodesByLayer, type WiredLayers } from "./wires.ts";

const SWEEPS = 6;

/**
 * Order of the nodes inside each layer, left to right, with few crossings: barycentre sweeps down and up from the
 * order of the node numbers (Sugiyama, Tagawa, Toda 1981), the best of all sweeps kept.
 * O(sweeps x links log links).
 */
export function orderLanes(graph: WiredLayers): Int32Array[] {
  const layers = nodesByLayer(graph);
  const position = new Int32Array(graph.count);
  placeByNumber(graph, layers, position);
  let best = layers.map((layer) => layer.slice());
  let fewest = crossings(graph, layers, position);
  for (let sweep = 0; sweep < SWEEPS && fewest > 0; sweep++) {
    sweepOnce(graph, layers, position, sweep % 2 === 0);
    const count = crossings(graph, layers, position);
    if (count >= fewest) continue;
    fewest = count;
    best = layers.map((layer) => layer.slice());
  }
  return best;
}

/** First order: drawn nodes by number, then wires by their sources: a wire rather passes on the right. */
function placeByNumber(graph: WiredLayers, layers: readonly Int32Array[], position: Int32Array): void {
  const isBend = (node: number) => (node < graph.drawnCount ? 0 : 1);
  for (const layer of layers) {
    layer.sort((a, b) => isBend(a) - isBend(b) || i32(graph.sourceOf, a) - i32(graph.sourceOf, b));
    for (const [index, node] of layer.entries()) position[node] = index;
  }
}

function sweepOnce(graph: WiredLayers, layers: readonly Int32Array[], position: Int32Array, down: boolean): void {
  const links = down ? graph.linksUp : graph.linksDown;
  const otherEnd = down ? graph.linkFrom : graph.linkTo;
  const key = new Float64Array(graph.count);
  for (let step = 0; step < layers.length; step++) {
    const layer = item(layers, down ? step : layers.length - 1 - step);
    if (layer.length < 2) continue;
    for (const node of layer) {
      let sum = 0;
      const own = row(links, node);
      for (const link of own) sum += i32(position, i32(otherEnd, link));
      key[node] = own.length === 0 ? i32(position, node) : sum / own.length;
    }
    layer.sort((a, b) => f64(key, a) - f64(key, b) || i32(position, a) - i32(position, b));
    for (const [index, node] of layer.entries()) position[node] = index;
  }
}

/** Pairs of links between neighbouring layers that cross. O(links log links). */
export function crossings(graph: WiredLayers, layers: readonly Int32Array[], position: Int32Array): number {
  let total = 0;
  for (const [index, layer] of layers.entries()) {
    const below = layers[index + 1];
    if (below === undefined) break;
    const ends: number[] = [];
    for (const node of layer) {
      const targets = [...row(graph.linksDown, node)].map((link) => i32(position, i32(graph.linkTo, link)));
      ends.push(...targets.sort((a, b) => a - b));
    }
    total += inversions(ends, below.length);
  }
  return total;
}

/** Pairs i < j with values[i] > values[j], by a Fenwick tree over values below `limit`. */
function inversions(values: readonly number[], limit: number): number {
  const tree = new Int32Array(limit + 1);
  let total = 0;
  for (const [seen, value] of values.entries()) {
    let notAbove = 0;
    for (let i = value + 1; i > 0; i -= i & -i) notAbove += i32(tree, i);
    total += seen - notAbove;
    for (let i = value + 1; i <= limit; i += i & -i) tree[i] = i32(tree, i) + 1;
  }
  return total;
}
