import type { Problem } from "../plan/problem.ts";

/** The same problem with barred ops as unsupported, so that methods need not know of the difference. O(ops x devices). */
export function withoutBarred(problem: Problem): Problem {
  if (!problem.devices.some(({ barred }) => barred.includes(1))) return problem;
  return {
    ...problem,
    devices: problem.devices.map((device) => ({
      ...device,
      opSeconds: device.opSeconds.map((seconds, op) => (device.barred[op] === 1 ? Number.POSITIVE_INFINITY : seconds)),
    })),
  };
}
