import { describe, expect, test } from "vitest";
import type { Plan } from "../plan/plan.ts";
import type { Problem } from "../plan/problem.ts";
import { predict } from "../predict/predict.ts";
import { figureOf, isAdmissible } from "../predict/prediction.ts";
import { createRandom } from "../random.ts";
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
      broken: 0,
      impossible: 0,
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

  test("draws in which it breaks a limit, and those in which every plan does, are told apart, as by brute force", () => {
    const { plan } = unwrap(solve(CLOSE, { objective: "latency" }));
    const { latencySeconds, trafficBytes } = predict(CLOSE, plan);
    for (const limits of [{ latency: latencySeconds * 1.02 }, { traffic: trafficBytes }, { latency: 0 }]) {
      const draws: boolean[][] = [];
      const random = createRandom(REQUEST.seed);
      const factor = () => 1 + REQUEST.spread * (2 * random.next() - 1);
      for (let draw = 0; draw < REQUEST.samples; draw++) {
        const { problem } = varied(CLOSE, limits, [
          { kind: "load", device: 0, value: factor() },
          { kind: "load", device: 1, value: factor() },
          { kind: "bandwidth", link: 0, value: factor() },
          { kind: "bandwidth", link: 1, value: factor() },
        ]);
        const keeps = (other: Plan) => isAdmissible(predict(problem, other), limits);
        const least = bestByBruteForce(problem, (other) =>
          keeps(other) ? predict(problem, other).latencySeconds : Number.POSITIVE_INFINITY,
        );
        draws.push([keeps(plan), (least?.value ?? Number.POSITIVE_INFINITY) < Number.POSITIVE_INFINITY]);
      }
      const found = robustness(CLOSE, plan, { ...REQUEST, limits });
      expect(found.broken).toBe(draws.filter(([keeps, isPossible]) => !keeps && isPossible).length);
      expect(found.impossible).toBe(draws.filter(([, isPossible]) => !isPossible).length);
      expect(found.best).toBeLessThanOrEqual(found.samples - found.broken - found.impossible);
      expect(found.largestRegret).toBeLessThan(1);
    }
    expect(robustness(CLOSE, plan, { ...REQUEST, limits: { latency: 0 } })).toMatchObject({
      best: 0,
      impossible: 60,
      meanRegret: 0,
    });
    const tight = robustness(CLOSE, plan, { ...REQUEST, limits: { latency: latencySeconds * 1.02 } });
    expect(tight.broken).toBeGreaterThan(0);
    expect(tight.impossible).toBeGreaterThan(0);
  });

  test("ports vary like links", () => {
    const problem: Problem = {
      ...CLOSE,
      delivery: "port",
      devices: CLOSE.devices.map((device) => ({
        ...device,
        port: { sendSecondsPerByte: 0.5, receiveSecondsPerByte: 0.45 },
      })),
    };
    const { plan } = unwrap(solve(problem, { objective: "latency" }));
    const { worst, best } = robustness(problem, plan, REQUEST);
    expect(best).toBeLessThan(60);
    expect(worst.map(({ kind }) => kind)).toEqual(["load", "load", "port", "port"]);
    const { problem: drawn } = varied(problem, {}, worst);
    expect(drawn.devices[0]?.port?.sendSecondsPerByte).not.toBe(0.5);
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
