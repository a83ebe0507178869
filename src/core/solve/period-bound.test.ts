import { expect, test } from "vitest";
import { item } from "../columns.ts";
import type { Problem } from "../plan/problem.ts";
import { unwrap } from "../result.ts";
import { bestByBruteForce } from "../testing/brute-force.ts";
import { naivePrediction } from "../testing/naive-prediction.ts";
import { randomProblem } from "../testing/random-problem.ts";
import { randomNetwork } from "../testing/sized-problems.ts";
import { periodFloor, raisePeriodBound, workBound } from "./period-bound.ts";
import { solve } from "./solve.ts";

function cutBound(problem: Problem, value: number): number {
  let best = 0;
  raisePeriodBound(problem, { value, cutLimit: 200, shouldStop: () => false, onBound: (bound) => (best = bound) });
  return best;
}

test("bounds lie below the best of all plans, near it by minimum cuts, on 300 random problems", () => {
  let solved = 0;
  const shares: number[] = [];
  for (let seed = 1; seed <= 300; seed++) {
    const overlap = seed % 2 === 0;
    const spill = seed % 5 === 0;
    const options = {
      ops: 5,
      devices: 3,
      unsupported: 0.1,
      overhead: seed % 3 === 0 ? 1 : 0,
      spill,
      sharedMedium: seed % 4 === 0 ? 0.5 : 0,
    };
    const problem = { ...randomProblem(seed, options), overlap };
    const best = bestByBruteForce(problem, (plan) => naivePrediction(problem, plan).period);
    if (best === null || best.value === 0) continue;
    solved++;
    expect(periodFloor(problem), `seed ${seed}`).toBeLessThanOrEqual(best.value);
    const bound = cutBound(problem, best.value);
    expect(bound, `seed ${seed}`).toBeLessThanOrEqual(best.value);
    shares.push(bound / best.value);
  }
  expect(solved).toBeGreaterThan(200);
  shares.sort((a, b) => a - b);
  expect(item(shares, shares.length >> 1)).toBeGreaterThan(0.6);
});

test("work on devices of one speed: its equal share; an op that only a slow one runs counts there", () => {
  const problem = randomNetwork(60, 3, 1);
  const seconds = new Float64Array(60).fill(2);
  const alike = { ...problem, devices: problem.devices.map((device) => ({ ...device, opSeconds: seconds })) };
  expect(workBound(alike).bound).toBeCloseTo(40, 6);
  const only = seconds.with(0, Number.POSITIVE_INFINITY);
  const fixed = {
    ...alike,
    devices: alike.devices.map((device, i) => (i === 2 ? device : { ...device, opSeconds: only })),
  };
  expect(workBound(fixed).bound).toBeCloseTo(40, 6);
});

test("with more down-sets than are looked at, a period comes with a bound that is worth having, and stops when told", () => {
  const problem = randomNetwork(100, 3, 1);
  const { certificate, value, method } = unwrap(solve(problem, { objective: "period" }));
  expect(certificate.status).toBe("gap");
  expect(certificate.bound).toBeGreaterThan(0.7 * value);
  expect(certificate.bound).toBeLessThan(value);
  expect(method).toContain("minimum cuts");
  let shown = 0;
  const stopped = unwrap(
    solve(problem, {
      objective: "period",
      onProgress: ({ bound }) => {
        if (bound > 0.6 * value) shown++;
      },
      shouldStop: () => shown > 0,
    }),
  );
  expect(stopped.certificate.bound).toBeGreaterThan(0.6 * value);
  expect(stopped.certificate.bound).toBeLessThan(certificate.bound);
});
