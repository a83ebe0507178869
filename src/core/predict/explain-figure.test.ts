import { describe, expect, test } from "vitest";
import { item } from "../columns.ts";
import { FIGURES } from "../plan/objective.ts";
import type { Plan } from "../plan/plan.ts";
import { noSplitPlan } from "../plan/plan-edit.ts";
import type { Problem } from "../plan/problem.ts";
import { allPlans } from "../testing/brute-force.ts";
import { type RandomProblemOptions, randomProblem } from "../testing/random-problem.ts";
import { carriers, explainFigure, explainMemory, figureTerms, imbalance, type Planned } from "./explain-figure.ts";
import { predict } from "./predict.ts";
import { figure } from "./prediction.ts";

const BASE = { ops: 6, devices: 3, overhead: 2, spill: true, constants: 3, power: true, topology: "chain" } as const;
const FAMILIES: readonly (readonly [string, RandomProblemOptions])[] = [
  ["relayed", { ...BASE, sharedMedium: 0.5 }],
  ["nothing overlaps", { ...BASE, conditions: { overlap: false, queuedFrames: 1 } }],
  ["direct", { ...BASE, conditions: { delivery: "direct" } }],
  ["ports", { ...BASE, ports: true, conditions: { delivery: "port" } }],
];

const planned = (problem: Problem, plan: Plan): Planned => ({ plan, prediction: predict(problem, plan) });
const total = (terms: readonly { readonly amount: number }[]) => terms.reduce((sum, { amount }) => sum + amount, 0);

function somePlans(problem: Problem): readonly Planned[] {
  const plans = [...allPlans(problem, [0, 2, 1]), ...allPlans(problem, [0, 1])].filter((_, index) => index % 5 === 0);
  return [noSplitPlan(problem, 2), ...plans.slice(0, 12)].map((plan) => planned(problem, plan));
}

describe.each(FAMILIES)("%s: terms add up to the figures and their differences", (_, options) => {
  test("of every figure, of memory, of ops and tensors", () => {
    let compared = 0;
    for (let seed = 1; seed <= 15; seed++) {
      const problem = randomProblem(seed, options);
      const plans = somePlans(problem);
      const from = item(plans, 0);
      for (const to of plans) {
        for (const name of FIGURES) {
          const value = figure(to.prediction, name);
          const close = (sum: number, expected: number) =>
            expect(Math.abs(sum - expected)).toBeLessThanOrEqual(1e-11 * (value + figure(from.prediction, name)));
          close(total(figureTerms(problem, to, name) ?? []), value);
          close(total(explainFigure(problem, from, to, name) ?? []), value - figure(from.prediction, name));
          compared++;
        }
        const { meanSeconds, imbalanceSeconds } = imbalance(problem, to);
        expect(meanSeconds + imbalanceSeconds).toBeCloseTo(to.prediction.periodSeconds, 10);
        for (const { device, weightBytes, activationBytes, queueBytes } of explainMemory(
          from.prediction,
          to.prediction,
        )) {
          const [before, after] = [from, to].map(({ prediction }) => item(prediction.devices, device).memoryBytes);
          expect(weightBytes + activationBytes + queueBytes).toBeCloseTo((after ?? 0) - (before ?? 0), 9);
        }
        for (const name of ["latency", "energy"] as const) {
          const terms = explainFigure(problem, from, to, name) ?? [];
          const { ops, tensors } = carriers(problem, from, to, name);
          const wire = terms.filter(({ kind }) => ["transfer", "send", "receive"].includes(kind));
          expect(total(ops)).toBeCloseTo(total(terms.filter(({ kind }) => kind === "compute")), 9);
          expect(total(tensors)).toBeCloseTo(total(wire), 9);
        }
      }
    }
    expect(compared).toBeGreaterThan(300);
  });
});
