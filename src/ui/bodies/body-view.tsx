import { type Ref, useImperativeHandle, useMemo, useRef, useState } from "react";
import { at, item } from "../../core/columns.ts";
import type { OpenedBody, OpenedGraph } from "../../core/graph/opened-model.ts";
import type { EnteredBody } from "../../state/inside.ts";
import { DetailLayer } from "../graph/detail-layer.tsx";
import { boxOf } from "../graph/elements.ts";
import { GraphView, type GraphViewHandle } from "../graph/graph-view.tsx";
import { Minimap } from "../graph/minimap.tsx";
import { ModulePath } from "../graph/module-path.tsx";
import type { NetworkHandle } from "../graph/network-handle.ts";
import { NO_TRACE, tracedBoxes } from "../graph/trace.ts";
import { useFilmstrip } from "../graph/use-filmstrip.ts";
import { useGraphKeys } from "../graph/use-graph-keys.ts";
import { useModules } from "../graph/use-modules.ts";
import { useViewport } from "../graph/use-viewport.ts";
import { aspectOf, type Size } from "../graph/viewport.ts";
import { useApp, useAppStore } from "../shared/use-app.ts";
import { useThemeColors } from "../shared/use-theme-colors.ts";
import { bodyLooks } from "./body-looks.ts";
import { BodyPath } from "./body-path.tsx";
import "./bodies.css";

interface BodyViewProps {
  readonly ref: Ref<NetworkHandle>;
  /** The bodies that were entered, outermost first; the last is on screen. */
  readonly along: readonly EnteredBody[];
  /** The device that runs the op around, in the rig's order. */
  readonly device: number;
  readonly size: Size;
}

const NONE: ReadonlySet<number> = new Set();
/** Ops inside have no latency of their own. */
const NO_NOTE = () => "";

/** A body of an op of control flow in the place of the network: drawn alike, with no split in it. */
export function BodyView({ ref, along, device, size }: BodyViewProps) {
  const entered = along.at(-1)?.entered;
  if (entered === undefined) return null;
  const { inside, reason } = entered;
  return (
    <>
      <BodyPath along={along} />
      {inside === null ? (
        <p className="graph-waiting" role="status">
          {reason}
        </p>
      ) : (
        <BodyDrawing ref={ref} body={entered} inside={inside} device={device} size={size} />
      )}
    </>
  );
}

interface BodyDrawingProps {
  readonly ref: Ref<NetworkHandle>;
  readonly body: OpenedBody;
  readonly inside: OpenedGraph;
  readonly device: number;
  readonly size: Size;
}

function BodyDrawing({ ref, body, inside, device, size }: BodyDrawingProps) {
  const store = useAppStore();
  const colors = useThemeColors();
  const graphView = useRef<GraphViewHandle>(null);
  const selected = useApp((state) => state.inside.selected);
  const held = useRef<(op: number) => void>(() => {});
  const modules = useModules(inside, (op) => held.current(op));
  const drawing = useFilmstrip(inside, modules.open, aspectOf(size));
  const shown = useViewport(drawing?.layout ?? null, size);
  held.current = shown.holdStill;
  const [trace, setTrace] = useState(NO_TRACE);
  const { selectInside, lookInto } = store.getState();
  const enter = (op: number) => {
    if (inside.bodies.has(op)) lookInto([...store.getState().inside.path, { op, body: 0 }]);
  };
  const find = (op: number) => {
    const isClosed = drawing !== null && drawing.layout.nodes.folded[boxOf(drawing.layout, op)] === 1;
    if (isClosed) modules.reveal(op);
    selectInside(op);
    shown.show(op, isClosed);
  };
  useImperativeHandle(ref, () => {
    const onScreen = () => {
      if (graphView.current === null) throw new Error("the graph is not on screen");
      return graphView.current;
    };
    return { fit: shown.fit, find, png: () => onScreen().png(), svg: () => onScreen().svg() };
  });
  useGraphKeys({
    layout: drawing?.layout ?? null,
    modules,
    selected,
    trace,
    onTrace: setTrace,
    onSelect: (op) => {
      selectInside(op);
      shown.bringIn(op);
    },
    onEnter: enter,
  });
  const looks = useMemo(
    () => (drawing === null ? [] : bodyLooks(body, inside, drawing.layout, drawing.view, device, colors)),
    [body, inside, drawing, device, colors],
  );
  if (drawing === null) {
    return (
      <p className="graph-waiting" role="status">
        Laying out {inside.graph.opCount.toLocaleString("en")} ops…
      </p>
    );
  }
  const { layout } = drawing;
  const traced = tracedBoxes(inside.graph, layout, selected, trace);
  return (
    <>
      <GraphView
        ref={graphView}
        layout={layout}
        blocks={drawing.view.blocks}
        colors={colors}
        looks={looks}
        crossing={NONE}
        live={false}
        selected={selected}
        traced={traced}
        size={size}
        viewport={shown.viewport}
        onViewport={shown.setViewport}
        onDrawn={() => {}}
        onSelect={selectInside}
        onToggle={(op) => {
          if (layout.nodes.folded[boxOf(layout, op)] === 1) modules.openAround(op);
          else if (inside.bodies.has(op)) enter(op);
          else modules.closeAround(op);
        }}
      />
      <DetailLayer
        part={inside}
        layout={layout}
        modules={drawing.view}
        looks={looks}
        noteOf={NO_NOTE}
        traced={traced}
        colors={colors}
        size={size}
        viewport={shown.viewport}
      />
      <Minimap
        layout={layout}
        looks={looks}
        colors={colors}
        size={size}
        viewport={shown.viewport}
        onViewport={shown.setViewport}
      />
      <ModulePath model={inside} modules={modules} selected={selected} trace={trace} onTrace={setTrace} />
      <p className="visually-hidden" role="status" data-testid="body-status">
        {selected === null ? "" : `${item(inside.graph.opTypes, selected)} ${item(inside.graph.opNames, selected)}`}
        {selected !== null && at(inside.costs.macs, selected) === 0 ? ", no multiplications" : ""}
      </p>
    </>
  );
}
