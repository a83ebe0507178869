import { f64, i32, item, row } from "../columns.ts";
import type { ColumnLayout, Crossing } from "./column.ts";
import type { DrawnNodes } from "./nodes.ts";
import type { Routes } from "./routing.ts";

/** Collects the corners of one wire: x, y, x, y, ...; corners on a straight line are left out. */
class Path {
  readonly points: number[] = [];

  to(x: number, y: number): void {
    const { points } = this;
    const count = points.length;
    const lastX = points[count - 2];
    const lastY = points[count - 1];
    if (lastX !== undefined && lastY !== undefined) {
      if (Math.abs(lastX - x) < 1e-6 && Math.abs(lastY - y) < 1e-6) return;
      const beforeX = points[count - 4];
      const beforeY = points[count - 3];
      if (beforeX !== undefined && beforeY !== undefined) {
        const vertical = Math.abs(beforeX - lastX) < 1e-6 && Math.abs(lastX - x) < 1e-6;
        const horizontal = Math.abs(beforeY - lastY) < 1e-6 && Math.abs(lastY - y) < 1e-6;
        if (vertical || horizontal) points.splice(count - 2, 2);
      }
    }
    points.push(x, y);
  }
}

/** The wire from `source` down to `target` in the same column. O(rows between). */
export function pathWithin(layout: ColumnLayout, columnX: number, top: number, source: number, target: number) {
  const { graph, from } = layout;
  const links: number[] = [];
  let node = target - from;
  while (node !== source - from) {
    const link = [...row(graph.linksUp, node)].find(
      (candidate) => i32(graph.sourceOf, i32(graph.linkFrom, candidate)) === source - from,
    );
    if (link === undefined) throw new Error(`no wire leads from node ${source} to node ${target}`);
    links.push(link);
    node = i32(graph.linkFrom, link);
  }
  const path = new Path();
  for (const link of links.reverse()) {
    const upper = i32(graph.layerOf, i32(graph.linkFrom, link));
    const startX = columnX + f64(layout.linkStart, link);
    const endX = columnX + f64(layout.linkEnd, link);
    const turn = f64(layout.linkTurn, link);
    path.to(startX, top + f64(layout.rowBottom, upper));
    if (Number.isNaN(turn)) path.to(startX, top + f64(layout.rowTop, upper + 1));
    else {
      path.to(startX, top + turn);
      path.to(endX, top + turn);
      path.to(endX, top + f64(layout.rowTop, upper + 1));
    }
  }
  return path.points;
}

interface AcrossInput {
  readonly nodes: DrawnNodes;
  readonly columns: readonly ColumnLayout[];
  readonly columnOf: Int32Array;
  readonly routes: Routes;
  readonly exitOf: (source: number) => Crossing;
  readonly entryOf: (source: number, target: number) => Crossing;
}

/** The wire from `source` to `target` in a later column; null where it found no bus. O(1). */
export function pathAcross(input: AcrossInput, source: number, target: number): number[] | null {
  const { nodes, columns, columnOf, routes } = input;
  const home = i32(columnOf, source);
  const away = i32(columnOf, target);
  const { top } = routes;
  const bus = away > home + 1 ? routes.busY(source) : top;
  // Without a bus it may have no wire in the gutter either.
  if (bus === null) return null;
  const box = (node: number) => {
    const column = i32(columnOf, node);
    const layout = item(columns, column);
    const layer = i32(layout.graph.layerOf, node - layout.from);
    return {
      x: f64(routes.columnX, column) + f64(layout.x, node - layout.from),
      y: top + (f64(layout.rowTop, layer) + f64(layout.rowBottom, layer)) / 2,
      halfWidth: f64(nodes.width, node) / 2,
      halfHeight: f64(nodes.height, node) / 2,
    };
  };
  const path = new Path();
  const from = box(source);
  const exit = input.exitOf(source);
  if (exit.portX === null) path.to(from.x + from.halfWidth, top + exit.y);
  else {
    path.to(from.x, from.y + from.halfHeight);
    path.to(from.x, top + exit.y);
  }
  path.to(routes.gutterX(home, source), top + exit.y);
  if (away > home + 1) {
    path.to(routes.gutterX(home, source), bus);
    path.to(routes.gutterX(away - 1, source), bus);
  }
  const to = box(target);
  const entry = input.entryOf(source, target);
  path.to(routes.gutterX(away - 1, source), top + entry.y);
  if (entry.portX === null) path.to(to.x - to.halfWidth, top + entry.y);
  else {
    const portX = f64(routes.columnX, away) + entry.portX;
    path.to(portX, top + entry.y);
    path.to(portX, to.y - to.halfHeight);
  }
  return path.points;
}
