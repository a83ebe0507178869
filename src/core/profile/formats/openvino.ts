import { err, type Result } from "../../result.ts";
import { foreignFamily } from "../op-families.ts";
import { cellNumber, cellsOf, columnName, LineReader } from "./delimited.ts";
import { field, isRecord, numberField, parseLenientFile, textField } from "./lenient-json.ts";
import { profileReading, RunTable, rawEntry, rawProfile, runWarnings, warmUpOf, wholeText } from "./make.ts";
import type { ProfileFormat, RawEntry, Reading } from "./raw-profile.ts";

/** Rows that stand for data, not for work. */
const DATA = new Set(["parameter", "result", "const", "constant", "input", "output"]);
const INSERTED = new Set(["reorder"]);
const LONGEST_SECONDS = 1e6;

interface Counter {
  readonly name: string;
  readonly status: string;
  readonly layerType: string;
  readonly execType: string;
}

/** Gathers counters of one table, or of one table per inference request. */
class Counters {
  readonly #rows = new RunTable<Counter>();
  readonly #seen = new Map<string, number>();
  unreadable = 0;

  /** A new table begins: names may come again. */
  begin(): void {
    this.#seen.clear();
  }

  add(row: Counter, seconds: number | null): void {
    if (DATA.has(row.layerType.toLowerCase())) return;
    if (seconds === null || !(seconds >= 0 && seconds <= LONGEST_SECONDS)) {
      this.unreadable++;
      return;
    }
    const ordinal = this.#seen.get(row.name) ?? 0;
    this.#seen.set(row.name, ordinal + 1);
    this.#rows.add(`${row.name}\n${ordinal}`, row, seconds);
  }

  finish(format: string, fileName: string, isAverage: boolean, isCut: boolean): Result<Reading> {
    const recorded = this.#rows.runs;
    const dropped = isAverage ? 0 : warmUpOf(recorded);
    const entries = this.#rows.rows(dropped).map(({ row, latency }): RawEntry => {
      const isElided = /^(OPTIMIZED_OUT|NOT_RUN)$/i.test(row.status) && latency.median === 0;
      const isInserted = INSERTED.has(row.layerType.toLowerCase());
      return rawEntry(row.name, latency, {
        kind: isElided ? "elided" : isInserted ? "overhead" : "op",
        opType: foreignFamily(row.layerType),
        outputs: [row.name],
        provider: row.execType === "" || row.execType === "undef" ? null : row.execType,
      });
    });
    if (!entries.some((entry) => entry.kind === "op")) {
      return err(
        `${fileName} holds OpenVINO counters without an executed layer; expected rows with the status EXECUTED.`,
      );
    }
    const runs = Math.max(1, recorded - dropped);
    const warnings = isAverage ? ["The file gives averages without the number of runs."] : [...runWarnings(runs)];
    if (isCut) warnings.push("The file breaks off inside a row, which was left out.");
    if (this.unreadable > 0) warnings.push(`${this.unreadable} rows have no time and were left out.`);
    return profileReading(
      rawProfile(format, fileName, entries, {
        device: { name: null, runtime: "OpenVINO" },
        runs,
        warmupDropped: dropped,
        warnings,
      }),
    );
  }
}

/** Columns by their names; the first table of benchmark_app had other ones, and microseconds. */
function columnsOf(header: readonly string[]) {
  const names = header.map(columnName);
  const find = (...wanted: readonly string[]) => names.findIndex((name) => wanted.includes(name));
  const time = names.findIndex((name) => name.startsWith("realtime"));
  const unit = names[time]?.includes("(ms)") === true ? 1e-3 : 1e-6;
  return {
    name: find("layername"),
    status: find("execstatus"),
    layerType: find("layertype"),
    execType: find("exectype"),
    time,
    unit,
  };
}

const HEADER = /^"?layer ?name"?;"?exec ?status"?;/i;

/**
 * OpenVINO benchmark_app's average, detailed and sort_detailed counters as CSV: one table, or one per inference
 * request, which makes a distribution. Columns are found by name (numaId, % and old names with microseconds occur).
 */
export const openvinoCsv: ProfileFormat = {
  id: "ov-csv",
  label: "OpenVINO counters (benchmark_app report)",
  sniff: (head) => head.split(/\r\n|\n|\r/).some((line) => HEADER.test(line)),
  open: (fileName) => {
    const counters = new Counters();
    let columns: ReturnType<typeof columnsOf> | null = null;
    let tables = 0;
    let isCut = false;
    const lines = new LineReader((line) => {
      if (HEADER.test(line)) {
        columns = columnsOf(cellsOf(line, ";"));
        tables++;
        counters.begin();
        return;
      }
      if (columns === null || line.trim() === "") return;
      const cells = cellsOf(line, ";");
      if (cells[0] === "Total" || cells.length < 4) {
        isCut = cells[0] !== "Total";
        return;
      }
      const time = cells[columns.time];
      const name = cells[columns.name] ?? "";
      // The last cells of a row that breaks off are missing or shortened: only rows that end in ";" are whole.
      if (time === undefined || name === "" || columns.time >= cells.length - 1) {
        isCut = true;
        return;
      }
      isCut = false;
      const value = cellNumber(time);
      counters.add(
        {
          name,
          status: cells[columns.status] ?? "",
          layerType: cells[columns.layerType] ?? "",
          execType: cells[columns.execType] ?? "",
        },
        value === null ? null : value * columns.unit,
      );
    });
    return {
      push: (chunk) => lines.push(chunk),
      end: () => {
        lines.end();
        return counters.finish(openvinoCsv.id, fileName, tables <= 1, isCut);
      },
    };
  },
};

function tablesOf(json: object): readonly unknown[] {
  const average = field(json, "avg_performance");
  const detailed = field(json, "detailed_performance");
  return isRecord(average) ? [average] : Array.isArray(detailed) ? detailed : [];
}

function parseJson(text: string, fileName: string): Result<Reading> {
  const json = parseLenientFile(text, fileName);
  if (!json.ok) return json;
  const tables = isRecord(json.value) ? tablesOf(json.value) : [];
  const counters = new Counters();
  for (const table of tables) {
    counters.begin();
    const nodes = isRecord(table) ? field(table, "nodes") : null;
    for (const node of Array.isArray(nodes) ? nodes : []) {
      const name = isRecord(node) ? textField(node, "name") : null;
      if (!isRecord(node) || name === null) {
        counters.unreadable++;
        continue;
      }
      const ms = numberField(node, "real_time");
      const row = {
        name,
        status: textField(node, "status") ?? "",
        layerType: textField(node, "node_type") ?? "",
        execType: textField(node, "exec_type") ?? "",
      };
      counters.add(row, ms === null ? null : ms / 1e3);
    }
  }
  return counters.finish(openvinoJson.id, fileName, tables.length <= 1, false);
}

/** The same counters as JSON. Times in ms. */
export const openvinoJson: ProfileFormat = {
  id: "ov-json",
  label: "",
  sniff: (head) => /^\s*\{/.test(head) && /"(avg_performance|detailed_performance)"\s*:/.test(head),
  open: (fileName) => wholeText(fileName, parseJson),
};
