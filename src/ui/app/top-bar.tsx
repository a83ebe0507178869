import { lazy, Suspense } from "react";
import { figureOf } from "../../core/predict/prediction.ts";
import type { Objective } from "../../core/solve/solver.ts";
import { formatRate, formatRatio } from "../../core/units.ts";
import { unsetDimensions } from "../../state/actions-model.ts";
import { type Baseline, bestBaseline, unknownOps } from "../../state/derive.ts";
import { ObjectiveSelect } from "../goals/objective-select.tsx";
import { Button } from "../shared/controls.tsx";
import { FIGURE_TEXTS, objectiveFormat } from "../shared/figures.ts";
import { useApp, useAppStore } from "../shared/use-app.ts";
import { type PlanView, useLivePlan } from "../shared/use-plan.ts";
import { VerifyBadge } from "../verify/verify-badge.tsx";
import { CertificateBadge } from "./certificate-badge.tsx";
import { HistoryMenu } from "./history-menu.tsx";
import { ModelMenu } from "./model-menu.tsx";
import { ThemeButton } from "./theme-button.tsx";
import "./top-bar.css";

/** It brings the writers of every format, which nobody waits for on the first screen. */
const ExportMenu = lazy(() => import("./export-menu.tsx"));

interface TopBarProps {
  readonly view: PlanView | null;
  readonly graphPng: () => Promise<Blob | null>;
  readonly graphSvg: () => Blob | null;
  readonly onHelp: () => void;
  readonly onScenarios: () => void;
}

export function TopBar({ view, graphPng, graphSvg, onHelp, onScenarios }: TopBarProps) {
  const store = useAppStore();
  const objective = useApp((state) => state.objective);
  const solving = useApp((state) => state.solving);
  const undoLabel = useApp((state) => state.past.at(-1)?.label);
  const redoLabel = useApp((state) => state.future[0]?.label);
  return (
    <header className="top-bar">
      <ModelMenu onScenarios={onScenarios} />
      <LiveFigures objective={objective} />
      <div className="top-bar-actions">
        <ObjectiveSelect view={view} hideLabel />
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
        <HistoryMenu />
        <Suspense
          fallback={
            <button type="button" className="button" disabled>
              Export ▾
            </button>
          }
        >
          <ExportMenu view={view} graphPng={graphPng} graphSvg={graphSvg} />
        </Suspense>
        <ThemeButton />
        <Button kind="quiet" label="Help" title="How to read the screen, and every shortcut (?)" onClick={onHelp}>
          ?
        </Button>
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

/** The figure that matters for the objective, large; another one and no split beside it. */
function Figures({ view, objective }: { readonly view: PlanView; readonly objective: Objective }) {
  const { prediction, baselines, model, setting } = view;
  const figure = figureOf(prediction, objective);
  const best = bestBaseline(baselines, (candidate) => figureOf(candidate, objective));
  const format = objectiveFormat(objective);
  const unknown = unknownOps(model, setting);
  if (unsetDimensions(model).length > 0) return <SizesWanted />;
  const other = objective === "latency" ? "period" : "latency";
  return (
    <div className="figures" data-testid="figures">
      <div className="figure-main">
        <span className="figure-value" data-testid="main-figure">
          {unknown > 0 ? "≥ " : ""}
          {format(figure)}
        </span>
        <span className="figure-caption">
          {objective === "period" ? `per frame · ${formatRate(figure)}` : "per inference"}
          {unknown > 0 ? ` · ${unknown} ops of unknown size count as 0` : ""}
        </span>
      </div>
      <div className="figure-side figure-other">
        <span className="figure-value-small">{FIGURE_TEXTS[other].format(figureOf(prediction, other))}</span>
        <span className="figure-caption">{FIGURE_TEXTS[other].caption}</span>
      </div>
      {best === null ? <NoneAlone /> : <AgainstNoSplit objective={objective} figure={figure} best={best} />}
      <div className="badges">
        <CertificateBadge />
        <VerifyBadge />
      </div>
    </div>
  );
}

function NoneAlone() {
  return (
    <div className="figure-side" title="Why it is so stands at the right, under Why">
      <span className="figure-value-small">–</span>
      <span className="figure-caption">no device alone</span>
    </div>
  );
}

interface AgainstNoSplitProps {
  readonly objective: Objective;
  readonly figure: number;
  readonly best: Baseline;
}

function AgainstNoSplit({ objective, figure, best }: AgainstNoSplitProps) {
  const whole = figureOf(best.prediction, objective);
  const text = objectiveFormat(objective)(whole);
  return (
    <div className="figure-side">
      <span className="figure-value-small" data-tone={whole > figure * 1.0005 ? "good" : "plain"}>
        {figure > 0 ? formatRatio(whole / figure) : "-"}
      </span>
      <span className="figure-caption" title={`${best.device.name} alone: ${text}`}>
        of no split, {text}
      </span>
    </div>
  );
}
