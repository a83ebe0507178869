import { useEffect, useLayoutEffect, useMemo, useState } from "react";
import type { Graph } from "../../core/graph/graph.ts";
import { type ModuleView, moduleView, type OpenModules } from "../../core/graph/module-view.ts";
import type { OpenedGraph } from "../../core/graph/opened-model.ts";
import type { FilmstripLayout } from "../../core/layout/filmstrip.ts";
import { isLaidOutAtOnce, layoutAtOnce, layoutInWorker, warmLayouts } from "../../state/layouts.ts";

/** Positions, with the modules that they are of. */
export interface Drawing {
  readonly graph: Graph;
  readonly view: ModuleView;
  readonly layout: FilmstripLayout;
}

/** The worker starts when the first network has been on screen for so many milliseconds. */
const WARM_AFTER = 500;

/**
 * The drawing of a model with some modules open. Large networks are laid out in a worker: until it answers, the drawing
 * stays as it was, and is null for a network that has none yet.
 */
export function useFilmstrip({ graph, modules }: OpenedGraph, open: OpenModules, aspect: number): Drawing | null {
  const view = useMemo(() => moduleView(modules, open), [modules, open]);
  const isAtOnce = isLaidOutAtOnce(graph);
  const now = useMemo(
    () => (isAtOnce && aspect > 0 ? { graph, view, layout: layoutAtOnce(graph, view, aspect) } : null),
    [graph, view, aspect, isAtOnce],
  );
  useEffect(() => {
    const timer = setTimeout(warmLayouts, WARM_AFTER);
    return () => clearTimeout(timer);
  }, []);
  const [late, setLate] = useState<Drawing | null>(null);
  useLayoutEffect(() => {
    if (isAtOnce || aspect === 0) return;
    let isStale = false;
    void layoutInWorker(graph, view, aspect).then((layout) => {
      if (!isStale && layout !== null) setLate({ graph, view, layout });
    });
    return () => {
      isStale = true;
    };
  }, [graph, view, aspect, isAtOnce]);
  if (isAtOnce) return now;
  return late?.graph === graph ? late : null;
}
