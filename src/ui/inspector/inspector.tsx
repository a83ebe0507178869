import { bodiesAlong } from "../../state/inside.ts";
import { BodyDetails } from "../bodies/body-details.tsx";
import { useApp } from "../shared/use-app.ts";
import { type PlanView, useLivePlan } from "../shared/use-plan.ts";
import { RobustnessSection } from "../studies/robustness-section.tsx";
import { VerifyPanel } from "../verify/verify-panel.tsx";
import { BoundaryDetails } from "./boundary-details.tsx";
import { ModuleDetails } from "./module-details.tsx";
import { OpDetails } from "./op-details.tsx";
import { OpsDetails } from "./ops-details.tsx";
import { StageDetails } from "./stage-details.tsx";
import { TensorDetails } from "./tensor-details.tsx";
import { WhyPanel } from "./why-panel.tsx";
import "./inspector.css";

/** What is selected, and why the plan wins or loses. */
export function Inspector() {
  const view = useLivePlan();
  return (
    <aside className="inspector" aria-label="Inspector">
      {view === null ? null : <Sections view={view} />}
    </aside>
  );
}

function Sections({ view }: { readonly view: PlanView }) {
  const selection = useApp((state) => state.selection);
  const path = useApp((state) => state.inside.path);
  const along = bodiesAlong(view.model, path);
  const boundaries = view.plan.devices.length - 1;
  return (
    <>
      {along === null ? null : <BodyDetails along={along} />}
      {selection?.kind === "module" && selection.module < view.model.modules.count ? (
        <ModuleDetails view={view} module={selection.module} />
      ) : null}
      {selection?.kind === "op" && selection.op < view.graph.opCount ? (
        <OpDetails view={view} op={selection.op} />
      ) : null}
      {selection?.kind === "ops" && selection.ops.every((op) => op < view.graph.opCount) ? (
        <OpsDetails view={view} ops={selection.ops} />
      ) : null}
      {selection?.kind === "tensor" && selection.tensor < view.graph.tensorCount ? (
        <TensorDetails view={view} tensor={selection.tensor} />
      ) : null}
      {selection?.kind === "stage" && selection.stage <= boundaries ? (
        <StageDetails view={view} stage={selection.stage} />
      ) : null}
      {selection?.kind === "boundary" && selection.boundary < boundaries ? (
        <BoundaryDetails view={view} boundary={selection.boundary} heading />
      ) : null}
      <WhyPanel view={view} />
      <RobustnessSection view={view} />
      <VerifyPanel />
      {selection?.kind === "boundary" ? null : (
        <section className="inspector-section">
          <h2>What crosses</h2>
          {boundaries === 0 ? <p className="inspector-hint">The whole model runs on one device.</p> : null}
          {Array.from({ length: boundaries }, (_, boundary) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a boundary is its number
            <BoundaryDetails key={boundary} view={view} boundary={boundary} />
          ))}
        </section>
      )}
    </>
  );
}
