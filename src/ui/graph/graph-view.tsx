import type { Core, EventObject } from "cytoscape";
import { type Ref, useEffect, useImperativeHandle, useLayoutEffect, useRef, useState } from "react";
import { at } from "../../core/columns.ts";
import type { Blocks } from "../../core/graph/blocks.ts";
import type { FilmstripLayout } from "../../core/layout/filmstrip.ts";
import type { ThemeColors } from "../shared/use-theme-colors.ts";
import { boxOf, edgeId, elementsOf, nodeId, portId } from "./elements.ts";
import { graphStyle } from "./graph-style.ts";
import { graphSvg } from "./graph-svg.ts";
import { fitCanvas, paintAll, paintLive, wipe } from "./live-paint.ts";
import { type BoxLook, sameLook } from "./looks.ts";
import type { GraphViewport, Size } from "./viewport.ts";
import { panned, zoomedAt } from "./viewport.ts";

export interface GraphViewHandle {
  /** The whole graph as a picture, at twice its size. */
  png(): Promise<Blob>;
  /** The same as an SVG file. */
  svg(): Blob;
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
  /** True while a split is dragged: what changes is drawn over the graph, which follows when the drag ends. */
  readonly live: boolean;
  /** The selected op, or null. */
  readonly selected: number | null;
  /** 1 for each box that stays in full colour while dependences are traced; null: all. */
  readonly traced: Uint8Array | null;
  /** Of the graph on screen, in CSS pixels. */
  readonly size: Size;
  readonly viewport: GraphViewport;
  readonly onViewport: (viewport: GraphViewport) => void;
  /** A layout has come on screen for the first time. */
  readonly onDrawn: () => void;
  readonly onSelect: (op: number | null) => void;
  /** A box was double-clicked: open the closed module, or close the one around the op. */
  readonly onToggle: (op: number) => void;
}

/** By far the largest library, which the first picture needs nothing of: a canvas of our own draws that. */
const library = import("cytoscape");

/** The network in cytoscape. Only what changed is touched: positions with the layout, colours with the plan. */
export function GraphView(props: GraphViewProps) {
  const { ref, layout, blocks, colors, looks, crossing, live, selected, traced, size, viewport } = props;
  const overlay = useRef<HTMLCanvasElement>(null);
  const container = useRef<HTMLDivElement>(null);
  const [core, setCore] = useState<Core | null>(null);
  const making = useRef<Promise<Core> | null>(null);
  const shown = useRef<{ looks: readonly BoxLook[]; crossing: ReadonlySet<number> }>({
    looks: [],
    crossing: new Set(),
  });
  const latest = useRef(props);
  latest.current = props;
  /** The layout whose elements cytoscape has. */
  const [filled, setFilled] = useState<FilmstripLayout | null>(null);
  const isFilled = filled === layout;

  useEffect(() => {
    let isGone = false;
    const made = library.then(({ default: cytoscape }) =>
      cytoscape({
        container: container.current,
        userPanningEnabled: false,
        userZoomingEnabled: false,
        boxSelectionEnabled: false,
        autoungrabify: true,
        selectionType: "single",
        minZoom: 0.01,
        maxZoom: 8,
        pixelRatio: "auto",
      }),
    );
    making.current = made;
    void made.then((own) => {
      if (isGone) return;
      const opOf = (event: EventObject) => at(latest.current.layout.nodes.firstOp, event.target.data("node"));
      own.on("tap", "node.op", (event) => latest.current.onSelect(opOf(event)));
      own.on("tap", (event) => {
        if (event.target === own) latest.current.onSelect(null);
      });
      own.on("dbltap", "node.op", (event) => latest.current.onToggle(opOf(event)));
      setCore(own);
    });
    return () => {
      isGone = true;
      void made.then((own) => own.destroy());
    };
  }, []);

  useLayoutEffect(() => {
    core?.elements().remove();
    shown.current = { looks: [], crossing: NONE };
    // The same layout may come again with other blocks: until its elements are back, the canvas shows it.
    setFilled(null);
    // cytoscape takes far longer over new elements than a plain canvas over the same picture: that comes first.
    return afterFrame(() => {
      // Shows in the browser's timeline when a network stood on screen; benches wait for it.
      performance.mark("network-drawn");
      latest.current.onDrawn();
      if (core === null) return () => {};
      const { looks, crossing } = latest.current;
      const elements = elementsOf(layout, blocks, looks, crossing);
      const fill = (): (() => void) => {
        core.add(elements.splice(0, FILLED_AT_ONCE));
        if (elements.length > 0) return afterFrame(fill);
        shown.current = { looks, crossing };
        setFilled(layout);
        return () => {};
      };
      return fill();
    });
  }, [core, layout, blocks]);

  useLayoutEffect(() => {
    core?.style(graphStyle(colors));
  }, [core, colors]);

  useLayoutEffect(() => {
    const canvas = overlay.current;
    const context = canvas?.getContext("2d");
    if (canvas === null || context === null || context === undefined) return;
    if (core === null || !isFilled) {
      const density = fitCanvas(canvas, size);
      const names = blocks.names;
      paintAll(context, density, { layout, shown: [], looks, crossing, viewport, colors }, names);
      return;
    }
    if (live) {
      // The old crossing would shine through; all else below stays as it is until the drag ends.
      if (shown.current.crossing.size > 0) {
        core.batch(() => markCrossing(core, layout, shown.current.crossing, NONE));
        shown.current = { looks: shown.current.looks, crossing: NONE };
      }
      const density = fitCanvas(canvas, size);
      paintLive(context, density, { layout, shown: shown.current.looks, looks, crossing, viewport, colors });
      return;
    }
    const before = shown.current;
    core.batch(() => {
      for (const [node, look] of looks.entries()) {
        const old = before.looks[node];
        if (old === undefined || !sameLook(old, look)) showLook(core, node, look, old);
      }
      markCrossing(core, layout, before.crossing, crossing);
    });
    shown.current = { looks, crossing };
    // Not before cytoscape has painted the same: else the old colours would flash up.
    core.one("render", () => wipe(context));
    core.forceRender();
  }, [core, looks, crossing, layout, blocks, live, size, viewport, colors, isFilled]);

  useLayoutEffect(() => {
    if (core === null) return;
    core.nodes(":selected").unselect();
    if (selected !== null && isFilled) core.getElementById(nodeId(boxOf(layout, selected))).select();
  }, [core, selected, layout, isFilled]);

  useLayoutEffect(() => {
    if (core !== null && isFilled) core.batch(() => markTraced(core, layout, traced));
  }, [core, traced, layout, isFilled]);

  useLayoutEffect(() => {
    core?.viewport({ zoom: viewport.zoom, pan: { x: viewport.panX, y: viewport.panY } });
  }, [core, viewport]);

  useImperativeHandle(ref, () => ({
    png: async () => {
      const own = await making.current;
      if (own === null) throw new Error("the graph is not on screen");
      return own.png({ output: "blob-promise", full: true, scale: 2, bg: latest.current.colors.surface });
    },
    svg: () => {
      const { blocks: drawn, ...picture } = latest.current;
      return new Blob([graphSvg({ ...picture, names: drawn.names })], { type: "image/svg+xml" });
    },
  }));

  usePanAndZoom(container, latest);
  return (
    <>
      <div className="graph-canvas" ref={container} />
      <canvas className="graph-live" ref={overlay} />
    </>
  );
}

