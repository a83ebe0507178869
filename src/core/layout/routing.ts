import { at, type Csr, i32, item, row } from "../columns.ts";
import type { ColumnLayout, Crossing } from "./column.ts";
import { BUS_GAP, BUS_TRACK, GUTTER_TRACK, GUTTER_WIRE, MARGIN } from "./metrics.ts";
import { assignNetTracks, assignTracks, type NetSpan, type Span } from "./tracks.ts";

/** Wires between columns run up and down in the gutters; over several columns they take a bus above or below all. */
export interface Routes {
  /** Left edge of each column's panels, and the first panels' top, in the drawing. */
  readonly columnX: Float64Array;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  /** x of the wire of `source` in the gutter right of `column`. */
  readonly gutterX: (column: number, source: number) => number;
  /** y of the bus of `source`; null where it has none (or found no room: draw ports). */
  readonly busY: (source: number) => number | null;
}

interface RouteInput {
  readonly columns: readonly ColumnLayout[];
  readonly columnOf: Int32Array;
  /** Nodes of other columns that each node feeds. */
  readonly across: Csr;
  /** How the wire from `source` enters the column of `target`. */
  readonly entryOf: (source: number, target: number) => Crossing;
  readonly exitOf: (source: number) => Crossing;
  /** Width of a gutter without further wires. */
  readonly gutter: number;
}

const MOST_BUSES = 9;

interface Bus extends Span {
  readonly source: number;
  readonly above: boolean;
}

/** Finds a track for every wire between columns. O(wires x tracks). */
export function routeBetweenColumns(input: RouteInput): Routes {
  const { columns, columnOf, across, entryOf, exitOf, gutter } = input;
  let tallest = 0;
  for (const column of columns) tallest = Math.max(tallest, column.height);

  const buses: Bus[] = [];
  for (let source = 0; source < columnOf.length; source++) {
    const home = i32(columnOf, source);
    const far = [...row(across, source)].filter((target) => i32(columnOf, target) > home + 1);
    if (far.length === 0) continue;
    let last = home;
    let depth = exitOf(source).y;
    for (const target of far) {
      last = Math.max(last, i32(columnOf, target));
      depth += entryOf(source, target).y / far.length;
    }
    buses.push({ source, low: home, high: last - 1, above: depth <= tallest });
  }
  buses.sort((a, b) => a.high - a.low - (b.high - b.low) || a.source - b.source);
  const busTracks = new Map<number, { readonly above: boolean; readonly track: number }>();
  const busCount = (above: boolean) => {
    const own = buses.filter((bus) => bus.above === above);
    const { trackOf, count } = assignTracks(own, 0);
    for (const [index, { source }] of own.entries()) {
      if (i32(trackOf, index) < MOST_BUSES) busTracks.set(source, { above, track: i32(trackOf, index) });
    }
    return Math.min(count, MOST_BUSES);
  };
  const busesAbove = busCount(true);
  const busesBelow = busCount(false);
  const busRoom = (count: number) => (count === 0 ? 0 : BUS_GAP + (count - 1) * BUS_TRACK + BUS_GAP / 2);
  const top = MARGIN + busRoom(busesAbove);

  const gutters = gutterSpans(input, busTracks).map((spans) => assignNetTracks(spans, 4));
  const columnX = new Float64Array(columns.length);
  let x = MARGIN;
  for (const [index, column] of columns.entries()) {
    columnX[index] = x;
    x += column.width + gutter + Math.max(0, item(gutters, index).count - 1) * GUTTER_TRACK;
  }
  const lastGutter = gutter + Math.max(0, (gutters.at(-1)?.count ?? 0) - 1) * GUTTER_TRACK;
  return {
    columnX,
    top,
    width: columns.length === 0 ? 0 : x - lastGutter + MARGIN,
    height: top + tallest + busRoom(busesBelow) + MARGIN,
    gutterX: (column, source) => {
      const track = item(gutters, column).trackOf.get(source);
      if (track === undefined) throw new Error(`no wire of node ${source} in gutter ${column}`);
      return at(columnX, column) + item(columns, column).width + GUTTER_WIRE + track * GUTTER_TRACK;
    },
    busY: (source) => {
      const bus = busTracks.get(source);
      if (bus === undefined) return null;
      const away = BUS_GAP + bus.track * BUS_TRACK;
      return bus.above ? top - away : top + tallest + away;
    },
  };
}

/** Vertical pieces of wires in the gutter right of each column. */
function gutterSpans(
  { columns, columnOf, across, entryOf, exitOf }: RouteInput,
  buses: ReadonlyMap<number, { readonly above: boolean }>,
): NetSpan[][] {
  const spans: NetSpan[][] = columns.map(() => []);
  const infinite = 1e9;
  for (let source = 0; source < columnOf.length; source++) {
    const targets = row(across, source);
    if (targets.length === 0) continue;
    const home = i32(columnOf, source);
    const exit = exitOf(source).y;
    const bus = buses.get(source);
    const busEnd = bus === undefined ? null : bus.above ? -infinite : infinite;
    const add = (gutter: number, from: number | null, to: number | null) => {
      const ends = [from ?? busEnd ?? exit, to ?? busEnd ?? exit];
      item(spans, gutter).push({ net: source, low: Math.min(...ends), high: Math.max(...ends), from, to });
    };
    if (busEnd !== null) add(home, exit, null);
    for (const target of targets) {
      const column = i32(columnOf, target);
      const entry = entryOf(source, target).y;
      if (column === home + 1) add(home, exit, entry);
      else if (busEnd !== null) add(column - 1, null, entry);
    }
  }
  return spans;
}
