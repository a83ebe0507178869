import fc from "fast-check";
import { expect, test } from "vitest";
import { at } from "../../core/columns.ts";
import { moveBoundary, noSplitPlan } from "../../core/plan/plan-edit.ts";
import { predict } from "../../core/predict/predict.ts";
import { randomProblem } from "../../core/testing/random-problem.ts";
import { nextSingle, positionAt, snappedPosition, stripModel } from "./strip-model.ts";

test("the bytes at a boundary are the bytes that the prediction sends there", () => {
  fc.assert(
    fc.property(fc.nat(), fc.nat(40), (seed, position) => {
      const problem = randomProblem(seed, { ops: 12, devices: 3 });
      const other = problem.devices.findIndex((_, device) => device !== problem.source);
      const plan = moveBoundary(problem, noSplitPlan(problem, other), 0, position);
      const { bytes, boundaries } = stripModel(problem, plan, []);
      const sent = predict(problem, plan).transfers.find((transfer) => transfer.fromStage === 0);
      if (sent === undefined || Number.isNaN(at(bytes, at(boundaries, 0)))) return;
      expect(at(bytes, at(boundaries, 0))).toBeCloseTo(sent.bytes, 6);
    }),
  );
});

test("the nearest position is found by x, ties to the left", () => {
  const slotX = Float64Array.of(0, 10, 20, 40);
  expect([-5, 4, 6, 15.1, 29, 31, 99].map((x) => positionAt(slotX, x))).toEqual([0, 0, 1, 2, 2, 3, 3]);
});

test("a dragged handle snaps to a one-tensor cut within reach only, and steps go from one to the next", () => {
  const slotX = Float64Array.of(0, 10, 20, 30, 40);
  const model = {
    order: new Int32Array(4),
    bytes: new Float64Array(5),
    seconds: new Float64Array(4),
    device: new Int32Array(4),
    singles: Uint8Array.of(0, 1, 0, 0, 1),
    boundaries: new Int32Array(0),
  };
  expect(snappedPosition(model, slotX, 18, 9)).toBe(1);
  expect(snappedPosition(model, slotX, 18, 5)).toBe(2);
  expect(snappedPosition(model, slotX, 18, 0)).toBe(2);
  expect([nextSingle(model, 0, 1), nextSingle(model, 1, 1), nextSingle(model, 1, -1)]).toEqual([1, 4, 0]);
});
