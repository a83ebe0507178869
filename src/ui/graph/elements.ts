import type { ElementDefinition } from "cytoscape";
import { at, item } from "../../core/columns.ts";
import type { Blocks } from "../../core/graph/blocks.ts";
import { EDGE_KINDS, PORT_KINDS } from "../../core/layout/edges.ts";
import type { FilmstripLayout } from "../../core/layout/filmstrip.ts";
import { OP_WIDTH } from "../../core/layout/metrics.ts";
import type { BoxLook } from "./looks.ts";

export const nodeId = (node: number): string => `n${node}`;
export const portId = (port: number): string => `port${port}`;
export const edgeId = (edge: number): string => `e${edge}`;

/**
 * cytoscape's elements for a layout in the looks that its boxes have at this moment, wires after what they join.
 * O(nodes + edges).
 */
export function elementsOf(
  layout: FilmstripLayout,
  blocks: Blocks,
  looks: readonly BoxLook[],
  crossing: ReadonlySet<number>,
): ElementDefinition[] {
  return [
    ...panels(layout, blocks),
    ...titles(layout, blocks),
    ...boxes(layout, looks),
    ...wires(layout, crossing),
    ...ports(layout, crossing),
  ];
}

/** Blocks that are open; a folded block is a box of its own. */
function openBlocks({ nodes }: FilmstripLayout, blocks: Blocks): number[] {
  const isOpen = (block: number) => nodes.folded[at(nodes.nodeOf, at(blocks.firstOp, block))] === 0;
  return Array.from({ length: blocks.count }, (_, block) => block).filter(isOpen);
}

function panels(layout: FilmstripLayout, blocks: Blocks): ElementDefinition[] {
  const { panels: place } = layout;
  return openBlocks(layout, blocks).map((block) => {
    const [w, h] = [at(place.width, block), at(place.height, block)];
    return {
      group: "nodes",
      classes: "panel",
      data: { id: `panel${block}`, w, h },
      position: { x: at(place.x, block) + w / 2, y: at(place.y, block) + h / 2 },
      selectable: false,
      grabbable: false,
    };
  });
}

/** Offset of a panel's title from its corner. */
export const TITLE = { x: 5, y: 10 };

/** A panel's title starts at its left edge, where wires seldom pass; it lies over those that do. */
function titles(layout: FilmstripLayout, blocks: Blocks): ElementDefinition[] {
  const { panels: place } = layout;
  return openBlocks(layout, blocks).map((block) => ({
    group: "nodes",
    classes: "title",
    data: { id: `title${block}`, label: blocks.names[block] ?? "", w: at(place.width, block) - 2 * TITLE.x },
    position: { x: at(place.x, block) + TITLE.x, y: at(place.y, block) + TITLE.y },
    selectable: false,
    grabbable: false,
  }));
}

const classes = (...names: readonly (string | false)[]): string => names.filter((name) => name !== false).join(" ");

/** Zoom below which titles and closed modules are hard to read: something else says what they are. */
export const FAR = 0.75;
/** Letters of titles and closed modules, in units of the drawing. */
export const TITLE_SIZE = 11;

/** Letters that would be smaller on screen than this, in pixels, are left out. */
export const LEAST_LETTERS = 6;

/**
 * Whether cytoscape writes letters of a size (in units of the drawing) at a zoom: it looks at the zoom's next power of two,
 * in pixels of the device, and style sheets ask for LEAST_LETTERS of those.
 */
export function areWritten(size: number, zoom: number, density = window.devicePixelRatio): boolean {
  return size * 2 ** Math.ceil(Math.log2(zoom * density)) >= LEAST_LETTERS * density;
}

/** Wider boxes have room for larger letters. */
export function fontSize(width: number, isFolded: boolean): number {
  return isFolded ? TITLE_SIZE : Math.min(13, (10 * width) / OP_WIDTH);
}

