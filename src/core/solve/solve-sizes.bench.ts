import type { Figure, Objective } from "../plan/objective.ts";
import type { Problem } from "../plan/problem.ts";
import { unwrap } from "../result.ts";
import { type Bench, type BenchResult, medianMilliseconds } from "../testing/bench.ts";
import { inceptionV3, randomNetwork, resnet50 } from "../testing/sized-problems.ts";
import { solve } from "./solve.ts";

const clock = () => performance.now();

function proven(problem: Problem, objective: Objective, runs = 5): BenchResult {
  return medianMilliseconds(
    clock,
    () => {
      if (unwrap(solve(problem, { objective })).certificate.status !== "optimal") throw new Error("not proven");
    },
    runs,
  );
}

/** Devices whose memories hold a share of the weights each. */
function capped(problem: Problem, share: number): Problem {
  const devices = problem.devices.map((device) => ({
    ...device,
    memoryBytes: 2e6 + share * device.weightBytes.reduce((sum, size) => sum + size, 0),
  }));
  return { ...problem, devices };
}

/** Devices that draw power and links that take energy. */
function powered(problem: Problem): Problem {
  const devices = problem.devices.map((device, index) => ({ ...device, activeWatts: 3 + 10 * index, idleWatts: 1 }));
  return { ...problem, devices };
}

/** Time until the first plan is shown. */
function firstIncumbent(problem: Problem, objective: Objective): BenchResult {
  const start = clock();
  let shown = Number.NaN;
  const onProgress = ({ incumbent }: { readonly incumbent: object | null }) => {
    if (incumbent !== null && Number.isNaN(shown)) shown = clock() - start;
  };
  solve(problem, { objective, onProgress, shouldStop: () => !Number.isNaN(shown) });
  return { value: shown, unit: "ms" };
}

/** Time from the moment at which stopping is asked for, 200 ms into the search, to the answer. */
function untilStopped(problem: Problem, objective: Objective): BenchResult {
  const start = clock();
  const asked = start + 200;
  solve(problem, { objective, shouldStop: () => clock() >= asked });
  return { value: Math.max(0, clock() - asked), unit: "ms" };
}

const OBJECTIVES: readonly Figure[] = ["latency", "period", "energy", "traffic"];

/** 5,000 ops on 6 devices, where a single minimum cut takes long. */
const large = () => powered(randomNetwork(5000, 6, 1));

export const benches: readonly Bench[] = [
  {
    name: "latency, InceptionV3 (219 ops), all 65 orders of 5 devices, proven",
    goal: "<= 60 ms",
    run: () => proven(inceptionV3(5), "latency"),
  },
  {
    name: "energy, ResNet-50 (122 ops), 4 devices, all orders, proven",
    goal: null,
    run: () => proven(powered(resnet50(4)), "energy"),
  },
  {
    name: "period, ResNet-50 (122 ops), 4 devices, nothing overlaps, proven",
    goal: null,
    run: () => proven({ ...resnet50(4), overlap: false }, "period"),
  },
  {
    name: "latency, 783 ops x 5 devices, each holds 60 % of the weights, all orders, proven",
    goal: "<= 2000 ms",
    run: () => proven(capped(randomNetwork(783, 5, 1), 0.6), "latency", 1),
  },
  ...OBJECTIVES.flatMap((objective): readonly Bench[] => [
    {
      name: `${objective}, 5,000 ops x 6 devices: first plan shown`,
      goal: "<= 50 ms",
      run: () => firstIncumbent(large(), objective),
    },
    {
      name: `${objective}, 5,000 ops x 6 devices: from being told to stop to the answer`,
      goal: "<= 50 ms",
      run: () => untilStopped(large(), objective),
    },
  ]),
];
