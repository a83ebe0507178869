import { type RefObject, useEffect, useRef } from "react";
import type { Point } from "./places.ts";

/** What a press on the network became. */
export type Gesture =
  | { readonly kind: "move"; readonly ops: readonly number[] }
  | { readonly kind: "lasso"; readonly line: readonly Point[] };

export interface PointerTools {
  /** Ops at a point of the window; null on the ground. */
  readonly opsAt: (point: Point) => readonly number[] | null;
  /** The gesture goes on, with the pointer at a point of the window. */
  readonly onGesture: (gesture: Gesture, point: Point) => void;
  readonly onEnd: (gesture: Gesture) => void;
  readonly onCancel: () => void;
  /** Pressed and let go with Shift, without a move between. */
  readonly onToggle: (ops: readonly number[]) => void;
  readonly onMenu: (ops: readonly number[], point: Point) => void;
}

/** So many pixels of movement make a press a drag. */
const THRESHOLD = 5;

/**
 * Presses on the network that do more than select or pan: an op is dragged, Shift draws a lasso, the other button opens
 * the menu. They are taken before the drawing sees them; what is left (clicks, the ground) stays its own.
 */
export function usePointerTools(surface: RefObject<HTMLElement | null>, tools: PointerTools): void {
  const latest = useRef(tools);
  latest.current = tools;
  useEffect(() => {
    const element = surface.current;
    if (element === null) return;
    let start: { readonly point: Point; readonly ops: readonly number[] | null; readonly isLasso: boolean } | null =
      null;
    let gesture: Gesture | null = null;
    const here = (event: MouseEvent): Point => ({ x: event.clientX, y: event.clientY });
    const isOnDrawing = (event: Event) => event.target instanceof HTMLCanvasElement;

    const onDown = (event: PointerEvent) => {
      if (event.button !== 0 || event.pointerType === "touch" || !isOnDrawing(event)) return;
      const ops = latest.current.opsAt(here(event));
      if (!event.shiftKey && ops === null) return;
      start = { point: here(event), ops, isLasso: event.shiftKey };
      // The ground would be dragged along.
      event.stopPropagation();
    };
    const onMouseDown = (event: MouseEvent) => {
      if (event.shiftKey && isOnDrawing(event)) event.stopPropagation();
    };
    const onMove = (event: PointerEvent) => {
      if (start === null) return;
      const point = here(event);
      const isFar = Math.hypot(point.x - start.point.x, point.y - start.point.y) >= THRESHOLD;
      if (gesture === null && !isFar) return;
      if (start.isLasso) {
        const line = gesture?.kind === "lasso" ? gesture.line : [start.point];
        gesture = { kind: "lasso", line: [...line, point] };
      } else if (start.ops !== null) gesture ??= { kind: "move", ops: start.ops };
      if (gesture !== null) latest.current.onGesture(gesture, point);
    };
    const onUp = () => {
      if (gesture !== null) latest.current.onEnd(gesture);
      else if (start?.isLasso === true && start.ops !== null) latest.current.onToggle(start.ops);
      start = null;
      gesture = null;
    };
    const cancel = () => {
      if (gesture !== null) latest.current.onCancel();
      start = null;
      gesture = null;
    };
    const onKey = (event: KeyboardEvent) => {
      if (event.key === "Escape") cancel();
    };
    const onContextMenu = (event: MouseEvent) => {
      if (!isOnDrawing(event)) return;
      const ops = latest.current.opsAt(here(event));
      if (ops === null) return;
      event.preventDefault();
      latest.current.onMenu(ops, here(event));
    };
    element.addEventListener("pointerdown", onDown, { capture: true });
    element.addEventListener("mousedown", onMouseDown, { capture: true });
    element.addEventListener("contextmenu", onContextMenu, { capture: true });
    window.addEventListener("pointermove", onMove);
    window.addEventListener("pointerup", onUp);
    window.addEventListener("pointercancel", cancel);
    document.addEventListener("keydown", onKey);
    return () => {
      element.removeEventListener("pointerdown", onDown, { capture: true });
      element.removeEventListener("mousedown", onMouseDown, { capture: true });
      element.removeEventListener("contextmenu", onContextMenu, { capture: true });
      window.removeEventListener("pointermove", onMove);
      window.removeEventListener("pointerup", onUp);
      window.removeEventListener("pointercancel", cancel);
      document.removeEventListener("keydown", onKey);
    };
  }, [surface]);
}
