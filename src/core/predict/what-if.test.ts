import { expect, test } from "vitest";
import { item } from "../columns.ts";
import { FIGURES, type Objective } from "../plan/objective.ts";
import { noSplitPlan } from "../plan/plan-edit.ts";
import { allPlans } from "../testing/brute-force.ts";
import { type RandomProblemOptions, randomProblem } from "../testing/random-problem.ts";
import { turnedProblem } from "../testing/turned-problem.ts";
import type { Knob } from "./curves.ts";
import { predict } from "./predict.ts";
import { figureOf } from "./prediction.ts";
import { type Dial, turns } from "./what-if.ts";

const BASE = { ops: 6, devices: 3, overhead: 2, spill: true, constants: 3, power: true, topology: "chain" } as const;
const FAMILIES: readonly (readonly [string, RandomProblemOptions])[] = [
  ["relayed", { ...BASE, sharedMedium: 0.5 }],
  ["nothing overlaps", { ...BASE, conditions: { overlap: false, queuedFrames: 1 } }],
  ["direct", { ...BASE, conditions: { delivery: "direct" } }],
  ["ports", { ...BASE, ports: true, conditions: { delivery: "port" } }],
];
const OBJECTIVES: readonly Objective[] = [...FIGURES, { mix: { latency: 1, period: 2, energy: 0.5 } }];
const KNOBS: readonly Knob[] = [
  { kind: "bandwidth", link: 0 },
  { kind: "latency", link: 0 },
  { kind: "load", device: 0 },
  { kind: "load", device: 2 },
  { kind: "input" },
];

test.each(FAMILIES)("%s: beyond each value the best plan has changed, and before it has not", (_, options) => {
  let found = 0;
  let compared = 0;
  for (let seed = 1; seed <= 25; seed++) {
    const problem = randomProblem(seed, options);
    const splits = [...allPlans(problem, [0, 1, 2])];
    const wholes = problem.devices.map((__, device) => noSplitPlan(problem, device));
    const dials = KNOBS.map((knob): Dial => {
      const isLoad = knob.kind === "load";
      return {
        knob,
        now: isLoad ? 2 : 37,
        min: isLoad ? 1 : 0.037,
        max: isLoad ? 1000 : 37_000,
        unit: isLoad ? 1 : 0.7,
      };
    });
    for (const objective of OBJECTIVES) {
      // A good split, or the tenth best, which has to be helped to win.
      const ranked = splits
        .map((plan) => ({ plan, value: figureOf(predict(problem, plan), objective) }))
        .sort((a, b) => a.value - b.value);
      const plans = [item(ranked, seed % 2 === 0 ? 0 : 10).plan, ...wholes];
      const valuesAt = (knob: Knob, scale: number) => {
        const there = turnedProblem(problem, knob, scale);
        return plans.map((plan) => figureOf(predict(there, plan), objective));
      };
      /** Plan 0 against the best of the others: below 1 where plan 0 wins. */
      const standing = (knob: Knob, scale: number) => {
        const [own = 0, ...others] = valuesAt(knob, scale);
        return own / Math.min(...others);
      };
      const predictions = plans.map((plan) => predict(problem, plan));
      const all = turns(problem, predictions, objective, dials);
      found += all.length;
      for (const { dial, breakEven, value, winner } of all) {
        const { knob, now, min, max } = dial;
        expect(value).toBeGreaterThanOrEqual(min);
        expect(value).toBeLessThanOrEqual(max);
        expect(breakEven === now || Math.sign(value - breakEven) === Math.sign(breakEven - now)).toBe(true);
        const first = standing(knob, 1) <= 1 + 1e-9;
        expect(standing(knob, value / now) < 1).toBe(!first);
        const there = valuesAt(knob, value / now);
        expect(item(there, winner)).toBeLessThanOrEqual(Math.min(...there) * (1 + 1e-9));
        expect(standing(knob, breakEven / now)).toBeCloseTo(1, 8);
        // All the way to the break-even nothing changes.
        for (const share of [0.1, 0.4, 0.7, 0.95]) {
          const scale = (breakEven / now) ** share;
          expect(standing(knob, scale) <= 1 + 1e-9).toBe(first);
        }
        compared++;
      }
      // Where a dial has no value, there is none.
      for (const [index, { knob, now, min, max }] of dials.entries()) {
        if (knob.kind === "input" && problem.delivery === "port") continue;
        for (const end of [min / now, max / now]) {
          if (all.some(({ dial, value }) => dial === dials[index] && Math.sign(value - now) === Math.sign(end - 1)))
            continue;
          const first = standing(knob, 1) <= 1 + 1e-9;
          for (const share of [0.2, 0.5, 0.99]) {
            const ratio = standing(knob, end ** share);
            if (Math.abs(ratio - 1) > 1e-9) expect(ratio < 1).toBe(first);
          }
        }
      }
      const distances = all.map(({ breakEven, dial }) => Math.abs(Math.log(breakEven / dial.now)));
      for (const [index, distance] of distances.entries())
        expect(distance).toBeGreaterThanOrEqual(distances[index - 1] ?? 0);
    }
  }
  expect(found).toBeGreaterThan(50);
  expect(compared).toBe(found);
});

test("a value is round in its unit", () => {
  const problem = randomProblem(3, BASE);
  const plans = [noSplitPlan(problem, 0), noSplitPlan(problem, 2)].map((plan) => predict(problem, plan));
  const dial: Dial = { knob: { kind: "load", device: 0 }, now: 1, min: 1, max: 1000, unit: 1 };
  const other: Dial = { knob: { kind: "load", device: 2 }, now: 500, min: 1, max: 1000, unit: 1 };
  const all = turns(problem, plans, "latency", [dial, other]);
  expect(all.length).toBeGreaterThan(0);
  for (const { value } of all) expect(Number(value.toPrecision(3))).toBe(value);
});
