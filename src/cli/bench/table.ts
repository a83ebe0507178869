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

/** A goal that cannot be read, or is in another unit, is a bug of the bench, which costs it its own row only. */
function goalFault({ goal, result }: BenchRow): string | null {
  if (goal === null || !("value" in result) || GOAL.exec(goal)?.[3] === result.unit) return null;
  return `the goal is "${goal}"; expected "<= N ${result.unit}" or ">= N ${result.unit}"`;
}

/** Whether a result keeps its goal. */
export function verdict(row: BenchRow): Verdict {
  const { goal, result } = row;
  if ("error" in result) return "FAILED";
  if ("absent" in result) return "absent";
  if (goalFault(row) !== null) return "FAILED";
  const [, direction, limit] = GOAL.exec(goal ?? "") ?? [];
  if (direction === undefined) return "";
  const isKept = direction === "<=" ? result.value <= Number(limit) : result.value >= Number(limit);
  return isKept ? "ok" : "MISSED";
}

function measured(row: BenchRow): string {
  const { result } = row;
  if ("error" in result) return result.error;
  if ("absent" in result) return result.absent;
  return goalFault(row) ?? `${Number(result.value.toPrecision(result.digits ?? 3))} ${result.unit}`;
}

/** The rows in aligned columns: name, goal, measured, verdict. */
export function formatTable(rows: readonly BenchRow[]): string {
  const cells = [
    ["bench", "goal", "measured", ""],
    ...rows.map((row) => [row.name, row.goal ?? "-", measured(row), verdict(row)]),
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
