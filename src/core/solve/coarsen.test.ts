import { expect, test } from "vitest";
import { checkPlan } from "../plan/validity.ts";
import { predict } from "../predict/predict.ts";
import { randomProblem } from "../testing/random-problem.ts";
import { randomNetwork } from "../testing/sized-problems.ts";
import { coarsen } from "./coarsen.ts";
import { expandPlan } from "./condense.ts";
import { solve } from "./solve.ts";

test("plans of a coarser problem are plans of the original with the same figures", () => {
  let smaller = 0;
  for (let seed = 1; seed <= 60; seed++) {
    const problem = randomProblem(seed, { ops: 12, devices: 3, reach: 2, overhead: 1, power: true, unsupported: 0.1 });
    const coarse = coarsen(problem, 5);
    smaller += 12 - coarse.problem.opCount;
    const solution = solve(coarse.problem, { objective: "latency" });
    if (!solution.ok) continue;
    const plan = expandPlan(coarse, solution.value.plan);
    const prediction = predict(problem, plan);
    expect(checkPlan(problem, plan).errors, `seed ${seed}`).toEqual([]);
    expect(Math.abs(prediction.latencySeconds - solution.value.value)).toBeLessThanOrEqual(1e-9 * solution.value.value);
    const best = solve(problem, { objective: "latency" });
    expect(best.ok && best.value.value <= prediction.latencySeconds * (1 + 1e-9)).toBe(true);
  }
  expect(smaller).toBeGreaterThan(60);
});

test("a problem of more than 5,000 ops begins with the plan of a coarser one, and ends with a bound when stopped", () => {
  const problem = randomNetwork(5200, 3, 1);
  const alone = Math.min(
    ...problem.devices.map(
      (_, device) => predict(problem, { stages: [0, device], stageOf: new Int32Array(5200).fill(1) }).latencySeconds,
    ),
  );
  let shown = 0;
  const solution = solve(problem, {
    objective: "latency",
    onProgress: ({ incumbent }) => {
      if (incumbent !== null && incumbent.value < 0.999 * alone) shown++;
    },
    shouldStop: () => shown > 1,
  });
  expect(solution.ok).toBe(true);
  if (!solution.ok) return;
  const { value, certificate, method } = solution.value;
  expect(method).toContain("fewer ops");
  expect(value).toBeLessThan(alone);
  expect(certificate.bound).toBeLessThanOrEqual(value);
  expect(certificate.status).not.toBe("optimal");
});
