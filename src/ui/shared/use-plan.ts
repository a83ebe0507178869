import type { Graph } from "../../core/graph/graph.ts";
import type { OpenedModel } from "../../core/graph/opened-model.ts";
import type { Problem } from "../../core/plan/problem.ts";
import type { Prediction } from "../../core/predict/prediction.ts";
import { type Baseline, baselinesOf, predictionOf, problemOf } from "../../state/derive.ts";
import { memo } from "../../state/memo.ts";
import type { Session, Setting, StagedPlan } from "../../state/state.ts";
import { useApp } from "./use-app.ts";

/** What the screen shows of the current plan: everything derived, nothing stored. */
export interface PlanView {
  readonly model: OpenedModel;
  readonly graph: Graph;
  readonly setting: Setting;
  readonly problem: Problem;
  readonly plan: StagedPlan;
  readonly prediction: Prediction;
  readonly baselines: readonly Baseline[];
}

/**
 * Null while no model is open, or where the rig admits no problem (a sentence says why elsewhere). The same arguments
 * give the same object, so that the regions of the screen share it and skip work that it does not concern.
 */
const planViewOf = memo((model: OpenedModel | null, session: Session, plan: StagedPlan): PlanView | null => {
  if (model === null) return null;
  const { setting } = session;
  const problem = problemOf(model, setting);
  if (!problem.ok) return null;
  return {
    model,
    graph: model.graph,
    setting,
    problem: problem.value,
    plan,
    prediction: predictionOf(problem.value, plan, setting.rig),
    baselines: baselinesOf(problem.value, setting.rig),
  };
}, 3);

/** The plan as it is at this moment, also while a split is dragged. */
export function useLivePlan(): PlanView | null {
  const model = useApp((state) => state.model);
  const session = useApp((state) => state.session);
  const draft = useApp((state) => state.draft);
  return planViewOf(model, session, draft ?? session.plan);
}

/** The plan of the last finished step: for charts that are too heavy to follow a drag. */
export function useCommittedPlan(): PlanView | null {
  const model = useApp((state) => state.model);
  const session = useApp((state) => state.session);
  return planViewOf(model, session, session.plan);
}
