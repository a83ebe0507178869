import { describe, expect, test } from "vitest";
import { at, row } from "../columns.ts";
import type { Figure } from "../plan/objective.ts";
import { checkPlan } from "../plan/validity.ts";
import { figureOf } from "../predict/prediction.ts";
import { bestByBruteForce } from "../testing/brute-force.ts";
import { naivePrediction } from "../testing/naive-prediction.ts";
import { type RandomProblemOptions, randomProblem } from "../testing/random-problem.ts";
import { listSchedule } from "./list-schedule.ts";
import { localSearchSolver } from "./local-search.ts";
import { solve } from "./solve.ts";

const DIRECT = { ops: 6, devices: 3, power: true, overhead: 1, conditions: { delivery: "direct" } } as const;
const FAMILIES: readonly (readonly [string, Figure, RandomProblemOptions])[] = [
  ["direct, latency", "latency", DIRECT],
  ["direct, energy", "energy", { ...DIRECT, topology: "chain" }],
  ["direct, traffic", "traffic", { ...DIRECT, unsupported: 0.2 }],
  ["direct, period", "period", DIRECT],
  ["ports, latency", "latency", { ...DIRECT, ports: true, conditions: { delivery: "port" } }],
];

describe("local search against brute force over the plans that return to no device", () => {
  test.each(FAMILIES)(
    "%s: mostly as good, its bound never above, never called proven where it is worse",
    (_, objective, options) => {
      let asGood = 0;
      for (let seed = 1; seed <= 25; seed++) {
        const problem = randomProblem(seed, options);
        const oracle = bestByBruteForce(problem, (plan) => naivePrediction(problem, plan)[objective]);
        const result = localSearchSolver.solve(problem, { objective });
        if (oracle === null || !result.ok) throw new Error(`seed ${seed}: no plan`);
        const { value, plan, prediction, certificate } = result.value;
        expect(value).toBe(figureOf(prediction, objective));
        expect(Math.abs(value - naivePrediction(problem, plan)[objective])).toBeLessThanOrEqual(1e-9 * value);
        expect(checkPlan(problem, plan).errors).toEqual([]);
        expect(certificate.bound).toBeLessThanOrEqual(oracle.value * (1 + 1e-12));
        const good = value <= oracle.value * (1 + 1e-9);
        if (good) asGood++;
        else expect(certificate.status).toBe("best-found");
      }
      expect(asGood).toBeGreaterThanOrEqual(18);
    },
  );

  test("it is what `solve` falls back to", () => {
    const solution = solve(randomProblem(1, DIRECT), { objective: { mix: { latency: 1, energy: 1 } } });
    expect(solution.ok && solution.value.method).toContain("moves of single ops");
  });
});

test("a list schedule is one: devices do one thing at a time, inputs have arrived, nothing beats the bound", () => {
  for (let seed = 1; seed <= 40; seed++) {
    const problem = randomProblem(seed, { ops: 9, devices: 3, unsupported: 0.1 });
    const schedule = listSchedule(problem);
    if (schedule === null) throw new Error(`seed ${seed}: no schedule`);
    const { deviceOf, start, end, makespan, bound } = schedule;
    for (let op = 0; op < problem.opCount; op++) {
      const device = problem.devices[at(deviceOf, op)];
      expect(at(end, op) - at(start, op)).toBeCloseTo(at(device?.opSeconds ?? [], op), 9);
      expect(makespan).toBeGreaterThanOrEqual(at(end, op));
      for (const tensor of row(problem.opInputs, op)) {
        const producer = at(problem.tensorProducer, tensor);
        if (producer >= 0) expect(at(start, op)).toBeGreaterThanOrEqual(at(end, producer));
      }
      for (let other = 0; other < op; other++) {
        if (at(deviceOf, op) !== at(deviceOf, other)) continue;
        const apart = at(end, op) <= at(start, other) + 1e-9 || at(end, other) <= at(start, op) + 1e-9;
        expect(apart).toBe(true);
      }
    }
    expect(makespan).toBeGreaterThanOrEqual(bound * (1 - 1e-12));
  }
});
