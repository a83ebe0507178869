import { err, ok, type Result } from "../../result.ts";
import { linesOf } from "./delimited.ts";
import { wholeText } from "./make.ts";
import type { ProfileFormat, Reading } from "./raw-profile.ts";

/** Cells of a table row drawn with bars; null for a line of another kind. */
function barCells(line: string): readonly string[] | null {
  if (!/^\s*\|.*\|\s*$/.test(line)) return null;
  return line
    .trim()
    .slice(1, -1)
    .split("|")
    .map((cell) => cell.trim());
}

function isHeader(cells: readonly string[]): boolean {
  const names = cells.map((cell) => cell.toLowerCase());
  return names.includes("id") && (names.includes("name") || names.includes("layer name"));
}

function parseTable(text: string, fileName: string): Result<Reading> {
  const names = new Map<string, string>();
  let id = -1;
  let name = -1;
  for (const line of linesOf(text)) {
    const cells = barCells(line);
    if (cells === null) continue;
    if (isHeader(cells)) {
      const lower = cells.map((cell) => cell.toLowerCase());
      id = lower.indexOf("id");
      name = Math.max(lower.indexOf("name"), lower.indexOf("layer name"));
      continue;
    }
    const number = cells[id] ?? "";
    const label = cells[name] ?? "";
    // Further lines of a layer leave its number empty.
    if (/^\d+$/.test(number) && label !== "" && !names.has(number)) names.set(number, label);
  }
  if (names.size === 0) return err(`${fileName} names no SNPE layer; expected rows with a number and a name.`);
  return ok({ kind: "layerNames", names: [...names].map(([number, label]) => ({ number, label })) });
}

/** The table of snpe-dlc-info: which layer each number of snpe-diagview is. Columns are found by their names. */
export const snpeLayerNames: ProfileFormat = {
  id: "snpe-dlc-info",
  label: "the layers of an SNPE model (snpe-dlc-info)",
  sniff: (head) => linesOf(head).some((line) => isHeader(barCells(line) ?? [])),
  open: (fileName) => wholeText(fileName, parseTable),
};
