import { i32, u8 } from "../columns.ts";
import type { Blocks } from "../graph/blocks.ts";
import type { GraphLinks } from "../graph/graph.ts";
import { arrangeToFill } from "./arrange.ts";
import { blockSizes } from "./block-sizes.ts";
import { drawEdges, type FilmstripEdges, type FilmstripPorts } from "./edges.ts";
import { hubTensors } from "./hubs.ts";
import { layersWithinGroups } from "./layering.ts";
import { type DrawnNodes, drawnNodes, inputCounts, successorsWhere } from "./nodes.ts";
import { packColumns } from "./packing.ts";
import { placeAll } from "./placement.ts";

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
export function defaultCollapsed(graph: GraphLinks, blocks: Blocks): ReadonlySet<number> {
  return new Set(graph.opCount > FOLD_ABOVE ? Array.from({ length: blocks.count }, (_, block) => block) : []);
}

/**
 * Lays a graph out as a filmstrip. Blocks are columns, or several blocks stacked in one where that fills the
 * viewport better; inside, ops stand in layers with every edge going down. Deterministic.
 * About O((ops + edges + wire bends) log ops).
 */
export function layoutFilmstrip(graph: GraphLinks, blocks: Blocks, options: FilmstripOptions): FilmstripLayout {
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

  const frame = { blocks, columnOf, count: columnStarts.length, layerOf, within, across };
  const arranged = arrangeToFill(frame, nodes, options.aspect);
  const placed = placeAll(blocks, columnOf, arranged);
  const { edges, ports } = drawEdges({ graph, columnOf, isHub, placed, ...arranged });
  const { width, height } = arranged.routes;
  return { width, height, collapsed, ...placed, edges, ports };
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
