import { at } from "../core/columns.ts";
import type { Rig } from "../core/rig/rig.ts";
import type { StagedPlan } from "./state.ts";

/**
 * The plan after the rig changed: the ops of a device that is gone join the stage before it, a new source device
 * gets an empty first stage, and stages left without ops go. Order along edges is kept, so the result is valid.
 */
export function repairPlan(plan: StagedPlan, rig: Rig): StagedPlan {
  const known = new Set(rig.devices.map((device) => device.id));
  const devices: string[] = [rig.source];
  const used = new Set(plan.stageOf);
  const stageAfter = plan.devices.map((device, stage) => {
    const last = devices.length - 1;
    const continues = device === devices[last] || !known.has(device) || !used.has(stage);
    if (!continues) devices.push(device);
    return devices.length - 1;
  });
  return { devices, stageOf: plan.stageOf.map((stage) => at(stageAfter, stage)) };
}
