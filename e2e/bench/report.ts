import { test } from "@playwright/test";

/** Puts a figure of the running browser bench into the table of `npm run bench`. */
export function report(name: string, goal: string | null, value: number, unit: string): void {
  test.info().annotations.push({ type: "bench", description: JSON.stringify({ name, goal, result: { value, unit } }) });
}

/** The value below which the share `q` of the values lies. */
export function percentile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.ceil(q * sorted.length) - 1)];
  if (value === undefined) throw new Error("no value was measured");
  return value;
}
