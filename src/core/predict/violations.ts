import { at, item } from "../columns.ts";
import type { Plan } from "../plan/plan.ts";
import type { Problem } from "../plan/problem.ts";
import type { DevicePrediction, LinkPrediction, Violation } from "./prediction.ts";

/** What of a prediction constraints speak of. */
interface Predicted {
  readonly devices: readonly DevicePrediction[];
  readonly links: readonly LinkPrediction[];
}

function barredOps({ devices }: Problem, plan: Plan): Violation[] {
  const first = new Int32Array(devices.length).fill(-1);
  const count = new Int32Array(devices.length);
  for (const [op, stage] of plan.stageOf.entries()) {
    const device = item(plan.stages, stage);
    if (item(devices, device).barred[op] !== 1) continue;
    if (at(first, device) < 0) first[device] = op;
    count[device] = at(count, device) + 1;
  }
  return [...first].flatMap((op, device) => (op < 0 ? [] : [{ kind: "barred", device, op, count: at(count, device) }]));
}

/** Groups whose ops are on more than one device, each once. */
function splitGroups({ groupOf }: Problem, plan: Plan): Violation[] {
  const firstOf = new Map<number, number>();
  const split = new Map<number, Violation>();
  for (const [op, group] of groupOf.entries()) {
    if (group < 0) continue;
    const first = firstOf.get(group);
    if (first === undefined) {
      firstOf.set(group, op);
      continue;
    }
    const deviceOf = (other: number) => item(plan.stages, at(plan.stageOf, other));
    if (deviceOf(first) === deviceOf(op) || split.has(group)) continue;
    split.set(group, { kind: "group", group, ops: [first, op] });
  }
  return [...split.values()];
}

/** Constraints of the problem that a plan does not keep to. O(ops + devices + links). */
export function violationsOf(problem: Problem, plan: Plan, { devices, links }: Predicted): readonly Violation[] {
  const found: Violation[] = [];
  for (const { device, memoryBytes, fits } of devices) {
    if (fits) continue;
    found.push({ kind: "memory", device, bytes: memoryBytes, limit: item(problem.devices, device).memoryBytes });
  }
  found.push(...barredOps(problem, plan), ...splitGroups(problem, plan));
  const count = new Set(plan.stageOf).size;
  if (count > problem.maxStages) found.push({ kind: "stages", count, limit: problem.maxStages });
  const bytes = new Float64Array(problem.linkMaxBytes.length);
  for (const { link, bytes: carried } of links) bytes[link] = at(bytes, link) + carried;
  for (const [link, limit] of problem.linkMaxBytes.entries()) {
    if (at(bytes, link) > limit) found.push({ kind: "link", link, bytes: at(bytes, link), limit });
  }
  return found;
}
