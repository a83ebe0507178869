import { expect, test } from "vitest";
import { distributionOf } from "../distribution.ts";
import { SampleColumn } from "./sample-column.ts";

function column(samples: readonly number[]) {
  const result = new SampleColumn();
  for (const [run, seconds] of samples.entries()) result.add(run, seconds);
  return result.distribution(samples.length);
}

const pseudo = (i: number) => ((i * 7919) % 10_007) / 1e6;

test.each([1, 2, 3, 4, 7, 300, 8195])("%i runs are summed up exactly, warm-up left out", (runs) => {
  const samples = Array.from({ length: runs }, (_, i) => pseudo(i + 1));
  expect(column(samples)).toEqual(distributionOf(samples.slice(Math.min(3, runs >> 1))));
});

test("longer traces keep count, least and mean exactly and quartiles within 1 %", () => {
  const samples = Array.from({ length: 60_000 }, (_, i) => pseudo(i));
  const exact = distributionOf(samples.slice(3));
  const thinned = column(samples);
  expect(thinned).toMatchObject({ count: exact.count, min: exact.min });
  expect(thinned?.mean).toBeCloseTo(exact.mean, 12);
  for (const key of ["p25", "median", "p75", "p95"] as const) {
    expect(Math.abs((thinned?.[key] ?? 0) / exact[key] - 1)).toBeLessThan(0.01);
  }
});

test("an op that ran in warm-up only has no distribution", () => {
  const samples = new SampleColumn();
  samples.add(0, 1);
  expect(samples.distribution(50)).toBeNull();
});
