import { item } from "../core/columns.ts";
import type { ExportSubject } from "../core/export/export-subject.ts";
import type { PlanReport } from "../core/export/report.ts";
import { noSplitPlan } from "../core/plan/plan-edit.ts";
import { checkPlan } from "../core/plan/validity.ts";
import { predict } from "../core/predict/predict.ts";
import { figureOf, isAdmissible } from "../core/predict/prediction.ts";
import { latencySummary } from "../core/profile/apply.ts";
import { formatMemory, formatRatio, formatSeconds, formatTraffic } from "../core/units.ts";
import { aligned, formatAmount } from "./text.ts";

const time = (seconds: number | null) => formatSeconds(seconds ?? Number.POSITIVE_INFINITY);

export function certificateText(certificate: PlanReport["certificate"], value: number | null): string {
  if (certificate === null) return "none";
  const { status, bound, scope } = certificate;
  if (status === "optimal") return `optimal, ${scope}`;
  if (status === "gap" && bound !== null && value !== null && bound > 0) {
    return `within ${(100 * (1 - bound / value)).toFixed(1)} % of optimal, ${scope}`;
  }
  return `best found, ${scope}`;
}

function stageRows({ stages }: PlanReport): string[][] {
  return stages.map(({ device, ops }, stage) => {
    const range = ops.length > 1 ? `${ops[0]} ... ${ops.at(-1)}` : (ops[0] ?? "passes the input on");
    return [String(stage), device, `${ops.length} ops`, range];
  });
}

function transferRows({ transfers }: PlanReport): string[][] {
  return transfers.map(({ from, to, tensors, seconds }) => {
    const bytes = tensors.reduce((sum, tensor) => sum + tensor.bytes, 0);
    return [`${from} -> ${to}`, formatTraffic(bytes), time(seconds), tensors.map(({ name }) => name).join(", ")];
  });
}

/** The report for a person: figures, the case for it, stages, transfers, devices, and what is not split. */
export function planText(report: PlanReport, subject: ExportSubject): string {
  const { rig, latencies, plan, problem, model, objective: goal } = subject;
  const { objective, value, unit, prediction, noSplit } = report;
  const alone = problem.devices.map((_, device) => predict(problem, noSplitPlan(problem, device)));
  const allowed = alone.filter((whole) => isAdmissible(whole));
  const best = Math.min(...allowed.map((whole) => figureOf(whole, goal)));
  const amount = value ?? Number.POSITIVE_INFINITY;
  const { errors, warnings } = checkPlan(problem, plan, model.graph);
  const summary = [
    [
      objective,
      allowed.length === 0
        ? `${formatAmount(amount, unit)}; no device can run the model alone`
        : `${formatAmount(amount, unit)}, ${formatRatio(best / amount)} of the best single device`,
    ],
    ["certificate", certificateText(report.certificate, value)],
    ["latency", time(prediction.latencySeconds)],
    ["period", time(prediction.periodSeconds)],
    ["energy", formatAmount(prediction.energyJoules ?? Number.POSITIVE_INFINITY, "J")],
    ["traffic", formatAmount(prediction.trafficBytes ?? Number.POSITIVE_INFINITY, "B")],
    ...errors.map((sentence) => ["error", sentence]),
    ...warnings.map((sentence) => ["warning", sentence]),
  ];
  const devices = prediction.devices.map(({ device, computeSeconds, memoryBytes }, index) => [
    device,
    time(computeSeconds),
    formatMemory(memoryBytes),
    latencySummary(item(latencies, index)).text,
  ]);
  const baselines = noSplit.map(({ device, latencySeconds, periodSeconds }, index) => [
    device,
    time(latencySeconds),
    time(periodSeconds),
    isAdmissible(item(alone, index)) ? "" : "not allowed",
  ]);
  return [
    aligned(summary),
    aligned([["stage", "device", "ops", ""], ...stageRows(report)]),
    aligned([["transfer", "bytes", "time", "tensors"], ...transferRows(report)]),
    aligned([["device", "compute", "memory", "op times of the whole model"], ...devices]),
    aligned([["not split, on", "latency", "period", ""], ...baselines]),
    `source ${rig.source}, sink ${rig.sink}\n`,
  ].join("\n");
}
