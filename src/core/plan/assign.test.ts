import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { at } from "../columns.ts";
import { chainLinks, testProblem } from "../testing/problems.ts";
import { randomProblem } from "../testing/random-problem.ts";
import { assignOps, movedOps, moveOps, positionBefore, splitAfter, splitBefore } from "./assign.ts";
import { nearestSplit } from "./nearest-split.ts";
import { boundaryPositions, planFromBoundaries } from "./order.ts";
import type { Plan } from "./plan.ts";
import { moveBoundary, moveOp } from "./plan-edit.ts";
import { checkPlan } from "./validity.ts";

const OPS = 12;

/** A problem of 12 ops on four devices, a valid plan cut at random, some ops and a device. */
const scenario = fc
  .record({
    seed: fc.integer({ min: 1, max: 5000 }),
    devices: fc.shuffledSubarray([1, 2, 3], { minLength: 0 }),
    cuts: fc.uniqueArray(fc.integer({ min: 0, max: OPS - 1 }), { minLength: 3, maxLength: 3 }),
    ops: fc.uniqueArray(fc.integer({ min: 0, max: OPS - 1 }), { minLength: 1, maxLength: 4 }),
    device: fc.integer({ min: 0, max: 3 }),
  })
  .map(({ seed, devices, cuts, ops, device }) => {
    const problem = randomProblem(seed, { ops: OPS, devices: 4 });
    const positions = [...cuts].sort((a, b) => a - b).slice(0, devices.length);
    const order = Int32Array.from({ length: OPS }, (_, op) => op);
    return { problem, plan: planFromBoundaries(order, positions, [0, ...devices]), ops, device };
  });

const deviceOf = (plan: Plan, op: number) => plan.stages[at(plan.stageOf, op)];

describe("edits of several ops", () => {
  test("moveOps: valid, every op where it was put, and as moveOp for a single op", () => {
    fc.assert(
      fc.property(scenario, fc.nat(), ({ problem, plan, ops }, which) => {
        const stage = which % plan.stages.length;
        const moved = moveOps(problem, plan, ops, stage);
        expect(checkPlan(problem, moved).errors).toEqual([]);
        for (const op of ops) expect(deviceOf(moved, op)).toBe(plan.stages[stage]);
        const [first] = ops;
        if (first === undefined) return;
        expect(moveOps(problem, plan, [first], stage)).toEqual(moveOp(problem, plan, first, stage));
      }),
    );
  });

  test("moveOps changes the fewest ops: no valid plan on the same stages with fewer changes holds the ops there", () => {
    fc.assert(
      fc.property(
        scenario.filter(({ plan }) => plan.stages.length === 2),
        fc.integer({ min: 0, max: 1 }),
        ({ problem, plan, ops }, stage) => {
          const moved = movedOps(plan, moveOps(problem, plan, ops, stage));
          for (let set = 0; set < 2 ** OPS; set++) {
            if (ops.some((op) => ((set >> op) & 1) !== stage)) continue;
            const other = {
              stages: plan.stages,
              stageOf: Int32Array.from({ length: OPS }, (_, op) => (set >> op) & 1),
            };
            if (movedOps(plan, other) >= moved) continue;
            expect(checkPlan(problem, other).errors).not.toEqual([]);
          }
        },
      ),
      { numRuns: 10 },
    );
  });

  test("assignOps: every op on the device, whether or not it had a stage", () => {
    fc.assert(
      fc.property(scenario, ({ problem, plan, ops, device }) => {
        const assigned = assignOps(problem, plan, ops, device);
        expect(checkPlan(problem, assigned).errors).toEqual([]);
        for (const op of ops) expect(deviceOf(assigned, op)).toBe(device);
      }),
    );
  });

  test("splitBefore and splitAfter: the rest of the stage on the device, nothing else", () => {
    fc.assert(
      fc.property(scenario, ({ problem, plan, ops: [op = 0], device }) => {
        const stage = at(plan.stageOf, op);
        for (const [edit, isTaken] of [
          [splitBefore, (other: number) => other >= op],
          [splitAfter, (other: number) => other <= op],
        ] as const) {
          const split = edit(problem, plan, op, device);
          expect(checkPlan(problem, split).errors).toEqual([]);
          for (let other = 0; other < OPS; other++) {
            const taken = at(plan.stageOf, other) === stage && isTaken(other);
            expect(deviceOf(split, other)).toBe(taken ? device : deviceOf(plan, other));
          }
        }
      }),
    );
  });

  test("an island in the middle of a chain: the device before goes on behind it", () => {
    const problem = testProblem("a -> b -> c -> d", {
      devices: [{}, {}, {}],
      links: chainLinks(3, { secondsPerByte: 1 }),
    });
    const plan: Plan = { stages: [0], stageOf: new Int32Array(4) };
    expect(assignOps(problem, plan, [1, 2], 2)).toEqual({ stages: [0, 2, 0], stageOf: Int32Array.of(0, 1, 1, 2) });
    expect(assignOps(problem, plan, [1, 2], 0)).toBe(plan);
    expect(positionBefore({ stages: [0, 1], stageOf: Int32Array.of(0, 0, 1, 1) }, 2)).toBe(2);
  });
});

describe("the nearest split that can run", () => {
  test("is as near as any by trying all", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5000 }),
        fc.integer({ min: 0, max: OPS }),
        fc.constantFrom(-1, 0, 1),
        (seed, position, step) => {
          const problem = randomProblem(seed, { ops: OPS, devices: 2, unsupported: 0.1, unknownSizes: 0.2 });
          const plan: Plan = { stages: [0, 1], stageOf: Int32Array.from({ length: OPS }, (_, op) => (op < 6 ? 0 : 1)) };
          const found = nearestSplit(problem, plan, 0, position, step);
          const distances = Array.from({ length: OPS }, (_, target) => target)
            .filter((target) => checkPlan(problem, moveBoundary(problem, plan, 0, target)).errors.length === 0)
            .filter((target) => step === 0 || (target - position) * step >= 0)
            .map((target) => Math.abs(target - position));
          const expected = distances.length === 0 ? null : Math.min(...distances);
          const reached = found === null ? null : Math.abs(at(boundaryPositions(found), 0) - position);
          expect(reached).toBe(expected);
        },
      ),
    );
  });
});
