import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { at, row } from "../columns.ts";
import { chainLinks, testProblem } from "../testing/problems.ts";
import { randomProblem } from "../testing/random-problem.ts";
import { boundaryPositions, frontierBytes, isTopologicalOrder, planFromBoundaries, stageOrder } from "./order.ts";
import type { Plan } from "./plan.ts";
import {
  addStage,
  boundaryRange,
  moveBoundary,
  moveOp,
  normalisePlan,
  noSplitPlan,
  removeStage,
  setStageDevice,
} from "./plan-edit.ts";
import type { Problem } from "./problem.ts";
import { checkPlan, crossings } from "./validity.ts";

/** A problem of 12 ops on four devices and a valid plan for it, cut at random in number order. */
const scenario = fc
  .record({
    seed: fc.integer({ min: 1, max: 5000 }),
    devices: fc.shuffledSubarray([1, 2, 3], { minLength: 0 }),
    cuts: fc.uniqueArray(fc.integer({ min: 0, max: 11 }), { minLength: 3, maxLength: 3 }),
  })
  .map(({ seed, devices, cuts }) => {
    const problem = randomProblem(seed, { ops: 12, devices: 4 });
    const positions = [...cuts].sort((a, b) => a - b).slice(0, devices.length);
    const order = Int32Array.from({ length: 12 }, (_, op) => op);
    return { problem, plan: planFromBoundaries(order, positions, [0, ...devices]) };
  });

function expectValid(problem: Problem, plan: Plan): void {
  expect(checkPlan(problem, plan).errors).toEqual([]);
  expect(isTopologicalOrder(problem, stageOrder(plan))).toBe(true);
}

describe("edits keep plans valid", () => {
  test("moveBoundary: lands where it was put, as far as every stage keeps an op", () => {
    fc.assert(
      fc.property(scenario, fc.nat(), fc.integer({ min: -3, max: 15 }), ({ problem, plan }, which, position) => {
        const count = plan.stages.length - 1;
        if (count === 0) return;
        const boundary = which % count;
        const moved = moveBoundary(problem, plan, boundary, position);
        expectValid(problem, moved);
        const { first, last } = boundaryRange(plan, boundary);
        expect(boundaryPositions(moved)[boundary]).toBe(Math.min(last, Math.max(first, position)));
        expect(moved.stages).toEqual(plan.stages);
      }),
    );
  });

  test("moveOp: the op is in the stage's device, ancestors not later, descendants not earlier", () => {
    fc.assert(
      fc.property(scenario, fc.integer({ min: 0, max: 11 }), fc.nat(), ({ problem, plan }, op, which) => {
        const stage = which % plan.stages.length;
        const moved = moveOp(problem, plan, op, stage);
        expectValid(problem, moved);
        expect(moved.stages[at(moved.stageOf, op)]).toBe(plan.stages[stage]);
      }),
    );
  });

  test("moveOp moves nothing that does not have to move", () => {
    fc.assert(
      fc.property(scenario, fc.integer({ min: 0, max: 11 }), fc.nat(), ({ problem, plan }, op, which) => {
        const stage = which % plan.stages.length;
        const moved = moveOp(problem, plan, op, stage);
        const related = relatives(problem, op);
        for (let other = 0; other < problem.opCount; other++) {
          if (other === op || related.has(other)) continue;
          expect(moved.stages[at(moved.stageOf, other)]).toBe(plan.stages[at(plan.stageOf, other)]);
        }
      }),
    );
  });

  test("addStage, removeStage, setStageDevice", () => {
    fc.assert(
      fc.property(scenario, fc.nat({ max: 3 }), fc.nat(), ({ problem, plan }, device, which) => {
        const grown = addStage(problem, plan, device);
        expectValid(problem, grown);
        if (device !== plan.stages.at(-1)) expect(grown.stages.length - plan.stages.length).toBeLessThanOrEqual(1);
        const stage = which % plan.stages.length;
        const inserted = addStage(problem, plan, device, stage);
        expectValid(problem, inserted);
        if (inserted !== plan) expect(inserted.stages).toEqual(plan.stages.toSpliced(stage + 1, 0, device));
        expectValid(problem, removeStage(problem, plan, stage));
        expectValid(problem, setStageDevice(problem, plan, stage, device));
      }),
    );
  });

  test("an edit that changes nothing gives the same object", () => {
    const problem = testProblem("a -> b -> c", { devices: [{}, {}], links: chainLinks(2, { secondsPerByte: 1 }) });
    const plan: Plan = { stages: [0, 1], stageOf: Int32Array.of(0, 0, 1) };
    expect(moveBoundary(problem, plan, 0, 2)).toBe(plan);
    expect(moveOp(problem, plan, 0, 0)).toBe(plan);
    expect(addStage(problem, plan, 1)).toBe(plan);
    expect(removeStage(problem, plan, 0)).toBe(plan);
    expect(setStageDevice(problem, plan, 1, 1)).toBe(plan);
    expect(normalisePlan(problem, plan)).toBe(plan);
  });

  test("a boundary pushes its neighbours along", () => {
    const problem = testProblem("a -> b -> c -> d -> e", {
      devices: [{}, {}, {}],
      links: chainLinks(3, { secondsPerByte: 1 }),
    });
    const plan: Plan = { stages: [0, 1, 2], stageOf: Int32Array.of(0, 1, 1, 2, 2) };
    expect([...moveBoundary(problem, plan, 0, 4).stageOf]).toEqual([0, 0, 0, 1, 2]);
    expect([...moveBoundary(problem, plan, 0, 3).stageOf]).toEqual([0, 0, 0, 1, 2]);
    expect([...moveBoundary(problem, plan, 1, 0).stageOf]).toEqual([1, 2, 2, 2, 2]);
  });

  test("stages without ops and neighbours on one device go; the first stays on the source", () => {
    const problem = testProblem("a -> b", { devices: [{}, {}, {}], links: chainLinks(3, { secondsPerByte: 1 }) });
    const plan = normalisePlan(problem, { stages: [1, 2, 1, 1], stageOf: Int32Array.of(0, 3) });
    expect(plan).toEqual({ stages: [0, 1], stageOf: Int32Array.of(1, 1) });
    expect(noSplitPlan(problem, 0)).toEqual({ stages: [0], stageOf: Int32Array.of(0, 0) });
    expect(noSplitPlan(problem, 2)).toEqual({ stages: [0, 2], stageOf: Int32Array.of(1, 1) });
  });
});

