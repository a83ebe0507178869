import { at, i32, row } from "../columns.ts";
import type { GraphLinks } from "../graph/graph.ts";
import type { DrawnNodes } from "./nodes.ts";

/** A tensor read in this many columns besides its own is drawn as ports, not as lines. */
const HUB_COLUMNS = 4;
/** The same for this many boxes in other blocks, wherever they stand. */
const HUB_BOXES = 8;
/** Shapes and scalars are drawn as ports as soon as they pass over a column. */
const SMALL_BYTES = 64;

/** 1 for each tensor whose edges to other blocks are drawn as ports: masks, tables, shape paths. O(edges). */
export function hubTensors(graph: GraphLinks, nodes: DrawnNodes, columnOf: Int32Array): Uint8Array {
  const isHub = new Uint8Array(graph.tensorCount);
  for (let tensor = 0; tensor < graph.tensorCount; tensor++) {
    const producer = at(graph.tensorProducer, tensor);
    if (producer < 0) continue;
    const home = i32(columnOf, i32(nodes.nodeOf, producer));
    const ownBlock = i32(nodes.blockOf, i32(nodes.nodeOf, producer));
    let columns = 0;
    let boxes = 0;
    let last = home;
    let lastBox = -1;
    for (const reader of row(graph.tensorConsumers, tensor)) {
      const box = i32(nodes.nodeOf, reader);
      if (box !== lastBox && i32(nodes.blockOf, box) !== ownBlock) boxes += 1;
      lastBox = box;
      const column = i32(columnOf, box);
      if (column === last) continue;
      columns += 1;
      last = column;
    }
    const small = at(graph.tensorBytes, tensor) <= SMALL_BYTES && last - home > 1;
    if (columns >= HUB_COLUMNS || boxes >= HUB_BOXES || small) isHub[tensor] = 1;
  }
  return isHub;
}
