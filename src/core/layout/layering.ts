import { type Csr, i32, row } from "../columns.ts";

/**
 * Layers inside each group of nodes, 0 on top: longest path from the group's first nodes, then nodes that feed
 * more than they read move down beside their readers. Edges between groups are not looked at.
 * `successors` lists higher node numbers only; `groupOf` never falls; `inputCount` counts what a node reads, from
 * its own group and from outside. O(nodes + edges).
 */
export function layersWithinGroups(successors: Csr, groupOf: Int32Array, inputCount: Int32Array): Int32Array {
  const count = groupOf.length;
  const layerOf = new Int32Array(count);
  for (let node = 0; node < count; node++) {
    const below = i32(layerOf, node) + 1;
    for (const next of row(successors, node)) {
      if (i32(groupOf, next) === i32(groupOf, node) && i32(layerOf, next) < below) layerOf[next] = below;
    }
  }
  for (let node = count - 1; node >= 0; node--) {
    let nearest = Number.POSITIVE_INFINITY;
    let readers = 0;
    for (const next of row(successors, node)) {
      if (i32(groupOf, next) !== i32(groupOf, node)) continue;
      nearest = Math.min(nearest, i32(layerOf, next));
      readers += 1;
    }
    if (readers > i32(inputCount, node) && nearest - 1 > i32(layerOf, node)) layerOf[node] = nearest - 1;
  }
  closeEmptyLayers(layerOf, groupOf);
  return layerOf;
}

/** Renumbers the layers of each group so that none is without a node. */
function closeEmptyLayers(layerOf: Int32Array, groupOf: Int32Array): void {
  let from = 0;
  while (from < groupOf.length) {
    let to = from;
    let deepest = 0;
    while (to < groupOf.length && i32(groupOf, to) === i32(groupOf, from)) {
      deepest = Math.max(deepest, i32(layerOf, to));
      to += 1;
    }
    const used = new Int32Array(deepest + 1);
    for (let node = from; node < to; node++) used[i32(layerOf, node)] = 1;
    let next = 0;
    for (let layer = 0; layer <= deepest; layer++) {
      const isUsed = i32(used, layer) === 1;
      used[layer] = next;
      if (isUsed) next += 1;
    }
    for (let node = from; node < to; node++) layerOf[node] = i32(used, i32(layerOf, node));
    from = to;
  }
}
