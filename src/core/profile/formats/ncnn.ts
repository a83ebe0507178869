import { err } from "../../result.ts";
import { foreignFamily } from "../op-families.ts";
import { cellNumber, LineReader } from "./delimited.ts";
import { profileReading, RunTable, rawEntry, rawProfile, runWarnings, warmUpOf } from "./make.ts";
import type { ProfileFormat, RawEntry } from "./raw-profile.ts";

/** `Convolution  conv1  1.23ms  |  [224, 224, 3 *1] -> [112, 112, 32 *4]  kernel: 3 x 3`; Vulkan builds print us. */
const LAYER = /^\s*([A-Za-z]\w*)\s+(\S+)\s+(\d[\d.,]*)\s*(ms|us)\s+\|(.*)$/;
const SHAPE = /->\s*\[\s*([\d\s,*]+)\]/;
/** Data and copies that ncnn inserts itself. */
const DATA = new Set(["Input", "MemoryData"]);
const INSERTED = new Set(["Split", "Packing", "Cast"]);

/** ncnn's w, h, c with its packing as N, C, H, W. */
function shapeOf(rest: string): readonly number[] | null {
  const sizes = SHAPE.exec(rest)?.[1]
    ?.split(",")
    .map((part) => {
      const factors = part.split("*").map((factor) => Number(factor.trim()));
      return factors.reduce((product, factor) => product * factor, 1);
    });
  if (sizes === undefined || sizes.some((size) => !Number.isSafeInteger(size) || size < 1)) return null;
  return [1, ...sizes.reverse()];
}

/** Per-layer times of an ncnn built with NCNN_BENCHMARK: one block of lines a run, on standard error. */
export const ncnnLayers: ProfileFormat = {
  id: "ncnn-layers",
  label: "ncnn layer times (NCNN_BENCHMARK)",
  sniff: (head) => head.split(/\r\n|\n|\r/).filter((line) => LAYER.test(line)).length >= 3,
  open: (fileName) => {
    const table = new RunTable<{
      readonly name: string;
      readonly type: string;
      readonly shape: readonly number[] | null;
    }>();
    let broken = 0;
    const lines = new LineReader((line) => {
      const match = LAYER.exec(line);
      if (match === null) return;
      const [, type = "", name = "", figure = "", unit, rest = ""] = match;
      const value = (cellNumber(figure) ?? Number.NaN) * (unit === "us" ? 1e-6 : 1e-3);
      if (DATA.has(type)) return;
      if (Number.isFinite(value)) table.add(`${type}\n${name}`, { name, type, shape: shapeOf(rest) }, value);
      else broken++;
    });
    return {
      push: (chunk) => lines.push(chunk),
      end: () => {
        lines.end();
        const recorded = table.runs;
        const dropped = warmUpOf(recorded);
        const entries = table.rows(dropped).map(
          ({ row, latency }): RawEntry =>
            rawEntry(row.name, latency, {
              kind: INSERTED.has(row.type) ? "overhead" : "op",
              opType: foreignFamily(row.type),
              outputs: [row.name],
              outputShape: row.shape,
              provider: row.type,
            }),
        );
        if (entries.length === 0)
          return err(
            `${fileName} holds no ncnn layer with a time; expected lines such as "Convolution conv1 1.23ms | ...".`,
          );
        const runs = Math.max(1, recorded - dropped);
        const warnings = [...runWarnings(runs)];
        if (broken > 0) warnings.push(`${broken} layers have no time and were left out.`);
        return profileReading(
          rawProfile(ncnnLayers.id, fileName, entries, {
            device: { name: null, runtime: "ncnn" },
            runs,
            warmupDropped: dropped,
            warnings,
          }),
        );
      },
    };
  },
};
