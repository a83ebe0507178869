import { withLimit, withLinkLimit } from "../../core/plan/constraints-edit.ts";
import type { Figure } from "../../core/plan/objective.ts";
import { OptionalField } from "../shared/number-fields.tsx";
import { useApp, useAppStore } from "../shared/use-app.ts";

interface LimitField {
  readonly figure: Figure;
  readonly label: string;
  readonly unit: string;
  /** Between the figure in its own unit and what is typed. */
  readonly scale: number;
}

const FIELDS: readonly LimitField[] = [
  { figure: "latency", label: "Latency at most", unit: "ms", scale: 1e3 },
  { figure: "period", label: "Time per frame at most", unit: "ms", scale: 1e3 },
  { figure: "energy", label: "Energy at most", unit: "mJ", scale: 1e3 },
  { figure: "traffic", label: "Traffic at most", unit: "kB", scale: 1e-3 },
];

/** Upper limits on the four figures; the rate of a stream is the other way to write its time per frame. */
export function LimitFields() {
  const store = useAppStore();
  const constraints = useApp((state) => state.session.setting.constraints);
  const set = (figure: Figure, limit: number | null) =>
    store.getState().setConstraints(`Limit ${figure}`, withLimit(constraints, figure, limit));
  const { period } = constraints.limits;
  return (
    <fieldset className="goals-group">
      <legend>Limits on figures</legend>
      {FIELDS.map(({ figure, label, unit, scale }) => {
        const limit = constraints.limits[figure];
        return (
          <OptionalField
            key={figure}
            label={label}
            unit={unit}
            value={limit === undefined ? null : limit * scale}
            min={0}
            onChange={(value) => set(figure, value === null ? null : value / scale)}
          />
        );
      })}
      <OptionalField
        label="Frames at least"
        unit="/s"
        value={period === undefined || period === 0 ? null : 1 / period}
        min={1e-6}
        onChange={(rate) => set("period", rate === null ? null : 1 / rate)}
      />
    </fieldset>
  );
}

/** Most bytes per inference over each link. */
export function LinkLimits() {
  const store = useAppStore();
  const { constraints, rig } = useApp((state) => state.session.setting);
  return rig.links.map(({ id, name }) => {
    const cap = constraints.linkMaxBytes.find(({ link }) => link === id);
    return (
      <OptionalField
        key={id}
        label={`Over ${name} at most`}
        unit="kB"
        value={cap === undefined ? null : cap.bytes / 1e3}
        min={0}
        onChange={(value) =>
          store
            .getState()
            .setConstraints("Limit link", withLinkLimit(constraints, id, value === null ? null : value * 1e3))
        }
      />
    );
  });
}
