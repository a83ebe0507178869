import { type RefObject, useState } from "react";
import { at } from "../../core/columns.ts";
import type { FilmstripLayout } from "../../core/layout/filmstrip.ts";
import { boxOf, opsOf } from "../graph/elements.ts";
import { boxSelection, opsOfSelection } from "../graph/selection.ts";
import type { Drawing } from "../graph/use-filmstrip.ts";
import type { GraphViewport } from "../graph/viewport.ts";
import { useApp, useAppStore } from "../shared/use-app.ts";
import type { PlanView } from "../shared/use-plan.ts";
import { DragNote } from "./drag-note.tsx";
import { OpMenu, opsText } from "./op-menu.tsx";
import { nearestOp, opsAt, opsInside, type Point } from "./places.ts";
import { RefusalBar } from "./refusal-bar.tsx";
import { SelectionStatus } from "./selection-status.tsx";
import { useMoveKeys } from "./use-move-keys.ts";
import { type Gesture, usePointerTools } from "./use-pointer-tools.ts";
import "./direct.css";

interface DirectLayerProps {
  /** The element that holds the drawing. */
  readonly surface: RefObject<HTMLElement | null>;
  readonly view: PlanView;
  readonly drawing: Drawing;
  readonly viewport: GraphViewport;
}

interface Shown {
  readonly gesture: Gesture;
  readonly pointer: Point;
}

interface OpenMenu {
  readonly ops: readonly number[];
  readonly at: Point;
}

/** Work on the plan with the hand in the network: drag ops, draw a lasso, open menus; the same by keyboard. */
export function DirectLayer({ surface, view, drawing, viewport }: DirectLayerProps) {
  const store = useAppStore();
  const selection = useApp((state) => state.selection);
  const [shown, setShown] = useState<Shown | null>(null);
  const [menu, setMenu] = useState<OpenMenu | null>(null);
  const { layout } = drawing;
  const { blocks } = drawing.view;

  const corner = (): Point => {
    const box = surface.current?.getBoundingClientRect();
    return { x: box?.left ?? 0, y: box?.top ?? 0 };
  };
  const toDrawing = ({ x, y }: Point): Point => {
    const { x: left, y: top } = corner();
    return { x: (x - left - viewport.panX) / viewport.zoom, y: (y - top - viewport.panY) / viewport.zoom };
  };
  const selectOps = (ops: readonly number[]) => {
    const [first] = ops;
    if (first === undefined) store.getState().select(null);
    else if (opsOf(layout, boxOf(layout, first)).to - first === ops.length)
      store.getState().select(boxSelection(drawing, first));
    else store.getState().select({ kind: "ops", ops });
  };
  /** The ops that are worked on. */
  const selected = opsOfSelection(view.model, selection);

  usePointerTools(surface, {
    opsAt: (point) => {
      const found = opsAt(layout, blocks, toDrawing(point));
      // What belongs to a selection stands for all of it.
      return found?.some((op) => selection?.kind === "ops" && selection.ops.includes(op)) === true ? selected : found;
    },
    onGesture: (gesture, pointer) => {
      setShown({ gesture, pointer });
      if (gesture.kind !== "move") return;
      const { session, dragOps, cancelDrag } = store.getState();
      const place = toDrawing(pointer);
      const own = new Set(gesture.ops);
      const under = opsAt(layout, blocks, place);
      const target = under?.some((op) => own.has(op)) === true ? -1 : nearestOp(layout, place, own);
      if (target < 0) cancelDrag();
      else dragOps(gesture.ops, at(session.plan.stageOf, target));
    },
    onEnd: (gesture) => {
      setShown(null);
      if (gesture.kind === "lasso") selectOps(opsInside(layout, gesture.line.map(toDrawing)));
      else store.getState().endDrag(`Move ${opsText(view.graph, gesture.ops)}`);
    },
    onCancel: () => {
      setShown(null);
      store.getState().cancelDrag();
    },
    onToggle: (ops) => {
      const before = new Set(selected);
      const isIn = ops.every((op) => before.has(op));
      for (const op of ops) {
        if (isIn) before.delete(op);
        else before.add(op);
      }
      selectOps([...before].sort((a, b) => a - b));
    },
    onMenu: (ops, point) => {
      if (ops !== selected) selectOps(ops);
      setMenu({ ops, at: point });
    },
  });

  useMoveKeys({
    surface,
    stageCount: view.plan.devices.length,
    stageOf: view.plan.stageOf,
    selected,
    onMove: (stage) => store.getState().moveOps(selected, stage),
    onMenu: () => {
      const [first] = selected;
      if (first === undefined) return;
      const { x, y } = corner();
      setMenu({
        ops: selected,
        at: {
          x: x + at(layout.opX, first) * viewport.zoom + viewport.panX,
          y: y + (at(layout.opY, first) + at(layout.opHeight, first) / 2) * viewport.zoom + viewport.panY,
        },
      });
    },
  });

  const origin = shown?.gesture.kind === "lasso" ? corner() : null;
  return (
    <>
      <svg className="direct-marks" aria-hidden="true">
        {selection?.kind === "ops" ? <Outlines layout={layout} viewport={viewport} ops={selection.ops} /> : null}
        {shown?.gesture.kind === "lasso" && origin !== null ? (
          <polygon
            className="lasso"
            points={shown.gesture.line.map(({ x, y }) => `${x - origin.x},${y - origin.y}`).join(" ")}
          />
        ) : null}
      </svg>
      {shown?.gesture.kind === "move" ? <DragNote view={view} ops={shown.gesture.ops} at={shown.pointer} /> : null}
      <RefusalBar view={view} />
      <SelectionStatus view={view} ops={selected} />
      {menu === null ? null : (
        <OpMenu view={view} ops={menu.ops} x={menu.at.x} y={menu.at.y} onClose={() => setMenu(null)} />
      )}
    </>
  );
}

interface OutlinesProps {
  readonly layout: FilmstripLayout;
  readonly viewport: GraphViewport;
  readonly ops: readonly number[];
}

/** A frame around each box that holds a selected op. */
function Outlines({ layout, viewport: { zoom, panX, panY }, ops }: OutlinesProps) {
  const boxes = new Set(ops.filter((op) => op < layout.opX.length).map((op) => boxOf(layout, op)));
  return [...boxes].map((box) => {
    const op = at(layout.nodes.firstOp, box);
    const [width, height] = [at(layout.opWidth, op) * zoom + 6, at(layout.opHeight, op) * zoom + 6];
    return (
      <rect
        key={box}
        className="direct-outline"
        x={at(layout.opX, op) * zoom + panX - width / 2}
        y={at(layout.opY, op) * zoom + panY - height / 2}
        width={width}
        height={height}
        rx={6}
      />
    );
  });
}
