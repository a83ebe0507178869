import { at, i32, item, row } from "../columns.ts";
import type { GraphLinks } from "../graph/graph.ts";
import type { ColumnLayout, Crossing } from "./column.ts";
import type { DrawnNodes } from "./nodes.ts";
import { pathAcross, pathWithin } from "./paths.ts";
import type { Routes } from "./routing.ts";

/** "inner" stays in its block, "forward" leaves it, "hub" is drawn as ports at both ends and has no points. */
export const EDGE_KINDS = ["inner", "forward", "hub"] as const;
export type EdgeKind = (typeof EDGE_KINDS)[number];

/** One edge per tensor and box that reads it (edges inside a folded block are left out). */
export interface FilmstripEdges {
  readonly count: number;
  readonly tensor: Int32Array;
  /** Producing op, and the first op of the target box that reads the tensor. */
  readonly from: Int32Array;
  readonly to: Int32Array;
  /** Index into EDGE_KINDS. */
  readonly kind: Uint8Array;
  /** Corners from the source's border to the target's: points[offsets[e] .. offsets[e + 1]) as x, y, x, y, ... */
  readonly pointOffsets: Int32Array;
  readonly points: Float32Array;
}

/** Where a hub's edges end, and where the graph's inputs and outputs are. */
export const PORT_KINDS = ["hub source", "hub target", "input", "output"] as const;
export interface FilmstripPorts {
  readonly count: number;
  readonly tensor: Int32Array;
  readonly op: Int32Array;
  /** Index into PORT_KINDS. */
  readonly kind: Uint8Array;
  readonly x: Float32Array;
  readonly y: Float32Array;
}

interface EdgeInput {
  readonly graph: GraphLinks;
  readonly nodes: DrawnNodes;
  readonly columns: readonly ColumnLayout[];
  readonly columnOf: Int32Array;
  readonly isHub: Uint8Array;
  readonly routes: Routes;
  readonly exitOf: (source: number) => Crossing;
  readonly entryOf: (source: number, target: number) => Crossing;
  readonly placed: {
    readonly opX: Float32Array;
    readonly opY: Float32Array;
    readonly opWidth: Float32Array;
    readonly opHeight: Float32Array;
  };
}

/** Draws every edge along the wires that have been laid. O(edges + corners). */
export function drawEdges(input: EdgeInput): { readonly edges: FilmstripEdges; readonly ports: FilmstripPorts } {
  const { graph, nodes, columnOf, isHub, routes, columns } = input;
  const tensors: number[] = [];
  const from: number[] = [];
  const to: number[] = [];
  const kinds: number[] = [];
  const offsets: number[] = [0];
  const points: number[] = [];
  const ports = new PortRow(input);
  const add = (tensor: number, source: number, target: number, kind: EdgeKind, corners: readonly number[]) => {
    tensors.push(tensor);
    from.push(source);
    to.push(target);
    kinds.push(EDGE_KINDS.indexOf(kind));
    for (const corner of corners) points.push(corner);
    offsets.push(points.length);
  };
  for (let tensor = 0; tensor < graph.tensorCount; tensor++) {
    const producer = at(graph.tensorProducer, tensor);
    const source = producer < 0 ? -1 : i32(nodes.nodeOf, producer);
    let last = source;
    for (const reader of row(graph.tensorConsumers, tensor)) {
      const target = i32(nodes.nodeOf, reader);
      if (target === last) continue;
      last = target;
      if (producer < 0) {
        ports.add("input", tensor, reader);
        continue;
      }
      const column = i32(columnOf, source);
      const inner = i32(nodes.blockOf, source) === i32(nodes.blockOf, target);
      const path =
        at(isHub, tensor) === 1 && !inner
          ? null
          : column === i32(columnOf, target)
            ? pathWithin(item(columns, column), at(routes.columnX, column), routes.top, source, target)
            : pathAcross(input, source, target);
      if (path === null) {
        ports.add("hub source", tensor, producer);
        ports.add("hub target", tensor, reader);
        add(tensor, producer, reader, "hub", []);
      } else {
        add(tensor, producer, reader, inner ? "inner" : "forward", path);
      }
    }
  }
  for (const tensor of graph.outputs) {
    const producer = at(graph.tensorProducer, tensor);
    if (producer >= 0) ports.add("output", tensor, producer);
  }
  const edges = {
    count: tensors.length,
    tensor: Int32Array.from(tensors),
    from: Int32Array.from(from),
    to: Int32Array.from(to),
    kind: Uint8Array.from(kinds),
    pointOffsets: Int32Array.from(offsets),
    points: Float32Array.from(points),
  };
  return { edges, ports: ports.columns() };
}

const PORT_STEP = 8;

/** Ports stand in a row on the box: what comes in from the upper left corner on, what goes out from the lower right. */
class PortRow {
  readonly #input: EdgeInput;
  readonly #seen = new Set<string>();
  readonly #used = new Map<string, number>();
  readonly #tensor: number[] = [];
  readonly #op: number[] = [];
  readonly #kind: number[] = [];
  readonly #x: number[] = [];
  readonly #y: number[] = [];

  constructor(input: EdgeInput) {
    this.#input = input;
  }

  add(kind: (typeof PORT_KINDS)[number], tensor: number, op: number): void {
    const { nodes, placed } = this.#input;
    const node = i32(nodes.nodeOf, op);
    const key = `${kind} ${tensor} ${node}`;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    const outwards = kind === "hub source" || kind === "output";
    const corner = `${outwards ? "out" : "in"} ${node}`;
    const place = this.#used.get(corner) ?? 0;
    this.#used.set(corner, place + 1);
    const sign = outwards ? 1 : -1;
    const inset = Math.min(4 + place * PORT_STEP, at(placed.opWidth, op) - 4);
    this.#tensor.push(tensor);
    this.#op.push(op);
    this.#kind.push(PORT_KINDS.indexOf(kind));
    this.#x.push(at(placed.opX, op) + sign * (at(placed.opWidth, op) / 2 - inset));
    this.#y.push(at(placed.opY, op) + (sign * at(placed.opHeight, op)) / 2);
  }

  columns(): FilmstripPorts {
    return {
      count: this.#tensor.length,
      tensor: Int32Array.from(this.#tensor),
      op: Int32Array.from(this.#op),
      kind: Uint8Array.from(this.#kind),
      x: Float32Array.from(this.#x),
      y: Float32Array.from(this.#y),
    };
  }
}
