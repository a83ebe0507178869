import { describe, expect, test } from "vitest";
import { predict } from "../predict/predict.ts";
import { figureOf } from "../predict/prediction.ts";
import { unwrap } from "../result.ts";
import { bestByBruteForce } from "../testing/brute-force.ts";
import { chainLinks, testProblem } from "../testing/problems.ts";
import { robustness } from "./robustness.ts";
import { solve } from "./solve.ts";
import { varied } from "./variation.ts";

/** The second device is far faster, the link nearly free: everything there wins by far. */
const CLEAR = testProblem("[image:1] -> a=4 -1-> b=6 -1-> c=8 -> [label:1]", {
  devices: [{}, { speed: 100 }],
  links: chainLinks(2, { secondsPerByte: 0.01 }),
});
/** Sending saves as much as it costs. */
const CLOSE = testProblem("[image:10] -> a=4 -10-> b=6 -10-> c=10 -> [label:1]", {
  devices: [{}, { speed: 2 }],
  links: chainLinks(2, { secondsPerByte: 0.95 }),
});
const REQUEST = { objective: "latency", samples: 60, spread: 0.2, seed: 1 } as const;

describe("robustness", () => {
  test("a plan that wins by far stays the best in every draw", () => {
    const { plan } = unwrap(solve(CLEAR, { objective: "latency" }));
    expect(robustness(CLEAR, plan, REQUEST)).toEqual({
      samples: 60,
      best: 60,
      proven: 60,
      meanRegret: 0,
      largestRegret: 0,
      worst: [],
    });
  });

  test("a close winner loses in some draws, and the regret of the worst is what brute force finds", () => {
    const { plan } = unwrap(solve(CLOSE, { objective: "latency" }));
    const { best, largestRegret, meanRegret, worst } = robustness(CLOSE, plan, REQUEST);
    expect(best).toBeGreaterThan(5);
    expect(best).toBeLessThan(55);
    const { problem } = varied(CLOSE, {}, worst);
    const least = bestByBruteForce(problem, (other) => predict(problem, other).latencySeconds)?.value ?? 0;
    expect(figureOf(predict(problem, plan), "latency") / least - 1).toBeCloseTo(largestRegret, 9);
    expect(meanRegret).toBeGreaterThan(0);
    expect(meanRegret).toBeLessThan(largestRegret);
  });

  test("the same seed gives the same answer, another seed another one, and stopping says how far it came", () => {
    const { plan } = unwrap(solve(CLOSE, { objective: "latency" }));
    const first = robustness(CLOSE, plan, REQUEST);
    expect(robustness(CLOSE, plan, REQUEST)).toEqual(first);
    expect(robustness(CLOSE, plan, { ...REQUEST, seed: 2 })).not.toEqual(first);
    let draws = 0;
    const stopped = robustness(CLOSE, plan, { ...REQUEST, onProgress: () => draws++, shouldStop: () => draws >= 10 });
    expect(stopped.samples).toBe(10);
  });
});
