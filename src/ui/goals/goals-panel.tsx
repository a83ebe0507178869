import { useState } from "react";
import { NO_CONSTRAINTS } from "../../core/plan/constraints.ts";
import { constraintCount } from "../../core/plan/constraints-edit.ts";
import { violationTexts } from "../../core/predict/violation-text.ts";
import { runnersOf } from "../../state/derive.ts";
import { Button } from "../shared/controls.tsx";
import { FIGURE_TEXTS } from "../shared/figures.ts";
import { useApp, useAppStore } from "../shared/use-app.ts";
import { type PlanView, useLivePlan } from "../shared/use-plan.ts";
import { AdvancedFields } from "./advanced-fields.tsx";
import { ImpossibleNotice } from "./impossible-notice.tsx";
import { LimitFields } from "./limit-fields.tsx";
import { MixSliders } from "./mix-sliders.tsx";
import { ObjectiveSelect } from "./objective-select.tsx";
import { partNames } from "./part-names.ts";
import { PlacementFields } from "./placement-fields.tsx";
import "./goals.css";

/** What a plan is judged by and has to keep to, and what the plan on screen breaks of it. */
export function GoalsPanel({ view }: { readonly view: PlanView }) {
  const store = useAppStore();
  const objective = useApp((state) => state.objective);
  const constraints = useApp((state) => state.session.setting.constraints);
  const [open, setOpen] = useState(false);
  const count = constraintCount(constraints);
  const goal = typeof objective === "string" ? FIGURE_TEXTS[objective].name : "Weighted mix";
  return (
    <section className="goals" aria-label="Goals and limits">
      <button type="button" className="goals-title" aria-expanded={open} onClick={() => setOpen(!open)}>
        Goals and limits
        <span className="goals-now">
          {goal}
          {count === 0 ? "" : `, ${count} ${count === 1 ? "constraint" : "constraints"}`}
        </span>
      </button>
      <ImpossibleNotice />
      <Broken />
      {open ? (
        <div className="goals-body">
          <ObjectiveSelect view={view} hideLabel={false} />
          {typeof objective === "string" ? null : <MixSliders view={view} mix={objective.mix} />}
          <LimitFields />
          <PlacementFields opCount={view.graph.opCount} devices={runnersOf(view.problem, view.setting.rig)} />
          <AdvancedFields isProblem={view.model.given !== null} />
          {constraints === NO_CONSTRAINTS ? null : (
            <Button kind="quiet" onClick={() => store.getState().setConstraints("Lift all limits", NO_CONSTRAINTS)}>
              Lift all limits
            </Button>
          )}
        </div>
      ) : null}
    </section>
  );
}

/** What the plan on screen does not keep to at this moment. */
function Broken() {
  const view = useLivePlan();
  if (view === null || view.prediction.latencySeconds === Number.POSITIVE_INFINITY) return null;
  const texts = violationTexts(view.prediction, view.setting.constraints.limits, partNames(view));
  if (texts.length === 0) return null;
  return (
    <div className="goals-broken" role="status">
      <p>The plan on screen breaks {texts.length === 1 ? "a limit" : `${texts.length} limits`}:</p>
      <ul>
        {texts.map((text) => (
          <li key={text}>{text}</li>
        ))}
      </ul>
    </div>
  );
}
