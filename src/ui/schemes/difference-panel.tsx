import { useState } from "react";
import { item } from "../../core/columns.ts";
import { FIGURES, type Figure, type Objective } from "../../core/plan/objective.ts";
import { type Move, planDifference } from "../../core/plan/plan-difference.ts";
import { differenceParts } from "../../core/predict/difference-parts.ts";
import { figureOf } from "../../core/predict/prediction.ts";
import { formatTraffic } from "../../core/units.ts";
import { planByIndex } from "../../state/derive.ts";
import { ChartFrame } from "../charts/chart-frame.tsx";
import { Waterfall, type WaterfallStep } from "../charts/waterfall.tsx";
import { Select } from "../shared/controls.tsx";
import { DeviceBadge } from "../shared/device-badge.tsx";
import { FIGURE_TEXTS, objectiveFormat, objectiveName } from "../shared/figures.ts";
import { useApp, useAppStore } from "../shared/use-app.ts";
import type { PlanView } from "../shared/use-plan.ts";
import { type SchemeRow, schemeRows } from "./scheme-rows.ts";

/** Terms that are drawn; smaller ones are taken together. */
const MOST_TERMS = 8;

/** What stands for the objective, whatever it is. */
const GOAL = "goal";

export interface Compared {
  /** Keys of two scheme rows; null = the best no split, and the plan on screen. */
  readonly from: string | null;
  readonly to: string | null;
}

interface DifferencePanelProps {
  readonly view: PlanView;
  readonly compared: Compared;
  readonly onChange: (compared: Compared) => void;
}

/** Two schemes side by side: what makes one better, which ops run elsewhere, which tensors cross. */
export default function DifferencePanel({ view, compared, onChange }: DifferencePanelProps) {
  const session = useApp((state) => state.session);
  const goal = useApp((state) => state.objective);
  const [figure, setFigure] = useState<Figure | null>(null);
  const objective: Objective = figure ?? goal;
  const format = objectiveFormat(objective);
  const valueIn = ({ prediction }: SchemeRow) => figureOf(prediction, objective);
  const { problem, setting } = view;
  const rows = schemeRows(view, session.schemes, session.proof);
  const from = rows.find(({ key }) => key === compared.from) ?? bestNoSplit(rows, valueIn);
  const to = rows.find(({ key }) => key === compared.to) ?? item(rows, 0);
  const planned = ({ plan, prediction }: SchemeRow) => ({ plan: planByIndex(plan, setting.rig), prediction });
  const parts = differenceParts(problem, setting.rig, { from: planned(from), to: planned(to) }, objective);
  const options = rows.map((row) => ({ value: row.key, text: row.name }));
  const title = `${objectiveName(objective)}: from ${from.name} to ${to.name}`;
  const controls = (
    <>
      <Select
        label="Figure"
        value={figure ?? GOAL}
        options={[
          { value: GOAL, text: `the objective: ${objectiveName(goal)}` },
          ...FIGURES.map((name) => ({ value: name, text: FIGURE_TEXTS[name].name })),
        ]}
        onChange={(value) => setFigure(value === GOAL ? null : value)}
      />
      <Select label="from" value={from.key} options={options} onChange={(key) => onChange({ from: key, to: to.key })} />
      <Select label="to" value={to.key} options={options} onChange={(key) => onChange({ from: from.key, to: key })} />
    </>
  );
  const table = () => ({
    columns: [`Part: ${objectiveName(objective)}`, "Difference"],
    rows: [
      [from.name, format(valueIn(from))],
      ...(parts ?? []).map(({ name, text }) => [name, text]),
      [to.name, format(valueIn(to))],
    ],
  });
  return (
    <div className="difference">
      {parts === null ? (
        <figure className="chart">
          <div className="chart-head">{controls}</div>
          <p className="drawer-wait">One of the two cannot run, so there is no difference to explain.</p>
        </figure>
      ) : (
        <ChartFrame title={title} fileName="difference" controls={controls} legend={[]} table={table}>
          <Waterfall
            from={{ name: from.name, value: valueIn(from) }}
            to={{ name: to.name, value: valueIn(to) }}
            steps={largest(parts)}
            format={format}
          />
        </ChartFrame>
      )}
      <Changes view={view} from={from} to={to} />
    </div>
  );
}

