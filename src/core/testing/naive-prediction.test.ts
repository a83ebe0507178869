import { describe, expect, test } from "vitest";
import type { Plan } from "../plan/plan.ts";
import { predict } from "../predict/predict.ts";
import { allPlans, deviceSequences } from "./brute-force.ts";
import { naivePrediction } from "./naive-prediction.ts";
import { chainLinks, testProblem } from "./problems.ts";
import { createRandom } from "./random.ts";
import { type RandomProblemOptions, randomProblem } from "./random-problem.ts";

const plan = (stages: readonly number[], stageOf: readonly number[]): Plan => ({
  stages,
  stageOf: Int32Array.from(stageOf),
});
const INFINITE = { latency: Number.POSITIVE_INFINITY, period: Number.POSITIVE_INFINITY };

/** a feeds b, c and d; b is a graph output too; b and d share a constant. */
const TEXT = `
  [image:600] -> a=4 -50-> b=6 -30-> c=8 -20-> d=10 -> [label:2]
  a -> c; a -> d; b -> []
  w:40 => b, d
`;
const DEVICES = [{ overhead: 1 }, { speed: 2, onChip: { bytes: 10, secondsPerByte: 0.5 } }, { speed: 4, overhead: 3 }];
const problem = testProblem(TEXT, { devices: DEVICES, links: chainLinks(3, { secondsPerByte: 0.1, latency: 2 }) });

describe("naivePrediction by hand", () => {
  test("three stages: a tensor crosses once however many read it, outputs ride along, weights spill", () => {
    const { latency, period } = naivePrediction(problem, plan([0, 1, 2], [0, 1, 1, 2]));
    const first = 1 + 4;
    const firstCut = 2 + 0.1 * 50;
    const second = (6 + 8) / 2 + (40 - 10) * 0.5;
    const secondCut = 2 + 0.1 * (50 + 30 + 20);
    const third = 3 + 10 / 4;
    expect(latency).toBeCloseTo(first + firstCut + second + secondCut + third, 12);
    expect(period).toBeCloseTo(second, 12);
  });

  test("an empty first stage costs nothing itself and sends the input; a shared constant counts once", () => {
    const { latency, period } = naivePrediction(problem, plan([0, 1], [1, 1, 1, 1]));
    const input = 2 + 0.1 * 600;
    const work = 28 / 2 + (40 - 10) * 0.5;
    const back = 2 + 0.1 * (30 + 2);
    expect(latency).toBeCloseTo(input + work + back, 12);
    expect(period).toBeCloseTo(60, 12);
  });

  test("a way over a device between is relayed: both hops count, in turn", () => {
    const { latency } = naivePrediction(problem, plan([0, 2], [0, 0, 0, 1]));
    expect(latency).toBeCloseTo(1 + 18 + 2 * (2 + 0.1 * 100) + 3 + 2.5, 12);
  });

  test("no-split on the source returns its outputs over two hops", () => {
    const { latency, period } = naivePrediction(problem, plan([0], [0, 0, 0, 0]));
    expect(latency).toBeCloseTo(29 + 2 * (2 + 3.2), 12);
    expect(period).toBeCloseTo(29, 12);
  });

  test("a device that is visited twice pays its overhead twice and its spill once", () => {
    const { latency } = naivePrediction(problem, plan([0, 1, 0, 1], [0, 1, 2, 3]));
    const wire = 2 + 5 + (2 + 8) + (2 + 10);
    expect(latency).toBeCloseTo(1 + 4 + 3 + (1 + 8) + 5 + 15 + wire + (2 + 3.2), 12);
  });

  test("links with a common medium take turns", () => {
    const shared = chainLinks(3, { secondsPerByte: 0.1, latency: 2 }).map((link) => ({ ...link, medium: "air" }));
    const wifi = testProblem(TEXT, { devices: DEVICES, links: shared });
    expect(naivePrediction(wifi, plan([0, 1, 2], [0, 0, 1, 2])).period).toBeCloseTo(0.1 * 80 + 0.1 * 100, 12);
  });

  test("an edge backwards, an op without support, no way and a cut of unknown size cannot run", () => {
    expect(naivePrediction(problem, plan([0, 1], [1, 0, 1, 1]))).toMatchObject(INFINITE);
    const weak = testProblem("a -> b", {
      devices: [{}, { unsupported: ["b"] }],
      links: [{ from: 0, to: 1, secondsPerByte: 1 }],
    });
    expect(naivePrediction(weak, plan([0, 1], [0, 1]))).toMatchObject(INFINITE);
    const oneWay = testProblem("a -> b", {
      devices: [{}, {}],
      links: [{ from: 0, to: 1, secondsPerByte: 1 }],
      sink: 0,
    });
    expect(naivePrediction(oneWay, plan([0, 1], [0, 1]))).toMatchObject(INFINITE);
    const unknown = testProblem("a -?-> b", { devices: [{}, {}], links: chainLinks(2, { secondsPerByte: 1 }) });
    expect(naivePrediction(unknown, plan([0, 1], [0, 1]))).toMatchObject(INFINITE);
    expect(naivePrediction(unknown, plan([0], [0, 0])).latency).toBe(2 + 1);
  });
});

