import { expect, test } from "vitest";
import { type BenchRow, formatTable, verdict } from "./table.ts";

const row = (goal: string | null, value: number, unit = "ms"): BenchRow => ({
  name: "x",
  goal,
  result: { value, unit },
});

test("a verdict compares with the limit, the limit included", () => {
  expect(verdict(row("<= 0.3 ms", 0.3))).toBe("ok");
  expect(verdict(row("<= 0.3 ms", 0.31))).toBe("MISSED");
  expect(verdict(row(">= 2 x", 2, "x"))).toBe("ok");
  expect(verdict(row(">= 2 x", 1.9, "x"))).toBe("MISSED");
  expect(verdict(row("<= 1 ms", Number.NaN))).toBe("MISSED");
  expect(verdict(row(null, 5))).toBe("");
  expect(verdict({ name: "x", goal: "<= 1 ms", result: { error: "no page" } })).toBe("FAILED");
  expect(verdict({ name: "x", goal: "<= 1 ms", result: { absent: "no input" } })).toBe("absent");
});

test("a goal in another unit or form fails its own row", () => {
  expect(formatTable([row("<= 1 s", 0.5)])).toContain('the goal is "<= 1 s"; expected "<= N ms" or ">= N ms"  FAILED');
  expect(formatTable([row("fast", 0.5)])).toContain('the goal is "fast"; expected "<= N ms" or ">= N ms"  FAILED');
});

test("the table is aligned and holds every row", () => {
  const rows: readonly BenchRow[] = [
    { name: "predict", goal: "<= 0.3 ms", result: { value: 0.123456, unit: "ms" } },
    { name: "a longer name", goal: null, result: { error: "no page" } },
    { name: "exact", goal: null, result: { value: 5.042833, unit: "s", digits: 5 } },
    { name: "elsewhere", goal: "<= 1 s", result: { absent: "no input" } },
  ];
  expect(formatTable(rows)).toBe(
    [
      "bench          goal       measured",
      "predict        <= 0.3 ms  0.123 ms  ok",
      "a longer name  -           no page  FAILED",
      "exact          -          5.0428 s",
      "elsewhere      <= 1 s     no input  absent",
      "",
    ].join("\n"),
  );
});
