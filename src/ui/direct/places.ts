import { at } from "../../core/columns.ts";
import type { Blocks } from "../../core/graph/blocks.ts";
import type { FilmstripLayout } from "../../core/layout/filmstrip.ts";
import { opsOf, TITLE } from "../graph/elements.ts";

export interface Point {
  readonly x: number;
  readonly y: number;
}

const range = (from: number, to: number): readonly number[] => Array.from({ length: to - from }, (_, i) => from + i);

/** Distance of a point from the box of a node, 0 inside. */
function distance({ nodes, opX, opY, opWidth, opHeight }: FilmstripLayout, node: number, { x, y }: Point): number {
  const op = at(nodes.firstOp, node);
  const dx = Math.max(0, Math.abs(x - at(opX, op)) - at(opWidth, op) / 2);
  const dy = Math.max(0, Math.abs(y - at(opY, op)) - at(opHeight, op) / 2);
  return Math.hypot(dx, dy);
}

/** Ops of the box under a point of the drawing, or of the open module whose title is there; null on the ground. O(boxes). */
export function opsAt(layout: FilmstripLayout, blocks: Blocks, point: Point): readonly number[] | null {
  for (let node = 0; node < layout.nodes.count; node++) {
    if (distance(layout, node, point) > 0) continue;
    const { from, to } = opsOf(layout, node);
    return range(from, to);
  }
  const { panels } = layout;
  for (let block = 0; block < blocks.count; block++) {
    const dx = point.x - at(panels.x, block);
    const dy = point.y - at(panels.y, block);
    if (dx < 0 || dy < 0 || dx > at(panels.width, block) || dy > 2 * TITLE.y) continue;
    return range(at(blocks.firstOp, block), at(blocks.firstOp, block + 1));
  }
  return null;
}

/** First op of the box that is nearest to a point and holds none of some ops; -1 where there is no other. O(boxes). */
export function nearestOp(layout: FilmstripLayout, point: Point, except: ReadonlySet<number>): number {
  let best = -1;
  let shortest = Number.POSITIVE_INFINITY;
  for (let node = 0; node < layout.nodes.count; node++) {
    const op = at(layout.nodes.firstOp, node);
    const away = distance(layout, node, point);
    if (away >= shortest || except.has(op)) continue;
    best = op;
    shortest = away;
  }
  return best;
}

/** Ops, ascending, of the boxes whose middle lies inside a closed line (even-odd rule). O(boxes x corners). */
export function opsInside(layout: FilmstripLayout, line: readonly Point[]): readonly number[] {
  const found: number[] = [];
  for (let node = 0; node < layout.nodes.count; node++) {
    const { from, to } = opsOf(layout, node);
    if (!isInside(line, { x: at(layout.opX, from), y: at(layout.opY, from) })) continue;
    for (let op = from; op < to; op++) found.push(op);
  }
  return found;
}

function isInside(line: readonly Point[], { x, y }: Point): boolean {
  let inside = false;
  let previous = line.at(-1);
  for (const corner of line) {
    if (previous !== undefined && corner.y > y !== previous.y > y) {
      const crossing = ((previous.x - corner.x) * (y - corner.y)) / (previous.y - corner.y) + corner.x;
      if (x < crossing) inside = !inside;
    }
    previous = corner;
  }
  return inside;
}
