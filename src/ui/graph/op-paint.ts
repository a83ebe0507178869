import { at, item } from "../../core/columns.ts";
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
  return Uint8Array.from(macs, (value) => (most > 0 && value >= HEAVY * most ? 1 : 0));
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
  return {
    fill: mix(colors.surface, colors.accent, share * 0.85),
    border: colors.edge,
    ink: share > 0.7 ? colors.surface : colors.text,
  };
}

function channels(hex: string): readonly [number, number, number] {
  const value = Number.parseInt(hex.slice(1), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

function mix(from: string, to: string, share: number): string {
  const [a, b] = [channels(from), channels(to)];
  const parts = a.map((value, i) => Math.round(value + (at(b, i) - value) * share));
  return `rgb(${parts.join(",")})`;
}
