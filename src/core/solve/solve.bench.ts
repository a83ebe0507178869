import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { item } from "../columns.ts";
import { parseProblem } from "../plan/abstract-problem.ts";
import { noSplitPlan } from "../plan/plan-edit.ts";
import type { Problem } from "../plan/problem.ts";
import { predict } from "../predict/predict.ts";
import { unwrap } from "../result.ts";
import { type Bench, type BenchAbsence, type BenchResult, medianMilliseconds } from "../testing/bench.ts";
import { PIPE_EDGE_MODELS, pipeEdgeProblem } from "../testing/pipe-edge.ts";
import { randomNetwork, resnet50 } from "../testing/sized-problems.ts";
import { pricedCosts } from "./chain-costs.ts";
import { ladderMinCut } from "./ladder-min-cut.ts";
import { ladderShape } from "./ladder-shape.ts";
import { solve } from "./solve.ts";
import type { Objective } from "./solver.ts";
import { sumObjective } from "./sum-terms.ts";

const clock = () => performance.now();

/** One minimum cut over all devices in one order, everything included that a solver does for it. */
function oneOrder(problem: Problem, runs: number): BenchResult {
  const devices = [...problem.devices.keys()];
  const upper = Math.min(...devices.map((device) => predict(problem, noSplitPlan(problem, device)).latencySeconds));
  return medianMilliseconds(
    clock,
    () => {
      const { terms } = sumObjective(problem, { latency: 1 });
      const costs = pricedCosts(problem, terms, [], new Float64Array(0), { devices, rest: [] }, null);
      // Twice the best no-split: the cut is carried to its end, not stopped at a known plan.
      if (ladderMinCut(ladderShape(problem), costs, 2 * upper) === null) throw new Error("no plan below the limit");
    },
    runs,
  );
}

/** The middle one or the last of the times of 20 random networks, sorted. */
function overSeeds(opCount: number, deviceCount: number, runs: number, which: "median" | "worst"): BenchResult {
  const times = Array.from(
    { length: 20 },
    (_, seed) => oneOrder(randomNetwork(opCount, deviceCount, seed + 1), runs).value,
  );
  times.sort((a, b) => a - b);
  return { value: item(times, which === "worst" ? times.length - 1 : times.length >> 1), unit: "ms" };
}

function allOrders(problem: Problem, objective: Objective): BenchResult {
  return medianMilliseconds(clock, () => {
    if (unwrap(solve(problem, { objective })).certificate.status !== "optimal") throw new Error("not proven");
  });
}

/** From the project's folder, in which benches run. */
const PIPE_EDGE = "../shared/bench/pipeedge";

/** Does something with the published problem of a model, where the files are there. */
function onPipeEdge(model: string, measure: (problem: Problem) => BenchResult): BenchResult | BenchAbsence {
  if (!existsSync(PIPE_EDGE)) return { absent: `${PIPE_EDGE} is not there` };
  const read = (file: string) => readFileSync(join(PIPE_EDGE, file), "utf8");
  const { problem } = unwrap(parseProblem(pipeEdgeProblem(read("models.yml"), read("device_types.yml"), model)));
  return measure(problem);
}

function provenPeriod(problem: Problem): BenchResult {
  const { value, certificate } = unwrap(solve(problem, { objective: "period" }));
  if (certificate.status !== "optimal") throw new Error("not proven");
  return { value, unit: "s", digits: 5 };
}

/** For each published problem: the proven optimum against the authors' own schedule, and the time that it takes. */
const pipeEdgeBenches = PIPE_EDGE_MODELS.flatMap(({ model, optimum, schedule }): readonly Bench[] => [
  {
    name: `PipeEdge ${model}, 4 + 4 hosts: proven period (true optimum ${optimum} s, goal = PipeEdge's own schedule)`,
    goal: `<= ${schedule} s`,
    run: () => onPipeEdge(model, provenPeriod),
  },
  {
    name: `PipeEdge ${model}, 4 + 4 hosts: time to find and prove it`,
    goal: model.includes("large") ? "<= 60 ms" : null,
    run: () => onPipeEdge(model, (problem) => allOrders(problem, "period")),
  },
]);

export const benches: readonly Bench[] = [
  {
    name: "latency, ResNet-50 (122 ops), 4 devices, all orders, proven",
    goal: "<= 150 ms",
    run: () => allOrders(resnet50(4), "latency"),
  },
  {
    name: "period, ResNet-50 (122 ops), 4 devices, all orders, proven",
    goal: null,
    run: () => allOrders(resnet50(4), "period"),
  },
  {
    name: "latency, one order, 1,000 ops x 4 devices, median of 20 random networks",
    goal: "<= 15 ms",
    run: () => overSeeds(1000, 4, 3, "median"),
  },
  {
    name: "latency, one order, 1,000 ops x 6 devices, median of 20 random networks",
    goal: "<= 25 ms",
    run: () => overSeeds(1000, 6, 3, "median"),
  },
  {
    name: "latency, one order, 5,000 ops x 6 devices, worst of 20 random networks",
    goal: "<= 1000 ms",
    run: () => overSeeds(5000, 6, 1, "worst"),
  },
  ...pipeEdgeBenches,
];
