import { err, ok } from "../../result.ts";
import { quantile } from "../distribution.ts";
import { LineReader } from "./delimited.ts";
import type { ProfileFormat } from "./raw-profile.ts";

/** `POM_5V_IN 900/943`, `VDD_IN 4516mW/4516mW`, `POM_5V_IN 1234mW`: now, and the average since the start. */
const RAIL = /\b((?:VDD|POM|VIN|NC|VDDQ)_?\w*)\s+(\d+)(mW)?(?:\/(\d+)(mW)?)?(?=\s|$)/g;
const LINE = /RAM \d+\/\d+MB .*GR3D_FREQ/;
/** Rails that feed the whole module; on boards without one the rails add up to it. */
const WHOLE = ["VDD_IN", "POM_5V_IN", "VIN"];
/** Below this the two percentiles are the same few samples. */
const ENOUGH_SAMPLES = 20;
/** No module draws more than this, in watts. */
const MOST_WATTS = 1000;

/** Power of the rails on one line, in watts, by rail. */
function railsOf(line: string): ReadonlyMap<string, number> {
  const rails = new Map<string, number>();
  for (const [, name = "", now, unit, average] of line.matchAll(RAIL)) {
    // A single bare number could be anything; with a unit or as a pair it is power.
    if (unit === undefined && average === undefined) continue;
    const watts = Number(now) / 1e3;
    if (watts <= MOST_WATTS) rails.set(name, watts);
  }
  return rails;
}

/**
 * A log of NVIDIA's tegrastats: power of a Jetson per rail, in mW with or without the unit, one line per sample. Idle and
 * active power are the 5th and 95th percentile of the module's rail.
 */
export const tegrastats: ProfileFormat = {
  id: "tegrastats",
  label: "a tegrastats log",
  sniff: (head) => LINE.test(head),
  open: (fileName) => {
    const samples: ReadonlyMap<string, number>[] = [];
    let lineCount = 0;
    const lines = new LineReader((line) => {
      if (!LINE.test(line)) return;
      lineCount++;
      const rails = railsOf(line);
      if (rails.size > 0) samples.push(rails);
    });
    return {
      push: (chunk) => lines.push(chunk),
      end: () => {
        lines.end();
        if (samples.length === 0) {
          return err(
            `${fileName} holds ${lineCount} tegrastats lines without power; expected rails such as "VDD_IN 4516mW/4516mW".`,
          );
        }
        const whole = WHOLE.find((rail) => samples.every((rails) => rails.has(rail)));
        const totals = samples.map((rails) => {
          const own = whole === undefined ? undefined : rails.get(whole);
          return own ?? [...rails.values()].reduce((sum, watts) => sum + watts, 0);
        });
        const sorted = Float64Array.from(totals).sort();
        const warnings: string[] = [];
        if (samples.length < ENOUGH_SAMPLES) {
          warnings.push(
            `Only ${samples.length === 1 ? "1 sample" : `${samples.length} samples`} of power: record at rest and at work, a minute each.`,
          );
        }
        return ok({
          kind: "power",
          power: {
            samples: samples.length,
            rail: whole ?? [...(samples[0]?.keys() ?? [])].join(" + "),
            idleWatts: quantile(sorted, 0.05),
            activeWatts: quantile(sorted, 0.95),
            meanWatts: totals.reduce((sum, watts) => sum + watts, 0) / totals.length,
            warnings,
          },
        });
      },
    };
  },
};
