import { at, f64, i32, row, u8 } from "../columns.ts";
import type { ColumnInput } from "./column.ts";
import { groupBy, type WiredLayers } from "./wires.ts";

/** Closest that a wire comes to the corner of a box, and two wires on a box to each other. */
const PORT_MARGIN = 9;
const PORT_DISTANCE = 9;
/** Distance of wires that meet a box's side. */
const SIDE_DISTANCE = 6;

export interface Sides {
  /** 1 where no other box stands further left, or right, in the node's row. */
  readonly leftmost: Uint8Array;
  readonly rightmost: Uint8Array;
}

/** O(nodes). */
export function sideNodes(graph: WiredLayers, order: readonly Int32Array[]): Sides {
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

export interface Ports {
  readonly linkStart: Float64Array;
  readonly linkEnd: Float64Array;
  /** Null where the entry meets the node's left side, there shifted from the middle by `entryShift`. */
  readonly entryX: readonly (number | null)[];
  readonly entryShift: Float64Array;
}

/** Where wires meet the tops and bottoms of boxes: straight from above where possible, never two at one point. */
export function placePorts(
  graph: WiredLayers,
  x: Float64Array,
  widths: Float64Array,
  { nodes, entries, from }: ColumnInput,
  leftmost: Uint8Array,
): Ports {
  const linkStart = Float64Array.from(graph.linkFrom, (node) => f64(x, node));
  const linkEnd = Float64Array.from(graph.linkTo, (node) => f64(x, node));
  const entryX: (number | null)[] = entries.map(() => null);
  const entryShift = new Float64Array(entries.length);
  const entriesOf = groupBy(
    Int32Array.from(entries, ({ target }) => target - from),
    graph.drawnCount,
  );
  for (let node = 0; node < graph.drawnCount; node++) {
    const links = row(graph.linksUp, node);
    const own = row(entriesOf, node);
    const byGap = u8(leftmost, node) === 1 ? [] : own;
    const step = Math.min(
      SIDE_DISTANCE,
      (f64(nodes.height, from + node) - SIDE_DISTANCE) / Math.max(1, own.length - 1),
    );
    for (const [index, entry] of own.entries()) entryShift[entry] = (index - (own.length - 1) / 2) * step;
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
  return { linkStart, linkEnd, entryX, entryShift };
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
