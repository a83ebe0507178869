import type { Figure, Objective } from "../plan/objective.ts";
import type { Problem } from "../plan/problem.ts";
import { unwrap } from "../result.ts";
import { type Bench, type BenchResult, medianMilliseconds } from "../testing/bench.ts";
import { bertBase, inceptionV3, randomNetwork, resnet50 } from "../testing/sized-problems.ts";
import { TRANSLATION_DOWN_SETS, translationNetwork } from "../testing/translation-network.ts";
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

/** A single run without any before it. */
function provenOnce(problem: Problem, objective: Objective): BenchResult {
  const start = clock();
  if (unwrap(solve(problem, { objective })).certificate.status !== "optimal") throw new Error("not proven");
  return { value: clock() - start, unit: "ms" };
}

/** Part of the value that lies above the bound. */
function gap(problem: Problem, objective: Objective): BenchResult {
  const { value, certificate } = unwrap(solve(problem, { objective }));
  return { value: (100 * (value - certificate.bound)) / value, unit: "%" };
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

/** How far into a search it is told to stop, in ms. */
const STOPS = [20, 60, 200, 600, 1500];

/**
 * The longest time from the moment at which stopping is asked for to the answer, over several moments; those by which
 * the search has ended by itself do not count.
 */
function untilStopped(problem: Problem, objective: Objective): BenchResult {
  const times = STOPS.map((after) => {
    const asked = clock() + after;
    solve(problem, { objective, shouldStop: () => clock() >= asked });
    return Math.max(0, clock() - asked);
  });
  return { value: Math.max(...times), unit: "ms" };
}

const OBJECTIVES: readonly Figure[] = ["latency", "period", "energy", "traffic"];

/** 5,000 ops on 6 devices, where a single minimum cut takes long. */
const large = () => powered(randomNetwork(5000, 6, 1));

interface Case {
  readonly name: string;
  readonly objective: Objective;
  readonly problem: () => Problem;
}

/** Searches of which the first plan and the way to stop are measured. */
const CASES: readonly Case[] = [
  ...OBJECTIVES.map((objective) => ({ name: `${objective}, 5,000 ops x 6 devices`, objective, problem: large })),
  {
    name: "latency, BERT-base (783 ops), 5 devices that hold 40 % each",
    objective: "latency",
    problem: () => capped(bertBase(5), 0.4),
  },
  {
    name: "period, BERT-base (783 ops), 5 devices that hold 40 % each",
    objective: "period",
    problem: () => capped(bertBase(5), 0.4),
  },
  {
    name: `period with ports, ${TRANSLATION_DOWN_SETS} down-sets`,
    objective: "period",
    problem: () => translationNetwork(1),
  },
];

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
  ...[0.6, 0.4, 0.25].map(
    (share): Bench => ({
      name: `latency, BERT-base as 783 ops, 5 devices, each holds ${100 * share} % of the weights, all orders, proven, first run`,
      goal: "<= 2000 ms",
      run: () => provenOnce(capped(bertBase(5), share), "latency"),
    }),
  ),
  {
    name: "latency, random network of 783 ops (the one seed of four that is proven), 5 devices, each holds 60 % of the weights",
    goal: null,
    run: () => proven(capped(randomNetwork(783, 5, 1), 0.6), "latency", 1),
  },
  {
    name: "period, random network of 783 ops, 5 devices, more down-sets than are looked at: gap",
    goal: null,
    run: () => gap(randomNetwork(783, 5, 1), "period"),
  },
  ...CASES.flatMap(({ name, objective, problem }): readonly Bench[] => [
    {
      name: `${name}: first plan shown`,
      goal: "<= 50 ms",
      run: () => firstIncumbent(problem(), objective),
    },
    {
      name: `${name}: from being told to stop to the answer, longest of ${STOPS.length} moments`,
      goal: "<= 50 ms",
      run: () => untilStopped(problem(), objective),
    },
  ]),
];
