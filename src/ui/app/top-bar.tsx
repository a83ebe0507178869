import type { Objective } from "../../core/solve/solver.ts";
import { formatRate, formatRatio, formatSeconds } from "../../core/units.ts";
import { unsetDimensions } from "../../state/actions-model.ts";
import { bestBaseline, unknownOps } from "../../state/derive.ts";
import { Button, Segmented } from "../shared/controls.tsx";
import { useApp, useAppStore } from "../shared/use-app.ts";
import { type PlanView, useLivePlan } from "../shared/use-plan.ts";
import { CertificateBadge } from "./certificate-badge.tsx";
import { ExportMenu } from "./export-menu.tsx";
import { ModelMenu } from "./model-menu.tsx";
import { ThemeButton } from "./theme-button.tsx";
import "./top-bar.css";

const OBJECTIVES: readonly { readonly value: "latency" | "period"; readonly text: string }[] = [
  { value: "period", text: "Stream rate" },
  { value: "latency", text: "Latency" },
];

export function TopBar({
  view,
  graphPng,
}: {
  readonly view: PlanView | null;
  readonly graphPng: () => Promise<Blob | null>;
}) {
  const store = useAppStore();
  const objective = useApp((state) => state.objective);
  const solving = useApp((state) => state.solving);
  const undoLabel = useApp((state) => state.past.at(-1)?.label);
  const redoLabel = useApp((state) => state.future[0]?.label);
  return (
    <header className="top-bar">
      <ModelMenu />
      <LiveFigures objective={objective} />
      <div className="top-bar-actions">
        <Segmented
          label="Objective"
          value={objective === "latency" ? objective : "period"}
          options={OBJECTIVES}
          onChange={(value) => store.getState().setObjective(value)}
        />
        {solving === null ? (
          <Button kind="primary" disabled={view === null} onClick={() => void store.getState().autoPartition()}>
            Auto-partition
          </Button>
        ) : (
          <Button kind="primary" onClick={solving.cancel}>
            Cancel {solving.fraction === null ? "" : `(${Math.round(solving.fraction * 100)} %)`}
          </Button>
        )}
        <Button
          kind="quiet"
          label={`Undo ${undoLabel ?? ""}`}
          title={undoLabel === undefined ? "Nothing to undo" : `Undo ${undoLabel} (Ctrl+Z)`}
          disabled={undoLabel === undefined}
          onClick={() => store.getState().undo()}
        >
          ↶
        </Button>
        <Button
          kind="quiet"
          label={`Redo ${redoLabel ?? ""}`}
          title={redoLabel === undefined ? "Nothing to redo" : `Redo ${redoLabel} (Ctrl+Shift+Z)`}
          disabled={redoLabel === undefined}
          onClick={() => store.getState().redo()}
        >
          ↷
        </Button>
        <ExportMenu view={view} graphPng={graphPng} />
        <ThemeButton />
      </div>
    </header>
  );
}

function LiveFigures({ objective }: { readonly objective: Objective }) {
  const view = useLivePlan();
  return view === null ? null : <Figures view={view} objective={objective} />;
}

/** In place of figures that would mean nothing yet. */
function SizesWanted() {
  const store = useAppStore();
  return (
    <div className="figures">
      <Button onClick={() => store.getState().askDimensions(true)}>Set the open dimensions to see figures…</Button>
    </div>
  );
}

/** The figure that matters for the objective, large; the other one and no-split beside it. */
function Figures({ view, objective }: { readonly view: PlanView; readonly objective: Objective }) {
  const { prediction, baselines, model, setting } = view;
  const figure = objective === "period" ? prediction.periodSeconds : prediction.latencySeconds;
  const best = bestBaseline(baselines, (p) => (objective === "period" ? p.periodSeconds : p.latencySeconds));
  const whole =
    best === null ? null : objective === "period" ? best.prediction.periodSeconds : best.prediction.latencySeconds;
  const unknown = unknownOps(model, setting);
  if (unsetDimensions(model).length > 0) return <SizesWanted />;
  return (
    <div className="figures" data-testid="figures">
      <div className="figure-main">
        <span className="figure-value" data-testid="main-figure">
          {unknown > 0 ? "≥ " : ""}
          {formatSeconds(figure)}
        </span>
        <span className="figure-caption">
          {objective === "period" ? `per frame · ${formatRate(figure)}` : "per inference"}
          {unknown > 0 ? ` · ${unknown} ops of unknown size count as 0` : ""}
        </span>
      </div>
      <div className="figure-side figure-other">
        <span className="figure-value-small">
          {objective === "period" ? formatSeconds(prediction.latencySeconds) : formatSeconds(prediction.periodSeconds)}
        </span>
        <span className="figure-caption">{objective === "period" ? "latency" : "per frame, streamed"}</span>
      </div>
      {best === null || whole === null ? null : (
        <div className="figure-side">
          <span className="figure-value-small" data-tone={whole > figure * 1.0005 ? "good" : "plain"}>
            {formatRatio(whole / figure)}
          </span>
          <span className="figure-caption" title={`${best.device.name} alone: ${formatSeconds(whole)}`}>
            of no split, {formatSeconds(whole)}
          </span>
        </div>
      )}
      <CertificateBadge />
    </div>
  );
}
