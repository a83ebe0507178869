import { at, type Csr, f64, i32, item, row, u8 } from "../columns.ts";
import { orderLanes } from "./lane-order.ts";
import { placeLanes } from "./lane-position.ts";
import { GUTTER, PANEL_GAP, PANEL_PADDING, ROW_GAP, TITLE_HEIGHT, TRACK_GAP } from "./metrics.ts";
import type { DrawnNodes } from "./nodes.ts";
import { assignNetTracks, type Span } from "./tracks.ts";
import { groupBy, type WiredLayers, wireLayers } from "./wires.ts";

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

/** Closest that a wire comes to the corner of a box, and two wires on a box to each other. */
const PORT_MARGIN = 9;
const PORT_DISTANCE = 9;

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
    if (portX === null) return { portX, y: middle(target) };
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

interface Sides {
  /** 1 where no other box stands further left, or right, in the node's row. */
  readonly leftmost: Uint8Array;
  readonly rightmost: Uint8Array;
}

function sideNodes(graph: WiredLayers, order: readonly Int32Array[]): Sides {
  const leftmost = new Uint8Array(graph.drawnCount);
  const rightmost = new Uint8Array(graph.drawnCount);
  for (const layer of order) {
    const drawn = layer.filter((node) => node < graph.drawnCount);
    if (drawn.length === 0) continue;
    leftmost[i32(drawn, 0)] = 1;
    rightmost[i32(drawn, drawn.length - 1)] = 1;
  }
  return { leftmost, rightmost };
}

interface Ports {
  readonly linkStart: Float64Array;
  readonly linkEnd: Float64Array;
  /** Null where the entry meets the node's left side. */
  readonly entryX: readonly (number | null)[];
}

/** Where wires meet the tops and bottoms of boxes: straight from above where possible, never two at one point. */
function placePorts(
  graph: WiredLayers,
  x: Float64Array,
  widths: Float64Array,
  { entries, from }: ColumnInput,
  leftmost: Uint8Array,
): Ports {
  const linkStart = Float64Array.from(graph.linkFrom, (node) => f64(x, node));
  const linkEnd = Float64Array.from(graph.linkTo, (node) => f64(x, node));
  const entryX: (number | null)[] = entries.map(() => null);
  const entriesOf = groupBy(
    Int32Array.from(entries, ({ target }) => target - from),
    graph.drawnCount,
  );
  for (let node = 0; node < graph.drawnCount; node++) {
    const links = row(graph.linksUp, node);
    const byGap = u8(leftmost, node) === 1 ? [] : row(entriesOf, node);
    const arrivals = [
      ...[...byGap].map((entry) => ({ entry, link: -1, from: Number.NEGATIVE_INFINITY })),
      ...[...links].map((link) => ({ entry: -1, link, from: f64(linkStart, link) })),
    ].sort((a, b) => a.from - b.from);
    const centre = f64(x, node);
    const places = spreadPorts(
      arrivals.map((arrival) => arrival.from),
      centre,
      f64(widths, node) / 2 - PORT_MARGIN,
    );
    for (const [index, arrival] of arrivals.entries()) {
      if (arrival.entry >= 0) entryX[arrival.entry] = at(places, index);
      else linkEnd[arrival.link] = at(places, index);
    }
  }
  for (const [link, upper] of graph.linkFrom.entries()) {
    if (upper >= graph.drawnCount) continue;
    const reach = f64(widths, upper) / 2 - PORT_MARGIN;
    if (Math.abs(f64(linkEnd, link) - f64(x, upper)) <= reach) linkStart[link] = f64(linkEnd, link);
  }
  return { linkStart, linkEnd, entryX };
}

/** Ports within centre +- reach, in the order of the arrivals; one that comes down the middle stays there. */
function spreadPorts(arrivals: readonly number[], centre: number, reach: number): number[] {
  const distance = Math.min(PORT_DISTANCE, (2 * reach) / Math.max(1, arrivals.length - 1));
  const wanted = arrivals.map((from) => Math.max(centre - reach, Math.min(centre + reach, from)));
  if (wanted.length === 1) {
    const [only = centre] = wanted;
    return [Math.abs(only - centre) < reach - 1e-9 ? only : centre];
  }
  if (wanted.length === 0) return wanted;
  const anchor = arrivals.findIndex((from) => Math.abs(from - centre) < 0.5);
  const first = Math.max(anchor, 0);
  for (let i = first - 1; i >= 0; i--) wanted[i] = Math.min(at(wanted, i), at(wanted, i + 1) - distance);
  for (let i = first + 1; i < wanted.length; i++) wanted[i] = Math.max(at(wanted, i), at(wanted, i - 1) + distance);
  const [low, high] = [centre - reach, centre + reach];
  return wanted.map((place, i) =>
    Math.max(low + i * distance, Math.min(high - (wanted.length - 1 - i) * distance, place)),
  );
}

type Side = "above" | "below";
type NetSpan = Span & { readonly net: number };
interface Gap {
  /** Wires that turn just below the row above (links, exits), and just above the row below (entries). */
  readonly above: NetSpan[];
  readonly below: NetSpan[];
}

/** Horizontal pieces of wires in each gap between rows; gap `g` lies above row `g`. */
function collectGaps(
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
    });
  }
  for (let node = from; node < to; node++) {
    if (u8(leaves, node) === 0 || u8(sides.rightmost, node - from) === 1) continue;
    const gap = item(gaps, i32(graph.layerOf, node - from) + 1);
    gap.above.push({ net: node, low: f64(x, node - from), high: width + GUTTER });
  }
  for (const [index, { source, target }] of entries.entries()) {
    const portX = item(ports.entryX, index);
    if (portX === null) continue;
    item(gaps, i32(graph.layerOf, target - from)).below.push({ net: source, low: -GUTTER, high: portX });
  }
  return gaps;
}

interface Rows {
  readonly top: Float64Array;
  readonly bottom: Float64Array;
  readonly height: number;
  readonly panels: { readonly block: number; top: number; bottom: number }[];
  readonly trackY: (gap: number, side: Side, net: number) => number;
}

/** Heights of rows and panels, with room for the wires that turn between rows. */
function stackRows({ nodes, from, to }: ColumnInput, graph: WiredLayers, gaps: readonly Gap[]): Rows {
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
