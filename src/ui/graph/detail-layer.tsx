import { useLayoutEffect, useRef } from "react";
import { at, item } from "../../core/columns.ts";
import type { ModuleView } from "../../core/graph/module-view.ts";
import type { OpenedGraph } from "../../core/graph/opened-model.ts";
import type { FilmstripLayout } from "../../core/layout/filmstrip.ts";
import type { ThemeColors } from "../shared/use-theme-colors.ts";
import {
  blockSummaries,
  isFar,
  NEAR,
  opBoxesInView,
  SHAPE_HEIGHT,
  SUMMARY_FONT,
  SUMMARY_LINE,
  wireShapes,
} from "./detail.ts";
import { fitCanvas, LABEL_FONT, wipe } from "./live-paint.ts";
import type { BoxLook } from "./looks.ts";
import type { GraphViewport, Size } from "./viewport.ts";

interface DetailLayerProps {
  readonly part: OpenedGraph;
  readonly layout: FilmstripLayout;
  readonly modules: ModuleView;
  readonly looks: readonly BoxLook[];
  /** A second line in the box of an op, seen from near; "" for none. */
  readonly noteOf: (op: number) => string;
  /** 1 for each box that stays in full colour while dependences are traced; null: all. What stands back says no more. */
  readonly traced: Uint8Array | null;
  readonly colors: ThemeColors;
  readonly size: Size;
  readonly viewport: GraphViewport;
}

interface Picture extends DetailLayerProps {
  readonly context: CanvasRenderingContext2D;
  readonly density: number;
}

const NO_NOTE = (): string => "";

/** What the zoom asks for beyond boxes with names: from afar what blocks are, from near shapes on wires and notes in boxes. */
export function DetailLayer(props: DetailLayerProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const isEmpty = useRef(true);
  const { part, layout, modules, looks, traced, colors, size, viewport } = props;
  // A drag changes it with every frame; from afar it is not to be seen.
  const noteOf = viewport.zoom >= NEAR ? props.noteOf : NO_NOTE;
  useLayoutEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (context === null || context === undefined) return;
    if (!isFar(viewport) && viewport.zoom < NEAR) {
      if (!isEmpty.current) wipe(context);
      isEmpty.current = true;
      return;
    }
    const density = fitCanvas(context.canvas, size);
    wipe(context);
    isEmpty.current = false;
    const picture = { context, density, part, layout, modules, looks, noteOf, traced, colors, size, viewport };
    if (isFar(viewport)) paintSummaries(picture);
    else paintNearby(picture);
  }, [part, layout, modules, looks, noteOf, traced, colors, size, viewport]);
  return <canvas className="graph-live" ref={canvas} data-testid="graph-detail" />;
}

function paintSummaries(picture: Picture): void {
  const { context, density, part, layout, modules, looks, traced, colors, size, viewport } = picture;
  context.setTransform(density, 0, 0, density, 0, 0);
  context.textBaseline = "middle";
  for (const { lines, scale, x, y, box } of blockSummaries(part, modules, layout, looks, viewport, size)) {
    if (box !== null && traced !== null && traced[box] !== 1) continue;
    const [font, height] = [SUMMARY_FONT * scale, SUMMARY_LINE * scale];
    context.font = `600 ${font}px ${LABEL_FONT}`;
    context.textAlign = box === null ? "left" : "center";
    if (box !== null) coverBox(context, layout, box, item(looks, box).fill, viewport);
    else {
      const widest = Math.max(...lines.map((line) => context.measureText(line).width));
      context.fillStyle = colors.panel;
      context.beginPath();
      context.roundRect(x - 2, y - height / 2, widest + 4, lines.length * height, 3);
      context.fill();
    }
    context.fillStyle = box === null ? colors.text : item(looks, box).ink;
    for (const [line, text] of lines.entries()) {
      if (line === 1) context.font = `${font - 0.5}px ${LABEL_FONT}`;
      context.fillText(text, x, y + line * height);
    }
  }
}

/** Paints over what a box says, not over its border. */
function coverBox(
  context: CanvasRenderingContext2D,
  layout: FilmstripLayout,
  box: number,
  fill: string,
  { zoom, panX, panY }: GraphViewport,
): void {
  const op = at(layout.nodes.firstOp, box);
  const inset = NOTE.inset * 2 * zoom;
  const [w, h] = [at(layout.opWidth, op) * zoom - inset, at(layout.opHeight, op) * zoom - inset];
  context.fillStyle = fill;
  context.fillRect(at(layout.opX, op) * zoom + panX - w / 2, at(layout.opY, op) * zoom + panY - h / 2, w, h);
}

/** Sizes in units of the drawing, inside a box of an op. */
const NOTE = { inset: 1.6, name: 8, text: 6.4, offset: 4.4 };

function paintNearby(picture: Picture): void {
  const { context, density, part, layout, looks, noteOf, traced, colors, size, viewport } = picture;
  const { zoom, panX, panY } = viewport;
  context.setTransform(density * zoom, 0, 0, density * zoom, density * panX, density * panY);
  context.textBaseline = "middle";
  context.textAlign = "center";
  for (const node of opBoxesInView(layout, viewport, size)) {
    const op = at(layout.nodes.firstOp, node);
    const note = noteOf(op);
    if (note === "" || (traced !== null && traced[node] !== 1)) continue;
    const { fill, ink, label } = item(looks, node);
    const [x, y, w, h] = [at(layout.opX, op), at(layout.opY, op), at(layout.opWidth, op), at(layout.opHeight, op)];
    const { inset } = NOTE;
    context.fillStyle = fill;
    context.beginPath();
    context.roundRect(x - w / 2 + inset, y - h / 2 + inset, w - 2 * inset, h - 2 * inset, 3.4);
    context.fill();
    context.fillStyle = ink;
    context.font = `${NOTE.name}px ${LABEL_FONT}`;
    context.fillText(label, x, y - NOTE.offset + 0.4, w - 4);
    context.font = `${NOTE.text}px ${LABEL_FONT}`;
    context.fillText(note, x, y + NOTE.offset, w - 4);
  }
  context.textAlign = "left";
  context.font = `${SHAPE_HEIGHT - 0.6}px ${LABEL_FONT}`;
  for (const { text, x, y } of wireShapes(part.graph, layout, viewport, size)) {
    context.globalAlpha = 0.86;
    context.fillStyle = colors.panel;
    context.fillRect(x - 0.6, y - SHAPE_HEIGHT / 2, context.measureText(text).width + 1.2, SHAPE_HEIGHT);
    context.globalAlpha = 1;
    context.fillStyle = colors.textSoft;
    context.fillText(text, x, y);
  }
}
