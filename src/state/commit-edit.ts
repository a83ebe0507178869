import { at } from "../core/columns.ts";
import type { OpenedModel } from "../core/graph/opened-model.ts";
import { nearestSplit } from "../core/plan/nearest-split.ts";
import { boundaryPositions } from "../core/plan/order.ts";
import type { Plan } from "../core/plan/plan.ts";
import { isSamePlan } from "../core/plan/plan-difference.ts";
import type { Problem } from "../core/plan/problem.ts";
import { checkPlan } from "../core/plan/validity.ts";
import { planById, planByIndex, predictionOf, problemOf } from "./derive.ts";
import { memo } from "./memo.ts";
import type { Refusal, Setting, StagedPlan } from "./state.ts";
import type { Access, Store } from "./store.ts";

/** Why a plan cannot run, as one sentence; null for a plan that can. O(ops + edges). */
export const faultOf = memo((model: OpenedModel | null, setting: Setting, plan: StagedPlan): string | null => {
  if (model === null) return null;
  const problem = problemOf(model, setting);
  if (!problem.ok) return problem.error;
  // The figures are there already; sentences are looked for only where they say that something is wrong.
  if (predictionOf(problem.value, plan, setting.rig).latencySeconds < Number.POSITIVE_INFINITY) return null;
  return checkPlan(problem.value, planByIndex(plan, setting.rig), model.graph).errors[0] ?? null;
}, 4);

/**
 * Makes an edited plan a step of the history. One that cannot run is not taken where the present one can: the reason
 * is shown instead, with the nearest split that can run.
 */
export function commitEdit({ get, set }: Access, label: string, plan: StagedPlan): void {
  const { model, session } = get();
  const fault = faultOf(model, session.setting, plan);
  if (fault === null || faultOf(model, session.setting, session.plan) !== null) {
    set({ refusal: null });
    get().commit(label, { ...session, plan, proof: null });
    return;
  }
  const problem = model === null ? null : problemOf(model, session.setting);
  const nearest = problem?.ok === true ? nearestTo(problem.value, get(), plan) : null;
  set({ draft: null, refusal: { sentence: fault, label, nearest } });
}

/** The split nearest to that of a plan that cannot run, where it is another than the present one. */
function nearestTo(problem: Problem, { session }: Store, wanted: StagedPlan): Refusal["nearest"] {
  const { rig } = session.setting;
  const plan = planByIndex(wanted, rig);
  const boundary = movedBoundary(planByIndex(session.plan, rig), plan);
  if (boundary < 0) return null;
  const found = nearestSplit(problem, plan, boundary, at(boundaryPositions(plan), boundary));
  if (found === null) return null;
  const staged = planById(found, rig);
  const isPresent = isSamePlan(
    { stages: staged.devices, stageOf: staged.stageOf },
    { stages: session.plan.devices, stageOf: session.plan.stageOf },
  );
  return isPresent ? null : { plan: staged, position: at(boundaryPositions(found), boundary), boundary };
}

/** The boundary that lies the furthest from where it was; of a plan with other stages the first one; -1 for none. */
function movedBoundary(before: Plan, after: Plan): number {
  const old = boundaryPositions(before);
  const now = boundaryPositions(after);
  if (old.length !== now.length) return now.length > 0 ? 0 : -1;
  let boundary = -1;
  let most = -1;
  for (let k = 0; k < now.length; k++) {
    const away = Math.abs(at(now, k) - at(old, k));
    if (away > most) {
      most = away;
      boundary = k;
    }
  }
  return boundary;
}
