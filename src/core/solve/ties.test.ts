import { describe, expect, test } from "vitest";
import { at } from "../columns.ts";
import type { Plan } from "../plan/plan.ts";
import { noSplitPlan } from "../plan/plan-edit.ts";
import type { Problem } from "../plan/problem.ts";
import { predict } from "../predict/predict.ts";
import type { Prediction } from "../predict/prediction.ts";
import { unwrap } from "../result.ts";
import { allPlans, deviceSequences } from "../testing/brute-force.ts";
import { testProblem } from "../testing/problems.ts";
import { type RandomProblemOptions, randomProblem } from "../testing/random-problem.ts";
import { isBetter } from "./preference.ts";
import { solve } from "./solve.ts";

const PATH = { maxInputs: 1, reach: 1, inputs: 1, twoOutputs: 0 } as const;
const SEEDS = Array.from({ length: 60 }, (_, index) => index + 1);

const devicesOf = ({ stages }: Prediction) => new Set(stages.map(({ device }) => device)).size;
const isTied = (a: number, b: number) => Math.abs(a - b) <= 1e-11 * b;

/** Whether every boundary of the plan lies between an op and the next by number. */
function cutsFileOrder({ stageOf }: Plan): boolean {
  return stageOf.every((stage, op) => op === 0 || stage >= at(stageOf, op - 1));
}

function* plansOf(problem: Problem): Generator<{ plan: Plan; prediction: Prediction }> {
  for (const sequence of deviceSequences(problem)) {
    for (const plan of allPlans(problem, sequence)) yield { plan, prediction: predict(problem, plan) };
  }
}

/** The least latency among the plans that share the period and that `admits` admits, and how many these are. */
function leastLatency(problem: Problem, period: number, admits: (plan: Plan) => boolean) {
  let least = Number.POSITIVE_INFINITY;
  let count = 0;
  for (const { plan, prediction } of plansOf(problem)) {
    if (!isTied(prediction.periodSeconds, period) || !admits(plan)) continue;
    least = Math.min(least, prediction.latencySeconds);
    count++;
  }
  return { least, count };
}

describe("plans of one period", () => {
  test.each<readonly [string, RandomProblemOptions, (plan: Plan) => boolean]>([
    ["a path: no plan at all has less latency", { ...PATH, ops: 7, devices: 4 }, () => true],
    ["a path, overheads", { ...PATH, ops: 7, devices: 4, overhead: 4, unsupported: 0.1 }, () => true],
    ["a graph: no plan that cuts the file's order has less", { ops: 7, devices: 3 }, cutsFileOrder],
    ["a graph, links in a chain", { ops: 7, devices: 3, topology: "chain", overhead: 2 }, cutsFileOrder],
  ])("%s", (_, options, admits) => {
    let choices = 0;
    for (const seed of SEEDS) {
      const problem = randomProblem(seed, options);
      const { prediction, certificate } = unwrap(solve(problem, { objective: "period" }));
      expect(certificate.status, `seed ${seed}`).toBe("optimal");
      const { least, count } = leastLatency(problem, prediction.periodSeconds, admits);
      if (count > 1) choices++;
      expect(prediction.latencySeconds, `seed ${seed}`).toBeLessThanOrEqual(least * (1 + 1e-11));
    }
    expect(choices).toBeGreaterThan(5);
  });

  test("spill, limits of memory and shared links: no no-split plan that is as good has less", () => {
    for (const seed of SEEDS) {
      const problem = randomProblem(seed, { ops: 8, devices: 4, spill: true, constants: 5, sharedMedium: 0.5 });
      const { prediction } = unwrap(solve(problem, { objective: "period" }));
      for (const device of problem.devices.keys()) {
        const other = predict(problem, noSplitPlan(problem, device));
        if (isTied(other.periodSeconds, prediction.periodSeconds))
          expect(prediction.latencySeconds).toBeLessThanOrEqual(other.latencySeconds * (1 + 1e-11));
      }
    }
  });

  test("the other device, where the source's share sets the period", () => {
    const links = [1, 2].flatMap((device) => [
      { from: 0, to: device, secondsPerByte: 0.01 },
      { from: device, to: 0, secondsPerByte: 0.01 },
    ]);
    const problem = testProblem("a=10 -1-> b=6", {
      devices: [{}, { speed: 1, unsupported: ["a"] }, { speed: 3, unsupported: ["a"] }],
      links,
      sink: 0,
    });
    expect(unwrap(solve(problem, { objective: "period" })).plan.stages).toEqual([0, 2]);
  });
});

describe("plans of one latency", () => {
  test.each<readonly [string, RandomProblemOptions]>([
    ["a graph", { ops: 7, devices: 3 }],
    ["four devices", { ops: 6, devices: 4, reach: 3 }],
  ])("%s: none over the same devices less one, none without a split, uses fewer", (_, options) => {
    let choices = 0;
    for (const seed of SEEDS) {
      const problem = randomProblem(seed, options);
      const { plan, prediction } = unwrap(solve(problem, { objective: "latency" }));
      const fewer = [
        ...plan.stages.flatMap((_, stage) => (stage === 0 ? [] : [plan.stages.toSpliced(stage, 1)])),
        ...[...problem.devices.keys()].map((device) => noSplitPlan(problem, device).stages),
      ];
      for (const sequence of fewer) {
        for (const other of allPlans(problem, sequence)) {
          const { latencySeconds } = predict(problem, other);
          if (!isTied(latencySeconds, prediction.latencySeconds)) continue;
          choices++;
          if (sequence.length < plan.stages.length)
            expect(new Set(sequence).size).toBeGreaterThanOrEqual(devicesOf(prediction));
        }
      }
    }
    expect(choices).toBeGreaterThan(15);
  });
});

describe("which of two plans is the better answer", () => {
  const links = [0, 1, 2].flatMap((from) =>
    [0, 1, 2].flatMap((to) => (from === to ? [] : [{ from, to, secondsPerByte: 0 }])),
  );
  const text = "[in:1] -> a=2 -10-> b=2 -30-> c=2";
  const problem = testProblem(text, { devices: [{}, {}, {}], links, sink: 0 });
  const plan = (stages: readonly number[], ...stageOf: number[]) =>
    predict(problem, { stages, stageOf: Int32Array.from(stageOf) });
  const whole = plan([0], 0, 0, 0);
  const early = plan([0, 1], 0, 1, 1);
  const late = plan([0, 1], 0, 0, 1);
  const three = plan([0, 1, 2], 0, 1, 2);

  test("of one latency: fewer devices, then less traffic", () => {
    expect(new Set([whole, early, late, three].map(({ latencySeconds }) => latencySeconds))).toEqual(new Set([6]));
    const ranked = [whole, early, late, three];
    for (const [i, one] of ranked.entries())
      for (const [j, other] of ranked.entries()) expect(isBetter("latency", one, other), `${i} and ${j}`).toBe(i < j);
  });

  test("the period comes first, then the latency, whatever the devices", () => {
    expect(isBetter("period", three, whole)).toBe(true);
    expect(isBetter("period", { ...three, periodSeconds: 4 }, late)).toBe(false);
    expect(isBetter("period", { ...three, periodSeconds: 4, latencySeconds: 5 }, late)).toBe(true);
    // Less than rounding is no difference.
    expect(isBetter("period", { ...three, periodSeconds: 4 * (1 - 1e-14) }, late)).toBe(false);
  });
});
