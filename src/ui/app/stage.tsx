import { type Ref, useImperativeHandle, useLayoutEffect, useMemo, useRef, useState } from "react";
import { at } from "../../core/columns.ts";
import { defaultCollapsed, layoutFilmstrip } from "../../core/layout/filmstrip.ts";
import { blocksOf, planByIndex } from "../../state/derive.ts";
import { GraphLegend } from "../graph/graph-legend.tsx";
import { GraphView, type GraphViewHandle } from "../graph/graph-view.tsx";
import { planLooks } from "../graph/looks.ts";
import { SplitLines } from "../graph/split-lines.tsx";
import { fitted, type GraphViewport } from "../graph/viewport.ts";
import { Button } from "../shared/controls.tsx";
import { useApp, useAppStore } from "../shared/use-app.ts";
import { type PlanView, useLivePlan } from "../shared/use-plan.ts";
import { useSize } from "../shared/use-size.ts";
import { useThemeColors } from "../shared/use-theme-colors.ts";
import { Strip } from "../strip/strip.tsx";
import { overlayLooks } from "./overlay.ts";
import { OverlayControl } from "./overlay-control.tsx";
import { Pipeline } from "./pipeline.tsx";
import { SearchBox } from "./search-box.tsx";
import "./stage.css";

export interface StageHandle {
  fit(): void;
  png(): Promise<Blob>;
}

/** Zoom at which an op that was searched for is readable. */
const READABLE = 1.1;

/** The network and the strip below it, on one x axis. */
export function Stage({ ref }: { readonly ref: Ref<StageHandle> }) {
  const view = useLivePlan();
  return view === null ? null : <LiveStage ref={ref} view={view} />;
}

function LiveStage({ ref, view }: { readonly ref: Ref<StageHandle>; readonly view: PlanView }) {
  const store = useAppStore();
  const colors = useThemeColors();
  const frame = useRef<HTMLDivElement>(null);
  const graphView = useRef<GraphViewHandle>(null);
  const size = useSize(frame);
  const selection = useApp((state) => state.selection);
  const overlay = useApp((state) => state.overlay);
  const live = useApp((state) => state.draft !== null);
  const { model, graph } = view;
  const blocks = blocksOf(graph);
  const atFirst = useMemo(() => defaultCollapsed(graph, blocks), [graph, blocks]);
  const [folds, setFolds] = useState({ graph, collapsed: atFirst });
  // Folds belong to a graph: another one starts with its own default.
  const collapsed = folds.graph === graph ? folds.collapsed : atFirst;
  // Steps of a tenth keep the picture still while the window changes by a few pixels.
  const aspect = Math.max(0.5, Math.round((10 * size.width) / Math.max(1, size.height)) / 10);
  const layout = useMemo(
    () => layoutFilmstrip(graph, blocks, { aspect, collapsed }),
    [graph, blocks, aspect, collapsed],
  );
  const [viewport, setViewport] = useState<GraphViewport>({ panX: 0, panY: 0, zoom: 1 });
  const fit = () => setViewport(fitted(layout, size));
  useLayoutEffect(fit, [layout, size]);
  useImperativeHandle(ref, () => ({
    fit,
    png: async () => {
      if (graphView.current === null) throw new Error("the graph is not on screen");
      return graphView.current.png();
    },
  }));

  const { setting, plan: staged } = view;
  const overlaid = useMemo(
    () => overlayLooks(overlay, model, setting, { graph, layout, blocks, colors }),
    [overlay, model, setting, graph, layout, blocks, colors],
  );
  const looks = useMemo(() => {
    if (overlaid !== null) return overlaid.looks;
    const plan = planByIndex(staged, setting.rig);
    return planLooks(model, layout, blocks, (op) => plan.stages[at(plan.stageOf, op)] ?? 0, colors);
  }, [overlaid, staged, setting, model, layout, blocks, colors]);
  const crossing = useMemo(
    () =>
      new Set(view.prediction.transfers.filter((entry) => entry.kind !== "return").flatMap((entry) => entry.tensors)),
    [view.prediction],
  );
  const toggleBlock = (block: number) => {
    const next = new Set(collapsed);
    if (!next.delete(block)) next.add(block);
    setFolds({ graph, collapsed: next });
  };
  const show = (op: number) => {
    const zoom = Math.max(viewport.zoom, READABLE);
    setViewport({
      zoom,
      panX: size.width / 2 - at(layout.opX, op) * zoom,
      panY: size.height / 2 - at(layout.opY, op) * zoom,
    });
  };
  return (
    <div className="stage">
      <div className="stage-head">
        <Pipeline view={view} />
        <div className="stage-tools">
          <OverlayControl devices={setting.rig.devices} />
          <SearchBox graph={graph} onFound={show} />
          <Button title="Fit the whole network (f)" onClick={fit}>
            Fit
          </Button>
        </div>
      </div>
      <section className="graph" ref={frame} aria-label="Network">
        <GraphView
          ref={graphView}
          layout={layout}
          blocks={blocks}
          colors={colors}
          looks={looks}
          crossing={crossing}
          live={live}
          selected={selection?.kind === "op" && selection.op < graph.opCount ? selection.op : null}
          size={size}
          viewport={viewport}
          onViewport={setViewport}
          onSelect={(op) => store.getState().select(op === null ? null : { kind: "op", op })}
          onToggleBlock={toggleBlock}
        />
        <SplitLines view={view} layout={layout} viewport={viewport} />
        {overlaid === null ? null : <GraphLegend legend={overlaid.legend} />}
      </section>
      <Strip view={view} slotX={layout.slotX} viewport={{ pan: viewport.panX, zoom: viewport.zoom }} />
    </div>
  );
}
