import { beforeAll, expect, test } from "vitest";
import { Linear, type MilpOptions, type SolveMilp, violation } from "../core/solve/milp/milp.ts";
import { MilpBuilder } from "../core/solve/milp/milp-builder.ts";
import { createRandom } from "../core/testing/random.ts";
import { loadHighs } from "./highs.ts";

let solve: SolveMilp;
beforeAll(async () => {
  solve = await loadHighs();
});

const FREE: MilpOptions = { start: null, seconds: 60, onImproved: () => undefined, shouldStop: () => false };

/** A random knapsack of several dimensions; its best value by trying all choices. */
function knapsack(seed: number, count: number) {
  const random = createRandom(seed);
  const values = Array.from({ length: count }, () => random.integer(1, 30));
  const sizes = Array.from({ length: 3 }, () => Array.from({ length: count }, () => random.integer(1, 30)));
  const builder = new MilpBuilder();
  const columns = values.map(() => builder.binary());
  const gain = new Linear(5);
  for (const [i, value] of values.entries()) gain.add(columns[i] ?? 0, -value);
  builder.minimise(gain);
  for (const row of sizes) {
    const sum = new Linear();
    for (const [i, size] of row.entries()) sum.add(columns[i] ?? 0, size);
    builder.atMost(sum, 6 * count);
  }
  let best = 0;
  for (let set = 0; set < 2 ** count; set++) {
    const chosen = (amounts: readonly number[]) => amounts.reduce((sum, x, i) => sum + ((set >> i) & 1) * x, 0);
    if (sizes.every((row) => chosen(row) <= 6 * count)) best = Math.max(best, chosen(values));
  }
  return { builder, best: 5 - best };
}

test("finds the optimum of random knapsacks, with a bound that meets it", () => {
  for (let seed = 1; seed <= 12; seed++) {
    const { builder, best } = knapsack(seed, 10);
    const milp = builder.build(1, Number.POSITIVE_INFINITY);
    const seen: number[] = [];
    const { status, values, bound } = solve(milp, {
      ...FREE,
      onImproved: (point) => seen.push(builder.objectiveAt(point)),
    });
    expect(status).toBe("optimal");
    expect(builder.objectiveAt(values ?? new Float64Array())).toBeCloseTo(best, 6);
    expect(bound).toBeCloseTo(best, 6);
    expect(violation(milp, values ?? new Float64Array())).toBeLessThan(1e-6);
    for (const value of seen) expect(value).toBeGreaterThanOrEqual(best - 1e-6);
    // Nothing is better: the same program with a cutoff below has no point.
    expect(solve(builder.build(1, best - 1e-3), FREE).status).toBe("infeasible");
  }
});

test("begins with the point that it is given, and ends when told to with what it has", () => {
  const { builder } = knapsack(3, 16);
  const milp = builder.build(1, Number.POSITIVE_INFINITY);
  const start = new Float64Array(milp.columnCount);
  const { status, values } = solve(milp, { ...FREE, start, shouldStop: () => true });
  expect(["stopped", "optimal"]).toContain(status);
  expect(values).not.toBeNull();
});

test("a program without columns, and one of contradictory rows", () => {
  const empty = new MilpBuilder();
  empty.minimise(new Linear(7));
  expect(solve(empty.build(1, Number.POSITIVE_INFINITY), FREE)).toMatchObject({ status: "optimal", bound: 7 });
  const builder = new MilpBuilder();
  const [a, b] = [builder.binary(), builder.binary()];
  builder.atMost(new Linear().add(a, 1).add(b, 1), 1);
  builder.row(2, new Linear().add(a, 1).add(b, 1), 2);
  expect(solve(builder.build(1, Number.POSITIVE_INFINITY), FREE).status).toBe("infeasible");
});
