import { at, item } from "../columns.ts";
import { boundaryPositions, frontierBytes, stageOrder } from "./order.ts";
import type { Plan } from "./plan.ts";
import { boundaryRange, moveBoundary } from "./plan-edit.ts";
import type { Problem } from "./problem.ts";
import { checkPlan } from "./validity.ts";

/** Plans that are checked in full; what columns rule out is not counted. */
const CHECKED = 100;

/**
 * The plan with boundary `boundary` at the position nearest to `position` where the plan can run; `step` looks only
 * there and later (1) or earlier (-1). Null where there is none within reach. `plan` itself may be one that cannot
 * run. O(ops + edges) for each of at most 100 positions that sizes and supported ops do not rule out.
 */
export function nearestSplit(
  problem: Problem,
  plan: Plan,
  boundary: number,
  position: number,
  step: 1 | -1 | 0 = 0,
): Plan | null {
  const isOpen = openPositions(problem, plan, boundary);
  const { first, last } = boundaryRange(plan, boundary);
  let left = CHECKED;
  for (let away = 0; away <= last - first; away++) {
    for (const target of step === 0 ? [position + away, position - away] : [position + step * away]) {
      if (target < first || target > last || !isOpen(target)) continue;
      const candidate = moveBoundary(problem, plan, boundary, target);
      if (checkPlan(problem, candidate).errors.length === 0) return candidate;
      left -= 1;
      if (left === 0) return null;
    }
  }
  return null;
}

/** Whether a position may hold the boundary as far as sizes, and the ops of the two stages beside it, tell. */
function openPositions(problem: Problem, plan: Plan, boundary: number): (position: number) => boolean {
  const order = stageOrder(plan);
  const bytes = frontierBytes(problem, order);
  const positions = boundaryPositions(plan);
  const before = unsupportedUpTo(problem, order, item(plan.stages, boundary));
  const after = unsupportedUpTo(problem, order, item(plan.stages, boundary + 1));
  const start = boundary === 0 ? 0 : at(positions, boundary - 1);
  const end = positions[boundary + 1] ?? order.length;
  return (position) => {
    if (Number.isNaN(at(bytes, position))) return false;
    const onFirst = at(before, Math.max(start, position)) - at(before, start);
    const onSecond = at(after, end) - at(after, Math.min(end, position));
    return onFirst === 0 && onSecond === 0;
  };
}

/** Per prefix of the order: how many of its ops a device cannot run. */
function unsupportedUpTo(problem: Problem, order: Int32Array, device: number): Int32Array {
  const { opSeconds } = item(problem.devices, device);
  const sums = new Int32Array(order.length + 1);
  for (const [place, op] of order.entries()) {
    sums[place + 1] = at(sums, place) + (at(opSeconds, op) === Number.POSITIVE_INFINITY ? 1 : 0);
  }
  return sums;
}
