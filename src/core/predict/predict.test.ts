import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { item } from "../columns.ts";
import type { Plan } from "../plan/plan.ts";
import { noSplitPlan } from "../plan/plan-edit.ts";
import type { Problem, Route } from "../plan/problem.ts";
import { allPlans, deviceSequences } from "../testing/brute-force.ts";
import { keepsConstraints, naivePrediction } from "../testing/naive-prediction.ts";
import { chainLinks, testProblem } from "../testing/problems.ts";
import { type RandomProblemOptions, randomProblem } from "../testing/random-problem.ts";
import { predict } from "./predict.ts";

const plan = (stages: readonly number[], stageOf: readonly number[]): Plan => ({
  stages,
  stageOf: Int32Array.from(stageOf),
});

/** a feeds b, c and d; b is an output too; b and d share a constant. */
const PROBLEM = testProblem(
  `
  [image:600] -> a=4 -50-> b=6 -30-> c=8 -20-> d=10 -> [label:2]
  a -> c; a -> d; b -> []
  w:40 => b, d
  `,
  {
    devices: [
      { overhead: 1 },
      { speed: 2, onChip: { bytes: 10, secondsPerByte: 0.5 } },
      { speed: 4, overhead: 3, memory: 90 },
    ],
    links: chainLinks(3, { secondsPerByte: 0.1, latency: 2 }),
  },
);

describe("predict by hand", () => {
  const prediction = predict(PROBLEM, plan([0, 1, 2], [0, 1, 1, 2]));

  test("stages and transfers follow each other", () => {
    expect(prediction.stages).toEqual([
      {
        stage: 0,
        device: 0,
        opCount: 1,
        computeSeconds: 5,
        overheadSeconds: 1,
        opSeconds: 4,
        spillSeconds: 0,
        start: 0,
        end: 5,
      },
      {
        stage: 1,
        device: 1,
        opCount: 2,
        computeSeconds: 22,
        overheadSeconds: 0,
        opSeconds: 7,
        spillSeconds: 15,
        start: 12,
        end: 34,
      },
      {
        stage: 2,
        device: 2,
        opCount: 1,
        computeSeconds: 5.5,
        overheadSeconds: 3,
        opSeconds: 2.5,
        spillSeconds: 0,
        start: 46,
        end: 51.5,
      },
    ]);
    expect(prediction.transfers).toEqual([
      {
        kind: "cut",
        fromStage: 0,
        toStage: 1,
        fromDevice: 0,
        toDevice: 1,
        tensors: [1],
        bytes: 50,
        seconds: 7,
        start: 5,
        end: 12,
      },
      {
        kind: "cut",
        fromStage: 1,
        toStage: 2,
        fromDevice: 1,
        toDevice: 2,
        tensors: [1, 2, 3],
        bytes: 100,
        seconds: 12,
        start: 34,
        end: 46,
      },
    ]);
    expect(prediction.latencySeconds).toBe(51.5);
  });

  test("the period is the busiest device or link, latency not counted", () => {
    expect(prediction.periodSeconds).toBe(22);
    expect(prediction.bottleneck).toEqual({ kind: "device", device: 1 });
    expect(prediction.links).toEqual([
      { link: 0, direction: "aToB", bytes: 50, seconds: 5 },
      { link: 2, direction: "aToB", bytes: 100, seconds: 10 },
    ]);
  });

  test("memory: weights once, and the most that is alive at once", () => {
    expect(prediction.devices.map(({ weightBytes }) => weightBytes)).toEqual([0, 40, 40]);
    // a: input and output. b, c: t-a goes on and stays, t-b is an output and stays, t-c joins. d: all three and the label.
    expect(prediction.devices.map(({ activationBytes }) => activationBytes)).toEqual([650, 100, 102]);
    expect(prediction.devices.map(({ fits }) => fits)).toEqual([true, true, false]);
  });

  test("an empty first stage sends the input, two hops relay it", () => {
    const sent = predict(PROBLEM, noSplitPlan(PROBLEM, 2));
    expect(sent.transfers).toMatchObject([{ kind: "input", bytes: 600, seconds: 2 * (2 + 60), start: 0 }]);
    expect(sent.stages[0]).toMatchObject({ opCount: 0, computeSeconds: 0 });
    expect(sent.links.map(({ link, bytes }) => [link, bytes])).toEqual([
      [0, 600],
      [2, 600],
    ]);
    expect(sent.bottleneck).toEqual({ kind: "link", link: 0 });
    expect(item(sent.devices, 0).activationBytes).toBe(600);
  });

  test("outputs return to the sink in one message", () => {
    const local = predict(PROBLEM, noSplitPlan(PROBLEM, 0));
    expect(local.transfers).toMatchObject([
      { kind: "return", fromStage: 0, toStage: -1, toDevice: 2, bytes: 32, start: 29 },
    ]);
  });

  test("a device visited twice: spill once, shared among its stages; same device, no transfer", () => {
    const twice = predict(PROBLEM, plan([0, 1, 1], [0, 1, 1, 2]));
    expect(twice.transfers.map(({ kind }) => kind)).toEqual(["cut", "return"]);
    expect(twice.stages.reduce((sum, { spillSeconds }) => sum + spillSeconds, 0)).toBe(15);
  });

  test("what cannot run takes forever", () => {
    const back = predict(PROBLEM, plan([0, 1], [1, 0, 1, 1]));
    expect([back.latencySeconds, back.periodSeconds]).toEqual([Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]);
  });
});