/** The best of those that keep to the constraints; where none does, the best of all. */
function bestNoSplit(rows: readonly SchemeRow[], valueIn: (row: SchemeRow) => number): SchemeRow {
  const whole = rows.filter(({ kind }) => kind === "no-split");
  const allowed = whole.filter(({ prediction }) => prediction.violations.length === 0);
  const candidates = allowed.length > 0 ? allowed : whole;
  return candidates.reduce((best, row) => (valueIn(row) < valueIn(best) ? row : best), candidates[0] ?? item(rows, 0));
}

function largest(steps: readonly WaterfallStep[]): readonly WaterfallStep[] {
  if (steps.length <= MOST_TERMS) return steps;
  const rest = steps.slice(MOST_TERMS - 1);
  const amount = rest.reduce((sum, step) => sum + step.amount, 0);
  return [...steps.slice(0, MOST_TERMS - 1), { name: `${rest.length} smaller parts`, amount }];
}

interface ChangesProps {
  readonly view: PlanView;
  readonly from: SchemeRow;
  readonly to: SchemeRow;
}

function Changes({ view, from, to }: ChangesProps) {
  const { rig } = view.setting;
  const indexed = ({ plan, prediction }: SchemeRow) => ({ plan: planByIndex(plan, rig), prediction });
  const { moves, sentInFirst, sentInSecond, sentInBoth } = planDifference(indexed(from), indexed(to));
  return (
    <div className="difference-lists">
      <h3>Ops that move</h3>
      {moves.length === 0 ? <p className="inspector-hint">Every op stays on its device.</p> : null}
      <ul>
        {moves.map((move) => (
          <MoveLine key={`${move.from} ${move.to}`} move={move} view={view} />
        ))}
      </ul>
      <h3>Tensors that cross</h3>
      {sentInFirst.length + sentInSecond.length + sentInBoth.length === 0 ? (
        <p className="inspector-hint">None, in either.</p>
      ) : null}
      <ul>
        <TensorLines view={view} tensors={sentInSecond} mark="+" note={`only in ${to.name}`} />
        <TensorLines view={view} tensors={sentInFirst} mark="−" note={`only in ${from.name}`} />
        <TensorLines view={view} tensors={sentInBoth} mark="=" note="in both" />
      </ul>
    </div>
  );
}

function MoveLine({ move, view }: { readonly move: Move; readonly view: PlanView }) {
  const store = useAppStore();
  const { opNames } = view.graph;
  const first = item(move.ops, 0);
  const { devices } = view.setting.rig;
  return (
    <li>
      <DeviceBadge index={move.from} />→<DeviceBadge index={move.to} />
      <span className="visually-hidden">
        from {item(devices, move.from).name} to {item(devices, move.to).name}:
      </span>
      <button type="button" className="link" onClick={() => store.getState().select({ kind: "op", op: first })}>
        {move.ops.length === 1 ? item(opNames, first) : `${move.ops.length} ops from ${item(opNames, first)}`}
      </button>
    </li>
  );
}

interface TensorLinesProps {
  readonly view: PlanView;
  readonly tensors: readonly number[];
  readonly mark: string;
  readonly note: string;
}

function TensorLines({ view, tensors, mark, note }: TensorLinesProps) {
  const store = useAppStore();
  return tensors.map((tensor) => (
    <li key={tensor}>
      <span aria-hidden="true">{mark}</span>
      <button type="button" className="link" onClick={() => store.getState().select({ kind: "tensor", tensor })}>
        {item(view.graph.tensorNames, tensor)}
      </button>
      <span className="difference-note">
        {formatTraffic(view.problem.tensorWireBytes[tensor] ?? 0)}, {note}
      </span>
    </li>
  ));
}