describe("predict and naivePrediction", () => {
  const close = (a: number, b: number) => a === b || Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a));

  /** Compares both on a plan; the message names the case. */
  function compare(
    seed: number,
    options: RandomProblemOptions,
    candidate: Plan,
    subject = randomProblem(seed, options),
  ) {
    const naive = naivePrediction(subject, candidate);
    const { latencySeconds, periodSeconds } = predict(subject, candidate);
    if (close(naive.latency, latencySeconds) && close(naive.period, periodSeconds)) return;
    throw new Error(
      `seed ${seed}, plan [${candidate.stages}] ${candidate.stageOf}: predict ${latencySeconds}, ${periodSeconds}; naive ${naive.latency}, ${naive.period}`,
    );
  }

  test("agree on every plan of 60 random problems", () => {
    let plans = 0;
    let finite = 0;
    for (let seed = 0; seed < 60; seed++) {
      const options: RandomProblemOptions = {
        ops: 5 + (seed % 3),
        devices: 3,
        constants: 4,
        spill: true,
        overhead: 2,
        unsupported: seed % 2 === 0 ? 0 : 0.05,
        unknownSizes: seed % 4 === 0 ? 0.05 : 0,
        topology: seed % 3 === 0 ? "chain" : "mesh",
        sharedMedium: seed % 5 === 0 ? 0.5 : 0,
      };
      const subject = randomProblem(seed, options);
      for (const sequence of deviceSequences(subject)) {
        for (const candidate of allPlans(subject, sequence)) {
          compare(seed, options, candidate, subject);
          plans += 1;
          if (Number.isFinite(naivePrediction(subject, candidate).latency)) finite += 1;
        }
      }
    }
    expect(plans).toBeGreaterThan(10_000);
    expect(finite).toBeGreaterThan(plans / 2);
  });

  test("agree on large graphs, devices visited twice and plans that cannot run", () => {
    for (let seed = 100; seed < 160; seed++) {
      const options: RandomProblemOptions = { ops: 60, devices: 4, constants: 20, spill: true, overhead: 2, reach: 6 };
      const random = createRandom(seed);
      const stages = [0, 1, 2, 1, 3];
      const positions = stages.slice(1).map(() => random.integer(0, 60));
      const contiguous = Int32Array.from({ length: 60 }, (_, op) => positions.filter((from) => from <= op).length);
      compare(seed, options, { stages, stageOf: contiguous });
      compare(seed, options, { stages, stageOf: contiguous.map((stage) => (random.chance(0.02) ? 2 : stage)) });
    }
  });
});
