import { describe, expect, test } from "vitest";
import { checkPlan } from "../plan/validity.ts";
import { predict } from "../predict/predict.ts";
import { bestByBruteForce } from "../testing/brute-force.ts";
import { naivePrediction } from "../testing/naive-prediction.ts";
import { type RandomProblemOptions, randomProblem } from "../testing/random-problem.ts";
import { sumSolver } from "./sum.ts";

const FAMILIES: readonly (readonly [string, number, RandomProblemOptions])[] = [
  ["mesh", 300, { ops: 6, devices: 3 }],
  ["mesh with overheads and unsupported ops", 300, { ops: 6, devices: 3, overhead: 6, unsupported: 0.2 }],
  ["chain of devices", 300, { ops: 6, devices: 3, topology: "chain", overhead: 2 }],
  ["unknown sizes", 300, { ops: 5, devices: 3, unknownSizes: 0.15, unsupported: 0.1 }],
  ["four devices", 300, { ops: 4, devices: 4, reach: 3 }],
  ["source in the middle", 300, { ops: 5, devices: 3, source: 1, sink: 1 }],
  ["spill", 300, { ops: 5, devices: 3, spill: true, constants: 5 }],
];

describe("the latency solver against brute force over all placements and orders", () => {
  test.each(FAMILIES)("%s, %i graphs", (_, count, options) => {
    let unproven = 0;
    for (let seed = 1; seed <= count; seed++) {
      const problem = randomProblem(seed, options);
      const oracle = bestByBruteForce(problem, (plan) => naivePrediction(problem, plan).latency);
      const result = sumSolver.solve(problem, { objective: "latency" });
      if (oracle === null) {
        expect(result.ok, `seed ${seed}`).toBe(false);
        continue;
      }
      if (!result.ok) throw new Error(`seed ${seed}: ${result.error}`);
      const { value, plan, certificate } = result.value;
      expect(value, `seed ${seed}`).toBe(predict(problem, plan).latencySeconds);
      expect(Math.abs(value - oracle.value), `seed ${seed}`).toBeLessThanOrEqual(1e-9 * oracle.value);
      expect(certificate.bound, `seed ${seed}`).toBeLessThanOrEqual(oracle.value * (1 + 1e-12));
      expect(checkPlan(problem, plan).errors, `seed ${seed}`).toEqual([]);
      if (certificate.status !== "optimal") unproven++;
    }
    expect(unproven).toBe(0);
  });
});
