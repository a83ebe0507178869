import { at } from "../../core/columns.ts";
import { EDGE_KINDS } from "../../core/layout/edges.ts";
import type { FilmstripLayout } from "../../core/layout/filmstrip.ts";
import type { ThemeColors } from "../shared/use-theme-colors.ts";
import { fontSize } from "./elements.ts";
import { type BoxLook, sameLook } from "./looks.ts";
import type { GraphViewport } from "./viewport.ts";

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
const LINE_HEIGHT = 1.1;
/** As cytoscape writes labels, so that nothing jumps when it takes over again. */
const FONT = '"Helvetica Neue", Helvetica, sans-serif';
const HUB = EDGE_KINDS.indexOf("hub");

/**
 * Draws over the graph what a drag has changed: the boxes that look otherwise, and the wires that cross. A frame of a
 * drag then costs what has moved, not the whole network. O(boxes + edges).
 */
export function paintLive(context: CanvasRenderingContext2D, density: number, picture: LivePicture): void {
  const { layout, shown, looks, crossing, viewport, colors } = picture;
  const { zoom, panX, panY } = viewport;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, context.canvas.width, context.canvas.height);
  context.setTransform(density * zoom, 0, 0, density * zoom, density * panX, density * panY);
  strokeCrossing(context, layout, crossing, colors.accent);
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
    const wanted = `${isFolded ? "600 " : ""}${size}px ${FONT}`;
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

function strokeCrossing(
  context: CanvasRenderingContext2D,
  { edges }: FilmstripLayout,
  crossing: ReadonlySet<number>,
  color: string,
): void {
  context.beginPath();
  for (let edge = 0; edge < edges.count; edge++) {
    if (at(edges.kind, edge) === HUB || !crossing.has(at(edges.tensor, edge))) continue;
    const from = at(edges.pointOffsets, edge);
    const to = at(edges.pointOffsets, edge + 1);
    for (let i = from; i < to; i += 2) {
      if (i === from) context.moveTo(at(edges.points, i), at(edges.points, i + 1));
      else context.lineTo(at(edges.points, i), at(edges.points, i + 1));
    }
  }
  context.strokeStyle = color;
  context.lineWidth = 2.4;
  context.lineJoin = "round";
  context.stroke();
}
