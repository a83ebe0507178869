import { describe, expect, test } from "vitest";
import type { Plan } from "../plan/plan.ts";
import { allPlans, bestByBruteForce, deviceSequences } from "./brute-force.ts";
import { naivePrediction } from "./naive-prediction.ts";
import { chainLinks, testProblem } from "./problems.ts";

const devices = (count: number) => Array.from({ length: count }, () => ({}));
const problemOf = (text: string, count: number) =>
  testProblem(text, { devices: devices(count), links: chainLinks(count, { secondsPerByte: 1 }) });
const key = (plan: Plan) => `${plan.stages}|${plan.stageOf}`;

describe("deviceSequences", () => {
  test("every ordered subset that starts at the source, once", () => {
    for (const [count, expected] of [
      [1, 1],
      [3, 5],
      [5, 65],
      [6, 326],
    ] as const) {
      const sequences = [...deviceSequences(problemOf("a", count))];
      expect(sequences).toHaveLength(expected);
      expect(new Set(sequences.map(String)).size).toBe(expected);
    }
    const short = [...deviceSequences({ ...problemOf("a", 3), source: 1 }, 2)];
    expect(short).toEqual([[1], [1, 0], [1, 2]]);
  });
});

describe("allPlans", () => {
  test("a chain of n ops over K stages has as many plans as ways to choose K - 1 of n boundaries", () => {
    const problem = problemOf("a -> b -> c -> d -> e -> f -> g", 4);
    expect([...allPlans(problem, [0])]).toHaveLength(1);
    expect([...allPlans(problem, [0, 1])]).toHaveLength(7);
    expect([...allPlans(problem, [0, 2, 1])]).toHaveLength(21);
    expect([...allPlans(problem, [0, 1, 2, 3])]).toHaveLength(35);
  });

  test("ops without edges between them are free: 3^4 - 2 x 2^4 + 1 plans over three stages", () => {
    const plans = [...allPlans(problemOf("a; b; c; d", 3), [0, 1, 2])];
    expect(plans).toHaveLength(50);
    expect(new Set(plans.map(key)).size).toBe(50);
  });

  test("a diamond over two stages: its down-sets but the whole", () => {
    const plans = [...allPlans(problemOf("a -> b -> d; a -> c -> d", 2), [0, 1])];
    expect(plans.map(({ stageOf }) => [...stageOf].join("")).sort()).toEqual(["0001", "0011", "0101", "0111", "1111"]);
  });
});

describe("bestByBruteForce", () => {
  test("splits where the tensor is small and the second device is fast", () => {
    const problem = testProblem("[image:600] -> a=2 -10-> b=40 -100-> c=40 -> [label:1]", {
      devices: [{}, { speed: 10 }],
      links: chainLinks(2, { secondsPerByte: 0.1, latency: 1 }),
    });
    const best = bestByBruteForce(problem, (plan) => naivePrediction(problem, plan).latency);
    expect(best?.plan).toEqual({ stages: [0, 1], stageOf: Int32Array.of(0, 1, 1) });
    expect(best?.value).toBeCloseTo(2 + (1 + 1) + 8, 12);
    expect(best?.plans).toBe(4);
  });

  test("null where no device can run an op", () => {
    const problem = testProblem("a -> b", { devices: [{ unsupported: ["b"] }], links: [] });
    expect(bestByBruteForce(problem, (plan) => naivePrediction(problem, plan).latency)).toBeNull();
  });
});
