import type { ExportSubject } from "../core/export/export-subject.ts";
import { checkPlan } from "../core/plan/validity.ts";
import { predict } from "../core/predict/predict.ts";
import { err, ok, type Result } from "../core/result.ts";
import type { PlannedFile } from "./plan-file.ts";
import { makeSetting } from "./setting.ts";

/** A plan file over its model, priced by its own rig and profiles. Errors: figures that do not fit, a plan that cannot run. */
export function plannedSubject({ model, sha256, planDocument, plan }: PlannedFile): Result<ExportSubject> {
  const { rig, encoding, objective, proof } = planDocument;
  const profiles = new Map(planDocument.profiles.map(({ device, profile }) => [device, profile]));
  const setting = makeSetting(model, rig, encoding, profiles, planDocument.constraints);
  if (!setting.ok) return setting;
  const [error] = checkPlan(setting.value.problem, plan, model.graph).errors;
  if (error !== undefined) return err(`The plan cannot run: ${error}`);
  const prediction = predict(setting.value.problem, plan);
  return ok({ model, sha256, ...setting.value, objective, plan, prediction, proof });
}
