import { type Csr, i32, row } from "../columns.ts";

/**
 * A layered graph whose links join neighbouring layers only: an edge over several layers is a wire with one bend
 * node per layer between, shared by all edges that leave the same node.
 */
export interface WiredLayers {
  /** Nodes below this number are drawn; the others are bends. */
  readonly drawnCount: number;
  readonly count: number;
  readonly layerOf: Int32Array;
  /** Drawn node that a node's outgoing links belong to: itself, or where the wire begins. */
  readonly sourceOf: Int32Array;
  readonly linkFrom: Int32Array;
  readonly linkTo: Int32Array;
  /** Link numbers by their upper node, and by their lower node. */
  readonly linksDown: Csr;
  readonly linksUp: Csr;
  readonly layerCount: number;
}

/** Splits long edges into wires. O(nodes + edges + bends). */
export function wireLayers(successors: Csr, layerOf: Int32Array): WiredLayers {
  const drawnCount = layerOf.length;
  const layers = [...layerOf];
  const sources = Array.from({ length: drawnCount }, (_, node) => node);
  const linkFrom: number[] = [];
  const linkTo: number[] = [];
  for (let node = 0; node < drawnCount; node++) {
    const next = row(successors, node);
    const top = i32(layerOf, node);
    let deepest = top + 1;
    for (const target of next) deepest = Math.max(deepest, i32(layerOf, target));
    const firstBend = layers.length;
    for (let layer = top + 1; layer < deepest; layer++) {
      linkFrom.push(layer === top + 1 ? node : layers.length - 1);
      linkTo.push(layers.length);
      layers.push(layer);
      sources.push(node);
    }
    for (const target of next) {
      const above = i32(layerOf, target) - 1;
      linkFrom.push(above === top ? node : firstBend + above - top - 1);
      linkTo.push(target);
    }
  }
  const count = layers.length;
  const from = Int32Array.from(linkFrom);
  const to = Int32Array.from(linkTo);
  let layerCount = 0;
  for (const layer of layers) layerCount = Math.max(layerCount, layer + 1);
  return {
    drawnCount,
    count,
    layerOf: Int32Array.from(layers),
    sourceOf: Int32Array.from(sources),
    linkFrom: from,
    linkTo: to,
    linksDown: groupBy(from, count),
    linksUp: groupBy(to, count),
    layerCount,
  };
}

/** Indices of `keys` grouped by their value below `count`, ascending in each group. O(keys + count). */
export function groupBy(keys: Int32Array, count: number): Csr {
  const offsets = new Int32Array(count + 1);
  for (const key of keys) offsets[key + 1] = i32(offsets, key + 1) + 1;
  for (let key = 0; key < count; key++) offsets[key + 1] = i32(offsets, key + 1) + i32(offsets, key);
  const cursor = offsets.slice(0, count);
  const values = new Int32Array(keys.length);
  for (const [index, key] of keys.entries()) {
    values[i32(cursor, key)] = index;
    cursor[key] = i32(cursor, key) + 1;
  }
  return { offsets, values };
}

/** Nodes of each layer in order of their number. O(nodes). */
export function nodesByLayer(graph: WiredLayers): Int32Array[] {
  const byLayer = groupBy(graph.layerOf, graph.layerCount);
  return Array.from({ length: graph.layerCount }, (_, layer) => row(byLayer, layer).slice());
}