function boxes(layout: FilmstripLayout, looks: readonly BoxLook[]): ElementDefinition[] {
  const { nodes } = layout;
  return Array.from({ length: nodes.count }, (_, node) => {
    const op = at(nodes.firstOp, node);
    const { label, fill, border, ink, isGuess = false } = item(looks, node);
    const isFolded = nodes.folded[node] === 1;
    const [w, h] = [at(layout.opWidth, op), at(layout.opHeight, op)];
    return {
      group: "nodes" as const,
      classes: classes("op", isFolded && "folded", isGuess && "guess"),
      data: { id: nodeId(node), node, w, h, font: fontSize(w, isFolded), label, fill, border, ink },
      position: { x: at(layout.opX, op), y: at(layout.opY, op) },
      grabbable: false,
    };
  });
}

/** A wire's corners as cytoscape wants them: ends as offsets from the nodes, corners by weight and distance. */
function wires({ edges, nodes, opX, opY }: FilmstripLayout, crossing: ReadonlySet<number>): ElementDefinition[] {
  const elements: ElementDefinition[] = [];
  for (let edge = 0; edge < edges.count; edge++) {
    if (EDGE_KINDS[at(edges.kind, edge)] === "hub") continue;
    const points = edges.points.subarray(at(edges.pointOffsets, edge), at(edges.pointOffsets, edge + 1));
    const corners = points.length / 2;
    if (corners < 2) continue;
    const [from, to] = [at(edges.from, edge), at(edges.to, edge)];
    const start = { x: at(points, 0), y: at(points, 1) };
    const end = { x: at(points, points.length - 2), y: at(points, points.length - 1) };
    const bends = segments(points, { x: at(opX, from), y: at(opY, from) }, { x: at(opX, to), y: at(opY, to) });
    elements.push({
      group: "edges",
      classes: classes(bends === null ? "straight" : "bent", crossing.has(at(edges.tensor, edge)) && "crossing"),
      data: {
        id: edgeId(edge),
        source: nodeId(at(nodes.nodeOf, from)),
        target: nodeId(at(nodes.nodeOf, to)),
        edge,
        sourceEnd: `${start.x - at(opX, from)}px ${start.y - at(opY, from)}px`,
        targetEnd: `${end.x - at(opX, to)}px ${end.y - at(opY, to)}px`,
        ...bends,
      },
      selectable: false,
    });
  }
  return elements;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** Inner corners relative to the line between the nodes' centres: along it as a share, across it in pixels. */
function segments(points: Float32Array, start: Point, end: Point) {
  const [dx, dy] = [end.x - start.x, end.y - start.y];
  const length = Math.hypot(dx, dy);
  if (points.length <= 4 || length < 1e-6) return null;
  const weights: number[] = [];
  const distances: number[] = [];
  for (let i = 2; i < points.length - 2; i += 2) {
    const [px, py] = [at(points, i) - start.x, at(points, i + 1) - start.y];
    weights.push((px * dx + py * dy) / (length * length));
    distances.push((py * dx - px * dy) / length);
  }
  return { weights, distances };
}

function ports({ ports: place }: FilmstripLayout, crossing: ReadonlySet<number>): ElementDefinition[] {
  return Array.from({ length: place.count }, (_, port) => ({
    group: "nodes" as const,
    classes: classes(
      "port",
      PORT_KINDS[at(place.kind, port)]?.startsWith("hub") === true && "hub",
      crossing.has(at(place.tensor, port)) && "crossing",
    ),
    data: { id: portId(port) },
    position: { x: at(place.x, port), y: at(place.y, port) },
    selectable: false,
    grabbable: false,
  }));
}

/** The box that stands for an op. */
export function boxOf(layout: FilmstripLayout, op: number): number {
  return at(layout.nodes.nodeOf, op);
}

/** Ops of a box: first and one past the last. */
export function opsOf(layout: FilmstripLayout, node: number): { readonly from: number; readonly to: number } {
  return { from: at(layout.nodes.firstOp, node), to: at(layout.nodes.firstOp, node + 1) };
}
