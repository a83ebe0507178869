import { type Csr, f64, i32, item, row, u8 } from "../columns.ts";
import type { Blocks } from "../graph/blocks.ts";
import type { Graph } from "../graph/graph.ts";
import { type ColumnLayout, type Crossing, type Entry, layoutColumn } from "./column.ts";
import { drawEdges, type FilmstripEdges, type FilmstripPorts } from "./edges.ts";
import { hubTensors } from "./hubs.ts";
import { layersWithinGroups } from "./layering.ts";
import {
  FOLDED_HEIGHT,
  FOLDED_MAX_WIDTH,
  GUTTER_EDGE,
  LANE_GAP,
  OP_HEIGHT,
  OP_WIDTH,
  PANEL_PADDING,
  ROW_GAP,
  TITLE_HEIGHT,
  WIRE_GAP,
} from "./metrics.ts";
import { type DrawnNodes, drawnNodes, inputCounts, nameWidth, successorsWhere } from "./nodes.ts";
import { packColumns } from "./packing.ts";
import { routeBetweenColumns } from "./routing.ts";

export interface FilmstripOptions {
  /** Width / height of the viewport that the whole picture is to fill. */
  readonly aspect: number;
  /** Blocks drawn as one node each; all of them for graphs of more than 350 ops where not given. */
  readonly collapsed?: ReadonlySet<number>;
}

/** Rectangles as columns: left, top, width, height. */
export interface Rectangles {
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly width: Float32Array;
  readonly height: Float32Array;
}

/**
 * A drawing of a graph as columns from left to right, in CSS pixels at zoom 1; y grows downwards. Ops of a
 * folded block share the box of the block.
 */
export interface FilmstripLayout {
  readonly width: number;
  readonly height: number;
  readonly collapsed: ReadonlySet<number>;
  /** Centre and size per op. */
  readonly opX: Float32Array;
  readonly opY: Float32Array;
  readonly opWidth: Float32Array;
  readonly opHeight: Float32Array;
  /** What is drawn as one box: node `n` stands for ops firstOp[n] .. firstOp[n + 1] - 1. */
  readonly nodes: {
    readonly count: number;
    readonly firstOp: Int32Array;
    readonly nodeOf: Int32Array;
    readonly blockOf: Int32Array;
    readonly folded: Uint8Array;
    readonly column: Int32Array;
    /** Row in the column, over all columns: an index of rows.top and rows.bottom. */
    readonly row: Int32Array;
  };
  /** One panel per block; of a folded block it is the node itself. */
  readonly panels: Rectangles;
  readonly columns: {
    readonly count: number;
    readonly x: Float32Array;
    readonly width: Float32Array;
    /** count + 1 entries each: first op, node and row of each column. */
    readonly firstOp: Int32Array;
    readonly firstNode: Int32Array;
    readonly firstRow: Int32Array;
    /** count + 1 entries: where a split before each column runs in the gutter; 0 and the width at the ends. */
    readonly edgeX: Float64Array;
  };
  readonly rows: { readonly top: Float32Array; readonly bottom: Float32Array };
  /** Wires that pass a row without ending there: the row, where, and the node that they come from. */
  readonly bends: { readonly row: Int32Array; readonly x: Float32Array; readonly node: Int32Array };
  /** opCount + 1 entries: x of the boundary before each op, each column shared equally by its ops. */
  readonly slotX: Float64Array;
  readonly edges: FilmstripEdges;
  readonly ports: FilmstripPorts;
}

const FOLD_ABOVE = 350;

/** Blocks that a graph is first shown with folded: all of them where it has more than 350 ops. O(blocks). */
export function defaultCollapsed(graph: Graph, blocks: Blocks): ReadonlySet<number> {
  return new Set(graph.opCount > FOLD_ABOVE ? Array.from({ length: blocks.count }, (_, block) => block) : []);
}

/**
 * Lays a graph out as a filmstrip. Blocks are columns, or several blocks stacked in one where that fills the
 * viewport better; inside, ops stand in layers with every edge going down. Deterministic.
 * About O((ops + edges + wire bends) log ops).
 */
