import { type PointerEvent, useEffect, useRef } from "react";
import { at } from "../../core/columns.ts";
import type { FilmstripLayout } from "../../core/layout/filmstrip.ts";
import type { ThemeColors } from "../shared/use-theme-colors.ts";
import type { BoxLook } from "./looks.ts";
import type { GraphViewport, Size } from "./viewport.ts";
import "./minimap.css";

interface MinimapProps {
  readonly layout: FilmstripLayout;
  readonly looks: readonly BoxLook[];
  readonly colors: ThemeColors;
  /** Of the graph on screen. */
  readonly size: Size;
  readonly viewport: GraphViewport;
  readonly onViewport: (viewport: GraphViewport) => void;
}

const LARGEST = { width: 200, height: 92 };
const PADDING = 4;

/** The whole network in a corner while only a part is on screen; pressing or dragging there goes to that place. */
export function Minimap({ layout, looks, colors, size, viewport, onViewport }: MinimapProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const scale = Math.min(
    (LARGEST.width - 2 * PADDING) / Math.max(1, layout.width),
    (LARGEST.height - 2 * PADDING) / Math.max(1, layout.height),
  );
  const width = Math.ceil(layout.width * scale) + 2 * PADDING;
  const height = Math.ceil(layout.height * scale) + 2 * PADDING;
  const isWhole = isAllOnScreen(layout, size, viewport);
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (isWhole || context === null || context === undefined) return;
    const density = window.devicePixelRatio;
    context.canvas.width = width * density;
    context.canvas.height = height * density;
    context.setTransform(density * scale, 0, 0, density * scale, density * PADDING, density * PADDING);
    for (const [node, look] of looks.entries()) {
      const op = layout.nodes.firstOp[node];
      if (op === undefined) continue;
      const [w, h] = [at(layout.opWidth, op), at(layout.opHeight, op)];
      context.fillStyle = look.border === colors.edge ? look.fill : look.border;
      context.fillRect(at(layout.opX, op) - w / 2, at(layout.opY, op) - h / 2, w, h);
    }
  }, [layout, looks, colors, width, height, scale, isWhole]);
  if (isWhole) return null;
  const goTo = (event: PointerEvent<HTMLElement>) => {
    if (event.buttons === 0) return;
    const box = event.currentTarget.getBoundingClientRect();
    const x = (event.clientX - box.left - PADDING) / scale;
    const y = (event.clientY - box.top - PADDING) / scale;
    const { zoom } = viewport;
    onViewport({ zoom, panX: size.width / 2 - x * zoom, panY: size.height / 2 - y * zoom });
  };
  return (
    <div
      className="minimap"
      aria-hidden="true"
      data-testid="minimap"
      style={{ width, height }}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        goTo(event);
      }}
      onPointerMove={goTo}
    >
      <canvas ref={canvas} style={{ width, height }} />
      <div
        className="minimap-frame"
        style={{
          left: PADDING + (-viewport.panX / viewport.zoom) * scale,
          top: PADDING + (-viewport.panY / viewport.zoom) * scale,
          width: (size.width / viewport.zoom) * scale,
          height: (size.height / viewport.zoom) * scale,
        }}
      />
    </div>
  );
}

function isAllOnScreen(layout: Size, size: Size, { panX, panY, zoom }: GraphViewport): boolean {
  const slack = 1;
  return (
    panX >= -slack &&
    panY >= -slack &&
    panX + layout.width * zoom <= size.width + slack &&
    panY + layout.height * zoom <= size.height + slack
  );
}
