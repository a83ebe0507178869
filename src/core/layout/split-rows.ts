import { at, i32, item, row } from "../columns.ts";
import type { FilmstripLayout } from "./filmstrip.ts";
import { groupBy } from "./wires.ts";

/** Things that stand in a row from left to right, and the ops that say on which side of a split each is. */
export interface Places {
  readonly left: Float64Array;
  readonly right: Float64Array;
  /** First op, and the one after the last. */
  readonly firstOp: Int32Array;
  readonly endOp: Int32Array;
  /** The column's left edge, the middles between neighbouring places, the column's right edge. */
  readonly borders: readonly number[];
}

/** A row of a column, with the free space below it up to the next. */
export interface SplitRow {
  /** Of the boxes in it. */
  readonly top: number;
  readonly height: number;
  /** Where the row's space ends. */
  readonly bottom: number;
  readonly boxes: Places;
  /** The same with the wires that pass the row. A wire belongs to the last op of the box that it comes from. */
  readonly withWires: Places;
}

export interface SplitColumn {
  readonly left: number;
  readonly right: number;
  readonly firstOp: number;
  readonly endOp: number;
  /** Ops outside the column whose wires pass it. */
  readonly wireOps: Int32Array;
  readonly rows: readonly SplitRow[];
}

const known = new WeakMap<FilmstripLayout, readonly SplitColumn[]>();

/** What lines of splits are made of, as far as it depends on the layout alone; made once per layout. O(ops + rows log rows). */
export function splitColumns(layout: FilmstripLayout): readonly SplitColumn[] {
  const made = known.get(layout);
  if (made !== undefined) return made;
  const bendsOf = groupBy(layout.bends.row, layout.rows.top.length);
  const columns = Array.from({ length: layout.columns.count }, (_, column) => {
    const firstRow = i32(layout.columns.firstRow, column);
    const endRow = i32(layout.columns.firstRow, column + 1);
    const bends = Array.from({ length: endRow - firstRow }, (_, index) => row(bendsOf, firstRow + index));
    return columnOf(layout, column, bends);
  });
  known.set(layout, columns);
  return columns;
}

function columnOf(layout: FilmstripLayout, column: number, bends: readonly Int32Array[]): SplitColumn {
  const { columns, nodes, rows, height } = layout;
  const [left, right] = [at(columns.edgeX, column), at(columns.edgeX, column + 1)];
  const [firstOp, endOp] = [i32(columns.firstOp, column), i32(columns.firstOp, column + 1)];
  const firstRow = i32(columns.firstRow, column);
  const byRow: number[][] = bends.map(() => []);
  for (let node = i32(columns.firstNode, column); node < i32(columns.firstNode, column + 1); node++) {
    item(byRow, i32(nodes.row, node) - firstRow).push(node);
  }
  const wireOps = new Set(bends.flatMap((own) => [...own].map((bend) => bendIn(layout, bend).firstOp)));
  return {
    left,
    right,
    firstOp,
    endOp,
    wireOps: Int32Array.from([...wireOps].filter((op) => op < firstOp || op >= endOp)),
    rows: byRow.map((own, index) => {
      const rowNumber = firstRow + index;
      const boxes = own.map((node) => boxOf(layout, node));
      const wires = [...item(bends, index)].map((bend) => bendIn(layout, bend));
      const below = byRow[index + 1]?.[0];
      const top = at(rows.top, rowNumber);
      return {
        top,
        height: at(rows.bottom, rowNumber) - top,
        bottom: below === undefined ? height : between(layout, item(own, 0), below, rowNumber),
        boxes: placesOf(boxes, left, right),
        withWires: placesOf([...boxes, ...wires], left, right),
      };
    }),
  };
}

interface Place {
  readonly left: number;
  readonly right: number;
  readonly firstOp: number;
  readonly endOp: number;
}

function placesOf(unsorted: readonly Place[], left: number, right: number): Places {
  const places = [...unsorted].sort((a, b) => a.left - b.left);
  const middles = places.slice(1).map((own, i) => (item(places, i).right + own.left) / 2);
  return {
    left: Float64Array.from(places, (place) => place.left),
    right: Float64Array.from(places, (place) => place.right),
    firstOp: Int32Array.from(places, (place) => place.firstOp),
    endOp: Int32Array.from(places, (place) => place.endOp),
    borders: [left, ...middles, right],
  };
}

function boxOf({ nodes, opX, opWidth }: FilmstripLayout, node: number): Place {
  const firstOp = i32(nodes.firstOp, node);
  const half = at(opWidth, firstOp) / 2;
  const x = at(opX, firstOp);
  return { left: x - half, right: x + half, firstOp, endOp: i32(nodes.firstOp, node + 1) };
}

/** A wire belongs to the side of the op that it comes from: the split then crosses it where it is read. */
function bendIn({ nodes, bends }: FilmstripLayout, bend: number): Place {
  const x = at(bends.x, bend);
  const endOp = i32(nodes.firstOp, i32(bends.node, bend) + 1);
  return { left: x, right: x, firstOp: endOp - 1, endOp };
}

/** Where a line runs between a row and the one below: in the gap, or between the panels of two blocks. */
function between({ nodes, panels, rows }: FilmstripLayout, node: number, below: number, row: number): number {
  const block = i32(nodes.blockOf, node);
  const next = i32(nodes.blockOf, below);
  if (block === next) return (at(rows.bottom, row) + at(rows.top, row + 1)) / 2;
  return (at(panels.y, block) + at(panels.height, block) + at(panels.y, next)) / 2;
}
