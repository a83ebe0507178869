import type { ExportSubject } from "../core/export/export-subject.ts";
import { writePlan } from "../core/export/plan-json.ts";
import { planReport } from "../core/export/report.ts";
import { AS_STORED } from "../core/plan/build-problem.ts";
import { err, ok, type Result } from "../core/result.ts";
import { defaultRig } from "../core/rig/presets.ts";
import { solveFully } from "../engine/solve-fully.ts";
import type { Command } from "./arguments.ts";
import type { Output } from "./command.ts";
import { writeText } from "./files.ts";
import { openFile, unboundDimensions } from "./open.ts";
import { DEFAULT_SECONDS } from "./plan-options.ts";
import { planText } from "./plan-text.ts";
import { makeSetting, readProfiles, readRigFile } from "./setting.ts";

/** `splitscope plan`: the best plan that the solver finds, with what it proves. */
export async function runPlan(command: Extract<Command, { kind: "plan" }>): Promise<Result<Output>> {
  const rig = command.rig === null ? ok(defaultRig()) : readRigFile(command.rig);
  if (!rig.ok) return rig;
  const raw = await readProfiles(command.profiles, rig.value);
  if (!raw.ok) return raw;
  const opened = await openFile(command.model, command.dims);
  if (!opened.ok) return opened;
  const { model, sha256 } = opened.value;
  const unbound = unboundDimensions(model);
  if (unbound !== null) return err(unbound);
  const setting = makeSetting(model, rig.value, AS_STORED, raw.value, command.constraints);
  if (!setting.ok) return setting;
  const { objective, timeLimit, constraints } = command;
  const start = performance.now();
  const names = { ops: model.graph.opNames, links: setting.value.rig.links.map(({ id }) => id) };
  const request = { objective, limits: constraints.limits, names };
  const solution = await solveFully(setting.value.problem, request, timeLimit ?? DEFAULT_SECONDS);
  const seconds = (performance.now() - start) / 1e3;
  if (!solution.ok) return solution;
  const { plan, prediction, certificate, value, method } = solution.value;
  const proof = { certificate, value, method };
  const subject: ExportSubject = { model, sha256, ...setting.value, objective, plan, prediction, proof };
  if (command.out !== null) {
    const written = writeText(command.out, writePlan(subject));
    if (!written.ok) return written;
  }
  const report = { ...planReport(subject), seconds };
  return ok({ json: report, text: () => planText(report, subject) });
}
