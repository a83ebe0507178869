import { describe, expect, test } from "vitest";
import { at, item } from "../columns.ts";
import type { Plan } from "../plan/plan.ts";
import { noSplitPlan } from "../plan/plan-edit.ts";
import type { Problem } from "../plan/problem.ts";
import { allPlans } from "../testing/brute-force.ts";
import { chainLinks, testProblem } from "../testing/problems.ts";
import { randomProblem } from "../testing/random-problem.ts";
import { crossover } from "./crossover.ts";
import { predict } from "./predict.ts";

/** The problem with one link's bandwidth times `scale`. */
function scaled(problem: Problem, link: number, scale: number): Problem {
  const routes = problem.routes.map((row) =>
    row.map((route) => {
      if (route === null) return null;
      const hops = route.hops.map((hop) =>
        hop.link === link ? { ...hop, secondsPerByte: hop.secondsPerByte / scale } : hop,
      );
      return { ...route, hops, secondsPerByte: hops.reduce((sum, hop) => sum + hop.secondsPerByte, 0) };
    }),
  );
  return { ...problem, routes };
}

describe("crossover", () => {
  test("no-split gives way to a split and that to the server, at the scales worked out by hand", () => {
    const problem = testProblem("[in:100] -> a=10 -10-> b=90", {
      devices: [{}, { speed: 10 }],
      links: chainLinks(2, { secondsPerByte: 1 }),
      sink: 1,
    });
    const local: Plan = { stages: [0], stageOf: Int32Array.of(0, 0) };
    const split: Plan = { stages: [0, 1], stageOf: Int32Array.of(0, 1) };
    const server = noSplitPlan(problem, 1);
    const predictions = [local, split, server].map((plan) => predict(problem, plan));
    const request = { predictions, link: 0, from: 0.01, to: 100, samples: 5 };
    const { scales, crossovers, curves } = crossover(problem, request);
    expect([...scales].map((scale) => Number(scale.toPrecision(12)))).toEqual([0.01, 0.1, 1, 10, 100]);
    expect(at(item(curves, 1).latency, 2)).toBe(10 + 10 + 9);
    // Outputs (1 byte) go to the sink: 100 + 1/x = 19 + 10/x; then 19 + 10/x = 10 + 100/x.
    const latency = crossovers.filter(({ objective }) => objective === "latency");
    expect(latency).toMatchObject([
      { below: 0, above: 1 },
      { below: 1, above: 2 },
    ]);
    expect(item(latency, 0).scale).toBeCloseTo(9 / 81, 12);
    expect(item(latency, 1).scale).toBeCloseTo(90 / 9, 12);
    expect(item(latency, 1).seconds).toBeCloseTo(20, 12);
    // Periods: max(100, 1/x), max(10, 9, 10/x), max(10, 100/x): at 1/10 the split is at 100, and 10 is never beaten.
    const period = crossovers.filter(({ objective }) => objective === "period");
    expect(period).toMatchObject([{ below: 0, above: 1 }]);
    expect(item(period, 0).scale).toBeCloseTo(0.1, 12);
  });

  test("curves equal the prediction at the scaled bandwidth, and the best plan changes only where a crossover says so", () => {
    for (let seed = 1; seed <= 20; seed++) {
      const problem = randomProblem(seed, { ops: 6, devices: 3, topology: "chain", sharedMedium: 0.5, overhead: 1 });
      const plans = [...allPlans(problem, [0, 1, 2])].filter((_, i) => i % 9 === 0).slice(0, 6);
      plans.push(noSplitPlan(problem, 0), noSplitPlan(problem, 2));
      const predictions = plans.map((plan) => predict(problem, plan));
      const { scales, curves, crossovers } = crossover(problem, {
        predictions,
        link: 0,
        from: 0.05,
        to: 20,
        samples: 60,
      });
      for (const objective of ["latency", "period"] as const) {
        const changes = crossovers.filter((change) => change.objective === objective);
        for (const [sample, scale] of scales.entries()) {
          const there = scaled(problem, 0, scale);
          const values = plans.map((plan) => {
            const { latencySeconds, periodSeconds } = predict(there, plan);
            return objective === "latency" ? latencySeconds : periodSeconds;
          });
          for (const [plan, value] of values.entries()) {
            expect(Math.abs(at(item(curves, plan)[objective], sample) - value)).toBeLessThanOrEqual(1e-12 * value);
          }
          const passed = changes.filter((change) => change.scale <= scale).at(-1);
          const best = passed?.above ?? changes[0]?.below;
          if (best !== undefined) expect(at(values, best)).toBeLessThanOrEqual(Math.min(...values) * (1 + 1e-9));
        }
      }
    }
  });
});
