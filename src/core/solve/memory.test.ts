import { describe, expect, test } from "vitest";
import type { Plan } from "../plan/plan.ts";
import type { Problem } from "../plan/problem.ts";
import { predict } from "../predict/predict.ts";
import { bestByBruteForce } from "../testing/brute-force.ts";
import { naivePrediction } from "../testing/naive-prediction.ts";
import { chainLinks, testProblem } from "../testing/problems.ts";
import { createRandom } from "../testing/random.ts";
import { randomProblem } from "../testing/random-problem.ts";
import { solve } from "./solve.ts";

/** A random problem whose devices hold only a part of the weights. */
function cramped(seed: number): Problem {
  const problem = randomProblem(seed, { ops: 6, devices: 3, constants: 6, spill: seed % 2 === 0, overhead: 1 });
  const random = createRandom(seed);
  const devices = problem.devices.map((device) => {
    const total = device.weightBytes.reduce((sum, size) => sum + size, 0);
    return { ...device, memoryBytes: 90 + total * (0.2 + 0.5 * random.next()) };
  });
  return { ...problem, devices };
}

const fits = (problem: Problem, plan: Plan) => predict(problem, plan).devices.every((device) => device.fits);

describe.each(["latency", "period"] as const)("%s within the devices' memories", (objective) => {
  test("brute force over 40 problems: the same optimum, or the same verdict that nothing fits", () => {
    let binding = 0;
    let impossible = 0;
    let unproven = 0;
    for (let seed = 1; seed <= 40; seed++) {
      const problem = cramped(seed);
      const value = (plan: Plan) => naivePrediction(problem, plan)[objective];
      const free = bestByBruteForce(problem, value);
      const oracle = bestByBruteForce(problem, (plan) =>
        fits(problem, plan) ? value(plan) : Number.POSITIVE_INFINITY,
      );
      const result = solve(problem, { objective });
      if (oracle === null) {
        impossible++;
        expect(result.ok, `seed ${seed}`).toBe(false);
        continue;
      }
      if (!result.ok) throw new Error(`seed ${seed}: ${result.error}`);
      if (free !== null && oracle.value > free.value * (1 + 1e-9)) binding++;
      const { plan, certificate } = result.value;
      expect(fits(problem, plan), `seed ${seed}`).toBe(true);
      expect(certificate.bound, `seed ${seed}`).toBeLessThanOrEqual(oracle.value * (1 + 1e-12));
      if (certificate.status !== "optimal") unproven++;
      else expect(Math.abs(result.value.value - oracle.value), `seed ${seed}`).toBeLessThanOrEqual(1e-9 * oracle.value);
    }
    expect(binding).toBeGreaterThan(8);
    expect(impossible).toBeGreaterThan(0);
    expect(impossible).toBeLessThan(20);
    expect(unproven).toBeLessThanOrEqual(0);
  });

  test("says what does not fit", () => {
    const text = "a -> b -> c; w:900 => b; v:50 => c";
    const links = chainLinks(2, { secondsPerByte: 1 });
    const small = testProblem(text, { devices: [{ memory: 500 }, { memory: 700 }], links });
    const result = solve(small, { objective });
    expect(result.ok ? "" : result.error).toBe(
      "The weights of op number 1 take 900 B and fit no device: the largest has 700 B.",
    );
    const spread = testProblem("a -> b; w:600 => a; v:600 => b", {
      devices: [{ memory: 500 }, { memory: 650 }],
      links,
    });
    const other = solve(spread, { objective });
    expect(other.ok ? "" : other.error).toBe("The weights take 1.17 KiB; all 2 devices together hold 1.12 KiB.");
    const foreign = testProblem("a -> b", { devices: [{ unsupported: ["b"] }, { unsupported: ["b"] }], links });
    const third = solve(foreign, { objective });
    expect(third.ok ? "" : third.error).toContain("Op number 1 is supported by none of the 2 devices");
  });
});
