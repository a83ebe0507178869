import { item } from "../../core/columns.ts";
import { type Move, planDifference } from "../../core/plan/plan-difference.ts";
import { explainDifference } from "../../core/predict/explain.ts";
import { formatSeconds, formatTraffic } from "../../core/units.ts";
import { planByIndex } from "../../state/derive.ts";
import { ChartFrame } from "../charts/chart-frame.tsx";
import { Waterfall, type WaterfallStep } from "../charts/waterfall.tsx";
import { termName } from "../inspector/term-name.ts";
import { Select } from "../shared/controls.tsx";
import { DeviceBadge } from "../shared/device-badge.tsx";
import { useApp, useAppStore } from "../shared/use-app.ts";
import type { PlanView } from "../shared/use-plan.ts";
import { type SchemeRow, schemeRows } from "./scheme-rows.ts";

/** Terms that are drawn; smaller ones are taken together. */
const MOST_TERMS = 8;

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

/** Two schemes side by side: what makes one faster, which ops run elsewhere, which tensors cross. */
export default function DifferencePanel({ view, compared, onChange }: DifferencePanelProps) {
  const session = useApp((state) => state.session);
  const rows = schemeRows(view, session.schemes, session.proof);
  const from = rows.find(({ key }) => key === compared.from) ?? bestNoSplit(rows);
  const to = rows.find(({ key }) => key === compared.to) ?? item(rows, 0);
  const terms = explainDifference(view.problem, from.prediction, to.prediction);
  const options = rows.map((row) => ({ value: row.key, text: row.name }));
  const title = `Latency: from ${from.name} to ${to.name}`;
  const steps = (terms ?? []).map((term) => ({ name: termName(term, view), amount: term.seconds }));
  const controls = (
    <>
      <Select label="From" value={from.key} options={options} onChange={(key) => onChange({ from: key, to: to.key })} />
      <Select label="to" value={to.key} options={options} onChange={(key) => onChange({ from: from.key, to: key })} />
    </>
  );
  const table = () => ({
    columns: ["Part of the latency", "Difference"],
    rows: [
      [from.name, formatSeconds(from.prediction.latencySeconds)],
      ...steps.map(({ name, amount }) => [name, `${amount < 0 ? "−" : "+"}${formatSeconds(Math.abs(amount))}`]),
      [to.name, formatSeconds(to.prediction.latencySeconds)],
    ],
  });
  return (
    <div className="difference">
      {terms === null ? (
        <figure className="chart">
          <div className="chart-head">{controls}</div>
          <p className="drawer-wait">One of the two cannot run, so there is no difference in time to explain.</p>
        </figure>
      ) : (
        <ChartFrame title={title} fileName="difference" controls={controls} legend={[]} table={table}>
          <Waterfall
            from={{ name: from.name, value: from.prediction.latencySeconds }}
            to={{ name: to.name, value: to.prediction.latencySeconds }}
            steps={largest(steps)}
            format={formatSeconds}
          />
        </ChartFrame>
      )}
      <Changes view={view} from={from} to={to} />
    </div>
  );
}

function bestNoSplit(rows: readonly SchemeRow[]): SchemeRow {
  const whole = rows.filter(({ kind }) => kind === "no-split");
  return whole.reduce(
    (best, row) => (row.prediction.latencySeconds < best.prediction.latencySeconds ? row : best),
    whole[0] ?? item(rows, 0),
  );
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
