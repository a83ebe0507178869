import { at, f64, item } from "../../columns.ts";
import type { Problem } from "../../plan/problem.ts";
import { Partition } from "../quotient.ts";

/** Ops that must run on one device, and where each such set can run. */
export interface OpGroups {
  /** The least op of each op's set. */
  readonly leader: Int32Array;
  /** Leaders, ascending. */
  readonly leaders: readonly number[];
  /** Whether all ops of the leader's set are supported and allowed on the device. */
  readonly allows: (leader: number, device: number) => boolean;
}

/** Sets by the groups of the problem and the pairs given besides. O(ops x devices). */
export function opGroups(problem: Problem, together: Iterable<readonly [number, number]> = []): OpGroups {
  const partition = new Partition(problem.opCount);
  const firstOf = new Map<number, number>();
  for (const [op, group] of problem.groupOf.entries()) {
    if (group < 0) continue;
    const first = firstOf.get(group);
    if (first === undefined) firstOf.set(group, op);
    else partition.join(first, op);
  }
  for (const [a, b] of together) partition.join(a, b);
  const leader = Int32Array.from({ length: problem.opCount }, (_, op) => partition.find(op));
  const blocked = problem.devices.map(({ opSeconds, barred }) => {
    const column = new Uint8Array(problem.opCount);
    for (let op = 0; op < problem.opCount; op++) {
      if (f64(opSeconds, op) === Number.POSITIVE_INFINITY || barred[op] === 1) column[at(leader, op)] = 1;
    }
    return column;
  });
  return {
    leader,
    leaders: [...new Set(leader)].sort((a, b) => a - b),
    allows: (op, device) => at(item(blocked, device), op) === 0,
  };
}
