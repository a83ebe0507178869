import { isSamePlan } from "../../core/plan/plan-difference.ts";
import type { Prediction } from "../../core/predict/prediction.ts";
import { predictionOf } from "../../state/derive.ts";
import type { Proof, Scheme, StagedPlan } from "../../state/state.ts";
import type { PlanView } from "../shared/use-plan.ts";

/** One line of every comparison: the current plan, a pinned one, or the whole model on one device. */
export interface SchemeRow {
  readonly key: string;
  readonly name: string;
  readonly kind: "current" | "pinned" | "no-split";
  readonly scheme: Scheme | null;
  readonly plan: StagedPlan;
  readonly proof: Proof | null;
  readonly prediction: Prediction;
}

/** The current plan first, then what was pinned, then each no-split baseline: these are always there. */
export function schemeRows(view: PlanView, schemes: readonly Scheme[], proof: Proof | null): readonly SchemeRow[] {
  const { problem, setting } = view;
  const known = (plan: StagedPlan) =>
    plan.devices.every((id) => setting.rig.devices.some((device) => device.id === id));
  return [
    {
      key: "current",
      name: "On screen",
      kind: "current",
      scheme: null,
      plan: view.plan,
      proof,
      prediction: view.prediction,
    },
    ...schemes
      .filter((scheme) => known(scheme.plan))
      .map(
        (scheme): SchemeRow => ({
          key: `pinned-${scheme.id}`,
          name: scheme.name,
          kind: "pinned",
          scheme,
          plan: scheme.plan,
          proof: scheme.proof,
          prediction: predictionOf(problem, scheme.plan, setting.rig),
        }),
      ),
    ...view.baselines.map(
      (baseline): SchemeRow => ({
        key: `whole-${baseline.device.id}`,
        name: `All on ${baseline.device.name}`,
        kind: "no-split",
        scheme: null,
        plan: baseline.plan,
        proof: null,
        prediction: baseline.prediction,
      }),
    ),
  ];
}

/** Rows before this one with the same plan: it would say the same twice. */
export function duplicateOf(rows: readonly SchemeRow[], row: SchemeRow): SchemeRow | null {
  return rows.slice(0, rows.indexOf(row)).find((earlier) => isSamePlan(stagesOf(earlier), stagesOf(row))) ?? null;
}

function stagesOf({ plan }: SchemeRow) {
  return { stages: plan.devices, stageOf: plan.stageOf };
}
