import { useState } from "react";
import { OUTSIDE } from "../../core/plan/problem-columns.ts";
import { formatRatio } from "../../core/units.ts";
import { Button } from "../shared/controls.tsx";
import { DeviceBadge } from "../shared/device-badge.tsx";
import { useApp, useAppStore } from "../shared/use-app.ts";
import { type PlanView, useLivePlan } from "../shared/use-plan.ts";
import { proofText } from "./proof-text.ts";
import { SCHEME_COLUMNS, type SchemeColumn } from "./scheme-columns.ts";
import { duplicateOf, type SchemeRow, schemeRows } from "./scheme-rows.ts";

interface Order {
  readonly column: SchemeColumn;
  readonly descending: boolean;
}

interface SchemesTableProps {
  readonly view: PlanView;
  /** Shows the difference between a scheme and the plan on screen. */
  readonly onCompare: (row: SchemeRow) => void;
}

/** Every plan that is kept, beside each no-split baseline, under the present rig. */
export function SchemesTable({ view, onCompare }: SchemesTableProps) {
  const session = useApp((state) => state.session);
  const [order, setOrder] = useState<Order | null>(null);
  const rows = schemeRows(view, session.schemes, session.proof);
  const sorted = order === null ? rows : sortedBy(rows, order);
  const allowed = view.baselines.filter(({ prediction }) => prediction.violations.length === 0);
  const bests = new Map(
    SCHEME_COLUMNS.map((column) => [column.id, Math.min(...allowed.map(({ prediction }) => column.value(prediction)))]),
  );
  return (
    <table className="schemes" data-testid="schemes">
      <caption className="visually-hidden">
        Plans compared with running the whole model on each device. Ratios are to the best no split.
      </caption>
      <thead>
        <tr>
          <th scope="col">Scheme</th>
          <th scope="col">Devices</th>
          {SCHEME_COLUMNS.map((column) => (
            <SortHead key={column.id} column={column} order={order} onSort={setOrder} />
          ))}
          <th scope="col">Proof</th>
          <th scope="col">
            <span className="visually-hidden">Show, compare or remove</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {sorted.map((row) => {
          const twin = duplicateOf(rows, row);
          const props = { row, view, bests, twin, onCompare };
          return row.kind === "current" ? <CurrentRow key={row.key} {...props} /> : <Row key={row.key} {...props} />;
        })}
      </tbody>
    </table>
  );
}

function sortedBy(rows: readonly SchemeRow[], { column, descending }: Order): readonly SchemeRow[] {
  const sign = descending ? -1 : 1;
  return [...rows].sort((a, b) => sign * (column.value(a.prediction) - column.value(b.prediction)));
}

interface SortHeadProps {
  readonly column: SchemeColumn;
  readonly order: Order | null;
  readonly onSort: (order: Order | null) => void;
}

/** Least first, then most first, then as the schemes came. */
function SortHead({ column, order, onSort }: SortHeadProps) {
  const mine = order !== null && order.column === column ? order : null;
  const next = mine === null ? { column, descending: false } : mine.descending ? null : { column, descending: true };
  const direction = mine === null ? "none" : mine.descending ? "descending" : "ascending";
  return (
    <th scope="col" className="number" aria-sort={direction}>
      <button type="button" className="sort" title={column.title} onClick={() => onSort(next)}>
        {column.text}
        <span aria-hidden="true">{mine === null ? "" : mine.descending ? " ↓" : " ↑"}</span>
      </button>
    </th>
  );
}

interface RowProps {
  readonly row: SchemeRow;
  readonly view: PlanView;
  /** The best no-split figure by column. */
  readonly bests: ReadonlyMap<string, number>;
  /** A scheme above with the same plan. */
  readonly twin: SchemeRow | null;
  readonly onCompare: (row: SchemeRow) => void;
}

/** The plan on screen follows a drag; the other rows stand still. */
function CurrentRow({ row, ...rest }: RowProps) {
  const live = useLivePlan();
  const current = live === null ? row : { ...row, plan: live.plan, prediction: live.prediction };
  return <Row row={current} {...rest} />;
}

function Row({ row, view, bests, twin, onCompare }: RowProps) {
  const { devices } = view.setting.rig;
  return (
    <tr data-kind={row.kind}>
      <th scope="row">
        <SchemeName row={row} />
      </th>
      <td>
        <span className="scheme-devices">
          {row.plan.devices.map((id, stage) => {
            const index = devices.findIndex((device) => device.id === id);
            if (view.problem.devices[index]?.id === OUTSIDE) return null;
            return <DeviceBadge key={`${id} ${row.plan.devices.indexOf(id, stage)}`} index={index} />;
          })}
        </span>
      </td>
      {SCHEME_COLUMNS.map((column) => (
        <FigureCell key={column.id} column={column} row={row} best={bests.get(column.id) ?? Number.NaN} />
      ))}
      <td>
        <Standing row={row} view={view} twin={twin} />
      </td>
      <td>{row.kind === "current" ? null : <RowButtons row={row} onCompare={onCompare} />}</td>
    </tr>
  );
}

/** What may be said of a scheme beside its figures. */
function Standing({ row, view, twin }: Pick<RowProps, "row" | "view" | "twin">) {
  if (twin !== null) return `same as ${twin.name}`;
  if (row.prediction.violations.length > 0) return <span data-tone="bad">breaks a limit</span>;
  return proofText(row.proof, view.setting);
}

function SchemeName({ row }: { readonly row: SchemeRow }) {
  const store = useAppStore();
  const { scheme } = row;
  if (scheme === null) return row.name;
  return (
    <input
      className="scheme-name"
      aria-label={`Name of ${scheme.name}`}
      defaultValue={scheme.name}
      onBlur={(event) => {
        const name = event.target.value.trim();
        if (name !== "" && name !== scheme.name) store.getState().renameScheme(scheme.id, name);
      }}
    />
  );
}

interface FigureCellProps {
  readonly column: SchemeColumn;
  readonly row: SchemeRow;
  readonly best: number;
}

function FigureCell({ column, row, best }: FigureCellProps) {
  const value = column.value(row.prediction);
  const tooBig = column.id === "memory" && row.prediction.devices.some((device) => !device.fits);
  const isAllowed = row.prediction.violations.length === 0;
  const isBetter = isAllowed && column.hasRatio && value < best * 0.9995 && Number.isFinite(best);
  const tone = tooBig ? "bad" : isBetter ? "good" : "plain";
  return (
    <td className="number" data-tone={tone}>
      <span data-figure={column.id}>{column.format(value)}</span>
      {column.hasRatio && value > 0 && Number.isFinite(value) ? (
        <span className="scheme-ratio">{formatRatio(best / value)}</span>
      ) : null}
    </td>
  );
}

function RowButtons({ row, onCompare }: { readonly row: SchemeRow; readonly onCompare: (row: SchemeRow) => void }) {
  const store = useAppStore();
  const { loadPlan, removeScheme } = store.getState();
  const { scheme } = row;
  return (
    <span className="scheme-buttons">
      <Button kind="quiet" label={`Show ${row.name}`} onClick={() => loadPlan(`Show ${row.name}`, row.plan, row.proof)}>
        Show
      </Button>
      <Button
        kind="quiet"
        label={`Compare ${row.name}`}
        title="Show the difference to the plan on screen"
        onClick={() => onCompare(row)}
      >
        Δ
      </Button>
      {scheme === null ? null : (
        <Button kind="quiet" label={`Remove ${scheme.name}`} title="Remove" onClick={() => removeScheme(scheme.id)}>
          ×
        </Button>
      )}
    </span>
  );
}
