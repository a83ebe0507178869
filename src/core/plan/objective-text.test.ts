import { describe, expect, test } from "vitest";
import { objectiveText } from "./objective.ts";
import { readAmount, readLimit, readObjective } from "./objective-text.ts";

describe("readObjective", () => {
  test("figures and mixes come back as they are written", () => {
    for (const text of ["latency", "period", "energy", "traffic", "latency=1,energy=0.2", "period=2"]) {
      const read = readObjective(text);
      expect(read.ok ? objectiveText(read.value) : read.error).toBe(text);
    }
  });

  test.each([
    ["joy", 'The objective is "joy"; expected one of "latency"'],
    ["latency=1,joy=2", 'The objective is "latency=1,joy=2"; expected one of'],
    ["latency=-1", 'The weight of latency in the objective is "-1"; expected a number of at least 0.'],
    ["latency=", 'The weight of latency in the objective is ""; expected'],
    ["latency=1,latency=2", "The objective weighs latency twice; expected it once."],
    ["latency=0", 'All weights of the objective "latency=0" are 0; expected one above 0.'],
  ])("refuses %s in one sentence", (text, sentence) => {
    const read = readObjective(text);
    expect(read.ok ? "" : read.error).toContain(sentence);
  });
});

test("amounts and limits carry a unit", () => {
  expect(readAmount("50ms", "time")).toBeCloseTo(0.05, 12);
  expect(readAmount("1.5 MB", "bytes")).toBe(1.5e6);
  expect(readAmount("2", "energy")).toBeNull();
  expect(readAmount("2 kB", "energy")).toBeNull();
  expect(readLimit("energy=2J")).toEqual({ ok: true, value: { energy: 2 } });
  const bad = readLimit("period=33");
  expect(bad.ok ? "" : bad.error).toBe('The limit on period is "33"; expected a number with a unit: s, ms, us.');
});