/** Ancestors and descendants of an op. */
function relatives(problem: Problem, op: number): Set<number> {
  const found = new Set<number>();
  const walk = (next: (op: number) => number[]) => {
    const queue = [op];
    for (let here = queue.pop(); here !== undefined; here = queue.pop()) {
      for (const other of next(here)) {
        if (found.has(other)) continue;
        found.add(other);
        queue.push(other);
      }
    }
  };
  walk((here) => [...row(problem.opInputs, here)].map((t) => at(problem.tensorProducer, t)).filter((p) => p >= 0));
  walk((here) => [...row(problem.opOutputs, here)].flatMap((t) => [...row(problem.tensorConsumers, t)]));
  return found;
}

describe("frontiers", () => {
  test("bytes at each boundary are those of the tensors that cross it", () => {
    fc.assert(
      fc.property(scenario, ({ problem, plan }) => {
        const bytes = frontierBytes(problem, stageOrder(plan));
        const positions = boundaryPositions(plan);
        for (const [boundary, tensors] of crossings(problem, plan).entries()) {
          const sum = tensors.reduce((total, tensor) => total + at(problem.tensorWireBytes, tensor), 0);
          expect(at(bytes, at(positions, boundary))).toBe(sum);
        }
      }),
    );
  });

  test("a tensor of unknown size closes the positions that it spans; an output stays to the end", () => {
    const problem = testProblem("[in:7] -> a -5-> b -?-> c -3-> d; b -> [y:2]; d -> [z:4]", {
      devices: [{}],
      links: [],
    });
    expect([...frontierBytes(problem, [0, 1, 2, 3])]).toEqual([7, 5, Number.NaN, 5, 6]);
  });
});
