import { at, item } from "../core/columns.ts";
import type { Graph } from "../core/graph/graph.ts";
import { profileCoverage } from "../core/profile/apply.ts";
import type { Distribution } from "../core/profile/distribution.ts";
import type { Hardware } from "../core/profile/formats/raw-profile.ts";
import type { MatchedProfile } from "../core/profile/match.ts";
import { formatSeconds } from "../core/units.ts";
import { aligned } from "./text.ts";

/** What `splitscope profile` says it has measured: times in seconds, ops slowest first. */
interface ProfileReport {
  readonly file: string;
  readonly model: string;
  readonly device: string;
  readonly hardware: Hardware | null;
  readonly runtime: string;
  readonly runs: number;
  readonly warmupDropped: number;
  readonly seconds: Distribution | null;
  /** Sum of the ops' medians / median of a run. */
  readonly additivity: number | null;
  /** Ops of the model, and those with a time or known to take none. */
  readonly ops: number;
  readonly matchedOps: number;
  readonly slowest: readonly { readonly op: string; readonly type: string; readonly seconds: number }[];
  readonly warnings: readonly string[];
}

const SHOWN = 5;

export function profileReport(file: string, matched: MatchedProfile, graph: Graph): ProfileReport {
  const { raw } = matched;
  const { ops, matchedOps } = profileCoverage(matched);
  const slowest = matched.groups
    .map(({ entry, ops: members }) => ({
      op: item(graph.opNames, at(members, 0)),
      type: members.map((op) => item(graph.opTypes, op)).join(" + "),
      seconds: item(raw.entries, entry).latency.median,
    }))
    .sort((a, b) => b.seconds - a.seconds);
  return {
    file,
    model: raw.model.name ?? "",
    device: raw.device.name ?? "",
    hardware: raw.device.hardware ?? null,
    runtime: raw.device.runtime ?? "",
    runs: raw.runs,
    warmupDropped: raw.warmupDropped,
    seconds: raw.endToEnd,
    additivity: raw.additivity,
    ops,
    matchedOps,
    slowest: slowest.slice(0, SHOWN),
    warnings: matched.warnings,
  };
}

/** The report for a person. */
export function profileText(report: ProfileReport): string {
  const { seconds, additivity } = report;
  const runs = report.runs === 1 ? "1 run" : `${report.runs} runs`;
  const whole =
    seconds === null
      ? runs
      : `${formatSeconds(seconds.median)} per inference (median of ${runs}; half of them ${formatSeconds(seconds.p25)} to ${formatSeconds(seconds.p75)})`;
  const sum = additivity === null ? "" : `; their medians add up to ${Math.round(100 * additivity)} % of it`;
  const rows = report.slowest.map(({ op, type, seconds: time }) => [`  ${op}`, type, formatSeconds(time)]);
  return [
    `${report.model} on ${report.device}\n`,
    `${report.runtime}\n`,
    `${whole}\n`,
    `${report.matchedOps} of ${report.ops} ops have a time or are known to take none${sum}\n`,
    "slowest:\n",
    aligned(rows),
    ...report.warnings.map((warning) => `warning: ${warning}\n`),
    `written to ${report.file}; use it by "splitscope plan ${report.model} --profile DEVICE=${report.file}"\n`,
  ].join("");
}
