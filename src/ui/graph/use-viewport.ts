import { useLayoutEffect, useRef, useState } from "react";
import { at } from "../../core/columns.ts";
import type { FilmstripLayout } from "../../core/layout/filmstrip.ts";
import { fitted, type GraphViewport, type Size } from "./viewport.ts";

/** Zoom at which an op that was searched for is readable. */
const READABLE = 1.1;
/** How near to the edge a box may be that counts as in view, in pixels. */
const EDGE = 40;

export interface ShownPart {
  readonly viewport: GraphViewport;
  readonly setViewport: (viewport: GraphViewport) => void;
  /** The whole network. */
  readonly fit: () => void;
  /** An op in the middle, readable; with `isWaiting` as soon as the next layout is there. */
  readonly show: (op: number, isWaiting: boolean) => void;
  /** The least move that brings an op's box into view. */
  readonly bringIn: (op: number) => void;
  /** Keeps an op where it is on screen when the next layout comes; where all was in view, all stays in view. */
  readonly holdStill: (op: number) => void;
}

type Next = { readonly kind: "show"; readonly op: number } | { readonly kind: "hold"; readonly op: number };

/** The part of the drawing on screen: the whole at first, and what the reader makes of it. */
export function useViewport(layout: FilmstripLayout | null, size: Size): ShownPart {
  const [viewport, setViewport] = useState<GraphViewport>({ panX: 0, panY: 0, zoom: 1 });
  const next = useRef<Next | null>(null);
  const before = useRef<{ readonly layout: FilmstripLayout; readonly size: Size } | null>(null);
  // A new layout is placed when it comes, not when the reader moves.
  const latest = useRef(viewport);
  latest.current = viewport;
  useLayoutEffect(() => {
    if (layout === null) return;
    const now = latest.current;
    const wanted = next.current;
    const old = before.current;
    next.current = null;
    before.current = { layout, size };
    if (wanted?.kind === "show") setViewport(centred(layout, size, now, wanted.op));
    else if (wanted?.kind === "hold" && old !== null && !isSame(now, fitted(old.layout, old.size))) {
      const { zoom, panX, panY } = now;
      setViewport({
        zoom,
        panX: panX + (at(old.layout.opX, wanted.op) - at(layout.opX, wanted.op)) * zoom,
        panY: panY + (at(old.layout.opY, wanted.op) - at(layout.opY, wanted.op)) * zoom,
      });
    } else setViewport(fitted(layout, size));
  }, [layout, size]);

  return {
    viewport,
    setViewport,
    fit: () => {
      if (layout !== null) setViewport(fitted(layout, size));
    },
    show: (op, isWaiting) => {
      if (isWaiting || layout === null) next.current = { kind: "show", op };
      else setViewport(centred(layout, size, viewport, op));
    },
    bringIn: (op) => {
      if (layout === null) return;
      const x = at(layout.opX, op) * viewport.zoom + viewport.panX;
      const y = at(layout.opY, op) * viewport.zoom + viewport.panY;
      const dx = Math.max(0, EDGE - x) - Math.max(0, x - size.width + EDGE);
      const dy = Math.max(0, EDGE - y) - Math.max(0, y - size.height + EDGE);
      if (dx !== 0 || dy !== 0) setViewport({ ...viewport, panX: viewport.panX + dx, panY: viewport.panY + dy });
    },
    holdStill: (op) => {
      next.current = { kind: "hold", op };
    },
  };
}

function centred(layout: FilmstripLayout, size: Size, now: GraphViewport, op: number): GraphViewport {
  const zoom = Math.max(now.zoom, READABLE);
  return { zoom, panX: size.width / 2 - at(layout.opX, op) * zoom, panY: size.height / 2 - at(layout.opY, op) * zoom };
}

function isSame(one: GraphViewport, other: GraphViewport): boolean {
  return one.zoom === other.zoom && one.panX === other.panX && one.panY === other.panY;
}
