import { basename } from "node:path";
import { item } from "../core/columns.ts";
import { type NamedProblem, readProblem } from "../core/plan/abstract-problem.ts";
import { objectiveText, unitOf } from "../core/plan/objective.ts";
import { OUTSIDE } from "../core/plan/problem-columns.ts";
import { ok, type Result } from "../core/result.ts";
import type { Solution } from "../core/solve/solver.ts";
import { formatSeconds } from "../core/units.ts";
import { solveFully } from "../engine/solve-fully.ts";
import type { Output } from "./command.ts";
import { readText } from "./files.ts";
import { DEFAULT_SECONDS, type SearchOptions } from "./plan-options.ts";
import { aligned, formatAmount } from "./text.ts";

export interface PlanProblemCommand extends SearchOptions {
  readonly kind: "plan-problem";
  /** Path of a problem file. */
  readonly problem: string;
  readonly json: boolean;
}

function problemReport(
  { name, problem, opNames }: NamedProblem,
  { objective, plan, value, certificate, method }: Solution,
) {
  const devices = plan.stages.map((device) => item(problem.devices, device).id);
  const { status, bound, scope } = certificate;
  return {
    problem: name,
    objective: objectiveText(objective),
    value,
    unit: unitOf(objective),
    bound,
    certificate: status,
    scope,
    method,
    order: devices.filter((id) => id !== OUTSIDE),
    assignment: Object.fromEntries(opNames.map((id, op) => [id, item(devices, plan.stageOf[op] ?? 0)])),
  };
}

/** `splitscope plan --problem`: the best placement of a problem without a model, with what the solver proves. */
export async function runPlanProblem(command: PlanProblemCommand): Promise<Result<Output>> {
  const { problem: path, objective, limits, maxStages, timeLimit } = command;
  const text = readText(path, "a problem file");
  if (!text.ok) return text;
  const named = readProblem(text.value, basename(path));
  if (!named.ok) return named;
  const start = performance.now();
  const elapsed = () => (performance.now() - start) / 1e3;
  const { problem: own, opNames, linkNames } = named.value;
  const names = { ops: opNames, links: linkNames };
  const problem = maxStages === null ? own : { ...own, maxStages: Math.min(own.maxStages, maxStages) };
  const solution = await solveFully(problem, { objective, limits, names }, timeLimit ?? DEFAULT_SECONDS);
  if (!solution.ok) return solution;
  const report = { ...problemReport(named.value, solution.value), seconds: elapsed() };
  return ok({ json: report, text: () => reportText(report) });
}

function reportText(report: ReturnType<typeof problemReport> & { readonly seconds: number }): string {
  const { objective, value, unit, bound, certificate, scope, order, assignment, seconds } = report;
  const assigned = Object.entries(assignment);
  const summary = [
    [objective, formatAmount(value, unit)],
    ["certificate", `${certificate}, ${scope}`],
    ["lower bound", formatAmount(bound, unit)],
    ["found in", formatSeconds(seconds)],
  ];
  const stages = order.map((device, stage) => {
    const ops = assigned.filter(([, where]) => where === device).map(([op]) => op);
    const range = ops.length > 1 ? `${ops[0]} ... ${ops.at(-1)}` : (ops[0] ?? "passes the input on");
    return [String(stage), device, `${ops.length} ops`, range];
  });
  return [aligned(summary), aligned([["stage", "device", "ops", ""], ...stages])].join("\n");
}