const FAMILIES: readonly (readonly [string, RandomProblemOptions])[] = [
  ["plain", { ops: 6, devices: 3 }],
  [
    "everything at once",
    {
      ops: 5,
      devices: 3,
      unsupported: 0.1,
      unknownSizes: 0.1,
      overhead: 3,
      spill: true,
      constants: 4,
      sharedMedium: 0.5,
    },
  ],
  ["chain of devices", { ops: 5, devices: 4, topology: "chain", sharedMedium: 0.3 }],
  ["power", { ops: 5, devices: 3, power: true, overhead: 2, spill: true, constants: 3, topology: "chain" }],
  ["nothing overlaps", { ops: 5, devices: 3, topology: "chain", conditions: { overlap: false } }],
  [
    "direct delivery",
    { ops: 5, devices: 3, topology: "chain", unknownSizes: 0.1, power: true, conditions: { delivery: "direct" } },
  ],
  ["direct, nothing overlaps", { ops: 5, devices: 3, conditions: { delivery: "direct", overlap: false } }],
  ["ports", { ops: 5, devices: 3, ports: true, unknownSizes: 0.1, conditions: { delivery: "port" } }],
  ["ports, nothing overlaps", { ops: 5, devices: 3, ports: true, conditions: { delivery: "port", overlap: false } }],
  ["constraints", { ops: 5, devices: 3, pinned: 0.3, groupCount: 1, limitedLinks: 0.4, conditions: { maxStages: 2 } }],
];

describe("predict against the naive oracle, every plan of random problems", () => {
  test.each(FAMILIES)("%s", (_, options) => {
    let plans = 0;
    for (let seed = 1; seed <= 12; seed++) {
      const problem = randomProblem(seed, options);
      for (const sequence of deviceSequences(problem)) {
        for (const candidate of allPlans(problem, sequence)) {
          plans++;
          const expected = naivePrediction(problem, candidate);
          const prediction = predict(problem, candidate);
          expectClose(prediction.latencySeconds, expected.latency);
          expectClose(prediction.periodSeconds, expected.period);
          expectClose(prediction.energyJoules, expected.energy);
          expectClose(prediction.trafficBytes, expected.traffic);
          if (expected.latency < Number.POSITIVE_INFINITY)
            expect(prediction.violations.length === 0).toBe(keepsConstraints(problem, candidate));
        }
      }
    }
    expect(plans).toBeGreaterThan(1000);
  });
});

function expectClose(actual: number, expected: number): void {
  if (actual === expected) return;
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(1e-12 * expected);
}

/** The same problem with every route's bytes taking `factor` of the time. */
function scaleWires(problem: Problem, factor: number): Problem {
  const scale = (route: Route | null) =>
    route === null
      ? null
      : {
          ...route,
          secondsPerByte: route.secondsPerByte * factor,
          hops: route.hops.map((hop) => ({ ...hop, secondsPerByte: hop.secondsPerByte * factor })),
        };
  return { ...problem, routes: problem.routes.map((routes) => routes.map(scale)) };
}

describe("what a fixed plan must obey", () => {
  const anyPlan = fc
    .record({ seed: fc.integer({ min: 1, max: 2000 }), pick: fc.nat({ max: 200 }) })
    .map(({ seed, pick }) => {
      const problem = randomProblem(seed, {
        ops: 6,
        devices: 3,
        overhead: 2,
        spill: true,
        constants: 3,
        sharedMedium: 0.3,
      });
      const plans = [...allPlans(problem, [0, 1, 2]), ...allPlans(problem, [0, 2])];
      return { problem, candidate: item(plans, pick % plans.length) };
    });

  test("faster links never make it slower", () => {
    fc.assert(
      fc.property(anyPlan, fc.double({ min: 0.01, max: 1, noNaN: true }), ({ problem, candidate }, factor) => {
        const before = predict(problem, candidate);
        const after = predict(scaleWires(problem, factor), candidate);
        expect(after.latencySeconds).toBeLessThanOrEqual(before.latencySeconds);
        expect(after.periodSeconds).toBeLessThanOrEqual(before.periodSeconds);
      }),
    );
  });

  test("the period is at most the latency, and no less than any device or link is busy", () => {
    fc.assert(
      fc.property(anyPlan, ({ problem, candidate }) => {
        const { latencySeconds, periodSeconds, devices, links } = predict(problem, candidate);
        expect(periodSeconds).toBeLessThanOrEqual(latencySeconds * (1 + 1e-12));
        for (const { computeSeconds } of devices) expect(computeSeconds).toBeLessThanOrEqual(periodSeconds);
        for (const { seconds } of links) expect(seconds).toBeLessThanOrEqual(periodSeconds);
      }),
    );
  });

  test("stages and transfers fill the time from 0 to the latency without gaps", () => {
    fc.assert(
      fc.property(anyPlan, ({ problem, candidate }) => {
        const { latencySeconds, stages, transfers } = predict(problem, candidate);
        const spans = [...stages, ...transfers].sort((a, b) => a.start - b.start || a.end - b.end);
        let clock = 0;
        for (const { start, end } of spans) {
          expect(start).toBe(clock);
          clock = end;
        }
        expect(clock).toBe(latencySeconds);
      }),
    );
  });
});
