import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { at, item } from "../columns.ts";
import { allPlans, deviceSequences } from "../testing/brute-force.ts";
import { chainLinks, testProblem } from "../testing/problems.ts";
import { randomProblem } from "../testing/random-problem.ts";
import { predict } from "./predict.ts";
import { framesInFlight, laneUse, timeline } from "./timeline.ts";

const PROBLEM = testProblem("[image:10] -> a=4 -50-> b=6 -30-> c=8 -> [label:2]", {
  devices: [{}, {}],
  links: chainLinks(2, { secondsPerByte: 0.1, latency: 2 }),
});
const SPLIT = { stages: [0, 1], stageOf: Int32Array.of(0, 1, 1) };

/** Every plan that can run of a small random problem. */
function* runnablePlans(seed: number) {
  const problem = randomProblem(seed, { ops: 5, devices: 3, topology: "chain", sharedMedium: 0.3, overhead: 1 });
  for (const sequence of deviceSequences(problem)) {
    for (const plan of allPlans(problem, sequence)) {
      const prediction = predict(problem, plan);
      if (prediction.latencySeconds < Number.POSITIVE_INFINITY) yield { problem, plan, prediction };
    }
  }
}

describe("timeline", () => {
  test("one frame by hand: compute, way over, compute, way back", () => {
    const { activities, lanes, criticalPath, end } = timeline(PROBLEM, predict(PROBLEM, SPLIT), {
      frames: 1,
      interval: 0,
    });
    expect(activities.map(({ start, busyUntil, end: arrival }) => [start, busyUntil, arrival])).toEqual([
      [0, 4, 4],
      [4, 9, 11],
      [11, 25, 25],
    ]);
    expect(lanes).toHaveLength(3);
    expect(criticalPath).toEqual([0, 1, 2]);
    expect(end).toBe(25);
  });

  test("a stream faster than the slowest device waits before it, and the wait is on the critical path", () => {
    const run = timeline(PROBLEM, predict(PROBLEM, SPLIT), { frames: 4, interval: 5 });
    expect([...run.completions]).toEqual([25, 39, 53, 67]);
    const last = item(run.activities, run.criticalPath.at(-1) ?? -1);
    expect(last.start - last.ready).toBeGreaterThan(0);
    expect(run.criticalPath.map((index) => item(run.activities, index).work.kind)).toEqual([
      "stage",
      "transfer",
      "stage",
      "stage",
      "stage",
      "stage",
    ]);
  });

  test("one frame takes the predicted latency, whatever the plan", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), (seed) => {
        for (const { problem, prediction } of runnablePlans(seed)) {
          const { end } = timeline(problem, prediction, { frames: 1, interval: 0 });
          expect(end).toBeCloseTo(prediction.latencySeconds, 9);
        }
      }),
      { numRuns: 20 },
    );
  });

  test("at the predicted period a stream keeps up where no resource is used twice; faster, it cannot", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), (seed) => {
        for (const { problem, plan, prediction } of runnablePlans(seed)) {
          const { periodSeconds, latencySeconds } = prediction;
          if (periodSeconds === 0) continue;
          const frames = 12;
          const last = (interval: number) => at(timeline(problem, prediction, { frames, interval }).completions, 11);
          const resources = prediction.transfers.flatMap(({ fromDevice, toDevice }) =>
            (problem.routes[fromDevice]?.[toDevice]?.hops ?? []).map(({ resource }) => resource),
          );
          const once = new Set(resources).size === resources.length && new Set(plan.stages).size === plan.stages.length;
          if (once) expect(last(periodSeconds)).toBeCloseTo(latencySeconds + 11 * periodSeconds, 9);
          expect(last(periodSeconds / 2)).toBeGreaterThanOrEqual(12 * periodSeconds - 1e-9);
        }
      }),
      { numRuns: 15 },
    );
  });

  test("no device and no medium does two things at once, and nothing starts before what it needs", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), (seed) => {
        for (const { problem, prediction } of runnablePlans(seed)) {
          const run = timeline(problem, prediction, { frames: 5, interval: prediction.periodSeconds * 0.7 });
          const lastEnd = new Map<string, number>();
          for (const { lane, start, busyUntil, ready, end, cause } of run.activities) {
            const where = item(run.lanes, lane);
            const key = where.kind === "device" ? `device ${where.device}` : `link ${where.link} ${where.direction}`;
            expect(start).toBeGreaterThanOrEqual(Math.max(ready, lastEnd.get(key) ?? 0));
            expect(end).toBeGreaterThanOrEqual(busyUntil);
            lastEnd.set(key, busyUntil);
            const { end: before, busyUntil: free } = run.activities[cause] ?? { end: start, busyUntil: start };
            if (cause >= 0) expect([before, free]).toContain(start);
          }
        }
      }),
      { numRuns: 15 },
    );
  });

  test("frames in flight and lane use of a steady stream", () => {
    const run = timeline(PROBLEM, predict(PROBLEM, SPLIT), { frames: 20, interval: 14 });
    expect(framesInFlight(run)).toBe(2);
    const [source, link, server] = laneUse(run, 28, 28 + 14 * 10);
    expect(source?.utilisation).toBeCloseTo(4 / 14, 9);
    expect(link?.utilisation).toBeCloseTo(5 / 14, 9);
    expect(server?.utilisation).toBeCloseTo(1, 9);
  });
});
