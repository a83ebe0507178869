import { type Csr, f64, i32, item, u8 } from "../columns.ts";
import { orderLanes } from "./lane-order.ts";
import { placeLanes } from "./lane-position.ts";
import { PANEL_PADDING } from "./metrics.ts";
import type { DrawnNodes } from "./nodes.ts";
import { placePorts, sideNodes } from "./ports.ts";
import { collectGaps, stackRows } from "./rows.ts";
import { type WiredLayers, wireLayers } from "./wires.ts";

/** A wire that comes in from another column. Nodes are numbered over the whole drawing. */
export interface Entry {
  readonly source: number;
  readonly target: number;
}

export interface ColumnInput {
  readonly nodes: DrawnNodes;
  /** Nodes from .. to - 1 stand in this column. */
  readonly from: number;
  readonly to: number;
  /** Width that the panels need for their titles. */
  readonly minWidth: number;
  /** Edges inside the column, over the whole drawing's node numbers. */
  readonly successors: Csr;
  /** Layer of every node inside its block. */
  readonly layerOf: Int32Array;
  readonly entries: readonly Entry[];
  /** 1 where a node also feeds other columns. */
  readonly leaves: Uint8Array;
}

/** Where a wire meets the column's edge: at the node's side, or by the gap above (entry) or below (exit) its row. */
export interface Crossing {
  readonly y: number;
  /** Port on the node's top or bottom where the wire goes by the gap, null at the side. */
  readonly portX: number | null;
}

/** A column laid out on its own: x from its panels' left edge, y from the top of the first panel. */
export interface ColumnLayout {
  readonly from: number;
  readonly to: number;
  readonly graph: WiredLayers;
  readonly width: number;
  readonly height: number;
  /** Centres of the nodes and of the wires' bends. */
  readonly x: Float64Array;
  readonly rowTop: Float64Array;
  readonly rowBottom: Float64Array;
  /** Ends of each link, and the height where it turns (NaN: it runs straight). */
  readonly linkStart: Float64Array;
  readonly linkEnd: Float64Array;
  readonly linkTurn: Float64Array;
  readonly panels: readonly { readonly block: number; readonly top: number; readonly bottom: number }[];
  /** In the order of the input's entries. */
  readonly entries: readonly Crossing[];
  /** By node - from; null where nothing leaves the column. */
  readonly exits: readonly (Crossing | null)[];
}

/** Lays out one column. O(nodes + wires), times a few sweeps. */
export function layoutColumn(input: ColumnInput): ColumnLayout {
  const { nodes, from, to } = input;
  const graph = wireLayers(localSuccessors(input), localLayers(input));
  const widths = new Float64Array(graph.count);
  for (let node = from; node < to; node++) widths[node - from] = f64(nodes.width, node);
  const order = orderLanes(graph);
  const lanes = placeLanes(graph, order, widths, nodes.blockOf.subarray(from, to));
  const width = Math.max(input.minWidth, lanes.width + 2 * PANEL_PADDING);
  const x = lanes.x.map((centre) => centre + (width - lanes.width) / 2);

  const sides = sideNodes(graph, order);
  const ports = placePorts(graph, x, widths, input, sides.leftmost);
  const gaps = collectGaps(graph, x, width, ports, input, sides);
  const rows = stackRows(input, graph, gaps);

  const linkTurn = new Float64Array(graph.linkFrom.length).fill(Number.NaN);
  for (const [link, upper] of graph.linkFrom.entries()) {
    if (Math.abs(f64(ports.linkStart, link) - f64(ports.linkEnd, link)) < 0.5) continue;
    linkTurn[link] = rows.trackY(i32(graph.layerOf, upper) + 1, "above", from + i32(graph.sourceOf, upper));
  }
  const middle = (node: number) => {
    const layer = i32(graph.layerOf, node - from);
    return (f64(rows.top, layer) + f64(rows.bottom, layer)) / 2;
  };
  const entries = input.entries.map(({ source, target }, index) => {
    const portX = item(ports.entryX, index);
    if (portX === null) return { portX, y: middle(target) + f64(ports.entryShift, index) };
    return { portX, y: rows.trackY(i32(graph.layerOf, target - from), "below", source) };
  });
  const exits = Array.from({ length: to - from }, (_, local): Crossing | null => {
    if (u8(input.leaves, from + local) === 0) return null;
    if (u8(sides.rightmost, local) === 1) return { portX: null, y: middle(from + local) };
    return { portX: f64(x, local), y: rows.trackY(i32(graph.layerOf, local) + 1, "above", from + local) };
  });
  return {
    from,
    to,
    graph,
    width,
    height: rows.height,
    x,
    rowTop: rows.top,
    rowBottom: rows.bottom,
    linkStart: ports.linkStart,
    linkEnd: ports.linkEnd,
    linkTurn,
    panels: rows.panels,
    entries,
    exits,
  };
}

function localSuccessors({ successors, from, to }: ColumnInput): Csr {
  const first = i32(successors.offsets, from);
  return {
    offsets: successors.offsets.slice(from, to + 1).map((offset) => offset - first),
    values: successors.values.slice(first, i32(successors.offsets, to)).map((node) => node - from),
  };
}

/** Layers over the whole column: each block begins below the last layer of the block before. */
function localLayers({ nodes, layerOf, from, to }: ColumnInput): Int32Array {
  const local = new Int32Array(to - from);
  let base = 0;
  let deepest = -1;
  for (let node = from; node < to; node++) {
    if (node > from && i32(nodes.blockOf, node) !== i32(nodes.blockOf, node - 1)) base = deepest + 1;
    local[node - from] = base + i32(layerOf, node);
    deepest = Math.max(deepest, base + i32(layerOf, node));
  }
  return local;
}
