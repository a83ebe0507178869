import { at, item } from "../../core/columns.ts";
import type { ModuleView } from "../../core/graph/module-view.ts";
import type { OpenedBody, OpenedGraph } from "../../core/graph/opened-model.ts";
import type { FilmstripLayout } from "../../core/layout/filmstrip.ts";
import { type BoxLook, planLooks } from "../graph/looks.ts";
import type { ThemeColors } from "../shared/use-theme-colors.ts";

/** What stands in front of the name of a tensor that comes in or goes out. */
const WAYS = new Map([
  ["Input", "in"],
  ["Captured", "outer"],
  ["Output", "out"],
]);

/** Whether an op of a body's graph stands for what comes in or goes out. */
export function isEnd({ endOps: { first, last } }: OpenedBody, { graph }: OpenedGraph, op: number): boolean {
  return op < first || op >= graph.opCount - last;
}

/** Boxes of a body: ops in the colour of the device that runs the op around, ends without one. O(ops). */
export function bodyLooks(
  body: OpenedBody,
  inside: OpenedGraph,
  layout: FilmstripLayout,
  view: ModuleView,
  device: number,
  colors: ThemeColors,
): readonly BoxLook[] {
  return planLooks(inside, layout, view, () => device, colors).map((look, node) => {
    const op = at(layout.nodes.firstOp, node);
    if (layout.nodes.folded[node] === 1 || !isEnd(body, inside, op)) return look;
    const way = WAYS.get(item(inside.graph.opTypes, op)) ?? "";
    const label = `${way} ${shortName(item(inside.graph.opNames, op))}`;
    return { label, fill: colors.surface, border: colors.edge, ink: colors.text };
  });
}

/** The end of a path: a box has no room for more. */
const shortName = (name: string): string => name.split("/").at(-1) || name;
