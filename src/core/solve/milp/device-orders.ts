import { i32, item } from "../../columns.ts";
import type { Problem } from "../../plan/problem.ts";
import { devicesBefore } from "../symmetry.ts";

/** Orders beyond this number are not listed. */
const ORDER_LIMIT = 5040;

export interface DeviceOrders {
  readonly orders: readonly (readonly number[])[];
  /** Whether every plan with each device once is one on a beginning of some order, up to exchange of equal devices. */
  readonly complete: boolean;
}

/**
 * Sequences of devices with the source first, as long as links lead on and stages are allowed; of devices that are
 * interchangeable the lower number comes first. One that is the beginning of another is left out. `first` goes before
 * all. O(orders x devices).
 */
export function deviceOrders(problem: Problem, first: readonly number[]): DeviceOrders {
  const before = devicesBefore(problem);
  // The source may run nothing, and then is a stage that does not count.
  const longest = Math.min(problem.devices.length, problem.maxStages + 1);
  const orders: (readonly number[])[] = [];
  const open: number[][] = [[problem.source]];
  for (let order = open.pop(); order !== undefined && orders.length < ORDER_LIMIT; order = open.pop()) {
    const here = order;
    const last = item(here, here.length - 1);
    const next = [...problem.devices.keys()].filter((device) => {
      const earlier = i32(before, device);
      return (
        !here.includes(device) &&
        problem.routes[last]?.[device] != null &&
        (earlier < 0 || here.includes(earlier) || earlier === problem.source)
      );
    });
    if (here.length >= longest || next.length === 0) orders.push(here);
    // The last to be put down is the first to be taken up: the one that follows `first`.
    else
      for (const device of next.sort((a, b) => rank(first, here, a) - rank(first, here, b)))
        open.push([...here, device]);
  }
  return { orders, complete: open.length === 0 };
}

function rank(first: readonly number[], here: readonly number[], device: number): number {
  return here.every((number, stage) => number === first[stage]) && first[here.length] === device ? 1 : 0;
}
