import { type Csr, i32, item, row, u8 } from "../columns.ts";
import type { Blocks } from "../graph/blocks.ts";
import { titleWidth } from "./block-sizes.ts";
import { type ColumnLayout, type Crossing, type Entry, layoutColumn } from "./column.ts";
import { GUTTER, LANE_GAP, OP_WIDTH, WIDEST_GUTTER, WIDEST_OP } from "./metrics.ts";
import type { DrawnNodes } from "./nodes.ts";
import { type Routes, routeBetweenColumns } from "./routing.ts";

/** What stays the same while widths change. */
export interface Frame {
  readonly blocks: Blocks;
  readonly columnOf: Int32Array;
  readonly count: number;
  readonly layerOf: Int32Array;
  readonly within: Csr;
  readonly across: Csr;
}

export interface Arrangement {
  readonly nodes: DrawnNodes;
  readonly columns: readonly ColumnLayout[];
  readonly routes: Routes;
  readonly exitOf: (source: number) => Crossing;
  readonly entryOf: (source: number, target: number) => Crossing;
}

/** Lays out every column and the wires between them. */
function arrange(frame: Frame, nodes: DrawnNodes, gutter: number): Arrangement {
  const laid = layoutColumns({ ...frame, nodes });
  const columns = laid.map(({ layout }) => layout);
  const lookup = crossingLookup(laid, frame.columnOf, frame.across);
  return { nodes, columns, ...lookup, routes: routeBetweenColumns({ ...frame, ...lookup, columns, gutter }) };
}

/** Graphs of more boxes than this are seen as a whole or in parts: what a second pass would gain is not seen. */
const WIDEN_BELOW = 500;

/**
 * Lays out every column and the wires between them. Uses width that the window has to spare: first for wider boxes, whose labels read better, then for gutters.
 */
export function arrangeToFill(frame: Frame, drawn: DrawnNodes, aspect: number): Arrangement {
  const first = arrange(frame, drawn, GUTTER);
  const spare = ({ routes }: Arrangement) => aspect * routes.height - routes.width;
  if (first.nodes.count > WIDEN_BELOW || frame.count === 0 || spare(first) < 1) return first;
  let lanes = 0;
  for (const { width } of first.columns) lanes += Math.max(1, Math.round(width / (OP_WIDTH + LANE_GAP)));
  const wider = Math.min(WIDEST_OP - OP_WIDTH, spare(first) / lanes);
  const nodes = { ...first.nodes, width: first.nodes.width.map((width) => width + wider) };
  const second = arrange(frame, nodes, GUTTER);
  const gutter = Math.min(WIDEST_GUTTER, GUTTER + Math.max(0, spare(second)) / Math.max(1, frame.count - 1));
  const { columns, exitOf, entryOf } = second;
  return { ...second, routes: routeBetweenColumns({ ...frame, columns, exitOf, entryOf, gutter }) };
}

interface LaidColumn {
  readonly layout: ColumnLayout;
  readonly entries: readonly Entry[];
}

function layoutColumns(frame: Frame & { readonly nodes: DrawnNodes }): LaidColumn[] {
  const { blocks, nodes, columnOf, count, layerOf, within, across } = frame;
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
