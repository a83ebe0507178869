import { type Ref, type RefObject, useImperativeHandle, useMemo, useRef, useState } from "react";
import { at } from "../../core/columns.ts";
import { planByIndex, runnersOf } from "../../state/derive.ts";
import { DirectLayer } from "../direct/direct-layer.tsx";
import { boxOf } from "../graph/elements.ts";
import { GraphLegend } from "../graph/graph-legend.tsx";
import { GraphView, type GraphViewHandle } from "../graph/graph-view.tsx";
import { planLooks } from "../graph/looks.ts";
import { Minimap } from "../graph/minimap.tsx";
import { ModulePath } from "../graph/module-path.tsx";
import { SplitLines } from "../graph/split-lines.tsx";
import { NO_TRACE, tracedBoxes } from "../graph/trace.ts";
import { type Drawing, useFilmstrip } from "../graph/use-filmstrip.ts";
import { useGraphKeys } from "../graph/use-graph-keys.ts";
import { useModules } from "../graph/use-modules.ts";
import { type ShownPart, useViewport } from "../graph/use-viewport.ts";
import type { Size } from "../graph/viewport.ts";
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

/** The network takes the focus as a whole: its keys go from op to op. */
const FOCUSABLE = { tabIndex: 0, "aria-description": "Arrow keys go from op to op; question mark lists all keys" };

export interface StageHandle {
  fit(): void;
  png(): Promise<Blob>;
  svg(): Blob;
}

/** The network and the strip below it, on one x axis. */
export function Stage({ ref }: { readonly ref: Ref<StageHandle> }) {
  const view = useLivePlan();
  return view === null ? null : <LiveStage ref={ref} view={view} />;
}

function LiveStage({ ref, view }: { readonly ref: Ref<StageHandle>; readonly view: PlanView }) {
  const store = useAppStore();
  const frame = useRef<HTMLDivElement>(null);
  const graphView = useRef<GraphViewHandle>(null);
  const size = useSize(frame);
  const selection = useApp((state) => state.selection);
  const { model, graph } = view;
  const held = useRef<(op: number) => void>(() => {});
  const modules = useModules(model, (op) => held.current(op));
  // Steps of a tenth keep the picture still while the window changes by a few pixels.
  const aspect = size.width === 0 ? 0 : Math.max(0.5, Math.round((10 * size.width) / Math.max(1, size.height)) / 10);
  const drawing = useFilmstrip(model, modules.open, aspect);
  const shown = useViewport(drawing?.layout ?? null, size);
  held.current = shown.holdStill;
  const [trace, setTrace] = useState(NO_TRACE);
  useImperativeHandle(ref, () => {
    const onScreen = () => {
      if (graphView.current === null) throw new Error("the graph is not on screen");
      return graphView.current;
    };
    return { fit: shown.fit, png: () => onScreen().png(), svg: () => onScreen().svg() };
  });

  const selected = selection?.kind === "op" && selection.op < graph.opCount ? selection.op : null;
  const select = (op: number | null) => store.getState().select(op === null ? null : { kind: "op", op });
  useGraphKeys({
    layout: drawing?.layout ?? null,
    modules,
    selected,
    trace,
    onTrace: setTrace,
    onSelect: (op) => {
      select(op);
      shown.bringIn(op);
    },
  });
  const find = (op: number) => {
    const isClosed = drawing !== null && drawing.layout.nodes.folded[boxOf(drawing.layout, op)] === 1;
    if (isClosed) modules.reveal(op);
    shown.show(op, isClosed);
  };
  return (
    <div className="stage">
      <div className="stage-head">
        <Pipeline view={view} />
        <div className="stage-tools">
          <OverlayControl devices={runnersOf(view.problem, view.setting.rig)} />
          <SearchBox graph={graph} onFound={find} />
          <Button title="Fit the whole network (f)" onClick={shown.fit}>
            Fit
          </Button>
        </div>
      </div>
      <section className="graph" ref={frame} aria-label="Network" {...FOCUSABLE}>
        {drawing === null ? (
          <p className="graph-waiting" role="status">
            Laying out {graph.opCount.toLocaleString("en")} ops…
          </p>
        ) : (
          <Network
            ref={graphView}
            surface={frame}
            view={view}
            drawing={drawing}
            size={size}
            shown={shown}
            selected={selected}
            traced={tracedBoxes(graph, drawing.layout, selected, trace)}
            onSelect={select}
            onToggle={(op, isClosed) => {
              if (isClosed) modules.openAround(op);
              else modules.closeAround(op);
            }}
          />
        )}
        <ModulePath model={model} modules={modules} selected={selected} trace={trace} onTrace={setTrace} />
      </section>
      {drawing === null ? (
        <div className="strip" />
      ) : (
        <Strip
          view={view}
          slotX={drawing.layout.slotX}
          viewport={{ pan: shown.viewport.panX, zoom: shown.viewport.zoom }}
        />
      )}
    </div>
  );
}

interface NetworkProps {
  readonly ref: Ref<GraphViewHandle>;
  readonly surface: RefObject<HTMLElement | null>;
  readonly view: PlanView;
  readonly drawing: Drawing;
  readonly size: Size;
  readonly shown: ShownPart;
  readonly selected: number | null;
  readonly traced: Uint8Array | null;
  readonly onSelect: (op: number | null) => void;
  readonly onToggle: (op: number, isClosed: boolean) => void;
}

/** The drawing in the colours of the plan or of an overlay, with the plan's splits. */
function Network({ ref, surface, view, drawing, size, shown, selected, traced, onSelect, onToggle }: NetworkProps) {
  const store = useAppStore();
  const colors = useThemeColors();
  const overlay = useApp((state) => state.overlay);
  const live = useApp((state) => state.draft !== null);
  const { model, graph, setting, plan: staged } = view;
  const { layout, view: modules } = drawing;
  const { blocks } = modules;
  const overlaid = useMemo(
    () => overlayLooks(overlay, model, setting, { graph, layout, blocks, colors }),
    [overlay, model, setting, graph, layout, blocks, colors],
  );
  const looks = useMemo(() => {
    if (overlaid !== null) return overlaid.looks;
    const plan = planByIndex(staged, setting.rig);
    return planLooks(model, layout, modules, (op) => plan.stages[at(plan.stageOf, op)] ?? 0, colors);
  }, [overlaid, staged, setting, model, layout, modules, colors]);
  const crossing = useMemo(
    () =>
      new Set(view.prediction.transfers.filter((entry) => entry.kind !== "return").flatMap((entry) => entry.tensors)),
    [view.prediction],
  );
  return (
    <>
      <GraphView
        ref={ref}
        layout={layout}
        blocks={blocks}
        colors={colors}
        looks={looks}
        crossing={crossing}
        live={live}
        selected={selected}
        traced={traced}
        size={size}
        viewport={shown.viewport}
        onViewport={shown.setViewport}
        onDrawn={store.getState().networkDrawn}
        onSelect={onSelect}
        onToggle={(op) => onToggle(op, layout.nodes.folded[boxOf(layout, op)] === 1)}
      />
      <SplitLines view={view} layout={layout} viewport={shown.viewport} />
      <DirectLayer surface={surface} view={view} layout={layout} blocks={blocks} viewport={shown.viewport} />
      <Minimap
        layout={layout}
        looks={looks}
        colors={colors}
        size={size}
        viewport={shown.viewport}
        onViewport={shown.setViewport}
      />
      {overlaid === null ? null : <GraphLegend legend={overlaid.legend} />}
    </>
  );
}
