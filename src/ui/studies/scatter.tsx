import { type KeyboardEvent, type PointerEvent, type ReactNode, useRef, useState } from "react";
import type { Prediction } from "../../core/predict/prediction.ts";
import type { StagedPlan } from "../../state/state.ts";
import { useSize } from "../shared/use-size.ts";
import { axisTicks, scaleOver } from "./scale.ts";

export interface ScatterPoint {
  readonly key: string;
  readonly kind: "front" | "current" | "pinned" | "no-split";
  readonly name: string;
  readonly isProven: boolean;
  readonly x: number;
  readonly y: number;
  readonly prediction: Prediction;
  readonly plan: StagedPlan;
}

interface AxisText {
  readonly name: string;
  readonly format: (value: number) => string;
}

interface ScatterProps {
  readonly points: readonly ScatterPoint[];
  readonly x: AxisText;
  readonly y: AxisText;
  readonly onLoad: (point: ScatterPoint) => void;
  readonly renderActions: (point: ScatterPoint) => ReactNode;
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

const MARGIN = { left: 76, right: 16, top: 8, bottom: 22 };
/** A drag shorter than this is a click. */
const CLICK = 4;
/** How near to a point the pointer is at it. */
const REACH = 14;

/** Plans by two figures. Arrow keys step from left to right, Enter shows a plan; a drag marks an area, the rest fades. */
export function Scatter({ points, x, y, onLoad, renderActions }: ScatterProps) {
  const frame = useRef<HTMLDivElement>(null);
  const { width, height } = useSize(frame);
  const [chosenKey, setChosenKey] = useState<string | null>(null);
  const [brush, setBrush] = useState<Box | null>(null);
  const start = useRef<{ readonly x: number; readonly y: number } | null>(null);
  const sorted = [...points].sort((a, b) => a.x - b.x || a.y - b.y);
  const index = sorted.findIndex(({ key }) => key === chosenKey);
  const chosen = sorted[index];
  const toX = scaleOver(
    points.map((point) => point.x),
    MARGIN.left,
    Math.max(MARGIN.left + 40, width - MARGIN.right),
  );
  const toY = scaleOver(
    points.map((point) => point.y),
    Math.max(MARGIN.top + 40, height - MARGIN.bottom),
    MARGIN.top,
  );
  const isMarked = (point: ScatterPoint) => {
    if (brush === null) return true;
    const [left, top] = [toX(point.x), toY(point.y)];
    return left >= brush.left && left <= brush.right && top >= brush.top && top <= brush.bottom;
  };
  const marked = sorted.filter(isMarked);

  const onKey = (event: KeyboardEvent) => {
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (event.key === "Enter" && chosen !== undefined) onLoad(chosen);
    if (event.key === "Escape") setBrush(null);
    if (by === undefined || marked.length === 0) return;
    event.preventDefault();
    const place = marked.findIndex(({ key }) => key === chosenKey);
    const next = marked[place < 0 ? 0 : (place + by + marked.length) % marked.length];
    setChosenKey(next?.key ?? null);
  };
  const placeOf = (event: PointerEvent<HTMLDivElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const nearest = (place: { readonly x: number; readonly y: number }): ScatterPoint | undefined => {
    let best: ScatterPoint | undefined;
    let least = REACH;
    for (const point of marked) {
      const distance = Math.hypot(toX(point.x) - place.x, toY(point.y) - place.y);
      if (distance > least) continue;
      best = point;
      least = distance;
    }
    return best;
  };
  const isDrag = (from: { readonly x: number; readonly y: number }, to: { readonly x: number; readonly y: number }) =>
    Math.hypot(to.x - from.x, to.y - from.y) >= CLICK;
  const onMove = (event: PointerEvent<HTMLDivElement>) => {
    const from = start.current;
    const to = placeOf(event);
    if (from === null) {
      const point = nearest(to);
      if (point !== undefined) setChosenKey(point.key);
    } else if (isDrag(from, to)) {
      setBrush({
        left: Math.min(from.x, to.x),
        right: Math.max(from.x, to.x),
        top: Math.min(from.y, to.y),
        bottom: Math.max(from.y, to.y),
      });
    }
  };
  const onUp = (event: PointerEvent<HTMLDivElement>) => {
    const from = start.current;
    start.current = null;
    const to = placeOf(event);
    const point = from === null || isDrag(from, to) ? undefined : nearest(to);
    if (point !== undefined) onLoad(point);
  };
  const text = (point: ScatterPoint) => `${point.name}: ${x.format(point.x)}, ${y.format(point.y)}`;
  return (
    <div className="scatter">
      <div
        ref={frame}
        className="scatter-frame"
        role="slider"
        tabIndex={0}
        aria-label="Plans by two figures"
        aria-valuemin={0}
        aria-valuemax={sorted.length}
        aria-valuenow={index + 1}
        aria-valuetext={chosen === undefined ? "none chosen; the arrow keys step through them" : text(chosen)}
        onKeyDown={onKey}
        onPointerDown={(event) => {
          start.current = placeOf(event);
          setBrush(null);
        }}
        onPointerMove={onMove}
        onPointerUp={onUp}
      >
        <svg width={width} height={height} role="presentation">
          {axisTicks(
            points.map((point) => point.x),
            Math.max(2, Math.floor(width / 140)),
          ).map((value) => (
            <g key={`x ${value}`}>
              <line
                className="scatter-grid"
                x1={toX(value)}
                x2={toX(value)}
                y1={MARGIN.top}
                y2={height - MARGIN.bottom}
              />
              <text className="scatter-tick" x={toX(value)} y={height - 7} textAnchor="middle">
                {x.format(value)}
              </text>
            </g>
          ))}
          {axisTicks(
            points.map((point) => point.y),
            Math.max(2, Math.floor(height / 44)),
          ).map((value) => (
            <g key={`y ${value}`}>
              <line
                className="scatter-grid"
                x1={MARGIN.left}
                x2={width - MARGIN.right}
                y1={toY(value)}
                y2={toY(value)}
              />
              <text className="scatter-tick" x={MARGIN.left - 8} y={toY(value) + 4} textAnchor="end">
                {y.format(value)}
              </text>
            </g>
          ))}
          {brush === null ? null : (
            <rect
              className="scatter-brush"
              x={brush.left}
              y={brush.top}
              width={brush.right - brush.left}
              height={brush.bottom - brush.top}
            />
          )}
          {sorted.map((point) => (
            <Mark
              key={point.key}
              point={point}
              left={toX(point.x)}
              top={toY(point.y)}
              faded={!isMarked(point)}
              chosen={point.key === chosenKey}
            />
          ))}
        </svg>
      </div>
      <p className="gantt-detail">
        {chosen === undefined ? (
          `${marked.length} plans. Click one to see it; drag over an area to keep only what lies there.`
        ) : (
          <>
            {text(chosen)} {chosen.kind === "current" ? null : renderActions(chosen)}
          </>
        )}
      </p>
    </div>
  );
}

interface MarkProps {
  readonly point: ScatterPoint;
  readonly left: number;
  readonly top: number;
  readonly faded: boolean;
  readonly chosen: boolean;
}

/** Kinds differ by shape too: circles are the front, a ring around proven ones; squares no split, diamonds pinned. */
function Mark({ point, left, top, faded, chosen }: MarkProps) {
  const shape =
    point.kind === "no-split" ? (
      <rect x={left - 5} y={top - 5} width={10} height={10} />
    ) : point.kind === "pinned" ? (
      <rect x={left - 5} y={top - 5} width={10} height={10} transform={`rotate(45 ${left} ${top})`} />
    ) : (
      <circle cx={left} cy={top} r={point.kind === "current" ? 7 : 5} />
    );
  return (
    <g className="scatter-mark" data-kind={point.kind} data-faded={faded} data-chosen={chosen}>
      {point.isProven ? <circle className="scatter-ring" cx={left} cy={top} r={9} /> : null}
      {shape}
    </g>
  );
}
