import { at, item } from "../../core/columns.ts";
import type { Graph } from "../../core/graph/graph.ts";
import type { ModuleView } from "../../core/graph/module-view.ts";
import type { OpenedGraph } from "../../core/graph/opened-model.ts";
import { EDGE_KINDS } from "../../core/layout/edges.ts";
import type { FilmstripLayout } from "../../core/layout/filmstrip.ts";
import { TITLE_HEIGHT } from "../../core/layout/metrics.ts";
import type { TensorType } from "../../core/onnx/model.ts";
import { areWritten, boxOf, FAR, fontSize } from "./elements.ts";
import { type BoxLook, moduleText } from "./looks.ts";
import type { GraphViewport, Size } from "./viewport.ts";

/** Below this zoom every block says what it is in letters that no longer shrink. */
export const isFar = ({ zoom }: GraphViewport): boolean => zoom < FAR;
/** Of the height of an open block, how much its summary may cover once the names of its ops cannot be read. */
const COVERED = 0.4;
/** From this zoom on boxes and wires say more than their names. */
export const NEAR = 1.5;

/** Letters of a summary in pixels of the screen; height of a line and width of a letter of that size, about. */
export const SUMMARY_FONT = 10.5;
export const SUMMARY_LINE = 13;
const SUMMARY_LETTER = 6.2;
const SUMMARY_INSET = 3;
/** Blocks of fewer letters than this are not named. */
const FEWEST_LETTERS = 4;
/** Width of a letter of a shape, about, in units of the drawing. */
const SHAPE_LETTER = 3.3;
export const SHAPE_HEIGHT = 6;

/** A text on screen, in pixels. */
export interface Summary {
  readonly lines: readonly string[];
  /** Of the size of letters and lines: at most 1. */
  readonly scale: number;
  /** Left edge (in a box: middle) and middle of the first line. */
  readonly x: number;
  readonly y: number;
  /** In the middle of a closed module, in the ink of this box; null for an open block, at its upper left. */
  readonly box: number | null;
}

/**
 * What every block on screen is, as many lines as it has room for; for a drawing seen from afar. Boxes of closed modules
 * say what their looks say. O(blocks).
 */
export function blockSummaries(
  part: OpenedGraph,
  { blocks, collapsed, moduleOf }: ModuleView,
  layout: FilmstripLayout,
  looks: readonly BoxLook[],
  { zoom, panX, panY }: GraphViewport,
  screen: Size,
): readonly Summary[] {
  const found: Summary[] = [];
  for (let block = 0; block < blocks.count; block++) {
    const { x, y, width, height } = place(layout, blocks.firstOp, block, collapsed.has(block));
    const [left, top, wide, high] = [x * zoom + panX, y * zoom + panY, width * zoom, height * zoom];
    if (left + wide < 0 || top + high < 0 || left > screen.width || top > screen.height) continue;
    const box = collapsed.has(block) ? boxOf(layout, at(blocks.firstOp, block)) : null;
    // What an open block holds is to be seen too, and all of it where its names can be read.
    const isTitle = box === null && hasReadableOps(layout, at(blocks.firstOp, block), zoom);
    const scale = isTitle ? Math.min(1, (TITLE_HEIGHT * zoom) / SUMMARY_LINE) : 1;
    const letters = Math.floor((wide - 2 * SUMMARY_INSET) / (SUMMARY_LETTER * scale));
    if (letters < FEWEST_LETTERS || high < SUMMARY_LINE) continue;
    const space = box !== null ? high : isTitle ? 0 : high * COVERED;
    const firstLine = isTitle ? TITLE_HEIGHT * zoom : SUMMARY_LINE + 2;
    const room = Math.max(1, Math.floor(space / SUMMARY_LINE));
    const [name = "", facts = ""] =
      box !== null
        ? item(looks, box).label.split("\n")
        : [item(blocks.names, block), moduleText(part, at(moduleOf, block))];
    const whole = facts.length <= letters ? [facts] : facts.split(" · ");
    const fitting = whole.filter((text) => text !== "" && text.length <= letters);
    const lines = [shortened(name, letters), ...fitting.slice(0, room - 1)];
    found.push({
      lines,
      scale,
      x: box !== null ? left + wide / 2 : left + SUMMARY_INSET,
      y: box !== null ? top + high / 2 - ((lines.length - 1) * SUMMARY_LINE) / 2 : top + firstLine / 2,
      box,
    });
  }
  return found;
}

