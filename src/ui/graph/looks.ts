import { at, item } from "../../core/columns.ts";
import type { Blocks } from "../../core/graph/blocks.ts";
import type { OpenedModel } from "../../core/graph/opened-model.ts";
import type { FilmstripLayout } from "../../core/layout/filmstrip.ts";
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

export const shortType = (type: string): string => SHORT_TYPES.get(type) ?? type;

/** Boxes in the colours of the devices that run them. O(ops). */
export function planLooks(
  model: OpenedModel,
  layout: FilmstripLayout,
  blocks: Blocks,
  deviceOf: (op: number) => number,
  colors: ThemeColors,
): readonly BoxLook[] {
  const heavy = heavyOps(model.costs.macs);
  return boxes(layout, (node, from, to) => {
    const device = deviceOf(from);
    if (layout.nodes.folded[node] !== 1) {
      return { label: shortType(item(model.graph.opTypes, from)), ...devicePaint(device, heavy[from] === 1, colors) };
    }
    const name = item(blocks.names, at(layout.nodes.blockOf, node));
    const devices = new Set<number>();
    for (let op = from; op < to; op++) devices.add(deviceOf(op));
    if (devices.size === 1) return { label: `${name}\n${to - from} ops`, ...devicePaint(device, false, colors) };
    // A split runs through this block: neither device's colour would be true.
    const letters = [...devices].map(deviceLetter).join(" | ");
    return { label: `${name}\n${letters}`, fill: colors.accentSoft, border: colors.accent, ink: colors.text };
  });
}

/** One look per box of the layout. O(ops) for looks that are linear in their ops. */
export function boxes<T>(layout: FilmstripLayout, look: (node: number, from: number, to: number) => T): readonly T[] {
  return Array.from({ length: layout.nodes.count }, (_, node) => {
    const { from, to } = opsOf(layout, node);
    return look(node, from, to);
  });
}
