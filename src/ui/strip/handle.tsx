import { at, item } from "../../core/columns.ts";
import { formatSeconds, formatTraffic } from "../../core/units.ts";
import { useApp, useAppStore } from "../shared/use-app.ts";
import type { PlanView } from "../shared/use-plan.ts";
import type { StripFrame } from "./draw-strip.ts";
import { nextSingle, type StripModel } from "./strip-model.ts";

interface HandleProps {
  readonly view: PlanView;
  readonly model: StripModel;
  readonly boundary: number;
  readonly position: number;
  readonly lineX: number;
  readonly knobX: number;
  readonly labelX: number;
  readonly frame: StripFrame;
  readonly selected: boolean;
  readonly toPosition: (clientX: number, free: boolean) => number;
  readonly onDrag: (position: number) => void;
}

/** One split on the strip: dragged by pointer, moved by keys, read out as a slider. */
export function Handle(props: HandleProps) {
  const { view, model, boundary, position, lineX, knobX, labelX, frame, selected, toPosition, onDrag } = props;
  const store = useAppStore();
  const objective = useApp((state) => state.objective);
  const last = model.order.length;
  const crossing = at(model.bytes, position);
  const figure = objective === "period" ? view.prediction.periodSeconds : view.prediction.latencySeconds;
  const place =
    position === 0 ? "before the first op" : `after ${item(view.graph.opNames, at(model.order, position - 1))}`;
  const move = (target: number) => store.getState().stepBoundary(boundary, Math.min(last, Math.max(0, target)));
  const keys = new Map<string, () => number>([
    ["ArrowRight", () => position + 1],
    ["ArrowLeft", () => position - 1],
    ["Shift ArrowRight", () => nextSingle(model, position, 1)],
    ["Shift ArrowLeft", () => nextSingle(model, position, -1)],
    ["PageDown", () => position + 10],
    ["PageUp", () => position - 10],
    ["Home", () => 0],
    ["End", () => last],
  ]);
  return (
    <>
      <span className="handle-line" style={{ left: lineX, height: frame.height }} />
      <span className="handle-label" style={{ left: labelX }}>
        {formatTraffic(crossing)}
      </span>
      <div
        className="handle"
        data-selected={selected}
        style={{ left: knobX, top: frame.areaBase + 6 }}
        role="slider"
        tabIndex={0}
        aria-label={`Split ${boundary + 1}`}
        aria-orientation="horizontal"
        aria-valuemin={0}
        aria-valuemax={last}
        aria-valuenow={position}
        aria-valuetext={`${place}, ${formatTraffic(crossing)}, ${formatSeconds(figure)}`}
        title="Drag, or use the arrow keys; with Shift to the next one-tensor cut. Alt drags without snapping"
        onFocus={() => store.getState().select({ kind: "boundary", boundary })}
        onKeyDown={(event) => {
          const target = keys.get(`${event.shiftKey ? "Shift " : ""}${event.key}`);
          if (target === undefined) return;
          event.preventDefault();
          move(target());
        }}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          event.currentTarget.focus();
        }}
        onPointerMove={(event) => {
          if (event.currentTarget.hasPointerCapture(event.pointerId)) onDrag(toPosition(event.clientX, event.altKey));
        }}
        onPointerUp={(event) => {
          event.currentTarget.releasePointerCapture(event.pointerId);
          store.getState().endDrag();
        }}
        onPointerCancel={() => store.getState().cancelDrag()}
      />
    </>
  );
}
