import { expect, test } from "vitest";
import { item } from "../columns.ts";
import { FIGURES, type Objective } from "../plan/objective.ts";
import type { Plan } from "../plan/plan.ts";
import { noSplitPlan } from "../plan/plan-edit.ts";
import type { Problem } from "../plan/problem.ts";
import { allPlans } from "../testing/brute-force.ts";
import { type RandomProblemOptions, randomProblem } from "../testing/random-problem.ts";
import { turnedProblem } from "../testing/turned-problem.ts";
import { curveOf, lowerAt, meetings, valueOn } from "./curves.ts";
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

const KNOBS = [
  { kind: "bandwidth", link: 0 },
  { kind: "latency", link: 0 },
  { kind: "load", device: 1 },
  { kind: "input" },
] as const;

test.each(FAMILIES)("%s: curves are what predict says of the problem with the knob turned", (_, options) => {
  let changes = 0;
  for (let seed = 1; seed <= 12; seed++) {
    const problem = randomProblem(seed, options);
    const plans = somePlans(problem);
    const pair = [item(plans, 0), item(plans, 1 + (seed % (plans.length - 1)))];
    for (const knob of KNOBS) {
      if (knob.kind === "input" && problem.delivery === "port") continue;
      for (const objective of OBJECTIVES) {
        const [first, second] = pair.map(({ prediction }) => curveOf(problem, prediction, objective, knob));
        if (!first || !second) continue;
        const found = meetings(first, second, { from: 0.01, to: 100 });
        const sides = new Set<number>();
        for (const scale of [0.011, 0.1, 0.7, 1, 3, 29, 99]) {
          const there = turnedProblem(problem, knob, scale);
          const [a = 0, b = 0] = pair.map(({ plan }) => figureOf(predict(there, plan), objective));
          expect(Math.abs(valueOn(first, scale) - a)).toBeLessThanOrEqual(1e-9 * a);
          const lower = lowerAt(first, second, scale);
          if (lower !== 0) expect(lower).toBe(a < b ? -1 : 1);
          sides.add(lower);
          // Nothing changes on the way to the nearest meeting.
          const [below = 0.01] = found.filter((point) => point < scale).slice(-1);
          const near = (scale * below) ** 0.5;
          if (!found.includes(scale)) expect(lowerAt(first, second, near)).toBe(lower);
        }
        if (sides.has(-1) && sides.has(1)) changes++;
      }
    }
  }
  expect(changes).toBeGreaterThan(0);
});

test("a plan that cannot run has no curve", () => {
  const problem = randomProblem(1, BASE);
  const prediction = { ...predict(problem, noSplitPlan(problem, 0)), latencySeconds: Number.POSITIVE_INFINITY };
  expect(curveOf(problem, prediction, "latency", { kind: "input" })).toBeNull();
});
