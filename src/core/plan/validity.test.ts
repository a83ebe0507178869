import { describe, expect, test } from "vitest";
import { allPlans, deviceSequences } from "../testing/brute-force.ts";
import { naivePrediction } from "../testing/naive-prediction.ts";
import { chainLinks, testProblem } from "../testing/problems.ts";
import { createRandom } from "../testing/random.ts";
import { randomProblem } from "../testing/random-problem.ts";
import type { Plan } from "./plan.ts";
import { checkPlan, crossings } from "./validity.ts";

const problem = testProblem("[in:9] -> a -4-> b -?-> c -2-> d; a -> d; w:600 => b", {
  devices: [{}, { unsupported: ["d"], memory: 500 }, {}],
  links: chainLinks(3, { secondsPerByte: 1 }),
});
const names = { opNames: ["a", "b", "c", "d"], tensorNames: ["in", "t-a", "t-b", "t-c", "out"] };
const check = (stages: readonly number[], stageOf: readonly number[]) =>
  checkPlan(problem, { stages, stageOf: Int32Array.from(stageOf) }, names);

describe("checkPlan", () => {
  test("a plan that can run has no errors", () => {
    expect(check([0, 2], [0, 1, 1, 1])).toEqual({ errors: [], warnings: [] });
  });

  test.each([
    ["wrong length", [0], [0, 0], "The plan assigns 2 ops; expected the graph's 4."],
    ["no stage", [], [0, 0, 0, 0], "The plan has no stage; expected at least one."],
    ["unknown device", [0, 7], [0, 0, 0, 1], "The plan uses device number 7; expected a number below 3."],
    ["unknown stage", [0], [0, 0, 0, 1], "Op 3 is in stage 1; expected a number below 1."],
    ["first stage", [2], [0, 0, 0, 0], 'The first stage is on device "device-2"; expected the source "device-0".'],
    ["empty stage", [0, 1, 2], [0, 2, 2, 2], 'Stage 1 on device "device-1" has no op.'],
    ["unsupported op", [0, 1], [0, 0, 0, 1], 'Op "d" runs on device "device-1", which does not support it.'],
    [
      "edge back",
      [0, 2],
      [1, 0, 0, 1],
      'Op "b" runs in stage 0, before op "a" in stage 1, whose tensor "t-a" it reads.',
    ],
    [
      "unknown size",
      [0, 2],
      [0, 0, 1, 1],
      'Tensor "t-b" cannot be sent from device "device-0" to "device-2": its size is unknown; expected a cut through tensors of known size.',
    ],
  ])("%s", (_, stages, stageOf, sentence) => {
    expect(check(stages, stageOf).errors).toContain(sentence);
  });

  test("memory that does not suffice is a warning", () => {
    const { errors, warnings } = check([0, 1, 2], [0, 1, 1, 2]);
    expect(errors).toEqual([]);
    // 600 of weights, 4 of t-a, which goes on to d, 2 of t-c.
    expect(warnings).toEqual(['Device "device-1" needs 606 B of memory; it has 500 B.']);
  });

  test("no route", () => {
    const apart = testProblem("a -> b", { devices: [{}, {}], links: [{ from: 0, to: 1, secondsPerByte: 1 }], sink: 0 });
    const { errors } = checkPlan(apart, { stages: [0, 1], stageOf: Int32Array.of(0, 1) });
    expect(errors).toEqual(['No link leads from device "device-1" to device "device-0".']);
  });

  test("an output of unknown size that has to be returned is a warning", () => {
    const open = testProblem("a -> b -?-> []", {
      devices: [{}, {}],
      links: chainLinks(2, { secondsPerByte: 1 }),
      sink: 0,
    });
    const { errors, warnings } = checkPlan(open, { stages: [0, 1], stageOf: Int32Array.of(0, 1) });
    expect(errors).toEqual([]);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain("its way to the sink is counted without bytes");
  });

  test("errors exactly where the oracle says that the plan cannot run", () => {
    let impossible = 0;
    for (let seed = 1; seed <= 40; seed++) {
      const random = randomProblem(seed, { ops: 5, devices: 3, unknownSizes: 0.2, unsupported: 0.2 });
      const dice = createRandom(seed);
      for (const sequence of deviceSequences(random)) {
        for (const plan of allPlans(random, sequence)) {
          if (!dice.chance(0.2)) continue;
          const runs = naivePrediction(random, plan).latency < Number.POSITIVE_INFINITY;
          if (!runs) impossible++;
          expect(checkPlan(random, plan).errors.length === 0).toBe(runs);
        }
      }
    }
    expect(impossible).toBeGreaterThan(100);
  });
});

test("crossings name a tensor once per boundary that it passes, outputs up to the last stage", () => {
  const plan: Plan = { stages: [0, 1, 2], stageOf: Int32Array.of(0, 1, 1, 2) };
  expect(crossings(problem, plan).map((tensors) => tensors.length)).toEqual([1, 2]);
});
