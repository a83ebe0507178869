import fc from "fast-check";
import { expect, test } from "vitest";
import { NormalEquations } from "./least-squares.ts";

const figure = fc.double({ min: -5, max: 5, noNaN: true });
const rows = fc.array(fc.record({ features: fc.tuple(figure, figure, figure), target: figure }), {
  minLength: 4,
  maxLength: 12,
});

function equationsOf(table: readonly { readonly features: readonly number[]; readonly target: number }[]) {
  const equations = new NormalEquations(3);
  for (const { features, target } of table) equations.add(features, target, 1);
  return equations;
}

test("known coefficients come back", () => {
  const table = [1, 2, 3, 5, 8].map((n) => ({ features: [n, n * n, 1], target: 2 * n + 0.5 * n * n + 3 }));
  const [a = 0, b = 0, c = 0] = equationsOf(table).nonNegative();
  expect(a).toBeCloseTo(2, 6);
  expect(b).toBeCloseTo(0.5, 6);
  expect(c).toBeCloseTo(3, 6);
});

test("a feature beside one of another scale keeps its coefficient", () => {
  const table = [
    { features: [0, -7.437394134012312e-142, 0], target: -4.999999999999997 },
    { features: [0, 2.8544195255812174e-281, -0.019378662109374948], target: -0.0012269488535002443 },
  ];
  expect(equationsOf(table).nonNegative()[2]).toBeCloseTo(0.0012269488535002443 / 0.019378662109374948, 9);
});

test("no step from the solution that keeps coefficients at 0 or more makes the error less", () => {
  fc.assert(
    fc.property(rows, (table) => {
      const solution = equationsOf(table).nonNegative();
      const error = (coefficients: readonly number[]) =>
        table.reduce((sum, { features, target }) => {
          const value = features.reduce((total, feature, i) => total + feature * (coefficients[i] ?? 0), 0);
          return sum + (value - target) ** 2;
        }, 0);
      const reached = error(solution);
      for (const step of [1e-3, -1e-3, 0.1, -0.1]) {
        for (const i of [0, 1, 2]) {
          const moved = solution.map((value, j) => (i === j ? value + step : value));
          if (moved.every((value) => value >= 0)) expect(error(moved)).toBeGreaterThanOrEqual(reached - 1e-6);
        }
      }
      expect(Math.min(...solution)).toBeGreaterThanOrEqual(0);
    }),
  );
});

test("taking a row out undoes adding it, exactly where sums are exact", () => {
  const whole = fc.integer({ min: -5, max: 5 });
  const table = fc.array(fc.record({ features: fc.tuple(whole, whole, whole), target: whole }), { minLength: 4 });
  fc.assert(
    fc.property(table, (rows) => {
      const equations = equationsOf(rows);
      equations.add([1, 2, 3], 4, 1);
      equations.add([1, 2, 3], 4, -1);
      expect(equations.nonNegative()).toEqual(equationsOf(rows).nonNegative());
    }),
  );
});
