import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FIGURES } from "../plan/objective.ts";
import { checkPlan } from "../plan/validity.ts";
import { predict } from "../predict/predict.ts";
import { figure, isAdmissible, type Prediction } from "../predict/prediction.ts";
import { allPlans, deviceSequences } from "../testing/brute-force.ts";
import { randomProblem } from "../testing/random-problem.ts";
import { dominates, isProvenUndominated, paretoFront } from "./pareto.ts";
import { solve } from "./solve.ts";

/** Labels are merged within 0.5 % per stage, points within 0.2 %. */
const SLACK = 0.02;

function everyPrediction(problem: ReturnType<typeof randomProblem>): readonly Prediction[] {
  return [...deviceSequences(problem)].flatMap((sequence) =>
    [...allPlans(problem, sequence)].map((plan) => predict(problem, plan)).filter((found) => isAdmissible(found)),
  );
}

/** A problem with powers, so that energy is a figure of its own. */
function poweredProblem(seed: number, chain: boolean) {
  const shape = chain ? { inputs: 1, maxInputs: 1, reach: 1, twoOutputs: 0 } : {};
  const problem = randomProblem(seed, { ops: 6, devices: 3, overhead: 1, ...shape });
  const watts = [2, 7, 30];
  return {
    ...problem,
    devices: problem.devices.map((device, index) => ({
      ...device,
      activeWatts: watts[(index + seed) % 3] ?? 1,
      idleWatts: index === 0 ? 1 : 0,
    })),
  };
}

describe("paretoFront", () => {
  test("on chains it covers every plan there is, found by trying all", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), (seed) => {
        const problem = poweredProblem(seed, true);
        const { points } = paretoFront(problem);
        for (const plan of everyPrediction(problem)) {
          const covered = points.some(({ prediction }) =>
            FIGURES.every((name) => figure(prediction, name) <= figure(plan, name) * (1 + SLACK)),
          );
          expect(covered).toBe(true);
        }
      }),
      { numRuns: 40 },
    );
  });

  test("points are valid, do not dominate each other, and hold the best of each figure", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), (seed) => {
        const problem = poweredProblem(seed, false);
        const { points } = paretoFront(problem);
        for (const { plan, prediction } of points) {
          expect(checkPlan(problem, plan).errors).toEqual([]);
          expect(predict(problem, plan)).toEqual(prediction);
          expect(points.some((other) => dominates(other.prediction, prediction))).toBe(false);
        }
        for (const objective of FIGURES) {
          const best = solve(problem, { objective });
          const least = Math.min(...points.map(({ prediction }) => figure(prediction, objective)));
          expect(best.ok ? least : 0).toBeCloseTo(best.ok ? best.value.value : 0, 9);
        }
      }),
      { numRuns: 30 },
    );
  });

  test("under limits it covers every plan that keeps to them, and holds no other; none where none does", () => {
    let empty = 0;
    let points = 0;
    for (let seed = 0; seed < 24; seed++) {
      const problem = poweredProblem(seed, true);
      const all = everyPrediction(problem);
      const name = FIGURES[seed % FIGURES.length] ?? "latency";
      const figures = all.map((one) => figure(one, name)).sort((a, b) => a - b);
      const least = figures[0] ?? 0;
      const other = FIGURES[(seed + 1) % FIGURES.length] ?? "latency";
      const limits = {
        [name]: seed % 8 === 7 ? 0.9 * least - 1 : (figures[figures.length >> 2] ?? 0),
        [other]: Math.max(...all.map((one) => figure(one, other))) * 0.8,
      };
      const keeping = all.filter((one) => isAdmissible(one, limits));
      const front = paretoFront(problem, { limits });
      for (const { prediction } of front.points) expect(isAdmissible(prediction, limits)).toBe(true);
      for (const plan of keeping) {
        const covered = front.points.some(({ prediction }) =>
          FIGURES.every((one) => figure(prediction, one) <= figure(plan, one) * (1 + SLACK)),
        );
        expect(covered, `seed ${seed}`).toBe(true);
      }
      if (keeping.length === 0) expect(front.points).toEqual([]);
      if (keeping.length === 0) empty += 1;
      points += front.points.length;
    }
    expect(empty).toBeGreaterThan(1);
    expect(points).toBeGreaterThan(36);
  }, 60_000);

  test("what is called undominated is beaten by no plan at all, and a dominated plan is never called so", () => {
    let proven = 0;
    let refuted = 0;
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), (seed) => {
        const problem = poweredProblem(seed, false);
        const all = everyPrediction(problem);
        for (const point of paretoFront(problem).points) {
          if (!isProvenUndominated(problem, point)) continue;
          proven += 1;
          const better = all.filter(
            (other) => dominates(other, point.prediction) && other.periodSeconds >= point.prediction.periodSeconds,
          );
          expect(better).toEqual([]);
        }
        const [sequence = [problem.source]] = [...deviceSequences(problem)].filter(({ length }) => length === 3);
        const plan = [...allPlans(problem, sequence)].find((candidate) => {
          const prediction = predict(problem, candidate);
          return all.some(
            (other) =>
              other.latencySeconds < prediction.latencySeconds * 0.99 &&
              FIGURES.every((name) => figure(other, name) <= figure(prediction, name)),
          );
        });
        if (plan === undefined) return;
        refuted += 1;
        expect(isProvenUndominated(problem, { plan, prediction: predict(problem, plan), bestIn: [] })).toBe(false);
      }),
      { numRuns: 25 },
    );
    expect(Math.min(proven, refuted)).toBeGreaterThan(5);
  });
});
