import { isSamePlan } from "../../core/plan/plan-difference.ts";
import type { Robustness } from "../../core/solve/robustness.ts";
import { Button } from "../shared/controls.tsx";
import { useApp, useAppStore } from "../shared/use-app.ts";
import type { PlanView } from "../shared/use-plan.ts";
import "./studies.css";

const percent = (fraction: number): string => `${(100 * fraction).toFixed(fraction < 0.1 ? 1 : 0)} %`;

/** What the other draws were. */
function restText({ samples, best, broken, impossible, proven, largestRegret, meanRegret }: Robustness): string {
  const kept = samples - broken - impossible;
  const draws = (count: number) => `${count} ${count === 1 ? "draw" : "draws"}`;
  return [
    ...(broken > 0 ? [`In ${draws(broken)} it breaks a limit that another plan keeps to.`] : []),
    ...(impossible > 0 ? [`In ${draws(impossible)} no plan was found that keeps to the limits.`] : []),
    ...(kept === 0
      ? []
      : best === kept
        ? [kept === samples ? "In none of them is another plan better." : "In the others no plan is better."]
        : [
            `Else it is ${percent(largestRegret)} worse than the best at most, ${percent(meanRegret)} on average${kept === samples ? " of all draws" : ""}.`,
          ]),
    ...(proven < samples - impossible ? [`${draws(samples - impossible - proven)} lack a proof.`] : []),
  ].join(" ");
}

/** Whether the plan still wins when latencies and bandwidths are not what was assumed. */
export function RobustnessSection({ view }: { readonly view: PlanView }) {
  const store = useAppStore();
  const study = useApp((state) => state.studies.robustness);
  const objective = useApp((state) => state.objective);
  const isRunning = useApp((state) => state.studies.running !== null);
  const asStages = ({ devices, stageOf }: PlanView["plan"]) => ({ stages: devices, stageOf });
  const known =
    study !== null &&
    study.problem === view.problem &&
    study.result.objective === objective &&
    isSamePlan(asStages(study.result.plan), asStages(view.plan))
      ? study.result.robustness
      : null;
  return (
    <section className="inspector-section" data-testid="robustness">
      <h2>If the figures are wrong</h2>
      {known === null ? (
        <Button disabled={isRunning} onClick={() => void store.getState().studyRobustness()}>
          Try latencies and bandwidths ±20 %
        </Button>
      ) : (
        <>
          <p>
            It stays the best in <strong>{known.best}</strong> of {known.samples} draws with every device and link up to
            20 % faster or slower.
          </p>
          <p className="inspector-hint">{restText(known)}</p>
        </>
      )}
    </section>
  );
}
