import { formatEnergy, formatSeconds, formatTraffic } from "../core/units.ts";

/** Longest cell that a column makes room for. */
const WIDEST = 60;

/** Rows of cells in columns, two spaces apart. */
export function aligned(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const cells of rows) {
    for (const [column, cell] of cells.entries()) {
      widths[column] = Math.max(widths[column] ?? 0, Math.min(cell.length, WIDEST));
    }
  }
  const line = (cells: readonly string[]) => cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ");
  return rows.map((cells) => `${line(cells).trimEnd()}\n`).join("");
}

/** A value in the unit of its objective (`unitOf`), for people. */
export function formatAmount(value: number, unit: string): string {
  if (unit === "s") return formatSeconds(value);
  if (unit === "J") return formatEnergy(value);
  return unit === "B" ? formatTraffic(value) : String(Number(value.toPrecision(6)));
}
