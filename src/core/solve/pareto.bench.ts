import type { Problem } from "../plan/problem.ts";
import { type Bench, medianMilliseconds } from "../testing/bench.ts";
import { resnet50 } from "../testing/sized-problems.ts";
import { paretoFront } from "./pareto.ts";

/** ResNet-50 on four devices; the fastest draws so much power that every figure has other best plans. */
function poweredResNet(): Problem {
  const problem = resnet50(4);
  const watts = [3, 10, 15, 600];
  return {
    ...problem,
    devices: problem.devices.map((device, index) => ({ ...device, activeWatts: watts[index] ?? 0, idleWatts: 1 })),
  };
}

export const benches: readonly Bench[] = [
  {
    name: "Pareto front over 4 figures, ResNet-50 (122 ops), 4 devices",
    goal: "<= 300 ms",
    run: () => {
      const problem = poweredResNet();
      return medianMilliseconds(
        () => performance.now(),
        () => {
          if (paretoFront(problem).points.length < 20) throw new Error("the front lacks points");
        },
        5,
      );
    },
  },
];
