import { useLayoutEffect, useMemo, useRef } from "react";
import { at } from "../../core/columns.ts";
import { firstSplit, guessedOps, planByIndex } from "../../state/derive.ts";
import { useApp, useAppStore } from "../shared/use-app.ts";
import type { PlanView } from "../shared/use-plan.ts";
import { useSize } from "../shared/use-size.ts";
import { useThemeColors } from "../shared/use-theme-colors.ts";
import { drawStrip, hatchPattern, type StripFrame, type Viewport } from "./draw-strip.ts";
import { Handle } from "./handle.tsx";
import { spread } from "./spread.ts";
import { snappedPosition, stripModel } from "./strip-model.ts";
import "./strip.css";

/** How near to a one-tensor cut a dragged handle is drawn to it, in pixels. */
const SNAP_REACH = 7;
/** Room for a knob and for a label with bytes, in pixels. */
const KNOB_WIDTH = 18;
const LABEL_WIDTH = 76;

interface StripProps {
  readonly view: PlanView;
  /** x of positions 0..ops in the graph's coordinates. */
  readonly slotX: Float64Array;
  readonly viewport: Viewport;
}

/** Bytes that would cross at each position and each op's latency on its device, with the splits as handles. */
export function Strip({ view, slotX, viewport }: StripProps) {
  const store = useAppStore();
  const root = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const colors = useThemeColors();
  const size = useSize(root);
  const selection = useApp((state) => state.selection);
  const plan = planByIndex(view.plan, view.setting.rig);
  const { problem } = view;
  const { cuts } = view.model;
  const model = useMemo(() => stripModel(problem, plan, cuts), [problem, plan, cuts]);
  const frame = frameOf(size);
  const guessed = guessedOps(view.model, view.setting);
  const hatch = useRef<{ readonly color: string; readonly pattern: CanvasPattern | null } | null>(null);

  useLayoutEffect(() => {
    const element = canvas.current;
    const context = element?.getContext("2d");
    if (element === null || context === null || context === undefined) return;
    const density = window.devicePixelRatio;
    const width = Math.round(frame.width * density);
    const height = Math.round(frame.height * density);
    if (element.width !== width || element.height !== height) {
      element.width = width;
      element.height = height;
    }
    context.setTransform(density, 0, 0, density, 0, 0);
    if (guessed.some((ops) => ops !== null) && hatch.current?.color !== colors.surface) {
      hatch.current = { color: colors.surface, pattern: hatchPattern(context, colors.surface) };
    }
    drawStrip(context, model, slotX, viewport, frame, colors, guessed, hatch.current?.pattern ?? null);
  });

  const toX = (position: number) => at(slotX, position) * viewport.zoom + viewport.pan;
  const toPosition = (clientX: number, free: boolean) => {
    const left = root.current?.getBoundingClientRect().left ?? 0;
    const x = (clientX - left - viewport.pan) / viewport.zoom;
    return snappedPosition(model, slotX, x, free ? 0 : SNAP_REACH / viewport.zoom);
  };
  const lines = [...model.boundaries].map(toX);
  // Knobs and labels that would cover each other move apart; the lines stay where the splits are.
  const knobs = spread(lines, KNOB_WIDTH, KNOB_WIDTH / 2, frame.width - KNOB_WIDTH / 2);
  const labels = spread(lines, LABEL_WIDTH, LABEL_WIDTH / 2, frame.width - LABEL_WIDTH / 2);
  return (
    <section className="strip" ref={root} aria-label="Splits, bytes crossing and latency along the network">
      <canvas ref={canvas} className="strip-canvas" style={{ width: frame.width, height: frame.height }} />
      <span className="strip-label" style={{ top: 24 }}>
        bytes crossing, log scale
      </span>
      <span className="strip-label" style={{ top: frame.areaBase + 12 }}>
        latency per op on its device, square-root scale
        {guessed.some((ops) => ops?.includes(1)) ? "; hatched: not measured" : ""}
      </span>
      {[...model.boundaries.entries()].slice(firstSplit(problem)).map(([boundary, position]) => (
        <Handle
          key={boundary}
          view={view}
          model={model}
          boundary={boundary}
          position={position}
          lineX={toX(position)}
          knobX={knobs[boundary] ?? 0}
          labelX={labels[boundary] ?? 0}
          frame={frame}
          selected={selection?.kind === "boundary" && selection.boundary === boundary}
          toPosition={toPosition}
          onDrag={(target) => store.getState().dragBoundary(boundary, target)}
        />
      ))}
    </section>
  );
}

function frameOf({ width, height }: { readonly width: number; readonly height: number }): StripFrame {
  const top = 26;
  const middle = Math.round(top + (height - top) * 0.5);
  return {
    width,
    height,
    areaBase: middle - 8,
    areaHeight: middle - 8 - top,
    barBase: height - 4,
    barHeight: height - middle - 26,
  };
}
