import { describe, expect, test } from "vitest";
import { at } from "../columns.ts";
import type { Figure, Mix } from "../plan/objective.ts";
import type { Problem } from "../plan/problem.ts";
import { tensorSpans } from "../plan/spans.ts";
import { activationPeaks } from "../predict/memory.ts";
import { predict } from "../predict/predict.ts";
import { figureOf, isAdmissible } from "../predict/prediction.ts";
import { unwrap } from "../result.ts";
import { bestByBruteForce } from "../testing/brute-force.ts";
import { constrainedProblem } from "../testing/constrained-problem.ts";
import { createRandom } from "../testing/random.ts";
import { bertBase } from "../testing/sized-problems.ts";
import { leastLive } from "./live-levels.ts";
import { solve } from "./solve.ts";
import { searchWeights } from "./sum-weights.ts";

/** A random problem whose devices hold only a part of the weights and activations; some weights are shared. */
function cramped(seed: number): Problem {
  const random = createRandom(seed ^ 0x3e3);
  const problem = constrainedProblem(seed, {
    ops: random.integer(3, 5),
    devices: 3,
    constants: 5,
    spill: seed % 2 === 0,
    overhead: seed % 3,
    unsupported: 0.05,
    unknownSizes: 0.03,
  });
  const activations = problem.tensorMemoryBytes.reduce((sum, size) => sum + size, 0);
  const devices = problem.devices.map((device) => {
    const weights = device.weightBytes.reduce((sum, size) => sum + size, 0);
    const room = random.chance(0.5) ? 1 : 0.6;
    return { ...device, memoryBytes: room * activations + weights * (0.3 + 0.6 * random.next()) };
  });
  return { ...problem, devices };
}

const OBJECTIVES: readonly (Figure | { readonly mix: Mix })[] = [
  "latency",
  "energy",
  "traffic",
  { mix: { latency: 1, energy: 0.25, traffic: 0.01 } },
];

describe.each(OBJECTIVES)("%o where memories are small", (objective) => {
  test("the bound is below the best of all plans; what is called complete is the best of all, on 300 problems", () => {
    let complete = 0;
    let possible = 0;
    const mix = typeof objective === "string" ? { [objective]: 1 } : objective.mix;
    for (let seed = 1; seed <= 300; seed++) {
      const problem = cramped(seed);
      const oracle = bestByBruteForce(problem, (plan) => {
        const prediction = predict(problem, plan);
        return isAdmissible(prediction) ? figureOf(prediction, objective) : Number.POSITIVE_INFINITY;
      });
      const found = searchWeights(problem, { objective, mix, limits: {} }, null);
      if (found === null) throw new Error("so few down-sets can be searched");
      if (oracle === null) {
        expect(found.incumbent, `seed ${seed}`).toBeNull();
        continue;
      }
      possible++;
      expect(found.bound, `seed ${seed}`).toBeLessThanOrEqual(oracle.value * (1 + 1e-12));
      if (found.incumbent !== null) {
        expect(isAdmissible(found.incumbent.prediction)).toBe(true);
        expect(figureOf(found.incumbent.prediction, objective)).toBeGreaterThanOrEqual(oracle.value * (1 - 1e-12));
      }
      if (!found.complete) continue;
      complete++;
      expect(found.incumbent, `seed ${seed}`).not.toBeNull();
      expect(found.bound, `seed ${seed}`).toBeGreaterThanOrEqual(oracle.value * (1 - 1e-8));
    }
    expect(possible).toBeGreaterThan(120);
    expect(complete).toBeGreaterThan(30);
  });
});

test("what is live at least while an op runs is live in every plan", () => {
  let tight = 0;
  for (let seed = 1; seed <= 60; seed++) {
    const problem = cramped(seed);
    const least = leastLive(problem);
    bestByBruteForce(problem, (plan) => {
      const peaks = activationPeaks(problem, plan, tensorSpans(problem, plan));
      for (const [op, stage] of plan.stageOf.entries()) {
        expect(at(least, op), `seed ${seed}`).toBeLessThanOrEqual(at(peaks, stage));
        if (at(least, op) === at(peaks, stage)) tight++;
      }
      return 0;
    });
  }
  expect(tight).toBeGreaterThan(1000);
});

test("BERT-base on devices of which each holds half of it: proven, and by all down-sets", () => {
  const problem = bertBase(5);
  const devices = problem.devices.map((device) => ({
    ...device,
    memoryBytes: 0.5 * device.weightBytes.reduce((sum, size) => sum + size, 0),
  }));
  const { certificate, method, prediction } = unwrap(solve({ ...problem, devices }, { objective: "latency" }));
  expect(certificate.status).toBe("optimal");
  expect(method).toContain("all down-sets");
  expect(isAdmissible(prediction)).toBe(true);
});
