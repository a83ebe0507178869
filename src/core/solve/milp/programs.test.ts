import { describe, expect, test } from "vitest";
import { item } from "../../columns.ts";
import type { Plan } from "../../plan/plan.ts";
import { predict } from "../../predict/predict.ts";
import { figureOf, isAdmissible } from "../../predict/prediction.ts";
import { allPlans, deviceSequences } from "../../testing/brute-force.ts";
import { constrainedProblem, someLimits, someObjective, somePlans } from "../../testing/constrained-problem.ts";
import { assignmentProgram } from "./assignment-program.ts";
import { ladderProgram } from "./ladder-program.ts";
import { ladderSetting } from "./ladder-terms.ts";
import { type Milp, violation } from "./milp.ts";
import type { PlacementProgram } from "./placement-program.ts";

const EVERYTHING = {
  ops: 5,
  devices: 3,
  unsupported: 0.05,
  unknownSizes: 0.08,
  overhead: 2,
  spill: true,
  constants: 4,
  sharedMedium: 0.3,
  memoryCaps: true,
  stageCaps: true,
  linkCaps: true,
  coLocated: true,
  pins: true,
  queues: true,
  noOverlap: true,
} as const;

/** Objective of the program at a plan's point against the prediction; whether the point is feasible. */
function atPlan(program: PlacementProgram, milp: Milp, plan: Plan) {
  const point = program.pointOf(plan);
  if (point === null) return null;
  return { value: program.builder.objectiveAt(point), feasible: violation(milp, point) <= 1e-9, point };
}

const built = (program: PlacementProgram) => program.builder.build(1, Number.POSITIVE_INFINITY);

describe("the ladder program", () => {
  test("has the predicted value at every plan, and takes those that keep to everything and no others", () => {
    let admissible = 0;
    let refused = 0;
    for (let seed = 1; seed <= 110; seed++) {
      const problem = constrainedProblem(seed, EVERYTHING);
      const objective = someObjective(seed);
      const limits = someLimits(seed, problem, somePlans(seed, problem, 9));
      const setting = ladderSetting(problem, objective, limits, 10);
      for (const sequence of deviceSequences(problem)) {
        if (sequence.length < 3) continue;
        const program = ladderProgram(setting, sequence);
        let milp = program === null ? null : built(program);
        for (let length = 1; length <= sequence.length; length++) {
          for (const plan of allPlans(problem, sequence.slice(0, length))) {
            const prediction = predict(problem, plan);
            const good = isAdmissible(prediction, limits);
            let found = program === null || milp === null ? null : atPlan(program, milp, plan);
            if (program === null || found === null) {
              expect(good).toBe(false);
              continue;
            }
            const expected = figureOf(prediction, objective);
            if (found.feasible && !good) {
              // Only live activations are left to rows that are added where needed.
              expect(prediction.violations.map(({ kind }) => kind)).toContain("memory");
              expect(program.refine(plan, prediction)).toBe(true);
              milp = built(program);
              found = atPlan(program, milp, plan);
            }
            expect(found?.feasible).toBe(good);
            if (!good) {
              refused++;
              continue;
            }
            admissible++;
            expect(Math.abs((found?.value ?? Number.NaN) - expected)).toBeLessThanOrEqual(1e-9 * expected);
            const again = program.planOf(found?.point ?? new Float64Array());
            expect([...again.stageOf]).toEqual([...plan.stageOf]);
            expect(again.stages).toEqual(plan.stages);
          }
        }
      }
    }
    console.log(`ladder program: ${admissible} admissible plans, ${refused} refused`);
    expect(Math.min(admissible, refused)).toBeGreaterThan(400);
  });
});

describe("the assignment program", () => {
  test.each(["direct", "port"] as const)("has the predicted value at plans with delivery %s", (delivery) => {
    let admissible = 0;
    let refused = 0;
    for (let seed = 1; seed <= 80; seed++) {
      const problem = constrainedProblem(seed, { ...EVERYTHING, delivery });
      const objective = someObjective(seed);
      const plans = somePlans(seed, problem, 40);
      const limits = someLimits(seed, problem, plans);
      const program = assignmentProgram(problem, objective, limits, 10);
      const milp = program === null ? null : built(program);
      for (const plan of plans) {
        const prediction = predict(problem, plan);
        const good = isAdmissible(prediction, limits);
        const found = program === null || milp === null ? null : atPlan(program, milp, plan);
        if (found === null) {
          expect(good).toBe(false);
          continue;
        }
        const memory = prediction.violations.some(({ kind }) => kind === "memory");
        // A bound in memory; exact in all else, for devices that have one stage each.
        if (good) expect(found.feasible).toBe(true);
        else if (!memory) expect(found.feasible).toBe(false);
        const expected = figureOf(prediction, objective);
        if (!good) {
          refused++;
          continue;
        }
        admissible++;
        expect(Math.abs(found.value - expected)).toBeLessThanOrEqual(1e-9 * expected);
        const again = item([program?.planOf(found.point)], 0);
        const devices = (p: typeof plan | undefined) => [...(p?.stageOf ?? [])].map((stage) => p?.stages[stage]);
        expect(devices(again)).toEqual(devices(plan));
      }
    }
    console.log(`assignment program, ${delivery}: ${admissible} admissible plans, ${refused} refused`);
    expect(Math.min(admissible, refused)).toBeGreaterThan(100);
  });
});
