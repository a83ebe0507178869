import type { PartNames } from "../../core/predict/violation-text.ts";
import type { PlanView } from "../shared/use-plan.ts";

/** How sentences call the parts of the problem on screen. */
export function partNames({ graph, setting }: Pick<PlanView, "graph" | "setting">): PartNames {
  const { devices, links } = setting.rig;
  return { devices: devices.map(({ name }) => name), links: links.map(({ name }) => name), ops: graph.opNames };
}
