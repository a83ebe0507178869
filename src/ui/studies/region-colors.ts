import type { MapPlan } from "../../core/solve/crossover-map.ts";
import type { ThemeColors } from "../shared/use-theme-colors.ts";

/** Shares of a colour over the surface: devices alike, splits in turn, so that neighbours differ. */
const DEVICE_SHARE = 0.55;
const SPLIT_SHARES = [0.6, 0.4, 0.75, 0.28, 0.5];

/** A colour "#rrggbb" laid over another with a share of 0 to 1. */
function mixed(color: string, under: string, share: number): string {
  const channel = (from: string, place: number) => Number.parseInt(from.slice(place, place + 2), 16);
  const parts = [1, 3, 5].map((place) => {
    const value = Math.round(channel(color, place) * share + channel(under, place) * (1 - share));
    return value.toString(16).padStart(2, "0");
  });
  return `#${parts.join("")}`;
}

/** Devices alone have their own colour; splits take tints of the colour for traffic, in turn; -1 = no plan. */
export function regionColor(plans: readonly MapPlan[], index: number, theme: ThemeColors): string {
  const plan = plans[index];
  if (plan === undefined) return theme.panel;
  if (plan.wholeOn !== null) {
    const device = theme.devices[plan.wholeOn % theme.devices.length] ?? theme.edge;
    return mixed(device, theme.surface, DEVICE_SHARE);
  }
  const splits = plans.slice(0, index).filter(({ wholeOn }) => wholeOn === null).length;
  return mixed(theme.accent, theme.surface, SPLIT_SHARES[splits % SPLIT_SHARES.length] ?? DEVICE_SHARE);
}
