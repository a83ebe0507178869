import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { at, item } from "../columns.ts";
import { predict } from "../predict/predict.ts";
import { chainLinks, testProblem } from "../testing/problems.ts";
import { randomProblem } from "../testing/random-problem.ts";
import type { Plan } from "./plan.ts";
import { isSamePlan, planDifference } from "./plan-difference.ts";

const PROBLEM = testProblem("[image:10] -> a=4 -50-> b=6 -30-> c=8 -> [label:2]; a -> c", {
  devices: [{}, {}],
  links: chainLinks(2, { secondsPerByte: 0.1 }),
});
const withPrediction = (plan: Plan) => ({ plan, prediction: predict(PROBLEM, plan) });

describe("planDifference", () => {
  test("ops that move and tensors that cross, by hand", () => {
    const early = withPrediction({ stages: [0, 1], stageOf: Int32Array.of(0, 1, 1) });
    const late = withPrediction({ stages: [0, 1], stageOf: Int32Array.of(0, 0, 1) });
    const [afterA] = PROBLEM.opOutputs.values;
    const difference = planDifference(early, late);
    expect(difference.moves).toEqual([{ from: 1, to: 0, ops: [1] }]);
    expect(difference.sentInBoth).toEqual([afterA]);
    expect(difference.sentInFirst).toEqual([]);
    expect(difference.sentInSecond).toHaveLength(1);
  });

  test("every op is moved or not as its devices say, and the other way round it is the mirror image", () => {
    const cuts = fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 9 }));
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), cuts, cuts, (seed, firstCuts, secondCuts) => {
        const problem = randomProblem(seed, { ops: 9, devices: 3 });
        const cutAt = (positions: readonly number[]) => {
          const stageOf = Int32Array.from({ length: 9 }, (_, op) => positions.filter((cut) => cut <= op).length);
          const plan = { stages: [0, 1, 2], stageOf };
          return { plan, prediction: predict(problem, plan) };
        };
        const first = cutAt(firstCuts);
        const second = cutAt(secondCuts);
        const forth = planDifference(first, second);
        const back = planDifference(second, first);
        const on = ({ plan }: typeof first, op: number) => item(plan.stages, at(plan.stageOf, op));
        for (let op = 0; op < problem.opCount; op++) {
          const move = forth.moves.find(({ ops }) => ops.includes(op));
          expect(move?.from ?? on(first, op)).toBe(on(first, op));
          expect(move?.to ?? on(first, op)).toBe(on(second, op));
        }
        expect(back.sentInFirst).toEqual(forth.sentInSecond);
        expect(back.sentInBoth).toEqual(forth.sentInBoth);
        expect(forth.moves.length === 0 || !isSamePlan(first.plan, second.plan)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  test("a plan is the same as its copy only", () => {
    const plan = { stages: [0, 1], stageOf: Int32Array.of(0, 1, 1) };
    expect(isSamePlan(plan, { stages: [0, 1], stageOf: Int32Array.of(0, 1, 1) })).toBe(true);
    expect(isSamePlan(plan, { stages: [0, 1], stageOf: Int32Array.of(0, 0, 1) })).toBe(false);
    expect(isSamePlan(plan, { stages: [0, 2], stageOf: Int32Array.of(0, 1, 1) })).toBe(false);
  });
});
