import { expect, test } from "vitest";
import { at } from "../columns.ts";
import { allPlans } from "../testing/brute-force.ts";
import { type RandomProblemOptions, randomProblem } from "../testing/random-problem.ts";
import { predict } from "./predict.ts";
import { timeline } from "./timeline.ts";
import { queueGrowth, utilisation } from "./utilisation.ts";

const BASE = { ops: 6, devices: 3, overhead: 2, spill: true, constants: 3, topology: "chain" } as const;
const FAMILIES: readonly (readonly [string, RandomProblemOptions])[] = [
  ["relayed", BASE],
  ["a shared medium", { ...BASE, sharedMedium: 1 }],
  ["direct", { ...BASE, conditions: { delivery: "direct" } }],
];

test.each(FAMILIES)(
  "%s: shares are those of a long timeline, and the busiest share says whether it keeps up",
  (_, options) => {
    let late = 0;
    for (let seed = 1; seed <= 25; seed++) {
      const problem = randomProblem(seed, options);
      const plan = [...allPlans(problem, [0, 1, 2])][seed % 9];
      if (plan === undefined) continue;
      const prediction = predict(problem, plan);
      const { periodSeconds } = prediction;
      if (!(periodSeconds > 0 && periodSeconds < Number.POSITIVE_INFINITY)) continue;
      for (const load of [0.3, 0.9, 1.6]) {
        const rate = load / periodSeconds;
        const frames = 200;
        const run = timeline(problem, prediction, { frames, interval: 1 / rate });
        const shares = run.lanes.map((lane) => utilisation(problem, prediction, lane, rate));
        for (const [number, lane] of run.lanes.entries()) {
          const busy = run.activities
            .filter((activity) => activity.lane === number)
            .reduce((sum, { start, busyUntil }) => sum + busyUntil - start, 0);
          const own = (busy / frames) * rate;
          // Others on the medium add to what a direction of a link has itself.
          if (lane.kind === "device" || options.sharedMedium === undefined)
            expect(at(shares, number)).toBeCloseTo(own, 9);
          else expect(at(shares, number)).toBeGreaterThanOrEqual(own - 1e-9);
        }
        expect(Math.max(...shares)).toBeCloseTo(load, 9);
        const growth = queueGrowth(prediction, rate);
        expect(growth > 0).toBe(load > 1);
        if (growth === 0) continue;
        // Frames that are born and not finished when the last one is born, against the growth over that time.
        const last = at(run.births, frames - 1);
        const waiting = frames - run.completions.filter((end) => end <= last).length;
        const inFlight = Math.ceil(prediction.latencySeconds / periodSeconds) + 1;
        expect(waiting - growth * last).toBeGreaterThan(-inFlight);
        // On a medium that frames pass twice, newer frames take turns from older ones.
        if (options.sharedMedium === undefined) expect(waiting - growth * last).toBeLessThanOrEqual(inFlight);
        late++;
      }
    }
    expect(late).toBeGreaterThan(10);
  },
);
