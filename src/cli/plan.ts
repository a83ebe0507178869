import type { ExportSubject } from "../core/export/export-subject.ts";
import { writePlan } from "../core/export/plan-json.ts";
import { planReport } from "../core/export/report.ts";
import { ok, type Result } from "../core/result.ts";
import { solveFully } from "../engine/solve-fully.ts";
import type { Command } from "./arguments.ts";
import type { Output } from "./command.ts";
import { openModelSetting } from "./open-setting.ts";
import { checkWritable, filesRead, writeText } from "./output-file.ts";
import { DEFAULT_SECONDS } from "./plan-options.ts";
import { planText } from "./plan-text.ts";

/** `splitscope plan`: the best plan that the solver finds, with what it proves. */
export async function runPlan(command: Extract<Command, { kind: "plan" }>): Promise<Result<Output>> {
  const free = command.out === null ? ok(null) : checkWritable(command.out, [command.model]);
  if (!free.ok) return free;
  const opened = await openModelSetting(command, command.constraints);
  if (!opened.ok) return opened;
  const { objective, timeLimit, constraints } = command;
  const start = performance.now();
  const { model, problem, rig } = opened.value;
  const names = { ops: model.graph.opNames, links: rig.links.map(({ id }) => id) };
  const request = { objective, limits: constraints.limits, names };
  const solution = await solveFully(problem, request, timeLimit ?? DEFAULT_SECONDS);
  const seconds = (performance.now() - start) / 1e3;
  if (!solution.ok) return solution;
  const { plan, prediction, certificate, value, method } = solution.value;
  const proof = { certificate, value, method };
  const subject: ExportSubject = { ...opened.value, objective, plan, prediction, proof };
  if (command.out !== null) {
    const written = writeText(command.out, writePlan(subject), filesRead(command, model));
    if (!written.ok) return written;
  }
  const report = { ...planReport(subject), seconds };
  return ok({ json: report, text: () => planText(report, subject) });
}
