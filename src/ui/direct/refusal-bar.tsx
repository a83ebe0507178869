import { item } from "../../core/columns.ts";
import { stageOrder } from "../../core/plan/order.ts";
import { faultOf } from "../../state/commit-edit.ts";
import { planByIndex } from "../../state/derive.ts";
import type { Refusal } from "../../state/state.ts";
import { Button } from "../shared/controls.tsx";
import { useApp, useAppStore } from "../shared/use-app.ts";
import type { PlanView } from "../shared/use-plan.ts";

/** Why the plan under the pointer cannot run; after the drop the nearest split that can, one click away. */
export function RefusalBar({ view }: { readonly view: PlanView }) {
  const store = useAppStore();
  const refusal = useApp((state) => state.refusal);
  const isDragging = useApp((state) => state.draft !== null);
  const fault = isDragging ? faultOf(view.model, view.setting, view.plan) : null;
  if (refusal === null) return fault === null ? null : <p className="refusal">{fault}</p>;
  return (
    <div className="refusal" role="alert">
      <p>{refusal.sentence}</p>
      <div className="refusal-buttons">
        {refusal.nearest === null ? (
          <span className="refusal-hint">The plan stays as it was.</span>
        ) : (
          <Button onClick={() => store.getState().takeNearest()}>{nearestText(view, refusal.nearest)}</Button>
        )}
        <Button kind="quiet" label="Dismiss" onClick={() => store.getState().dismissRefusal()}>
          ×
        </Button>
      </div>
    </div>
  );
}

function nearestText(
  { graph, setting }: PlanView,
  { plan, position, boundary }: NonNullable<Refusal["nearest"]>,
): string {
  if (position === 0) return `Put split ${boundary + 1} before the first op`;
  const op = stageOrder(planByIndex(plan, setting.rig))[position - 1] ?? 0;
  return `Put split ${boundary + 1} after ${item(graph.opNames, op)}`;
}
