import { f64, i32, item, u8 } from "../columns.ts";
import type { ColumnInput } from "./column.ts";
import { GUTTER, PANEL_GAP, PANEL_PADDING, ROW_GAP, TITLE_HEIGHT, TRACK_GAP } from "./metrics.ts";
import type { Ports, Sides } from "./ports.ts";
import { assignNetTracks, type NetSpan } from "./tracks.ts";
import type { WiredLayers } from "./wires.ts";

export type Side = "above" | "below";
export interface Gap {
  /** Wires that turn just below the row above (links, exits), and just above the row below (entries). */
  readonly above: NetSpan[];
  readonly below: NetSpan[];
}

/** Horizontal pieces of wires in each gap between rows; gap `g` lies above row `g`. */
export function collectGaps(
  graph: WiredLayers,
  x: Float64Array,
  width: number,
  ports: Ports,
  { entries, leaves, from, to }: ColumnInput,
  sides: Sides,
): Gap[] {
  const gaps: Gap[] = Array.from({ length: graph.layerCount + 1 }, () => ({ above: [], below: [] }));
  for (const [link, upper] of graph.linkFrom.entries()) {
    const start = f64(ports.linkStart, link);
    const end = f64(ports.linkEnd, link);
    if (Math.abs(start - end) < 0.5) continue;
    const net = from + i32(graph.sourceOf, upper);
    item(gaps, i32(graph.layerOf, upper) + 1).above.push({
      net,
      low: Math.min(start, end),
      high: Math.max(start, end),
      from: start,
      to: end,
    });
  }
  for (let node = from; node < to; node++) {
    if (u8(leaves, node) === 0 || u8(sides.rightmost, node - from) === 1) continue;
    const gap = item(gaps, i32(graph.layerOf, node - from) + 1);
    const start = f64(x, node - from);
    gap.above.push({ net: node, low: start, high: width + GUTTER, from: start, to: null });
  }
  for (const [index, { source, target }] of entries.entries()) {
    const portX = item(ports.entryX, index);
    if (portX === null) continue;
    item(gaps, i32(graph.layerOf, target - from)).below.push({
      net: source,
      low: -GUTTER,
      high: portX,
      from: null,
      to: portX,
    });
  }
  return gaps;
}

export interface Rows {
  readonly top: Float64Array;
  readonly bottom: Float64Array;
  readonly height: number;
  readonly panels: { readonly block: number; top: number; bottom: number }[];
  readonly trackY: (gap: number, side: Side, net: number) => number;
}

/** Heights of rows and panels, with room for the wires that turn between rows. */
export function stackRows({ nodes, from, to }: ColumnInput, graph: WiredLayers, gaps: readonly Gap[]): Rows {
  const count = graph.layerCount;
  const blockOfRow = new Int32Array(count);
  const foldedRow = new Uint8Array(count);
  const rowHeight = new Float64Array(count);
  for (let node = from; node < to; node++) {
    const layer = i32(graph.layerOf, node - from);
    blockOfRow[layer] = i32(nodes.blockOf, node);
    foldedRow[layer] = u8(nodes.folded, node);
    rowHeight[layer] = Math.max(f64(rowHeight, layer), f64(nodes.height, node));
  }
  const top = new Float64Array(count);
  const bottom = new Float64Array(count);
  const panels: { readonly block: number; top: number; bottom: number }[] = [];
  const trackYs = gaps.map(() => ({ above: new Map<number, number>(), below: new Map<number, number>() }));
  const place = (gap: number, side: Side, trackOf: ReadonlyMap<number, number>, firstY: number) => {
    for (const [net, track] of trackOf) item(trackYs, gap)[side].set(net, firstY + track * TRACK_GAP);
  };
  let y = 0;
  for (const [gap, { above, below }] of gaps.entries()) {
    const inside = gap > 0 && gap < count && i32(blockOfRow, gap - 1) === i32(blockOfRow, gap);
    if (inside) {
      const tracks = assignNetTracks([...above, ...below], 3);
      const room = (tracks.count - 1) * TRACK_GAP;
      place(gap, "above", tracks.trackOf, y + ROW_GAP / 2);
      place(gap, "below", tracks.trackOf, y + ROW_GAP / 2);
      y += ROW_GAP + Math.max(0, room);
    } else {
      if (gap > 0) {
        const padding = u8(foldedRow, gap - 1) === 1 ? 0 : PANEL_PADDING;
        const tracks = assignNetTracks(above, 3);
        place(gap, "above", tracks.trackOf, y + 5);
        y += Math.max(padding, tracks.count === 0 ? 0 : 8 + (tracks.count - 1) * TRACK_GAP);
        item(panels, panels.length - 1).bottom = u8(foldedRow, gap - 1) === 1 ? f64(bottom, gap - 1) : y;
      }
      if (gap === count) break;
      if (gap > 0) y += PANEL_GAP;
      const isFolded = u8(foldedRow, gap) === 1;
      const panelTop = y;
      if (!isFolded) y += TITLE_HEIGHT;
      const tracks = assignNetTracks(below, 3);
      place(gap, "below", tracks.trackOf, y + 3);
      y += tracks.count === 0 ? 0 : 8 + (tracks.count - 1) * TRACK_GAP;
      panels.push({ block: i32(blockOfRow, gap), top: isFolded ? y : panelTop, bottom: y });
    }
    top[gap] = y;
    y += f64(rowHeight, gap);
    bottom[gap] = y;
  }
  const trackY = (gap: number, side: Side, net: number) => {
    const found = item(trackYs, gap)[side].get(net);
    if (found === undefined) throw new Error(`no track for the wire of node ${net} in gap ${gap}`);
    return found;
  };
  return { top, bottom, height: y, panels, trackY };
}
