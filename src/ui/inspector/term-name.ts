import { item } from "../../core/columns.ts";
import type { DifferenceTerm } from "../../core/predict/explain.ts";
import type { PlanView } from "../shared/use-plan.ts";

const TERM_NAMES = {
  compute: "compute on",
  overhead: "fixed cost of",
  spill: "streaming weights to",
  transfer: "bytes over",
  "link-latency": "latency of",
} as const;

/** What a term of a difference is about: "compute on Raspberry Pi 4", "bytes over Wi-Fi 4". */
export function termName(term: DifferenceTerm, view: PlanView): string {
  const { devices, links } = view.setting.rig;
  const subject = "device" in term ? item(devices, term.device).name : item(links, term.link).name;
  return `${TERM_NAMES[term.kind]} ${subject}`;
}
