import { useEffect, useMemo, useState } from "react";
import { FIGURES, type Figure } from "../../core/plan/objective.ts";
import { isSamePlan } from "../../core/plan/plan-difference.ts";
import { figure, isAdmissible } from "../../core/predict/prediction.ts";
import { planById } from "../../state/derive.ts";
import { ChartFrame } from "../charts/chart-frame.tsx";
import { schemeRows } from "../schemes/scheme-rows.ts";
import { Button, Select } from "../shared/controls.tsx";
import { FIGURE_TEXTS } from "../shared/figures.ts";
import { useApp, useAppStore } from "../shared/use-app.ts";
import type { PlanView } from "../shared/use-plan.ts";
import { Scatter, type ScatterPoint } from "./scatter.tsx";
import { StudyStatus } from "./study-status.tsx";
import "./studies.css";

const AXES = FIGURES.map((name) => ({ value: name, text: FIGURE_TEXTS[name].name }));
const LEGEND = [
  { name: "Front: nothing is better in all four figures", color: "var(--accent)" },
  { name: "On screen", color: "var(--text)" },
  { name: "Pinned", color: "var(--text-soft)" },
  { name: "No split", color: "var(--line-strong)" },
] as const;

/** How many plans the front has, and what they keep to. */
function frontText(count: number, isLimited: boolean): string {
  if (count === 0) return isLimited ? "No plan keeps to all limits." : "No plan can run.";
  return `${count} trade-offs${isLimited ? " within the limits" : ""}`;
}

/** Trade-offs: plans that are not beaten in latency, period, energy and traffic at once, beside those that are kept. */
export default function ParetoPanel({ view }: { readonly view: PlanView }) {
  const store = useAppStore();
  const study = useApp((state) => state.studies.pareto);
  const session = useApp((state) => state.session);
  const [axes, setAxes] = useState<readonly [Figure, Figure]>(["latency", "period"]);
  const isCurrent = study !== null && study.problem === view.problem;
  useEffect(() => {
    // Asked for by looking at it: the study takes a moment and stands for the present rig only.
    if (!isCurrent) void store.getState().studyPareto();
  }, [store, isCurrent]);
  const points = useMemo((): readonly ScatterPoint[] => {
    const [x, y] = axes;
    const front = isCurrent ? study.result.points : [];
    const { rig } = view.setting;
    const ofFront = front.map((point, index): ScatterPoint => {
      const best = point.bestIn.map((name) => FIGURE_TEXTS[name].name.toLowerCase()).join(" and ");
      const plan = planById(point.plan, rig);
      return {
        key: `front ${index}`,
        kind: "front",
        name: best === "" ? `Trade-off ${index + 1}` : `Proven best in ${best}`,
        isProven: best !== "",
        x: figure(point.prediction, x),
        y: figure(point.prediction, y),
        prediction: point.prediction,
        plan,
      };
    });
    const kept = schemeRows(view, session.schemes, session.proof).map((row): ScatterPoint => {
      return {
        key: row.key,
        kind: row.kind,
        name: isAdmissible(row.prediction, view.setting.constraints.limits) ? row.name : `${row.name}, beyond a limit`,
        isProven: false,
        x: figure(row.prediction, x),
        y: figure(row.prediction, y),
        prediction: row.prediction,
        plan: row.plan,
      };
    });
    return [...ofFront, ...kept].filter((point) => Number.isFinite(point.x) && Number.isFinite(point.y));
  }, [axes, isCurrent, study, view, session]);

  const load = (point: ScatterPoint) => {
    const { plan } = store.getState().session;
    const asStages = (staged: typeof plan) => ({ stages: staged.devices, stageOf: staged.stageOf });
    if (!isSamePlan(asStages(plan), asStages(point.plan)))
      store.getState().loadPlan(`Show ${point.name}`, point.plan, null);
  };
  const [x, y] = axes;
  const { limits } = view.setting.constraints;
  const isLimited = Object.keys(limits).length > 0;
  const title = `${FIGURE_TEXTS[x].name} against ${FIGURE_TEXTS[y].name.toLowerCase()} of plans`;
  const controls = (
    <>
      <Select label="Across" value={x} options={AXES} onChange={(next) => setAxes([next, y])} />
      <Select label="up" value={y} options={AXES} onChange={(next) => setAxes([x, next])} />
      <StudyStatus />
      {isCurrent ? <span title={study.result.scope}>{frontText(study.result.points.length, isLimited)}</span> : null}
    </>
  );
  const table = () => ({
    columns: ["Plan", ...FIGURES.map((name) => FIGURE_TEXTS[name].name)],
    rows: points.map((point) => [
      point.name,
      ...FIGURES.map((name) => FIGURE_TEXTS[name].format(figure(point.prediction, name))),
    ]),
  });
  return (
    <ChartFrame title={title} fileName="trade-offs" controls={controls} legend={LEGEND} table={table}>
      <Scatter
        points={points}
        x={FIGURE_TEXTS[x]}
        y={FIGURE_TEXTS[y]}
        onLoad={load}
        renderActions={(shown) => (
          <Button kind="quiet" onClick={() => load(shown)}>
            Show this plan
          </Button>
        )}
      />
    </ChartFrame>
  );
}
