import { describe, expect, test } from "vitest";
import { item } from "../columns.ts";
import { FIGURES } from "../plan/objective.ts";
import type { Plan } from "../plan/plan.ts";
import { noSplitPlan } from "../plan/plan-edit.ts";
import type { Problem } from "../plan/problem.ts";
import { allPlans } from "../testing/brute-force.ts";
import { type RandomProblemOptions, randomProblem } from "../testing/random-problem.ts";
import { breakEvens, figureAt, type Knob } from "./break-even.ts";
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

/** The problem with a knob turned. */
function turned(problem: Problem, knob: Knob, scale: number): Problem {
  if (knob.kind === "load") {
    const devices = problem.devices.map((device, number) =>
      number === knob.device ? { ...device, opSeconds: device.opSeconds.map((seconds) => seconds * scale) } : device,
    );
    return { ...problem, devices };
  }
  const routes = problem.routes.map((row) =>
    row.map((route) => {
      if (route === null) return null;
      const hops = route.hops.map((hop) => {
        if (hop.link !== knob.link) return hop;
        return knob.kind === "latency"
          ? { ...hop, latency: hop.latency * scale }
          : { ...hop, secondsPerByte: hop.secondsPerByte / scale };
      });
      const sum = (of: (hop: (typeof hops)[number]) => number) => hops.reduce((all, hop) => all + of(hop), 0);
      return { hops, latency: sum((hop) => hop.latency), secondsPerByte: sum((hop) => hop.secondsPerByte) };
    }),
  );
  return { ...problem, routes };
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
      ] as const) {
        for (const name of FIGURES) {
          const pair = [first.prediction, second.prediction] as const;
          const found = breakEvens(problem, pair, name, knob, { from: 0.01, to: 100 });
          changes += found.length;
          for (const scale of [0.011, 0.1, 0.7, 1, 3, 29, 99]) {
            const there = turned(problem, knob, scale);
            const values = [first, second].map(({ plan }) => figure(predict(there, plan), name));
            const [a = 0, b = 0] = values;
            expect(Math.abs(figureAt(problem, first.prediction, name, knob, scale) - a)).toBeLessThanOrEqual(1e-9 * a);
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
