import { item } from "../columns.ts";
import type { Rig } from "../rig/rig.ts";
import { formatBandwidth, formatSeconds, formatTraffic } from "../units.ts";
import type { Dial, Turn } from "./what-if.ts";

/** A value of a dial with its unit: "23.4 Mbit/s", "1.8x". */
export function dialText({ knob }: Dial, value: number): string {
  switch (knob.kind) {
    case "bandwidth":
      return formatBandwidth(value);
    case "latency":
      return formatSeconds(value);
    case "load":
      return value === 1 ? "idle" : `${Number(value.toPrecision(3))}x slower`;
    case "input":
      return formatTraffic(value);
  }
}

/** Where the best plan changes: "Above 23.4 Mbit/s on Wi-Fi 4", and what the value is now. */
export function turnText({ dial, breakEven, value }: Turn, rig: Rig): { readonly where: string; readonly now: string } {
  const { knob } = dial;
  const side = value > breakEven ? "Above" : "Below";
  const now = dialText(dial, dial.now);
  const at = dialText(dial, breakEven);
  switch (knob.kind) {
    case "bandwidth":
      return { where: `${side} ${at} on ${item(rig.links, knob.link).name}`, now };
    case "latency":
      return { where: `${side} ${at} one way on ${item(rig.links, knob.link).name}`, now };
    case "load": {
      const amount = `${side === "Above" ? "more" : "less"} than ${Number(breakEven.toPrecision(3))}x slower`;
      return { where: `With ${item(rig.devices, knob.device).name} ${amount}`, now };
    }
    case "input":
      return { where: `${side} ${at} per input`, now };
  }
}
