import { type Bench, medianMilliseconds } from "../testing/bench.ts";
import { resnet50 } from "../testing/sized-problems.ts";
import { crossoverMap } from "./crossover-map.ts";

export const benches: readonly Bench[] = [
  {
    name: "crossover map, bandwidth x latency of a link, ResNet-50 (122 ops), 3 devices, borders by bisection, one thread",
    goal: null,
    run: () => {
      const problem = resnet50(3);
      // The link from the first device to the second.
      const link = problem.routes[0]?.[1]?.hops[0]?.link ?? 0;
      const x = { kind: "bandwidth", subject: link, from: 0.05, to: 20 } as const;
      const y = { kind: "latency", subject: link, from: 1e-4, to: 0.1 } as const;
      return medianMilliseconds(
        () => performance.now(),
        () => {
          const map = crossoverMap(problem, { objective: "latency", limits: {}, x, y });
          if (map.borders.length === 0) throw new Error("the map has no borders");
        },
        1,
      );
    },
  },
];
