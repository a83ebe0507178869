import { type Ref, type RefObject, useEffect, useImperativeHandle, useMemo, useRef, useState } from "react";
import { at, item } from "../../core/columns.ts";
import { formatSeconds } from "../../core/units.ts";
import { latencyTables, planByIndex, runnersOf } from "../../state/derive.ts";
import { bodiesAlong } from "../../state/inside.ts";
import { BodyBar } from "../bodies/body-bar.tsx";
import { BodyView } from "../bodies/body-view.tsx";
import { DirectLayer } from "../direct/direct-layer.tsx";
import { DetailLayer } from "../graph/detail-layer.tsx";
import { boxOf } from "../graph/elements.ts";
import { GraphLegend } from "../graph/graph-legend.tsx";
import { GraphView, type GraphViewHandle } from "../graph/graph-view.tsx";
import { planLooks } from "../graph/looks.ts";
import { Minimap } from "../graph/minimap.tsx";
import { ModulePath } from "../graph/module-path.tsx";
import type { NetworkHandle } from "../graph/network-handle.ts";
import { boxSelection, opsOfSelection, shownAsOne } from "../graph/selection.ts";
import { SplitLines } from "../graph/split-lines.tsx";
import { endBoxes, NO_TRACE, tracedBoxes } from "../graph/trace.ts";
import { type Drawing, useFilmstrip } from "../graph/use-filmstrip.ts";
import { useGraphKeys } from "../graph/use-graph-keys.ts";
import { useModules } from "../graph/use-modules.ts";
import { type ShownPart, useViewport } from "../graph/use-viewport.ts";
import { aspectOf, type Size } from "../graph/viewport.ts";
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

export type StageHandle = Pick<NetworkHandle, "fit" | "png" | "svg">;

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
  const path = useApp((state) => state.inside.path);
  const { model, graph } = view;
  const along = bodiesAlong(model, path);
  const innermost = along?.at(-1);
  const body = useRef<NetworkHandle>(null);
  const held = useRef<(op: number) => void>(() => {});
  const modules = useModules(model, (op) => held.current(op));
  const drawing = useFilmstrip(model, modules.open, aspectOf(size));
  const shown = useViewport(drawing?.layout ?? null, size);
  held.current = shown.holdStill;
  const [trace, setTrace] = useState(NO_TRACE);
  const fit = () => (along === null ? shown.fit() : body.current?.fit());
  useImperativeHandle(ref, () => {
    const onScreen = () => {
      const drawn = along === null ? graphView.current : body.current;
      if (drawn === null) throw new Error("the graph is not on screen");
      return drawn;
    };
    return { fit, png: () => onScreen().png(), svg: () => onScreen().svg() };
  });

  const selectedOps = opsOfSelection(model, selection);
  const selected = selection?.kind === "op" || selection?.kind === "module" ? (selectedOps[0] ?? null) : null;
  const select = (op: number | null) =>
    store.getState().select(op === null || drawing === null ? null : boxSelection(drawing, op));
  // What is chosen in a list elsewhere is brought to where it can be seen.
  const bringIn = useRef(shown.bringIn);
  bringIn.current = shown.bringIn;
  useEffect(() => {
    if (selected !== null) bringIn.current(selected);
  }, [selected]);
  const enter = (op: number) => {
    if (model.bodies.has(op)) store.getState().lookInto([{ op, body: 0 }]);
  };
  useGraphKeys({
    // What is looked into has keys of its own.
    layout: along === null ? (drawing?.layout ?? null) : null,
    modules,
    selected,
    trace,
    onTrace: setTrace,
    onSelect: (op) => {
      select(op);
      shown.bringIn(op);
    },
    onEnter: enter,
  });
  const find = (op: number) => {
    store.getState().select({ kind: "op", op });
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
          <SearchBox
            graph={innermost?.entered.inside?.graph ?? graph}
            onFound={(op) => (along === null ? find(op) : body.current?.find(op))}
          />
          <Button title="Fit the whole network (f)" onClick={fit}>
            Fit
          </Button>
        </div>
      </div>
      <section className="graph" ref={frame} aria-label="Network" {...FOCUSABLE}>
        {along !== null ? (
          <BodyView
            key={path.map(({ op, body: place }) => `${op}.${place}`).join(" ")}
            ref={body}
            along={along}
            device={deviceOf(view, item(path, 0).op)}
            size={size}
          />
        ) : drawing === null ? (
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
            selected={shownAsOne(drawing, selection, selected)}
            traced={
              selection?.kind === "tensor"
                ? endBoxes(graph, drawing.layout, selection.tensor)
                : tracedBoxes(graph, drawing.layout, selected === null ? null : selectedOps, trace)
            }
            onSelect={select}
            onToggle={(op, isClosed) => {
              if (isClosed) modules.openAround(op);
              else if (model.bodies.has(op)) enter(op);
              else modules.closeAround(op);
            }}
          />
        )}
        {along === null ? (
          <ModulePath model={model} modules={modules} selected={selected} trace={trace} onTrace={setTrace} />
        ) : null}
      </section>
      {along !== null ? (
        <BodyBar view={view} along={along} />
      ) : drawing === null ? (
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

const NO_NOTE = () => "";

/** The device that runs an op, in the rig's order. */
function deviceOf({ plan, setting }: PlanView, op: number): number {
  return planByIndex(plan, setting.rig).stages[at(plan.stageOf, op)] ?? 0;
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
  const noteOf = useMemo(() => {
    // An overlay has its own figures in the boxes.
    if (overlaid !== null) return NO_NOTE;
    const plan = planByIndex(staged, setting.rig);
    const tables = latencyTables(model, setting);
    return (op: number) => {
      const device = plan.stages[at(plan.stageOf, op)] ?? 0;
      const table = item(tables, device);
      const seconds = at(table.seconds, op) * item(setting.rig.devices, device).loadFactor;
      if (seconds === 0 && at(table.group, op) >= 0) return "fused";
      return Number.isFinite(seconds) ? formatSeconds(seconds) : "";
    };
  }, [overlaid, model, staged, setting]);
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
      <DetailLayer
        part={model}
        layout={layout}
        modules={modules}
        looks={looks}
        noteOf={noteOf}
        traced={traced}
        colors={colors}
        size={size}
        viewport={shown.viewport}
      />
      <SplitLines view={view} layout={layout} viewport={shown.viewport} />
      <DirectLayer surface={surface} view={view} drawing={drawing} viewport={shown.viewport} />
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