/** Where a block stands, in units of the drawing. */
function place(layout: FilmstripLayout, firstOp: Int32Array, block: number, isClosed: boolean) {
  const { panels } = layout;
  if (!isClosed) {
    return {
      x: at(panels.x, block),
      y: at(panels.y, block),
      width: at(panels.width, block),
      height: at(panels.height, block),
    };
  }
  const op = at(firstOp, block);
  const [width, height] = [at(layout.opWidth, op), at(layout.opHeight, op)];
  return { x: at(layout.opX, op) - width / 2, y: at(layout.opY, op) - height / 2, width, height };
}

const hasReadableOps = ({ opWidth }: FilmstripLayout, op: number, zoom: number): boolean =>
  areWritten(fontSize(at(opWidth, op), false), zoom);

/** Cut to so many letters; a number at the end stays, because it tells one block from the next. */
function shortened(text: string, letters: number): string {
  if (text.length <= letters) return text;
  const [number = ""] = /\d*$/.exec(text) ?? [];
  const end = number.length + 2 <= letters ? number : "";
  return `${text.slice(0, letters - 1 - end.length).trimEnd()}…${end}`;
}

/** A shape at the wire that carries it, in units of the drawing: left edge and middle. */
export interface WireShape {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

/**
 * Shapes of the tensors on wires in view, once where each leaves its box; what would lie on another is left out.
 * O(wires in view squared, a few dozen at such a zoom).
 */
export function wireShapes(
  graph: Graph,
  { edges, nodes }: FilmstripLayout,
  viewport: GraphViewport,
  screen: Size,
): readonly WireShape[] {
  const { left, top, right, bottom } = inView(viewport, screen);
  const found: WireShape[] = [];
  const seen = new Set<string>();
  for (let edge = 0; edge < edges.count; edge++) {
    if (EDGE_KINDS[at(edges.kind, edge)] === "hub") continue;
    const start = at(edges.pointOffsets, edge);
    if (at(edges.pointOffsets, edge + 1) - start < 4) continue;
    const [x, y] = [at(edges.points, start) + 2, at(edges.points, start + 1) + SHAPE_HEIGHT * 0.75];
    if (x < left || x > right || y < top || y > bottom) continue;
    const tensor = at(edges.tensor, edge);
    const key = `${at(nodes.nodeOf, at(edges.from, edge))} ${tensor}`;
    if (seen.has(key)) continue;
    seen.add(key);
    const text = sizesText(item(graph.tensorTypes, tensor));
    const shape = { text, x, y, width: text.length * SHAPE_LETTER };
    if (text !== "" && !found.some((other) => overlaps(other, shape))) found.push(shape);
  }
  return found;
}

const overlaps = (one: WireShape, other: WireShape): boolean =>
  Math.abs(one.y - other.y) < SHAPE_HEIGHT && one.x < other.x + other.width && other.x < one.x + one.width;

/** "1×64×56×56"; unknown sizes as "?", "scalar" without sizes, nothing where the rank is unknown. O(rank). */
export function sizesText({ kind, shape }: TensorType): string {
  if (kind === "other" || shape === null) return "";
  return shape.length === 0 ? "scalar" : shape.map((size) => size ?? "?").join("×");
}

/** The part of the drawing that is on screen. */
function inView({ zoom, panX, panY }: GraphViewport, { width, height }: Size) {
  return { left: -panX / zoom, top: -panY / zoom, right: (width - panX) / zoom, bottom: (height - panY) / zoom };
}

/** Boxes of single ops in view, by their number. O(boxes). */
export function opBoxesInView(layout: FilmstripLayout, viewport: GraphViewport, screen: Size): readonly number[] {
  const { left, top, right, bottom } = inView(viewport, screen);
  const found: number[] = [];
  for (let node = 0; node < layout.nodes.count; node++) {
    if (layout.nodes.folded[node] === 1) continue;
    const op = at(layout.nodes.firstOp, node);
    const [x, y] = [at(layout.opX, op), at(layout.opY, op)];
    const [w, h] = [at(layout.opWidth, op) / 2, at(layout.opHeight, op) / 2];
    if (x + w >= left && x - w <= right && y + h >= top && y - h <= bottom) found.push(node);
  }
  return found;
}
