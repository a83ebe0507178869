import { expect, test } from "vitest";
import { noSplitPlan } from "../plan/plan-edit.ts";
import { allPlans } from "../testing/brute-force.ts";
import { chainLinks, testProblem } from "../testing/problems.ts";
import { randomProblem } from "../testing/random-problem.ts";
import { explainDifference } from "./explain.ts";
import { predict } from "./predict.ts";

test("names what a split costs and saves, largest first", () => {
  const problem = testProblem("[in:100] -> a=2 -10-> b=20", {
    devices: [{}, { speed: 4, overhead: 0.5 }],
    links: chainLinks(2, { secondsPerByte: 0.1, latency: 2 }),
    sink: 1,
  });
  const whole = predict(problem, noSplitPlan(problem, 1));
  const split = predict(problem, { stages: [0, 1], stageOf: Int32Array.of(0, 1) });
  expect(explainDifference(problem, whole, split)).toEqual([
    { kind: "transfer", link: 0, direction: "aToB", seconds: -9 },
    { kind: "compute", device: 0, seconds: 2 },
    { kind: "compute", device: 1, seconds: -0.5 },
  ]);
});

test("the terms add up to the difference for any two plans", () => {
  for (let seed = 1; seed <= 30; seed++) {
    const problem = randomProblem(seed, {
      ops: 6,
      devices: 3,
      overhead: 2,
      spill: true,
      constants: 3,
      topology: "chain",
    });
    const plans = [...allPlans(problem, [0, 2, 1]), ...allPlans(problem, [0, 1])];
    const from = predict(problem, noSplitPlan(problem, 2));
    for (const plan of plans.slice(0, 40)) {
      const to = predict(problem, plan);
      const terms = explainDifference(problem, from, to) ?? [];
      const sum = terms.reduce((total, { seconds }) => total + seconds, 0);
      expect(Math.abs(sum - (to.latencySeconds - from.latencySeconds))).toBeLessThanOrEqual(1e-12 * to.latencySeconds);
    }
  }
});

test("a plan that cannot run is not explained", () => {
  const problem = testProblem("a -> b", {
    devices: [{}, { unsupported: ["b"] }],
    links: chainLinks(2, { secondsPerByte: 1 }),
  });
  const local = predict(problem, noSplitPlan(problem, 0));
  expect(explainDifference(problem, local, predict(problem, noSplitPlan(problem, 1)))).toBeNull();
});
