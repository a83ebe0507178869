import { err, type Result } from "../../result.ts";
import { constantDistribution, scaleDistribution } from "../distribution.ts";
import { cellNumber, cellsOf, columnName, LineReader, linesOf } from "./delimited.ts";
import { profileReading, RunTable, rawEntry, rawProfile, runWarnings, warmUpOf, wholeText } from "./make.ts";
import type { ProfileFormat, RawEntry, Reading } from "./raw-profile.ts";

const HEADER = /^"?Msg Timestamp"?,"?Message"?,"?Time"?,/;
const ACCELERATOR_TIME = /^(QNN )?accelerator \(execute\) time$/i;
const ACCELERATOR_CYCLES = /^(QNN )?accelerator \(execute\) time \(cycles\)$/i;

interface NodeRow {
  readonly label: string;
  readonly sources: readonly string[] | null;
}

/** `Conv_token_1_2:OpId_7 (cycles)` without what QNN adds: `Conv`. */
function labelOf(identifier: string): string {
  return identifier
    .replace(/\s*\(cycles\)$/i, "")
    .replace(/:OpId_\d+$/, "")
    .replace(/_token_\d+(?:_\d+)*$/, "");
}

/**
 * The CSV of ONNX Runtime's QNN provider (profiling_level=detailed, profiling_file_path), appended to over runs. Ops come
 * in cycles of the accelerator; the whole run comes in cycles and in microseconds, which gives the clock. A newer
 * column names the ONNX nodes that an op was made of.
 */
export const qnnCsv: ProfileFormat = {
  id: "qnn-csv",
  label: "a QNN profile (CSV)",
  sniff: (head) => linesOf(head).some((line) => HEADER.test(line)),
  open: (fileName) => {
    const cycles = new RunTable<NodeRow>();
    const micros = new RunTable<NodeRow>();
    let columns: readonly string[] = [];
    let acceleratorCycles = 0;
    let acceleratorSeconds = 0;
    const wholes = new RunTable<null>();
    let broken = 0;
    const lines = new LineReader((line) => {
      if (HEADER.test(line)) {
        columns = cellsOf(line, ",").map(columnName);
        return;
      }
      if (columns.length === 0 || line.trim() === "") return;
      const cells = cellsOf(line, ",");
      const cell = (name: string) => cells[columns.indexOf(name)] ?? "";
      const identifier = cell("eventidentifier");
      const value = cellNumber(cell("time"));
      // A cell too many comes of a comma inside a figure.
      const isWhole = cells.slice(columns.length).every((text) => text === "");
      if (!isWhole || value === null || value < 0 || identifier === "") {
        broken++;
        return;
      }
      const unit = cell("unitofmeasurement").toUpperCase();
      if (unit === "CYCLES" && ACCELERATOR_CYCLES.test(identifier)) acceleratorCycles += value;
      else if (unit === "US" && ACCELERATOR_TIME.test(identifier)) {
        acceleratorSeconds += value / 1e6;
        wholes.add("", null, value / 1e6);
      } else if (cell("message").toUpperCase() === "NODE") {
        const sources = cell("onnxsourceops")
          .split(/[;|,]\s*/)
          .filter((name) => name !== "");
        const row = { label: labelOf(identifier), sources: sources.length > 0 ? sources : null };
        if (unit === "CYCLES") cycles.add(identifier, row, value);
        else if (unit === "US") micros.add(identifier, row, value / 1e6);
      }
    });
    return {
      push: (chunk) => lines.push(chunk),
      end: () => {
        lines.end();
        const isTimed = micros.runs > 0;
        const table = isTimed ? micros : cycles;
        if (table.runs === 0) {
          return err(
            `${fileName} is a QNN profile without NODE events; expected one recorded with profiling_level=detailed.`,
          );
        }
        if (!isTimed && !(acceleratorCycles > 0 && acceleratorSeconds > 0)) {
          return err(
            `${fileName} gives the ops of a QNN profile in cycles without a clock; expected rows "Accelerator (execute) time" in US and in CYCLES.`,
          );
        }
        const scale = isTimed ? 1 : acceleratorSeconds / acceleratorCycles;
        const recorded = table.runs;
        const dropped = warmUpOf(recorded);
        const runs = recorded - dropped;
        const entries = table.rows(dropped).map(({ row, latency }): RawEntry => {
          return rawEntry(row.label, scaleDistribution(latency, scale), { nodes: row.sources, outputs: [row.label] });
        });
        const [whole] = wholes.runs > 0 ? wholes.rows(warmUpOf(wholes.runs)) : [];
        const warnings = [...runWarnings(runs)];
        if (broken > 0) warnings.push(`${broken} rows could not be read and were left out.`);
        if (!isTimed) warnings.push("Ops were given in cycles; the clock is that of the whole run.");
        return profileReading(
          rawProfile(qnnCsv.id, fileName, entries, {
            device: { name: null, runtime: "QNN" },
            runs,
            warmupDropped: dropped,
            endToEnd: whole?.latency ?? null,
            warnings,
          }),
        );
      },
    };
  },
};

