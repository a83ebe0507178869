import { err } from "../../result.ts";
import { constantDistribution } from "../distribution.ts";
import { foreignFamily } from "../op-families.ts";
import { cellNumber, columnName, LineReader } from "./delimited.ts";
import { profileReading, rawEntry, rawProfile, runWarnings } from "./make.ts";
import type { ProfileFormat, RawEntry } from "./raw-profile.ts";

const REGULAR = /Regular Benchmark Runs/;
const INITIALIZATION = /Benchmark Initialization/;
const DELEGATE_INTERNAL = /^\s*Delegate internal/i;
const TABLE = /^=+\s*(.*?)\s*=+$/;
const DELEGATE = /delegate|edgetpu|^custom$/i;
const TIMINGS = /^Timings \(microseconds\): count=(\d+)(?:.*?\bavg=([\d.,]+(?:e[+-]?\d+)?))?/;

interface Columns {
  readonly delimiter: string;
  readonly average: number;
  /** Share of the whole time, -1 where there is none. */
  readonly share: number;
  readonly name: number;
}

/** Columns by name; a start column was there once, and text output sets tabs where CSV sets commas. */
function columnsOf(line: string): Columns | null {
  const delimiter = line.includes("\t") ? "\t" : ",";
  const names = line
    .split(delimiter)
    .map(columnName)
    .filter((name, i) => name !== "" || i > 0);
  const average = names.findIndex((name) => name.startsWith("avgms") || name.startsWith("avg(ms)"));
  const name = names.lastIndexOf("name");
  return names[0] === "nodetype" && average > 0 && name > average
    ? { delimiter, average, share: names.indexOf("%"), name }
    : null;
}

/** Cells up to the name, which is the rest of the line: tensor names may hold the delimiter. */
function rowOf(line: string, columns: Columns): readonly string[] | null {
  const cells = line.replace(/^\t/, "").split(columns.delimiter);
  if (cells.length <= columns.name) return null;
  return [...cells.slice(0, columns.name), cells.slice(columns.name).join(columns.delimiter)].map((cell) =>
    cell.trim(),
  );
}

/** `[tensorA, tensorB]:12` -> tensor names; converters join the names of fused ops by ";". */
function tensorsOf(name: string): readonly string[] {
  const inner = /^\[(.*)\](?::\d+)?$/.exec(name)?.[1] ?? name.replace(/:\d+$/, "");
  const names = inner.split(/,\s*/).flatMap((tensor) => [tensor, ...tensor.split(";")]);
  return [...new Set(names)].filter((tensor) => tensor !== "");
}

/**
 * Op profiling of TensorFlow Lite's benchmark_model, as text or CSV: several tables, of which only "Run Order" of the
 * regular runs counts; initialisation, summaries and the inner ops of delegates (which their own row covers) do not.
 * Times in ms, averages only; a delegate is one row for all of its ops.
 */
export const tflite: ProfileFormat = {
  id: "tflite-op",
  label: "TensorFlow Lite op profiling (benchmark_model)",
  sniff: (head) =>
    head.includes("Operator-wise Profiling Info for Regular Benchmark Runs:") || /=+ Run Order =+/.test(head),
  open: (fileName) => {
    const entries: RawEntry[] = [];
    let section: "other" | "initialization" | "regular" | "delegate" = "other";
    let hasRegular = false;
    let isRunOrder = false;
    let columns: Columns | null = null;
    let runs = 0;
    let average: number | null = null;
    let broken = 0;

    const takeRow = (line: string, table: Columns) => {
      const cells = rowOf(line, table);
      const name = cells?.[table.name] ?? "";
      // A comma inside a figure shifts the cells behind it; the share shows it by its sign.
      const isAligned = table.share < 0 || cells?.[table.share]?.endsWith("%") === true;
      const ms = cells === null || !isAligned ? null : cellNumber(cells[table.average] ?? "");
      if (cells === null || name === "" || ms === null || ms < 0) {
        broken++;
        return;
      }
      const type = cells[0] ?? "";
      const outputs = tensorsOf(name);
      entries.push(
        rawEntry(outputs[0] ?? name, constantDistribution(ms / 1e3, 1), {
          kind: DELEGATE.test(type) ? "subgraph" : "op",
          opType: foreignFamily(type),
          outputs,
          provider: type,
        }),
      );
    };
    const lines = new LineReader((line) => {
      const table = TABLE.exec(line.trim())?.[1];
      if (REGULAR.test(line)) {
        section = "regular";
        if (!hasRegular) entries.length = 0;
        hasRegular = true;
      } else if (INITIALIZATION.test(line)) section = "initialization";
      else if (DELEGATE_INTERNAL.test(line)) section = "delegate";
      else if (table !== undefined) {
        const wanted = section === "regular" || (section === "other" && !hasRegular);
        isRunOrder = wanted && table === "Run Order" && entries.length === 0;
        columns = null;
        return;
      } else if (line.trim() === "") isRunOrder = false;
      else if (isRunOrder && columns === null) columns = columnsOf(line.replace(/^\t/, ""));
      else if (isRunOrder && columns !== null) takeRow(line, columns);
      const timings = section === "regular" || section === "other" ? TIMINGS.exec(line) : null;
      if (timings !== null && runs === 0) {
        runs = Number(timings[1]);
        const micros = cellNumber(timings[2] ?? "");
        average = micros === null ? null : micros / 1e6;
      }
    });
    return {
      push: (chunk) => lines.push(chunk),
      end: () => {
        lines.end();
        if (entries.length === 0) {
          return err(
            `${fileName} holds no "Run Order" table of regular runs; expected benchmark_model's output with --enable_op_profiling=true.`,
          );
        }
        const warnings = runs > 0 ? [...runWarnings(runs)] : ["The file gives averages without the number of runs."];
        if (broken > 0) warnings.push(`${broken} rows could not be read and were left out.`);
        const count = Math.max(1, runs);
        return profileReading(
          rawProfile(
            tflite.id,
            fileName,
            entries.map((entry) => ({ ...entry, latency: { ...entry.latency, count } })),
            {
              device: { name: null, runtime: "TensorFlow Lite" },
              runs: count,
              endToEnd: average !== null && average > 0 ? constantDistribution(average, count) : null,
              warnings,
            },
          ),
        );
      },
    };
  },
};
