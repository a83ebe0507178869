import { err, type Result } from "../../result.ts";
import { constantDistribution } from "../distribution.ts";
import { cellNumber, linesOf } from "./delimited.ts";
import { profileReading, totalProfile, wholeText } from "./make.ts";
import type { ProfileFormat, Reading } from "./raw-profile.ts";

/** Files that time whole inferences and no ops: the estimates of the ops are scaled to them. */

const BENCHNCNN_ROW = /^\s*(\S+)\s+min\s*=\s*(\S+)\s+max\s*=\s*(\S+)\s+avg\s*=\s*(\S+)\s*$/;
const BENCHNCNN_LOOPS = /^loop_count\s*=\s*(\d+)/m;

function parseBenchncnn(text: string, fileName: string): Result<Reading> {
  const rows = linesOf(text).flatMap((line) => {
    const match = BENCHNCNN_ROW.exec(line);
    return match === null ? [] : [{ model: match[1] ?? "", seconds: (cellNumber(match[4] ?? "") ?? 0) / 1e3 }];
  });
  const [only, other] = rows;
  if (only === undefined) {
    return err(
      `${fileName} is a table of ncnn's benchncnn without a row; expected a line "NAME  min = ...  avg = ...".`,
    );
  }
  if (other !== undefined) {
    return err(
      `${fileName} is a table of ncnn's benchncnn with ${rows.length} models; expected the row of the model that is open, or layer times of a build with NCNN_BENCHMARK.`,
    );
  }
  if (!(only.seconds > 0 && Number.isFinite(only.seconds))) {
    return err(`${fileName} gives no average for ${only.model}; expected a time above 0.`);
  }
  const loops = Number(BENCHNCNN_LOOPS.exec(text)?.[1] ?? 1);
  const total = constantDistribution(only.seconds, Math.max(1, loops));
  return profileReading(
    totalProfile(benchncnn.id, fileName, total, {
      model: { name: only.model, sha256: null },
      device: { name: null, runtime: "ncnn" },
      warnings: ["The file gives an average, not a median."],
    }),
  );
}

/** The output of ncnn's benchncnn for one model. */
export const benchncnn: ProfileFormat = {
  id: "ncnn-bench",
  label: "a row of ncnn's benchncnn",
  sniff: (head) => /^loop_count\s*=\s*\d+/m.test(head) && /min\s*=\s*\S+\s+max\s*=/.test(head),
  open: (fileName) => wholeText(fileName, parseBenchncnn),
};

const TFLITE_AVERAGE = /Inference timings in us:.*Inference \(avg\):\s*([\d.,]+(?:e[+-]?\d+)?)/i;
const TFLITE_COUNT = /^.*count=(\d+)\s+first=\d+.*avg=/gm;

function parseTfliteSummary(text: string, fileName: string): Result<Reading> {
  const micros = cellNumber(TFLITE_AVERAGE.exec(text)?.[1] ?? "") ?? 0;
  if (!(micros > 0 && Number.isFinite(micros))) {
    return err(`${fileName} gives no average time of an inference; expected "Inference (avg): N".`);
  }
  // The last count is that of the measured runs; the first is that of the warm-up.
  const count = Number([...text.matchAll(TFLITE_COUNT)].at(-1)?.[1] ?? 1);
  return profileReading(
    totalProfile(tfliteSummary.id, fileName, constantDistribution(micros / 1e6, Math.max(1, count)), {
      device: { name: null, runtime: "TensorFlow Lite" },
      warnings: [
        "The file gives an average, not a median; with --enable_op_profiling=true benchmark_model times the ops too.",
      ],
    }),
  );
}

/** What benchmark_model prints without op profiling. */
export const tfliteSummary: ProfileFormat = {
  id: "tflite-total",
  label: "a summary of TensorFlow Lite's benchmark_model",
  sniff: (head) => TFLITE_AVERAGE.test(head) && !/Operator-wise Profiling Info|= Run Order =/.test(head),
  open: (fileName) => wholeText(fileName, parseTfliteSummary),
};
