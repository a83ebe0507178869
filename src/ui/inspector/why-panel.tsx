import { useState } from "react";
import { item } from "../../core/columns.ts";
import type { Objective } from "../../core/plan/objective.ts";
import { isSamePlan } from "../../core/plan/plan-difference.ts";
import { differenceParts } from "../../core/predict/difference-parts.ts";
import { figureOf } from "../../core/predict/prediction.ts";
import { violationTexts } from "../../core/predict/violation-text.ts";
import { formatRatio } from "../../core/units.ts";
import { bestBaseline, planByIndex } from "../../state/derive.ts";
import { partNames } from "../goals/part-names.ts";
import { type SchemeRow, schemeRows } from "../schemes/scheme-rows.ts";
import { Select } from "../shared/controls.tsx";
import { objectiveFormat } from "../shared/figures.ts";
import { useApp } from "../shared/use-app.ts";
import type { PlanView } from "../shared/use-plan.ts";
import { BusyBars } from "./busy-bars.tsx";
import { CarriedBy } from "./carried-by.tsx";
import { FigureParts } from "./figure-parts.tsx";
import { Suggestions } from "./suggestions.tsx";

/** What stands for whichever no split is the best one. */
const BEST = "best";

/** Why the plan on screen beats, or loses to, the best device alone or another plan, for the chosen objective. */
export function WhyPanel({ view }: { readonly view: PlanView }) {
  const objective = useApp((state) => state.objective);
  const session = useApp((state) => state.session);
  const project = useApp((state) => state.project);
  const [against, setAgainst] = useState(BEST);
  const [, ...others] = schemeRows(view, session.schemes, session.proof);
  const best = bestBaseline(view.baselines, (prediction) => figureOf(prediction, objective));
  const bestRow = best === null ? undefined : others.find(({ key }) => key === `whole-${best.device.id}`);
  const rival = others.find(({ key }) => key === against) ?? bestRow;
  const options = [
    { value: BEST, text: bestRow === undefined ? "the best no split" : `the best no split: ${bestRow.name}` },
    ...others.map(({ key, name }) => ({ value: key, text: name })),
  ];
  const isKnown = options.some(({ value }) => value === against);
  return (
    <section className="inspector-section" data-testid="why">
      <h2>Why</h2>
      {project.lesson === null ? null : (
        <div className="why-lesson">
          <strong>{project.name}</strong>
          <p>{project.lesson}</p>
        </div>
      )}
      <Select label="Against" value={isKnown ? against : BEST} options={options} onChange={setAgainst} />
      {rival === undefined ? (
        <NoneAlone view={view} objective={objective} />
      ) : (
        <Comparison view={view} rival={rival} objective={objective} />
      )}
      <Suggestions />
    </section>
  );
}

interface ComparisonProps {
  readonly view: PlanView;
  readonly rival: SchemeRow;
  readonly objective: Objective;
}

const stagesOf = ({ devices, stageOf }: PlanView["plan"]) => ({ stages: devices, stageOf });

function isWhole({ prediction }: PlanView): boolean {
  return new Set(prediction.stages.filter(({ opCount }) => opCount > 0).map(({ device }) => device)).size <= 1;
}

function Comparison({ view, rival, objective }: ComparisonProps) {
  const here = figureOf(view.prediction, objective);
  const there = figureOf(rival.prediction, objective);
  if (!Number.isFinite(here))
    return (
      <p>
        This plan cannot run: it cuts through a tensor of unknown size or inside a quantised op, or a device lacks an
        op.
      </p>
    );
  if (!Number.isFinite(there)) return <p>{rival.name} cannot run, so there is nothing to compare with.</p>;
  return (
    <>
      <Verdict view={view} rival={rival} objective={objective} here={here} there={there} />
      {objective === "period" ? <BusyBars view={view} rival={rival} /> : null}
      {objective === "period" ? null : <Parts view={view} rival={rival} objective={objective} />}
    </>
  );
}

interface VerdictProps extends ComparisonProps {
  readonly here: number;
  readonly there: number;
}

function Verdict({ view, rival, objective, here, there }: VerdictProps) {
  const proof = useApp((state) => state.session.proof);
  const whole = isWhole(view);
  if (isSamePlan(stagesOf(view.plan), stagesOf(rival.plan))) {
    const isProven = proof?.setting === view.setting && proof.certificate.status === "optimal";
    if (!whole) return <p>This is that plan.</p>;
    return <p>The whole model runs on one device{isProven ? ": no split is better, and that is proven" : ""}.</p>;
  }
  const difference = Math.abs(there - here);
  if (difference < 1e-9 * there) return <p>This plan equals it: {rival.name}.</p>;
  const wins = here < there;
  const subject = whole || rival.kind !== "no-split" ? "This plan" : "Splitting";
  const amount =
    typeof objective === "string"
      ? objectiveFormat(objective)(difference)
      : `${((100 * difference) / there).toPrecision(3)} %`;
  const name = rival.kind === "no-split" ? rival.name.replace(/^All on (.*)$/, "$1 alone") : rival.name;
  return (
    <p>
      {subject} {wins ? "wins" : "loses"}{" "}
      <strong className="why-value" data-tone={wins ? "good" : "bad"}>
        {amount}
      </strong>{" "}
      {wins ? "over" : "to"} {name}
      {wins ? ` (${formatRatio(there / here)})` : whole || rival.kind !== "no-split" ? "" : ": no split is better"}.
      {rival.prediction.violations.length === 0 ? null : <NotAllowed view={view} rival={rival} />}
    </p>
  );
}

/** What the other plan does not keep to. */
function NotAllowed({ view, rival }: { readonly view: PlanView; readonly rival: SchemeRow }) {
  const [first = ""] = violationTexts(rival.prediction, {}, partNames(view));
  return <> That plan is not allowed: {first}</>;
}

/** The difference as parts that add up to it exactly. */
function Parts({ view, rival, objective }: ComparisonProps) {
  const { problem, setting, prediction, plan } = view;
  const { rig } = setting;
  const from = { plan: planByIndex(rival.plan, rig), prediction: rival.prediction };
  const to = { plan: planByIndex(plan, rig), prediction };
  const parts = differenceParts(problem, rig, { from, to }, objective);
  if (parts === null || parts.length === 0) return null;
  const total = figureOf(prediction, objective) - figureOf(rival.prediction, objective);
  return (
    <>
      <FigureParts
        label={`Difference to ${rival.name}`}
        parts={parts}
        total={total}
        format={objectiveFormat(objective)}
      />
      {objective === "latency" || objective === "energy" ? (
        <CarriedBy view={view} from={from} to={to} figure={objective} />
      ) : null}
    </>
  );
}

/** No device can run the model alone: why, and what the plan on screen costs instead. */
function NoneAlone({ view, objective }: { readonly view: PlanView; readonly objective: Objective }) {
  const names = partNames(view);
  return (
    <>
      <p>
        No device can run the model alone, so that only a split can:{" "}
        <strong className="why-value">{objectiveFormat(objective)(figureOf(view.prediction, objective))}</strong>.
      </p>
      <ul className="why-reasons" aria-label="Why no device can run the model alone">
        {view.baselines.map(({ device, prediction }) => (
          <li key={device.id}>
            {prediction.latencySeconds === Number.POSITIVE_INFINITY
              ? `${device.name} lacks an op, or cannot be reached.`
              : item(violationTexts(prediction, {}, names), 0)}
          </li>
        ))}
      </ul>
    </>
  );
}
