import { expect, test } from "vitest";
import { checkPlan } from "../plan/validity.ts";
import { isAdmissible } from "../predict/prediction.ts";
import { constrainedProblem } from "../testing/constrained-problem.ts";
import { bertBase } from "../testing/sized-problems.ts";
import { firstPlan } from "./first-plan.ts";

test("a first plan is valid and kept to what was asked; where nothing runs alone, devices are filled", () => {
  let split = 0;
  for (let seed = 1; seed <= 300; seed++) {
    const problem = constrainedProblem(seed, { ops: 6, devices: 3, constants: 4, memoryCaps: true, unsupported: 0.2 });
    const found = firstPlan(problem, (prediction) => isAdmissible(prediction));
    if (found === null) continue;
    expect(checkPlan(problem, found.plan).errors, `seed ${seed}`).toEqual([]);
    expect(isAdmissible(found.prediction)).toBe(true);
    if (new Set(found.plan.stageOf).size > 1) split++;
  }
  expect(split).toBeGreaterThan(3);
});

test("BERT-base on devices that hold 30 % of it each: several stages, what is live included", () => {
  const problem = bertBase(5);
  const devices = problem.devices.map((device) => ({
    ...device,
    memoryBytes: 0.3 * device.weightBytes.reduce((sum, size) => sum + size, 0),
  }));
  const found = firstPlan({ ...problem, devices }, (prediction) => isAdmissible(prediction));
  expect(found?.plan.stages.length).toBeGreaterThan(3);
  expect(firstPlan({ ...problem, devices }, () => false)).toBeNull();
});
