import { f64, i32, item, u8 } from "../columns.ts";
import type { Blocks } from "../graph/blocks.ts";
import type { Arrangement } from "./arrange.ts";
import { GUTTER_EDGE } from "./metrics.ts";

/** Positions over the whole drawing. */
export function placeAll(blocks: Blocks, columnOf: Int32Array, { nodes, columns, routes }: Arrangement) {
  const { columnX, top, width } = routes;
  const ops = nodes.nodeOf.length;
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
