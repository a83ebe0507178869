import { expect, test } from "vitest";
import { FIGURES, type Objective } from "../plan/objective.ts";
import { noSplitPlan } from "../plan/plan-edit.ts";
import { defaultRig } from "../rig/presets.ts";
import { allPlans } from "../testing/brute-force.ts";
import { chainLinks, testProblem } from "../testing/problems.ts";
import { randomProblem } from "../testing/random-problem.ts";
import { differenceParts } from "./difference-parts.ts";
import { predict } from "./predict.ts";
import { figureOf } from "./prediction.ts";

const rig = defaultRig();
/** Names for more links than it has. */
const wide = { ...rig, links: Array.from({ length: 3 }, () => rig.links).flat() };

test("parts are named and written with sign and unit, largest first", () => {
  const problem = testProblem("[in:100] -> a=2 -10-> b=20", {
    devices: [{}, { speed: 4, overhead: 0.5 }],
    links: chainLinks(2, { secondsPerByte: 0.1, latency: 2 }),
    sink: 1,
  });
  const planned = (plan: Parameters<typeof predict>[1]) => ({ plan, prediction: predict(problem, plan) });
  const from = planned(noSplitPlan(problem, 1));
  const to = planned({ stages: [0, 1], stageOf: Int32Array.of(0, 1) });
  expect(differenceParts(problem, rig, { from, to }, "latency")).toEqual([
    { name: "bytes over Wi-Fi 4 (2.4 GHz)", amount: -9, text: "−9,000 ms" },
    { name: "compute on Raspberry Pi 4", amount: 2, text: "+2,000 ms" },
    { name: "compute on Jetson Nano", amount: -0.5, text: "−500 ms" },
  ]);
  expect(differenceParts(problem, rig, { from, to }, { mix: { latency: 2, traffic: 0.1, energy: 1 } })).toEqual([
    { name: "latency", amount: -15, text: "−7,500 ms" },
    { name: "traffic", amount: -9, text: "−90 B" },
  ]);
});

test("parts add up to the difference for every objective", () => {
  const objectives: readonly Objective[] = [
    ...FIGURES,
    { mix: { latency: 1, period: 2, energy: 0.5, traffic: 0.01 } },
    { mix: { period: 1, traffic: 0 } },
  ];
  for (let seed = 1; seed <= 20; seed++) {
    const problem = randomProblem(seed, {
      ops: 6,
      devices: 3,
      overhead: 2,
      spill: true,
      constants: 3,
      power: true,
      topology: "chain",
    });
    const from = { plan: noSplitPlan(problem, 2), prediction: predict(problem, noSplitPlan(problem, 2)) };
    for (const plan of [...allPlans(problem, [0, 2, 1])].slice(0, 20)) {
      const to = { plan, prediction: predict(problem, plan) };
      for (const objective of objectives) {
        const parts = differenceParts(problem, wide, { from, to }, objective) ?? [];
        const sum = parts.reduce((total, { amount }) => total + amount, 0);
        const [before, after] = [from, to].map(({ prediction }) => figureOf(prediction, objective));
        expect(Math.abs(sum - ((after ?? 0) - (before ?? 0)))).toBeLessThanOrEqual(
          1e-11 * ((after ?? 0) + (before ?? 0)),
        );
        for (const { text, amount } of parts) expect(text.startsWith(amount < 0 ? "−" : "+")).toBe(true);
      }
    }
  }
});

test("a plan that cannot run is not explained", () => {
  const problem = testProblem("a -> b", {
    devices: [{}, { unsupported: ["b"] }],
    links: chainLinks(2, { secondsPerByte: 1 }),
  });
  const [from, to] = [0, 1].map((device) => {
    const plan = noSplitPlan(problem, device);
    return { plan, prediction: predict(problem, plan) };
  });
  if (from === undefined || to === undefined) throw new Error("there are two devices");
  for (const objective of ["latency", { mix: { energy: 1 } }] as const) {
    expect(differenceParts(problem, rig, { from, to }, objective)).toBeNull();
  }
});