const LAYER_TIME = /^\s*(.+?)\s*:\s*(\S+)\s*(us|cycles)\s*(?::\s*(\w+))?\s*$/;
const TOTAL = /^\s*Total Inference Time\s*:\s*([\d.,]+)\s*us/m;
const ACCELERATOR = /^\s*Accelerator Time\s*:\s*([\d.,]+)\s*us/m;

function parseDiagview(text: string, fileName: string): Result<Reading> {
  const lines = linesOf(text);
  const rows: { label: string; value: number; unit: string; processor: string | null }[] = [];
  let broken = 0;
  for (const line of lines.slice(lines.findIndex((line) => /Layer Times\s*:/.test(line)) + 1)) {
    const match = LAYER_TIME.exec(line);
    if (match === null) {
      if (rows.length > 0 && line.trim() !== "") break;
      continue;
    }
    const [, label = "", figure = "", unit = "", processor] = match;
    const value = cellNumber(figure);
    if (value === null || value < 0) broken++;
    else rows.push({ label, value, unit, processor: processor ?? null });
  }
  if (rows.length === 0)
    return err(`${fileName} is an SNPE log without layer times; expected lines such as "conv1: 120 us : DSP".`);
  const accelerator = cellNumber(ACCELERATOR.exec(text)?.[1] ?? "") ?? 0;
  const cycles = rows.reduce((sum, row) => sum + (row.unit === "cycles" ? row.value : 0), 0);
  if (cycles > 0 && !(accelerator > 0)) {
    return err(
      `${fileName} gives SNPE layers in cycles without the accelerator's time; expected a line "Accelerator Time: N us".`,
    );
  }
  const total = cellNumber(TOTAL.exec(text)?.[1] ?? "") ?? 0;
  const entries = rows.map((row) => {
    const seconds = row.unit === "cycles" ? (row.value / cycles) * accelerator * 1e-6 : row.value * 1e-6;
    return rawEntry(row.label, constantDistribution(seconds, 1), { outputs: [row.label], provider: row.processor });
  });
  return profileReading(
    rawProfile(snpeDiagview.id, fileName, entries, {
      device: { name: null, runtime: "SNPE" },
      endToEnd: total > 0 ? constantDistribution(total * 1e-6, 1) : null,
      warnings: [
        "The file gives averages without the number of runs.",
        ...(broken > 0 ? [`${broken} layers have no time and were left out.`] : []),
      ],
    }),
  );
}

/** The text of Qualcomm's snpe-diagview. Layers that the log only numbers are named by the table of snpe-dlc-info. */
export const snpeDiagview: ProfileFormat = {
  id: "snpe-diag",
  label: "SNPE layer times (snpe-diagview)",
  sniff: (head) => /Layer Times\s*:/.test(head) && /(Total Inference Time|SNPE|Dnn Runtime)/.test(head),
  open: (fileName) => wholeText(fileName, parseDiagview),
};
