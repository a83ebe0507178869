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
  const problem = randomProblem(seed, {
    ops: 3 + (seed % 3),
    devices: 3,
    constants: 6,
    spill: seed % 2 === 0,
    overhead: 1,
  });
  const random = createRandom(seed);
  const devices = problem.devices.map((device) => {
    const total = device.weightBytes.reduce((sum, size) => sum + size, 0);
    return { ...device, memoryBytes: 90 + total * (0.2 + 0.5 * random.next()) };
  });
  return { ...problem, devices };
}

/** Some seconds on a machine that does nothing else. */
const PATIENCE = 120_000;

const fits = (problem: Problem, plan: Plan) => predict(problem, plan).devices.every((device) => device.fits);

describe.each(["latency", "period"] as const)("%s within the devices' memories", (objective) => {
  test(
    "brute force over 300 problems: the same optimum, or the same verdict that nothing fits",
    () => {
      let binding = 0;
      let impossible = 0;
      let unproven = 0;
      for (let seed = 1; seed <= 300; seed++) {
        const problem = cramped(seed);
        let free = Number.POSITIVE_INFINITY;
        let best = Number.POSITIVE_INFINITY;
        const oracle = bestByBruteForce(problem, (plan) => {
          const value = naivePrediction(problem, plan)[objective];
          free = Math.min(free, value);
          if (value >= best || !fits(problem, plan)) return Number.POSITIVE_INFINITY;
          best = value;
          return value;
        });
        const result = solve(problem, { objective });
        if (oracle === null) {
          impossible++;
          expect(result.ok, `seed ${seed}`).toBe(false);
          continue;
        }
        if (!result.ok) throw new Error(`seed ${seed}: ${result.error}`);
        if (oracle.value > free * (1 + 1e-9)) binding++;
        const { plan, certificate } = result.value;
        expect(fits(problem, plan), `seed ${seed}`).toBe(true);
        expect(certificate.bound, `seed ${seed}`).toBeLessThanOrEqual(oracle.value * (1 + 1e-12));
        if (certificate.status !== "optimal") unproven++;
        else
          expect(Math.abs(result.value.value - oracle.value), `seed ${seed}`).toBeLessThanOrEqual(1e-9 * oracle.value);
      }
      expect(binding).toBeGreaterThan(60);
      expect(impossible).toBeGreaterThan(0);
      expect(impossible).toBeLessThan(150);
      expect(unproven).toBeLessThanOrEqual(0);
    },
    PATIENCE,
  );

  test("says what does not fit", () => {
    const text = "a -> b -> c; w:900 => b; v:50 => c";
    const links = chainLinks(2, { secondsPerByte: 1 });
    const small = testProblem(text, { devices: [{ memory: 500 }, { memory: 700 }], links });
    const result = solve(small, { objective });
    expect(result.ok ? "" : result.error).toBe(
      'The weights of op number 1 take 900 B and fit no device: the largest, "device-1", has 700 B.',
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
    const named = solve(small, { objective, names: { ops: ["a", "conv1", "c"], links: [] } });
    expect(named.ok ? "" : named.error).toBe(
      'The weights of op "conv1" take 900 B and fit no device: the largest, "device-1", has 700 B.',
    );
  });
});
