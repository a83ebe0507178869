import { describe, expect, test } from "vitest";
import { item } from "../columns.ts";
import { FIGURES, type Objective } from "../plan/objective.ts";
import type { Plan } from "../plan/plan.ts";
import { noSplitPlan } from "../plan/plan-edit.ts";
import type { Problem } from "../plan/problem.ts";
import { allPlans } from "../testing/brute-force.ts";
import { type RandomProblemOptions, randomProblem } from "../testing/random-problem.ts";
import { turnedProblem } from "../testing/turned-problem.ts";
import { breakEvens, curveOf, valueOn } from "./break-even.ts";
import type { Planned } from "./explain-figure.ts";
import { predict } from "./predict.ts";
import { figureOf } from "./prediction.ts";

const BASE = { ops: 6, devices: 3, overhead: 2, spill: true, constants: 3, power: true, topology: "chain" } as const;
const FAMILIES: readonly (readonly [string, RandomProblemOptions])[] = [
  ["relayed", { ...BASE, sharedMedium: 0.5 }],
  ["nothing overlaps", { ...BASE, conditions: { overlap: false, queuedFrames: 1 } }],
  ["direct", { ...BASE, conditions: { delivery: "direct" } }],
  ["ports", { ...BASE, ports: true, conditions: { delivery: "port" } }],
];

/** Every figure, and mixes with and without the period, whose lines are many. */
const OBJECTIVES: readonly Objective[] = [
  ...FIGURES,
  { mix: { latency: 1, period: 2, energy: 0.5 } },
  { mix: { latency: 1, traffic: 1e-3 } },
];

const planned = (problem: Problem, plan: Plan): Planned => ({ plan, prediction: predict(problem, plan) });

function somePlans(problem: Problem): readonly Planned[] {
  const plans = [...allPlans(problem, [0, 2, 1]), ...allPlans(problem, [0, 1])].filter((_, index) => index % 5 === 0);
  return [noSplitPlan(problem, 2), ...plans.slice(0, 12)].map((plan) => planned(problem, plan));
}

describe.each(FAMILIES)("%s: break-evens", (_, options) => {
  test("figures at a scale are those of the problem with the knob turned, and the winner changes where it is said", () => {
    let changes = 0;
    for (let seed = 1; seed <= 12; seed++) {
      const problem = randomProblem(seed, options);
      const plans = somePlans(problem);
      const [first, second] = [item(plans, 0), item(plans, 1 + (seed % (plans.length - 1)))];
      for (const knob of [
        { kind: "bandwidth", link: 0 },
        { kind: "latency", link: 0 },
        { kind: "load", device: 1 },
        { kind: "input" },
      ] as const) {
        if (knob.kind === "input" && problem.delivery === "port") continue;
        for (const objective of OBJECTIVES) {
          const curve = curveOf(problem, first.prediction, objective, knob);
          const pair = [first.prediction, second.prediction] as const;
          const found = breakEvens(problem, pair, objective, knob, { from: 0.01, to: 100 });
          changes += found.length;
          for (const scale of [0.011, 0.1, 0.7, 1, 3, 29, 99]) {
            const there = turnedProblem(problem, knob, scale);
            const values = [first, second].map(({ plan }) => figureOf(predict(there, plan), objective));
            const [a = 0, b = 0] = values;
            expect(Math.abs((curve === null ? Number.NaN : valueOn(curve, scale)) - a)).toBeLessThanOrEqual(1e-9 * a);
            const passed = found.filter((point) => point.scale < scale).at(-1);
            const next = found.find((point) => point.scale >= scale);
            const firstWins = passed === undefined ? next?.firstBelow : !passed.firstBelow;
            if (firstWins !== undefined) expect(firstWins ? a - b : b - a).toBeLessThanOrEqual(1e-9 * Math.max(a, b));
          }
        }
      }
    }
    expect(changes).toBeGreaterThan(0);
  });
});
