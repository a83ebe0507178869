import { item } from "../columns.ts";
import type { Rig } from "../rig/rig.ts";
import type { FigureTerm } from "./explain-figure.ts";

const DEVICE_TERMS = {
  compute: "compute on",
  overhead: "fixed cost of",
  spill: "streaming weights to",
  send: "sending by",
  receive: "receiving by",
  idle: "idling of",
} as const;
const LINK_TERMS = { transfer: "bytes over", "link-latency": "latency of" } as const;

/** What a term of a figure or of a difference is about: "compute on Raspberry Pi 4", "bytes over Wi-Fi 4". */
export function termText(term: FigureTerm, rig: Rig): string {
  return "device" in term
    ? `${DEVICE_TERMS[term.kind]} ${item(rig.devices, term.device).name}`
    : `${LINK_TERMS[term.kind]} ${item(rig.links, term.link).name}`;
}
