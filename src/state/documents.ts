import type { ExportSubject } from "../core/export/export-subject.ts";
import { exportRefusal, type TextExporter } from "../core/export/exporter.ts";
import { type PlanDocument, parsePlan } from "../core/export/plan-document.ts";
import { modelMismatch, restorePlan } from "../core/export/restore-plan.ts";
import type { OpenedModel } from "../core/graph/opened-model.ts";
import type { Problem } from "../core/plan/problem.ts";
import { type MatchedProfile, matchProfile } from "../core/profile/match.ts";
import { err, ok, type Result } from "../core/result.ts";
import { latencyTables, planById, planByIndex, predictionOf, problemOf } from "./derive.ts";
import type { AppState, Session, Setting } from "./state.ts";
import { currentRecord } from "./verification.ts";

/** What exporters write about, from the state; a sentence where there is nothing to export. */
export function exportSubject(state: AppState): Result<ExportSubject> {
  const { model, session, objective, digest } = state;
  if (model === null) return err("There is no model open to export a plan of.");
  const { setting, proof } = session;
  const problem = problemOf(model, setting);
  if (!problem.ok) return problem;
  return ok({
    model,
    sha256: digest,
    sample: state.source?.kind === "sample" ? state.source.id : null,
    rig: setting.rig,
    encoding: setting.encoding,
    constraints: setting.constraints,
    profiles: setting.profiles,
    latencies: latencyTables(model, setting),
    problem: problem.value,
    objective,
    plan: planByIndex(session.plan, setting.rig),
    prediction: predictionOf(problem.value, session.plan, setting.rig),
    proof: proof !== null && proof.setting === setting ? proof : null,
    verification: currentRecord(state),
  });
}

export function exportText(state: AppState, exporter: TextExporter): Result<string> {
  const subject = exportSubject(state);
  if (!subject.ok) return subject;
  const refusal = exportRefusal(exporter, subject.value);
  return refusal === null ? ok(exporter.write(subject.value)) : err(refusal);
}

/** A plan file, checked against the model that is open. */
export function readPlanFile(state: AppState, text: string, fileName: string): Result<PlanDocument> {
  const parsed = parsePlan(text, fileName);
  if (!parsed.ok) return parsed;
  if (state.model === null) return err(`Open the model ${parsed.value.model.name} first, then its plan ${fileName}.`);
  const mismatch = modelMismatch(parsed.value, state.digest);
  return mismatch === null ? parsed : err(mismatch);
}

/** What a file says that plans are priced by, on the model that it is about. */
export function settingOf(
  model: OpenedModel,
  { rig, encoding, constraints, profiles }: Pick<PlanDocument, "rig" | "encoding" | "constraints" | "profiles">,
): Result<{ readonly setting: Setting; readonly problem: Problem }> {
  const matches = new Map<string, MatchedProfile>();
  for (const { device, profile } of profiles) {
    const matched = matchProfile(profile, model.graph, model.costs.macs);
    if (!matched.ok) return matched;
    matches.set(device, matched.value);
  }
  const setting = { rig, encoding, constraints, profiles: matches };
  const problem = problemOf(model, setting);
  return problem.ok ? ok({ setting, problem: problem.value }) : problem;
}

/** The session that a plan file describes, on the model that is open. The file's proof is not believed: see `prove`. */
export function sessionOf(state: AppState, plan: PlanDocument): Result<Session> {
  const { model, session } = state;
  if (model === null) throw new Error("a session needs a model");
  const restored = restorePlan(plan, model.graph, plan.rig);
  if (!restored.ok) return restored;
  const read = settingOf(model, plan);
  if (!read.ok) return read;
  const { setting } = read.value;
  return ok({ ...session, setting, plan: planById(restored.value, plan.rig), proof: null });
}
