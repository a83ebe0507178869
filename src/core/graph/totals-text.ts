import { formatCount, formatMacs } from "../units.ts";
import type { OpenedModel } from "./opened-model.ts";

/** How large what is open is, as far as it is known: "176 ops", "4.09 GMAC", "25.6 M parameters". O(1). */
export function totalsText({ totals, given }: Pick<OpenedModel, "totals" | "given">): readonly string[] {
  const { ops, macs, parameters } = totals;
  return [
    `${ops} ops`,
    ...(Number.isFinite(macs) ? [formatMacs(macs)] : []),
    ...(Number.isFinite(parameters) ? [`${formatCount(parameters)} parameters`] : []),
    ...(given === null ? [] : [`placement problem on ${given.problem.devices.length} devices`]),
  ];
}
