import { describe, expect, test } from "vitest";
import { createRandom, fillUniform, fillUnit, seedFor } from "./random.ts";

describe("createRandom", () => {
  test("gives the published sequence of mulberry32", () => {
    const random = createRandom(12345);
    expect(Array.from({ length: 3 }, () => Math.floor(random.next() * 2 ** 32))).toEqual([
      4207900869, 1317490944, 2079646450,
    ]);
  });

  test("integers are uniform over the closed range", () => {
    const random = createRandom(1);
    const counts = new Map<number, number>();
    for (let i = 0; i < 6000; i++) {
      const value = random.integer(-1, 4);
      counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    expect([...counts.keys()].sort()).toEqual([-1, 0, 1, 2, 3, 4]);
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(130);
  });

  test("pick takes elements of the list and refuses an empty one", () => {
    const random = createRandom(2);
    expect(new Set(Array.from({ length: 50 }, () => random.pick(["a", "b"])))).toEqual(new Set(["a", "b"]));
    expect(() => random.pick([])).toThrow("empty list");
  });
});

test("fillUnit gives the numbers of createRandom in order", () => {
  const values = new Float64Array(1000);
  fillUnit(values, -7);
  const random = createRandom(-7);
  expect([...values]).toEqual(Array.from(values, () => random.next()));
});

describe("fillUniform", () => {
  test("is seeded, within the limit, with mean 0 and the variance of a uniform distribution", () => {
    const values = new Float32Array(100_000);
    fillUniform(values, seedFor("layer1.weight", 1), 0.5);
    const again = new Float32Array(100_000);
    fillUniform(again, seedFor("layer1.weight", 1), 0.5);
    expect(again).toEqual(values);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const square = values.reduce((sum, value) => sum + value * value, 0) / values.length;
    expect(values.every((value) => Math.abs(value) <= 0.5)).toBe(true);
    expect(Math.abs(mean)).toBeLessThan(0.003);
    expect(square).toBeCloseTo(0.25 / 3, 3);
  });

  test("names and seeds give sequences of their own", () => {
    const seeds = ["a", "b", "ab", "ba"].flatMap((name) => [seedFor(name, 1), seedFor(name, 2)]);
    expect(new Set(seeds).size).toBe(seeds.length);
  });
});
