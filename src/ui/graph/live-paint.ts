import { at } from "../../core/columns.ts";
import { EDGE_KINDS } from "../../core/layout/edges.ts";
import type { FilmstripLayout } from "../../core/layout/filmstrip.ts";
import type { ThemeColors } from "../shared/use-theme-colors.ts";
import { areWritten, fontSize, TITLE, TITLE_SIZE } from "./elements.ts";
import { type BoxLook, sameLook } from "./looks.ts";
import type { GraphViewport, Size } from "./viewport.ts";

export interface LivePicture {
  readonly layout: FilmstripLayout;
  /** What the graph below shows, and what it is to show. */
  readonly shown: readonly BoxLook[];
  readonly looks: readonly BoxLook[];
  readonly crossing: ReadonlySet<number>;
  readonly viewport: GraphViewport;
  readonly colors: ThemeColors;
}

const CORNER = 5;
const PANEL_CORNER = 8;
const LINE_HEIGHT = 1.1;
const NO_NAMES: readonly string[] = [];
/** As cytoscape writes labels, so that nothing jumps when it takes over again. */
export const LABEL_FONT = '"Helvetica Neue", Helvetica, sans-serif';
const HUB = EDGE_KINDS.indexOf("hub");

/**
 * Draws over the graph what a drag has changed: the boxes that look otherwise, and the wires that cross. A frame of a
 * drag then costs what has moved, not the whole network. O(boxes + edges).
 */
export function paintLive(context: CanvasRenderingContext2D, density: number, picture: LivePicture): void {
  clear(context, density, picture.viewport);
  paintChanges(context, picture);
}

/** Draws the whole network but its ports, as cytoscape will a moment later. O(boxes + edges). */
export function paintAll(
  context: CanvasRenderingContext2D,
  density: number,
  picture: LivePicture,
  names: readonly string[],
): void {
  const { layout, colors, viewport } = picture;
  clear(context, density, viewport);
  paintPanels(context, layout, colors, areWritten(TITLE_SIZE, viewport.zoom) ? names : NO_NAMES);
  strokeWires(context, layout, () => true, colors.edge, 1.2);
  paintChanges(context, picture);
}

/** Gives a canvas the pixels of its place on screen; the answer is their number per CSS pixel. */
export function fitCanvas(canvas: HTMLCanvasElement, size: Size): number {
  const density = window.devicePixelRatio;
  const width = Math.round(size.width * density);
  const height = Math.round(size.height * density);
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  return density;
}

/** Clears the whole canvas, whatever part of the network it showed. */
export function wipe(context: CanvasRenderingContext2D): void {
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, context.canvas.width, context.canvas.height);
}

function clear(context: CanvasRenderingContext2D, density: number, { zoom, panX, panY }: GraphViewport): void {
  wipe(context);
  context.setTransform(density * zoom, 0, 0, density * zoom, density * panX, density * panY);
}

function paintPanels(
  context: CanvasRenderingContext2D,
  { nodes, panels }: FilmstripLayout,
  colors: ThemeColors,
  names: readonly string[],
): void {
  const open = new Set<number>();
  for (let node = 0; node < nodes.count; node++) if (nodes.folded[node] !== 1) open.add(at(nodes.blockOf, node));
  context.textAlign = "left";
  context.textBaseline = "middle";
  context.font = `600 ${TITLE_SIZE}px ${LABEL_FONT}`;
  for (const block of open) {
    const [x, y, w, h] = [at(panels.x, block), at(panels.y, block), at(panels.width, block), at(panels.height, block)];
    context.beginPath();
    context.roundRect(x, y, w, h, PANEL_CORNER);
    context.fillStyle = colors.panel;
    context.fill();
    context.fillStyle = colors.textSoft;
    context.fillText(names[block] ?? "", x + TITLE.x, y + TITLE.y, w - 2 * TITLE.x);
  }
}

function paintChanges(context: CanvasRenderingContext2D, picture: LivePicture): void {
  const { layout, shown, looks, crossing, colors, viewport } = picture;
  strokeWires(context, layout, (tensor) => crossing.has(tensor), colors.accent, 2.4);
  context.textAlign = "center";
  context.textBaseline = "middle";
  let font = "";
  for (const [node, look] of looks.entries()) {
    const old = shown[node];
    if (old !== undefined && sameLook(old, look)) continue;
    const op = at(layout.nodes.firstOp, node);
    const isFolded = layout.nodes.folded[node] === 1;
    const [x, y, w, h] = [at(layout.opX, op), at(layout.opY, op), at(layout.opWidth, op), at(layout.opHeight, op)];
    context.beginPath();
    context.roundRect(x - w / 2, y - h / 2, w, h, CORNER);
    context.fillStyle = look.fill;
    context.fill();
    context.strokeStyle = look.border;
    context.lineWidth = isFolded ? 2 : 1;
    context.stroke();
    const size = fontSize(w, isFolded);
    if (!areWritten(size, viewport.zoom)) continue;
    const wanted = `${isFolded ? "600 " : ""}${size}px ${LABEL_FONT}`;
    if (wanted !== font) {
      context.font = wanted;
      font = wanted;
    }
    context.fillStyle = look.ink;
    const lines = look.label.split("\n");
    for (const [line, text] of lines.entries()) {
      context.fillText(text, x, y + (line - (lines.length - 1) / 2) * size * LINE_HEIGHT, w);
    }
  }
}

function strokeWires(
  context: CanvasRenderingContext2D,
  { edges }: FilmstripLayout,
  isDrawn: (tensor: number) => boolean,
  color: string,
  width: number,
): void {
  context.beginPath();
  for (let edge = 0; edge < edges.count; edge++) {
    if (at(edges.kind, edge) === HUB || !isDrawn(at(edges.tensor, edge))) continue;
    const from = at(edges.pointOffsets, edge);
    const to = at(edges.pointOffsets, edge + 1);
    for (let i = from; i < to; i += 2) {
      if (i === from) context.moveTo(at(edges.points, i), at(edges.points, i + 1));
      else context.lineTo(at(edges.points, i), at(edges.points, i + 1));
    }
  }
  context.strokeStyle = color;
  context.lineWidth = width;
  context.lineJoin = "round";
  context.stroke();
}
