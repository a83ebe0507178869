import { type Csr, f64, i32, row, u8 } from "../columns.ts";
import type { Blocks } from "../graph/blocks.ts";
import {
  FOLDED_HEIGHT,
  FOLDED_MAX_WIDTH,
  LANE_GAP,
  OP_HEIGHT,
  OP_WIDTH,
  PANEL_PADDING,
  ROW_GAP,
  TITLE_HEIGHT,
  WIRE_GAP,
} from "./metrics.ts";
import { type DrawnNodes, nameWidth } from "./nodes.ts";

/** Sizes of the blocks on their own; the width counts wires that pass a row only roughly. */
export function blockSizes(blocks: Blocks, nodes: DrawnNodes, layerOf: Int32Array, within: Csr) {
  const height = new Float64Array(blocks.count);
  const width = new Float64Array(blocks.count);
  for (let from = 0; from < nodes.count; ) {
    const block = i32(nodes.blockOf, from);
    let to = from;
    let layers = 0;
    while (to < nodes.count && i32(nodes.blockOf, to) === block) {
      layers = Math.max(layers, i32(layerOf, to) + 1);
      to += 1;
    }
    if (u8(nodes.folded, from) === 1) {
      height[block] = FOLDED_HEIGHT;
      width[block] = f64(nodes.width, from) + 2 * PANEL_PADDING;
    } else {
      const extent = new Float64Array(layers).fill(-LANE_GAP);
      for (let node = from; node < to; node++) {
        const layer = i32(layerOf, node);
        extent[layer] = f64(extent, layer) + OP_WIDTH + LANE_GAP;
        let deepest = layer;
        for (const next of row(within, node)) deepest = Math.max(deepest, i32(layerOf, next));
        for (let passed = layer + 1; passed < deepest; passed++) extent[passed] = f64(extent, passed) + WIRE_GAP;
      }
      height[block] = TITLE_HEIGHT + layers * (OP_HEIGHT + ROW_GAP) - ROW_GAP + PANEL_PADDING;
      const content = extent.reduce((widest, own) => Math.max(widest, own), 0) + 2 * PANEL_PADDING;
      width[block] = Math.max(content, titleWidth(blocks, block));
    }
    from = to;
  }
  return { height, width };
}

/** Width that an open block's title asks of its column; very long names are cut short instead. */
export function titleWidth(blocks: Blocks, block: number): number {
  return Math.min(FOLDED_MAX_WIDTH, nameWidth(blocks, block));
}
