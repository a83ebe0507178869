import cytoscape, { type Core, type EventObject } from "cytoscape";
import { type Ref, useEffect, useImperativeHandle, useLayoutEffect, useRef } from "react";
import { at } from "../../core/columns.ts";
import type { Blocks } from "../../core/graph/blocks.ts";
import type { FilmstripLayout } from "../../core/layout/filmstrip.ts";
import type { ThemeColors } from "../shared/use-theme-colors.ts";
import { boxOf, edgeId, elementsOf, nodeId, portId } from "./elements.ts";
import { graphStyle } from "./graph-style.ts";
import type { Paint } from "./op-paint.ts";
import type { GraphViewport } from "./viewport.ts";
import { panned, zoomedAt } from "./viewport.ts";

/** What a box shows at this moment. */
export interface BoxLook extends Paint {
  readonly label: string;
  /** Drawn with a dashed border: what it shows was not measured. */
  readonly isGuess?: boolean;
}

export interface GraphViewHandle {
  /** The whole graph as a picture, at twice its size. */
  png(): Promise<Blob>;
}

interface GraphViewProps {
  readonly ref: Ref<GraphViewHandle>;
  readonly layout: FilmstripLayout;
  readonly blocks: Blocks;
  readonly colors: ThemeColors;
  /** Look of each box of the layout. */
  readonly looks: readonly BoxLook[];
  /** Tensors drawn as crossing a split. */
  readonly crossing: ReadonlySet<number>;
  /** The selected op, or null. */
  readonly selected: number | null;
  readonly viewport: GraphViewport;
  readonly onViewport: (viewport: GraphViewport) => void;
  readonly onSelect: (op: number | null) => void;
  /** A block was double-clicked: fold or unfold it. */
  readonly onToggleBlock: (block: number) => void;
}

/** The network in cytoscape. Only what changed is touched: positions with the layout, colours with the plan. */
export function GraphView(props: GraphViewProps) {
  const { ref, layout, blocks, colors, looks, crossing, selected, viewport } = props;
  const container = useRef<HTMLDivElement>(null);
  const graph = useRef<Core | null>(null);
  const shown = useRef<{ looks: readonly BoxLook[]; crossing: ReadonlySet<number> }>({
    looks: [],
    crossing: new Set(),
  });
  const latest = useRef(props);
  latest.current = props;

  // Before the layout effects below, which fill it.
  useLayoutEffect(() => {
    const core = cytoscape({
      container: container.current,
      userPanningEnabled: false,
      userZoomingEnabled: false,
      boxSelectionEnabled: false,
      autoungrabify: true,
      selectionType: "single",
      minZoom: 0.01,
      maxZoom: 8,
      pixelRatio: "auto",
    });
    graph.current = core;
    const opOf = (event: EventObject) => at(latest.current.layout.nodes.firstOp, event.target.data("node"));
    core.on("tap", "node.op", (event) => latest.current.onSelect(opOf(event)));
    core.on("tap", (event) => {
      if (event.target === core) latest.current.onSelect(null);
    });
    core.on("dbltap", "node.op", (event) => {
      const { nodes } = latest.current.layout;
      latest.current.onToggleBlock(at(nodes.blockOf, event.target.data("node")));
    });
    return () => {
      graph.current = null;
      core.destroy();
    };
  }, []);

  useLayoutEffect(() => {
    const core = graph.current;
    if (core === null) return;
    core.batch(() => {
      core.elements().remove();
      core.add(elementsOf(layout, blocks));
    });
    shown.current = { looks: [], crossing: new Set() };
  }, [layout, blocks]);

  useLayoutEffect(() => {
    graph.current?.style(graphStyle(colors));
  }, [colors]);

  useLayoutEffect(() => {
    const core = graph.current;
    if (core === null) return;
    const before = shown.current;
    core.batch(() => {
      for (const [node, look] of looks.entries()) {
        const old = before.looks[node];
        if (old !== undefined && sameLook(old, look)) continue;
        const { label, fill, border, ink, isGuess = false } = look;
        const box = core.getElementById(nodeId(node));
        box.data({ label, fill, border, ink });
        if (isGuess !== (old?.isGuess ?? false)) box.toggleClass("guess", isGuess);
      }
      markCrossing(core, layout, before.crossing, crossing);
    });
    shown.current = { looks, crossing };
  }, [looks, crossing, layout]);

  useLayoutEffect(() => {
    const core = graph.current;
    if (core === null) return;
    core.nodes(":selected").unselect();
    if (selected !== null) core.getElementById(nodeId(boxOf(layout, selected))).select();
  }, [selected, layout]);

  useLayoutEffect(() => {
    graph.current?.viewport({ zoom: viewport.zoom, pan: { x: viewport.panX, y: viewport.panY } });
  }, [viewport]);

  useImperativeHandle(ref, () => ({
    png: async () => {
      const core = graph.current;
      if (core === null) throw new Error("the graph is not on screen");
      return core.png({ output: "blob-promise", full: true, scale: 2, bg: latest.current.colors.surface });
    },
  }));

  usePanAndZoom(container, latest);
  return <div className="graph-canvas" ref={container} />;
}

function sameLook(a: BoxLook, b: BoxLook): boolean {
  return (
    a.fill === b.fill && a.border === b.border && a.ink === b.ink && a.label === b.label && a.isGuess === b.isGuess
  );
}

/** Wires and ports of tensors that cross a split stand out. */
function markCrossing(core: Core, layout: FilmstripLayout, old: ReadonlySet<number>, now: ReadonlySet<number>): void {
  const mark = (tensors: Int32Array, idOf: (index: number) => string) => {
    for (const [index, tensor] of tensors.entries()) {
      const crosses = now.has(tensor);
      if (old.has(tensor) !== crosses) core.getElementById(idOf(index)).toggleClass("crossing", crosses);
    }
  };
  mark(layout.edges.tensor, edgeId);
  mark(layout.ports.tensor, portId);
}

/** Wheel pans, with Ctrl (or a pinch) it zooms; dragging the ground pans. */
function usePanAndZoom(
  container: React.RefObject<HTMLDivElement | null>,
  latest: React.RefObject<GraphViewProps>,
): void {
  useEffect(() => {
    const element = container.current;
    if (element === null) return;
    let grabbed: { x: number; y: number; from: GraphViewport } | null = null;
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      const { viewport, onViewport } = latest.current;
      const box = element.getBoundingClientRect();
      onViewport(
        event.ctrlKey || event.metaKey
          ? zoomedAt(viewport, Math.exp(-event.deltaY * 0.0025), event.clientX - box.left, event.clientY - box.top)
          : panned(viewport, -event.deltaX, -event.deltaY),
      );
    };
    const onDown = (event: PointerEvent) => {
      if (event.button === 0) grabbed = { x: event.clientX, y: event.clientY, from: latest.current.viewport };
    };
    const onMove = (event: PointerEvent) => {
      if (grabbed === null || event.buttons === 0) return;
      latest.current.onViewport(panned(grabbed.from, event.clientX - grabbed.x, event.clientY - grabbed.y));
    };
    const onUp = () => {
      grabbed = null;
    };
    element.addEventListener("wheel", onWheel, { passive: false });
    element.addEventListener("pointerdown", onDown);
    window.addEventListener("pointermove", onMove);
    window.addEventListener("pointerup", onUp);
    return () => {
      element.removeEventListener("wheel", onWheel);
      element.removeEventListener("pointerdown", onDown);
      window.removeEventListener("pointermove", onMove);
      window.removeEventListener("pointerup", onUp);
    };
  }, [container, latest]);
}
