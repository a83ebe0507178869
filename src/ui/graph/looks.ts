import { at, item } from "../../core/columns.ts";
import { equalChildren } from "../../core/graph/module-tree.ts";
import type { ModuleView } from "../../core/graph/module-view.ts";
import type { OpenedGraph } from "../../core/graph/opened-model.ts";
import type { FilmstripLayout } from "../../core/layout/filmstrip.ts";
import { formatMacs } from "../../core/units.ts";
import { deviceLetter } from "../shared/device-color.ts";
import type { ThemeColors } from "../shared/use-theme-colors.ts";
import { opsOf } from "./elements.ts";
import { devicePaint, heavyOps, type Paint } from "./op-paint.ts";

/** What a box shows at this moment. */
export interface BoxLook extends Paint {
  readonly label: string;
  /** Drawn with a dashed border: what it shows was not measured. */
  readonly isGuess?: boolean;
}

/** A closed module's share of the work from which on it has the full colour: half of the heaviest one's. */
const HEAVY_MODULE = 0.5;

export function sameLook(a: BoxLook, b: BoxLook): boolean {
  return (
    a.fill === b.fill && a.border === b.border && a.ink === b.ink && a.label === b.label && a.isGuess === b.isGuess
  );
}

/** Op types that are long words in every network, as they are said. */
const SHORT_TYPES = new Map([
  ["BatchNormalization", "BatchNorm"],
  ["LayerNormalization", "LayerNorm"],
  ["GlobalAveragePool", "GlobalAvg"],
  ["AveragePool", "AvgPool"],
  ["ConvTranspose", "ConvT"],
  ["QuantizeLinear", "Quantize"],
  ["DequantizeLinear", "Dequantize"],
]);

/** Marks ops that can be looked into. */
const HOLDS = "▸";

export const shortType = (type: string): string => SHORT_TYPES.get(type) ?? type;

/** Boxes in the colours of the devices that run them. O(ops). */
export function planLooks(
  model: OpenedGraph,
  layout: FilmstripLayout,
  view: ModuleView,
  deviceOf: (op: number) => number,
  colors: ThemeColors,
): readonly BoxLook[] {
  const heavy = heavyOps(model.costs.macs);
  const work = boxes(layout, (_, from, to) => sumOf(model.costs.macs, from, to));
  const most = boxes(layout, (node) => node).reduce(
    (sum, node) => (layout.nodes.folded[node] === 1 ? Math.max(sum, item(work, node) || 0) : sum),
    0,
  );
  return boxes(layout, (node, from, to) => {
    const device = deviceOf(from);
    if (layout.nodes.folded[node] !== 1) {
      const type = shortType(item(model.graph.opTypes, from));
      const label = model.bodies.has(from) ? `${type} ${HOLDS}` : type;
      return { label, ...devicePaint(device, heavy[from] === 1, colors) };
    }
    const block = at(layout.nodes.blockOf, node);
    const name = item(view.blocks.names, block);
    const devices = new Set<number>();
    for (let op = from; op < to; op++) devices.add(deviceOf(op));
    if (devices.size === 1) {
      const isHeavy = most > 0 && item(work, node) >= HEAVY_MODULE * most;
      const label = `${name}\n${moduleText(model, at(view.moduleOf, block))}`;
      return { label, ...devicePaint(device, isHeavy, colors) };
    }
    // A split runs through this block: neither device's colour would be true.
    const letters = [...devices].map(deviceLetter).join(" | ");
    return { label: `${name}\n${letters}`, fill: colors.accentSoft, border: colors.accent, ink: colors.text };
  });
}

/** What a closed module holds: "12 x 34 ops" where it repeats one part, else its ops and its work. */
export function moduleText({ modules, costs }: OpenedGraph, module: number): string {
  const [from, to] = [at(modules.firstOp, module), at(modules.endOp, module)];
  const times = equalChildren(modules, module);
  if (times > 0) return `${times} × ${(to - from) / times} ops`;
  const macs = sumOf(costs.macs, from, to);
  const ops = `${to - from} ${to - from === 1 ? "op" : "ops"}`;
  return macs > 0 ? `${ops} · ${formatMacs(macs)}` : ops;
}

function sumOf(values: Float64Array, from: number, to: number): number {
  let sum = 0;
  for (let op = from; op < to; op++) sum += at(values, op);
  return sum;
}

/** One look per box of the layout. O(ops) for looks that are linear in their ops. */
export function boxes<T>(layout: FilmstripLayout, look: (node: number, from: number, to: number) => T): readonly T[] {
  return Array.from({ length: layout.nodes.count }, (_, node) => {
    const { from, to } = opsOf(layout, node);
    return look(node, from, to);
  });
}