export function layoutFilmstrip(graph: Graph, blocks: Blocks, options: FilmstripOptions): FilmstripLayout {
  const collapsed = options.collapsed ?? defaultCollapsed(graph, blocks);
  const nodes = drawnNodes(graph, blocks, collapsed);
  const withinBlock = successorsWhere(graph, nodes, (a, b) => i32(nodes.blockOf, a) === i32(nodes.blockOf, b));
  const layerOf = layersWithinGroups(withinBlock, nodes.blockOf, inputCounts(graph, nodes));
  const sizes = blockSizes(blocks, nodes, layerOf, withinBlock);
  const columnStarts = packColumns(sizes.height, sizes.width, options.aspect);
  const columnOf = columnOfNodes(nodes, columnStarts);

  const isHub = hubTensors(graph, nodes, columnOf);
  const sameColumn = (a: number, b: number) => i32(columnOf, a) === i32(columnOf, b);
  const isLine = (a: number, b: number, tensor: number) =>
    u8(isHub, tensor) === 0 || i32(nodes.blockOf, a) === i32(nodes.blockOf, b);
  const within = successorsWhere(graph, nodes, (a, b, tensor) => sameColumn(a, b) && isLine(a, b, tensor));
  const across = successorsWhere(graph, nodes, (a, b, tensor) => !sameColumn(a, b) && isLine(a, b, tensor));
  const columns = layoutColumns({ blocks, nodes, columnOf, count: columnStarts.length, layerOf, within, across });
  const { exitOf, entryOf } = crossingLookup(columns, columnOf, across);
  const routes = routeBetweenColumns({
    columns: columns.map(({ layout }) => layout),
    columnOf,
    across,
    entryOf,
    exitOf,
  });

  const layouts = columns.map(({ layout }) => layout);
  const placed = placeAll(graph, blocks, nodes, layouts, columnOf, routes);
  const { edges, ports } = drawEdges({
    graph,
    nodes,
    columns: layouts,
    columnOf,
    isHub,
    routes,
    exitOf,
    entryOf,
    placed,
  });
  return { width: routes.width, height: routes.height, collapsed, ...placed, edges, ports };
}

