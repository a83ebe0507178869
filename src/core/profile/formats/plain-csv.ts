import { err, ok, type Result } from "../../result.ts";
import { cellNumber, cellsOf, delimiterOf, linesOf } from "./delimited.ts";
import { profileReading, RunTable, rawEntry, rawProfile, runWarnings, wholeText } from "./make.ts";
import type { ProfileFormat, Reading } from "./raw-profile.ts";
import { inUnit, unitOf } from "./unit.ts";

const NAME = /^(node|node[_ ]?name|name|op|op[_ ]?name|layer|layer[_ ]?name)$/i;
const TIME = /^(latency|time|duration|median|mean|avg|average|elapsed|runtime)/i;
const TYPE = /^(type|op[_ ]?type|layer[_ ]?type)$/i;

interface Columns {
  readonly delimiter: string;
  readonly name: number;
  readonly time: number;
  readonly type: number;
  readonly count: number;
  /** Name of the column with the time. */
  readonly header: string;
}

function columnsOf(line: string): Columns | null {
  const delimiter = delimiterOf(line);
  const header = cellsOf(line, delimiter);
  const name = header.findIndex((cell) => NAME.test(cell));
  const timed = header.flatMap((cell, i) => (TIME.test(cell) ? [i] : []));
  const time = timed.find((i) => unitOf(header[i] ?? "") !== null) ?? timed[0];
  if (name < 0 || time === undefined || name === time) return null;
  const type = header.findIndex((cell) => TYPE.test(cell));
  return { delimiter, name, time, type, count: header.length, header: header[time] ?? "" };
}

function parse(text: string, fileName: string): Result<Reading> {
  const lines = linesOf(text);
  const start = lines.findIndex((line) => line.trim() !== "");
  const columns = columnsOf(lines[start] ?? "");
  if (columns === null)
    return err(`${fileName} has no header that names a node and a latency; expected "node,latency_ms".`);
  const table = new RunTable<{ readonly name: string; readonly type: string | null }>();
  let read = 0;
  let broken = 0;
  let negative: string | null = null;
  for (const line of lines.slice(start + 1)) {
    if (line.trim() === "") continue;
    const cells = cellsOf(line, columns.delimiter);
    const name = cells[columns.name] ?? "";
    // A cell too many comes of a comma inside a figure or a name, after which no cell is known to be what its column says.
    const isWhole = cells.slice(columns.count).every((cell) => cell === "");
    const value = isWhole ? cellNumber(cells[columns.time] ?? "") : null;
    if (name === "" || value === null || Math.abs(value) > 1e12) {
      broken++;
      continue;
    }
    if (value < 0) negative ??= `"${name}" takes ${value}`;
    read++;
    const type = columns.type < 0 ? "" : (cells[columns.type] ?? "");
    table.add(name, { name, type: type === "" ? null : type }, value);
  }
  if (negative !== null) return err(`${fileName} says that ${negative}; expected times of at least 0.`);
  if (read === 0) return err(`${fileName} holds no row with a name and a number; expected rows such as "conv1,0.25".`);
  const runs = table.runs;
  const entries = table
    .rows(0)
    .map(({ row, latency }) => rawEntry(row.name, latency, { opType: row.type, outputs: [row.name] }));
  const warnings = [...runWarnings(runs)];
  if (broken > 0) warnings.push(`${broken} rows have no name, no number or a cell too many and were left out.`);
  const profile = rawProfile(plainCsv.id, fileName, entries, { kind: "imported", runs, warnings });
  const unit = unitOf(columns.header);
  return unit === null ? ok({ kind: "unitless", profile }) : profileReading(inUnit(profile, unit));
}

/**
 * A plain table with a header that names a node (node, name, op, layer) and a time (latency, time, median, ... with
 * ms, us or s in its name; else the reading is "unitless"). Comma, semicolon or tab; decimal comma; rows of a name that
 * comes again are further runs of that node.
 */
export const plainCsv: ProfileFormat = {
  id: "plain-csv",
  label: "a CSV file with the columns node and latency_ms",
  sniff: (head) => columnsOf(linesOf(head).find((line) => line.trim() !== "") ?? "") !== null,
  open: (fileName) => wholeText(fileName, parse),
};
