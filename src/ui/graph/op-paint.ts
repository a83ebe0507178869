import { item } from "../../core/columns.ts";
import type { ThemeColors } from "../shared/use-theme-colors.ts";

export interface Paint {
  readonly fill: string;
  readonly border: string;
  readonly ink: string;
}

/** Ops whose work is at least this share of the heaviest op's are drawn in the full device colour. */
const HEAVY = 0.02;

/** Which ops carry the work: full colour for them, a light tone for the rest. O(ops). */
export function heavyOps(macs: Float64Array): Uint8Array {
  let most = 0;
  for (const value of macs) if (value > most) most = value;
  const heavy = new Uint8Array(macs.length);
  // A loop, as Uint8Array.from takes ten times as long and this runs at every step of a drag.
  for (const [op, value] of macs.entries()) if (most > 0 && value >= HEAVY * most) heavy[op] = 1;
  return heavy;
}

/** An op in its device's colour. */
export function devicePaint(device: number, heavy: boolean, colors: ThemeColors): Paint {
  const index = device % colors.devices.length;
  const full = item(colors.devices, index);
  return heavy
    ? { fill: full, border: full, ink: colors.deviceText }
    : { fill: item(colors.deviceSoft, index), border: full, ink: colors.text };
}

/** A latency in seconds as a tone between surface and accent, on a square-root scale up to the slowest. */
export function heatPaint(value: number, slowest: number, colors: ThemeColors): Paint {
  if (!Number.isFinite(value)) return { fill: colors.text, border: colors.text, ink: colors.surface };
  const share = slowest > 0 ? Math.sqrt(value / slowest) : 0;
  return tone(colors.accent, share * 0.85, colors);
}

/** A tone between the surface and a colour, with the ink that reads better on it. */
export function tone(color: string, share: number, colors: ThemeColors): Paint {
  const fill = mix(colors.surface, color, share);
  const [dark, light] = [contrast(fill, channels(colors.text)), contrast(fill, channels(colors.surface))];
  return { fill: `rgb(${fill.join(",")})`, border: colors.edge, ink: dark >= light ? colors.text : colors.surface };
}

type Channels = readonly [number, number, number];

/** WCAG 2 contrast of two colours, 1 to 21. */
function contrast(one: Channels, other: Channels): number {
  const [a, b] = [luminance(one), luminance(other)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

function luminance(color: Channels): number {
  const linear = (channel: number) => {
    const value = channel / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  const [red, green, blue] = color;
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}

function channels(hex: string): Channels {
  const value = Number.parseInt(hex.slice(1), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

function mix(from: string, to: string, share: number): Channels {
  const [a, b] = [channels(from), channels(to)];
  const between = (start: number, end: number) => Math.round(start + (end - start) * share);
  return [between(a[0], b[0]), between(a[1], b[1]), between(a[2], b[2])];
}
