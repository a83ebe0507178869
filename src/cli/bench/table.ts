import type { BenchAbsence, BenchResult } from "../../core/testing/bench.ts";

/** One line of the table. */
export interface BenchRow {
  readonly name: string;
  /** "<= 0.3 ms" or ">= 2 x"; null for a figure without a limit. */
  readonly goal: string | null;
  readonly result: BenchResult | BenchAbsence | { readonly error: string };
}

export type Verdict = "ok" | "MISSED" | "FAILED" | "absent" | "";

const GOAL = /^(<=|>=)\s*(\d+(?:\.\d+)?)\s*(\S+)$/;

/** Whether a result keeps its goal. A goal that cannot be read, or is in another unit, is a bug of the bench. */
export function verdict({ name, goal, result }: BenchRow): Verdict {
  if ("error" in result) return "FAILED";
  if ("absent" in result) return "absent";
  if (goal === null) return "";
  const [, direction, limit, unit] = GOAL.exec(goal) ?? [];
  if (direction === undefined || unit !== result.unit) {
    throw new Error(`the goal of "${name}" is "${goal}"; expected "<= N ${result.unit}" or ">= N ${result.unit}"`);
  }
  const isKept = direction === "<=" ? result.value <= Number(limit) : result.value >= Number(limit);
  return isKept ? "ok" : "MISSED";
}

function measured(result: BenchRow["result"]): string {
  if ("error" in result) return result.error;
  return "absent" in result ? result.absent : `${Number(result.value.toPrecision(result.digits ?? 3))} ${result.unit}`;
}

/** The rows in aligned columns: name, goal, measured, verdict. */
export function formatTable(rows: readonly BenchRow[]): string {
  const cells = [
    ["bench", "goal", "measured", ""],
    ...rows.map((row) => [row.name, row.goal ?? "-", measured(row.result), verdict(row)]),
  ];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...cells.map((line) => line[column]?.length ?? 0)));
  return cells
    .map((line) =>
      line
        .map((cell, column) => (column === 2 ? cell.padStart(widths[2] ?? 0) : cell.padEnd(widths[column] ?? 0)))
        .join("  ")
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join("");
}
