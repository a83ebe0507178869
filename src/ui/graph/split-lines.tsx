import { type PointerEvent, useMemo, useRef } from "react";
import type { FilmstripLayout } from "../../core/layout/filmstrip.ts";
import { splitAt, splitLine } from "../../core/layout/split-line.ts";
import { firstSplit } from "../../state/derive.ts";
import { useApp, useAppStore } from "../shared/use-app.ts";
import type { PlanView } from "../shared/use-plan.ts";
import type { GraphViewport } from "./viewport.ts";

const KNOB_RADIUS = 8;

interface SplitLinesProps {
  readonly view: PlanView;
  readonly layout: FilmstripLayout;
  readonly viewport: GraphViewport;
}

/** The plan's splits over the network; each knob can be dragged anywhere on it. The strip's handles serve the keyboard. */
export function SplitLines({ view, layout, viewport }: SplitLinesProps) {
  const boundaries = view.plan.devices.length - 1;
  const first = firstSplit(view.problem);
  return (
    <svg className="split-lines" aria-hidden="true">
      {Array.from({ length: boundaries }, (_, boundary) =>
        boundary < first ? null : (
          // biome-ignore lint/suspicious/noArrayIndexKey: a boundary is its number
          <SplitLine key={boundary} view={view} layout={layout} viewport={viewport} boundary={boundary} />
        ),
      )}
    </svg>
  );
}

function SplitLine({ view, layout, viewport, boundary }: SplitLinesProps & { readonly boundary: number }) {
  const store = useAppStore();
  const selected = useApp(({ selection }) => selection?.kind === "boundary" && selection.boundary === boundary);
  const svg = useRef<SVGGElement>(null);
  const { stageOf } = view.plan;
  const line = useMemo(
    () =>
      splitLine(
        layout,
        Uint8Array.from(stageOf, (stage) => (stage <= boundary ? 1 : 0)),
      ),
    [layout, stageOf, boundary],
  );
  const { panX, panY, zoom } = viewport;
  const drag = (event: PointerEvent<SVGCircleElement>) => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
    const box = svg.current?.ownerSVGElement?.getBoundingClientRect();
    if (box === undefined) return;
    const x = (event.clientX - box.left - panX) / zoom;
    const y = (event.clientY - box.top - panY) / zoom;
    store.getState().dragBoundary(boundary, splitAt(layout, x, y));
  };
  return (
    <g ref={svg}>
      <path
        className="split-line"
        data-selected={selected}
        d={line.lines.map((corners) => pathText(corners, viewport)).join("")}
      />
      <circle
        className="split-knob"
        cx={line.knob.x * zoom + panX}
        cy={line.knob.y * zoom + panY}
        r={KNOB_RADIUS}
        onPointerDown={(event) => {
          event.stopPropagation();
          event.currentTarget.setPointerCapture(event.pointerId);
          store.getState().select({ kind: "boundary", boundary });
        }}
        onPointerMove={drag}
        onPointerUp={(event) => {
          event.currentTarget.releasePointerCapture(event.pointerId);
          store.getState().endDrag();
        }}
        onPointerCancel={() => store.getState().cancelDrag()}
      />
    </g>
  );
}

function pathText(corners: Float64Array, { panX, panY, zoom }: GraphViewport): string {
  let text = "";
  for (let i = 0; i + 1 < corners.length; i += 2) {
    const x = (corners[i] ?? 0) * zoom + panX;
    const y = (corners[i + 1] ?? 0) * zoom + panY;
    text += `${i === 0 ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}`;
  }
  return text;
}