/** Sizes of the blocks on their own; the width counts wires that pass a row only roughly. */
function blockSizes(blocks: Blocks, nodes: DrawnNodes, layerOf: Int32Array, within: Csr) {
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
function titleWidth(blocks: Blocks, block: number): number {
  return Math.min(FOLDED_MAX_WIDTH, nameWidth(blocks, block));
}

function columnOfNodes(nodes: DrawnNodes, columnStarts: readonly number[]): Int32Array {
  const columnOf = new Int32Array(nodes.count);
  let column = 0;
  for (let node = 0; node < nodes.count; node++) {
    const next = columnStarts[column + 1];
    if (next !== undefined && i32(nodes.blockOf, node) >= next) column += 1;
    columnOf[node] = column;
  }
  return columnOf;
}

interface LaidColumn {
  readonly layout: ColumnLayout;
  readonly entries: readonly Entry[];
}

interface ColumnsInput {
  readonly blocks: Blocks;
  readonly nodes: DrawnNodes;
  readonly columnOf: Int32Array;
  readonly count: number;
  readonly layerOf: Int32Array;
  readonly within: Csr;
  readonly across: Csr;
}

function layoutColumns({ blocks, nodes, columnOf, count, layerOf, within, across }: ColumnsInput): LaidColumn[] {
  const entries: Entry[][] = Array.from({ length: count }, () => []);
  const leaves = new Uint8Array(nodes.count);
  for (let source = 0; source < nodes.count; source++) {
    for (const target of row(across, source)) {
      leaves[source] = 1;
      item(entries, i32(columnOf, target)).push({ source, target });
    }
  }
  const columns: LaidColumn[] = [];
  for (let from = 0; from < nodes.count; ) {
    let to = from;
    let minWidth = 0;
    while (to < nodes.count && i32(columnOf, to) === i32(columnOf, from)) {
      if (u8(nodes.folded, to) === 0) minWidth = Math.max(minWidth, titleWidth(blocks, i32(nodes.blockOf, to)));
      to += 1;
    }
    const own = item(entries, columns.length);
    columns.push({
      layout: layoutColumn({ nodes, from, to, minWidth, successors: within, layerOf, entries: own, leaves }),
      entries: own,
    });
    from = to;
  }
  return columns;
}

function crossingLookup(columns: readonly LaidColumn[], columnOf: Int32Array, across: Csr) {
  const byTarget = new Map<number, Map<number, Crossing>>();
  for (const { layout, entries } of columns) {
    for (const [index, { source, target }] of entries.entries()) {
      const own = byTarget.get(target) ?? new Map<number, Crossing>();
      byTarget.set(target, own.set(source, item(layout.entries, index)));
    }
  }
  const exitOf = (source: number): Crossing => {
    const { layout } = item(columns, i32(columnOf, source));
    const exit = item(layout.exits, source - layout.from);
    if (exit === null) throw new Error(`node ${source} leaves its column for ${row(across, source).length} others`);
    return exit;
  };
  const entryOf = (source: number, target: number): Crossing => {
    const entry = byTarget.get(target)?.get(source);
    if (entry === undefined) throw new Error(`no wire comes to node ${target} from node ${source}`);
    return entry;
  };
  return { exitOf, entryOf };
}

/** Positions over the whole drawing. */
function placeAll(
  graph: Graph,
  blocks: Blocks,
  nodes: DrawnNodes,
  columns: readonly ColumnLayout[],
  columnOf: Int32Array,
  { columnX, top, width }: { readonly columnX: Float64Array; readonly top: number; readonly width: number },
) {
  const ops = graph.opCount;
  const opX = new Float32Array(ops);
  const opY = new Float32Array(ops);
  const opWidth = new Float32Array(ops);
  const opHeight = new Float32Array(ops);
  const panels = {
    x: new Float32Array(blocks.count),
    y: new Float32Array(blocks.count),
    width: new Float32Array(blocks.count),
    height: new Float32Array(blocks.count),
  };
  const firstRow = new Int32Array(columns.length + 1);
  for (const [index, { rowTop }] of columns.entries()) firstRow[index + 1] = i32(firstRow, index) + rowTop.length;
  const rows = {
    top: new Float32Array(i32(firstRow, columns.length)),
    bottom: new Float32Array(i32(firstRow, columns.length)),
  };
  const rowOf = new Int32Array(nodes.count);
  const bends: { row: number; x: number; node: number }[] = [];
  for (const [index, column] of columns.entries()) {
    const left = f64(columnX, index);
    const base = i32(firstRow, index);
    for (const [layer, y] of column.rowTop.entries()) rows.top[base + layer] = top + y;
    for (const [layer, y] of column.rowBottom.entries()) rows.bottom[base + layer] = top + y;
    for (let node = column.from; node < column.to; node++) {
      const layer = i32(column.graph.layerOf, node - column.from);
      rowOf[node] = base + layer;
      for (let op = i32(nodes.firstOp, node); op < i32(nodes.firstOp, node + 1); op++) {
        opX[op] = left + f64(column.x, node - column.from);
        opY[op] = top + (f64(column.rowTop, layer) + f64(column.rowBottom, layer)) / 2;
        opWidth[op] = f64(nodes.width, node);
        opHeight[op] = f64(nodes.height, node);
      }
    }
    const { graph: wired } = column;
    for (let bend = wired.drawnCount; bend < wired.count; bend++) {
      const node = column.from + i32(wired.sourceOf, bend);
      bends.push({ row: base + i32(wired.layerOf, bend), x: left + f64(column.x, bend), node });
    }
    for (const { block, top: panelTop, bottom } of column.panels) {
      const node = i32(nodes.nodeOf, i32(blocks.firstOp, block));
      const isFolded = u8(nodes.folded, node) === 1;
      const inset = isFolded ? f64(column.x, node - column.from) - f64(nodes.width, node) / 2 : 0;
      panels.x[block] = left + inset;
      panels.width[block] = isFolded ? f64(nodes.width, node) : column.width;
      panels.y[block] = top + panelTop;
      panels.height[block] = bottom - panelTop;
    }
  }
  const firstNode = Int32Array.from([...columns.map(({ from }) => from), nodes.count]);
  const firstOp = firstNode.map((node) => i32(nodes.firstOp, node));
  const edgeX = new Float64Array(columns.length + 1);
  edgeX[columns.length] = width;
  for (let column = 1; column < columns.length; column++) {
    edgeX[column] = f64(columnX, column - 1) + item(columns, column - 1).width + GUTTER_EDGE;
  }
  return {
    opX,
    opY,
    opWidth,
    opHeight,
    nodes: {
      count: nodes.count,
      firstOp: nodes.firstOp,
      nodeOf: nodes.nodeOf,
      blockOf: nodes.blockOf,
      folded: nodes.folded,
      column: columnOf,
      row: rowOf,
    },
    panels,
    columns: {
      count: columns.length,
      x: Float32Array.from(columnX),
      width: Float32Array.from(columns, (column) => column.width),
      firstOp,
      firstNode,
      firstRow,
      edgeX,
    },
    rows,
    bends: {
      row: Int32Array.from(bends, (bend) => bend.row),
      x: Float32Array.from(bends, (bend) => bend.x),
      node: Int32Array.from(bends, (bend) => bend.node),
    },
    slotX: slots(ops, firstOp, edgeX),
  };
}

function slots(opCount: number, firstOp: Int32Array, edgeX: Float64Array): Float64Array {
  const slotX = new Float64Array(opCount + 1);
  for (let column = 0; column + 1 < firstOp.length; column++) {
    const from = i32(firstOp, column);
    const to = i32(firstOp, column + 1);
    const left = f64(edgeX, column);
    const width = f64(edgeX, column + 1) - left;
    for (let op = from; op < to; op++) slotX[op] = left + ((op - from) / (to - from)) * width;
  }
  slotX[opCount] = edgeX.at(-1) ?? 0;
  return slotX;
}
