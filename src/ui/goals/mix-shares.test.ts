import fc from "fast-check";
import { expect, test } from "vitest";
import { FIGURES } from "../../core/plan/objective.ts";
import { mixOf, sharesOf, withShare } from "./mix-shares.ts";

const positive = fc.double({ min: 1e-6, max: 1e9, noNaN: true });
const reference = fc.record({ latency: positive, period: positive, energy: positive, traffic: positive });
const share = fc.integer({ min: 0, max: 100 });

test("weights give back the shares that they were made of", () => {
  fc.assert(
    fc.property(reference, fc.tuple(share, share, share, fc.integer({ min: 1, max: 100 })), (references, raw) => {
      const sum = raw.reduce((total, part) => total + part, 0);
      const [latency, period, energy, traffic] = raw;
      const shares = sharesOf(mixOf({ latency, period, energy, traffic }, references), references);
      const parts = { latency, period, energy, traffic };
      for (const name of FIGURES) expect(shares[name]).toBeCloseTo((100 * parts[name]) / sum, 2);
    }),
  );
});

test("after one share is set all come to 100, also where one had all", () => {
  const start = { latency: 100, period: 0, energy: 0, traffic: 0 };
  const next = withShare(start, "latency", 60);
  expect(next).toEqual({ latency: 60, period: 40, energy: 0, traffic: 0 });
  expect(withShare(next, "energy", 50)).toEqual({ latency: 30, period: 20, energy: 50, traffic: 0 });
});