const NONE: ReadonlySet<number> = new Set();

/** Elements that cytoscape gets in one go: it styles and measures them in the next frame, in one task. */
const FILLED_AT_ONCE = 100;

/**
 * Runs `task` once the next frame has been painted; the answer, and what `task` answers, undo what is still to come.
 * A timer takes the frame's place in a page that is not on screen, where there are no frames.
 */
function afterFrame(task: () => () => void): () => void {
  const channel = new MessageChannel();
  let undo = () => {};
  let isOver = false;
  const frame = requestAnimationFrame(() => channel.port2.postMessage(null));
  const timer = setTimeout(() => channel.port2.postMessage(null), HIDDEN_FRAME);
  const stop = () => {
    isOver = true;
    cancelAnimationFrame(frame);
    clearTimeout(timer);
    channel.port1.close();
  };
  channel.port1.onmessage = () => {
    if (isOver) return;
    stop();
    undo = task();
  };
  return () => {
    stop();
    undo();
  };
}

/** Milliseconds after which a frame will not come any more. */
const HIDDEN_FRAME = 2000;

function showLook(core: Core, node: number, look: BoxLook, old: BoxLook | undefined): void {
  const { label, fill, border, ink, isGuess = false } = look;
  const box = core.getElementById(nodeId(node));
  box.data({ label, fill, border, ink });
  if (isGuess !== (old?.isGuess ?? false)) box.toggleClass("guess", isGuess);
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

/** Boxes outside a trace, and wires to or from them, stand back. */
function markTraced(core: Core, { edges, nodes, ports }: FilmstripLayout, traced: Uint8Array | null): void {
  core.elements(".aside").removeClass("aside");
  if (traced === null) return;
  const isAside = (op: number) => traced[at(nodes.nodeOf, op)] !== 1;
  const mark = (id: string) => core.getElementById(id).addClass("aside");
  for (const [node, isIn] of traced.entries()) if (isIn !== 1) mark(nodeId(node));
  for (let edge = 0; edge < edges.count; edge++) {
    if (isAside(at(edges.from, edge)) || isAside(at(edges.to, edge))) mark(edgeId(edge));
  }
  for (let port = 0; port < ports.count; port++) if (isAside(at(ports.op, port))) mark(portId(port));
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
