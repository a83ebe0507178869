import type { ExportSubject } from "../core/export/export-subject.ts";
import { planReport } from "../core/export/report.ts";
import { modelMismatch, restorePlan } from "../core/export/restore-plan.ts";
import { checkPlan } from "../core/plan/validity.ts";
import { predict } from "../core/predict/predict.ts";
import { err, ok, type Result } from "../core/result.ts";
import type { Certificate } from "../core/solve/solver.ts";
import type { Command } from "./arguments.ts";
import type { Output } from "./command.ts";
import { openFile, unboundDimensions } from "./open.ts";
import { readPlanFile } from "./plan-file.ts";
import { planText } from "./plan-text.ts";
import { makeSetting, readProfiles, readRigFile } from "./setting.ts";

/** A prediction claims nothing of other plans, whatever the file says of how its plan was found. */
const NOT_SEARCHED: Certificate = {
  status: "best-found",
  bound: 0,
  scope: "the given plan alone; no other was looked at",
};

/** `splitscope predict`: the figures of a given plan, on the plan file's rig and profiles unless others are given. */
export async function runPredict(command: Extract<Command, { kind: "predict" }>): Promise<Result<Output>> {
  const given = command.rig === null ? ok(null) : readRigFile(command.rig);
  if (!given.ok) return given;
  const read = readPlanFile(command.plan, given.value);
  if (!read.ok) return read;
  const planDocument = read.value;
  const rig = given.value ?? planDocument.rig;
  const raw = await readProfiles(command.profiles, rig);
  if (!raw.ok) return raw;
  const opened = await openFile(command.model, command.dims.size > 0 ? command.dims : planDocument.model.dims);
  if (!opened.ok) return opened;
  const { model, sha256 } = opened.value;
  const unbound = unboundDimensions(model);
  if (unbound !== null) return err(unbound);
  const plan = restorePlan(planDocument, model.graph, rig);
  if (!plan.ok) return err(modelMismatch(planDocument, sha256) ?? plan.error);
  const ofPlan = planDocument.profiles.filter(({ device }) => rig.devices.some(({ id }) => id === device));
  const profiles = new Map([...ofPlan.map(({ device, profile }) => [device, profile] as const), ...raw.value]);
  const setting = makeSetting(model, rig, planDocument.encoding, profiles);
  if (!setting.ok) return setting;
  const { problem } = setting.value;
  const [error] = checkPlan(problem, plan.value, model.graph).errors;
  if (error !== undefined) return err(`The plan cannot run: ${error}`);
  const start = performance.now();
  const prediction = predict(problem, plan.value);
  const seconds = (performance.now() - start) / 1e3;
  const { objective } = planDocument;
  const value = objective === "latency" ? prediction.latencySeconds : prediction.periodSeconds;
  const proof = { certificate: NOT_SEARCHED, value, method: "" };
  const subject: ExportSubject = { model, sha256, ...setting.value, objective, plan: plan.value, prediction, proof };
  const report = { ...planReport(subject), seconds };
  return ok({ json: report, text: () => planText(report, subject) });
}
