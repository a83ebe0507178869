import { at, item } from "../columns.ts";
import type { Graph } from "../graph/graph.ts";
import type { RawEntry } from "./formats/raw-profile.ts";
import { walkUp } from "./match-groups.ts";
import {
  baseType,
  canRunAs,
  decoratedNames,
  isFusionLabel,
  regionOf,
  sanitised,
  tensorLabels,
} from "./match-labels.ts";

/** How an entry found its ops, the surest first; "manual" is a person's word. */
export type MatchRule =
  | "manual"
  | "listed"
  | "optimised"
  | "name"
  | "position"
  | "tensor"
  | "decorated"
  | "sanitised"
  | "region"
  | "aligned"
  | "subgraph";

/** The op by which an entry is tied to the graph. */
export interface Anchor {
  readonly entry: number;
  readonly op: number;
  readonly rule: MatchRule;
  /** Op type (or family) that gives the group its kernel, where the anchor is the group's last op; null for a first op. */
  readonly headType: string | null;
  /** Further ops that the entry names. */
  readonly members: readonly number[];
  /** First and last op of a compiled region, null on a side that is not known. */
  readonly region: { readonly from: number | null; readonly to: number | null } | null;
}

/** Before anything is owned. */
const EVERY_OP_FREE = (): boolean => true;

/** Look-ups by what profiles call ops. */
export interface Names {
  readonly byName: ReadonlyMap<string, number>;
  readonly byTensor: ReadonlyMap<string, number>;
  readonly byNode: ReadonlyMap<number, number>;
  /** By ONNX Runtime's number of the node, and what an op without a name is called there: `<Type>_<number>`. */
  readonly byRuntimeNumber: ReadonlyMap<number, number>;
  /** By sanitised op or tensor name, -1 where several ops share it. */
  readonly bySanitised: ReadonlyMap<string, number>;
}

export function namesOf(graph: Graph): Names {
  const byTensor = new Map<string, number>();
  for (const [tensor, name] of graph.tensorNames.entries()) {
    const producer = at(graph.tensorProducer, tensor);
    if (producer >= 0) byTensor.set(name, producer);
  }
  const byName = new Map(graph.opNames.map((name, op) => [name, op]));
  const bySanitised = new Map<string, number>();
  for (const [name, op] of [...byName, ...byTensor]) {
    const key = sanitised(name);
    const known = bySanitised.get(key);
    bySanitised.set(key, known === undefined || known === op ? op : -1);
  }
  return {
    byName,
    byTensor,
    byNode: new Map(Array.from(graph.opNodes, (node, op) => [node, op])),
    byRuntimeNumber: new Map(Array.from(graph.opRuntimeNumbers, (number, op) => [number, op])),
    bySanitised,
  };
}

/** The op that writes a tensor; TensorFlow's converters add the number of the output to the name. */
function producerOf(names: Names, tensor: string): number | undefined {
  return names.byTensor.get(tensor) ?? names.byTensor.get(`${tensor}:0`);
}

function isKnown(op: number | undefined): op is number {
  return op !== undefined && op >= 0;
}

/** Every op that an entry names in any way, for entries that took no time. */
export function opsNamedBy(names: Names, entry: RawEntry): readonly number[] {
  const labels = [entry.label, ...(entry.nodes ?? []), ...decoratedNames(entry.label)];
  const ops = [
    ...labels.map((label) => names.byName.get(label)),
    ...[entry.label, ...(entry.outputs ?? [])].map((tensor) => producerOf(names, tensor)),
  ];
  return [...new Set(ops.filter(isKnown))];
}

/**
 * True where the entry is another node of the same made-up name: an op without a name is called `<Type>_<position>`
 * here and `<Type>_<number>` by ONNX Runtime, which does not count Constant nodes.
 */
function isOtherNumber(graph: Graph, names: Names, { nodeIndex }: RawEntry, op: number): boolean {
  const isMadeUp = item(graph.opNames, op) === `${item(graph.opTypes, op)}_${at(graph.opNodes, op)}`;
  if (!isMadeUp || nodeIndex === null) return false;
  return at(graph.opRuntimeNumbers, op) !== nodeIndex && names.byRuntimeNumber.has(nodeIndex);
}

/** The rules by which an entry finds its anchor op, surest first; each gives candidates, the first that fits wins. */
function anchorsBy(rule: MatchRule, graph: Graph, names: Names, entry: RawEntry, index: number): readonly Anchor[] {
  const fits = (op: number | undefined): op is number => isKnown(op) && canRunAs(item(graph.opTypes, op), entry.opType);
  const anchor = (op: number, more: Partial<Anchor> = {}): Anchor => ({
    entry: index,
    op,
    rule,
    headType: null,
    members: [],
    region: null,
    ...more,
  });
  const tails = (entry.outputs ?? []).map((tensor) => producerOf(names, tensor)).filter(isKnown);
  const heads = (ops: readonly (number | undefined)[]): readonly Anchor[] =>
    // A tensor that the entry writes behind its op is the end of a fused group.
    ops.filter(fits).map((op) => anchor(op, { members: tails.filter((tail) => tail > op).slice(0, 1) }));
  switch (rule) {
    case "name": {
      const op = names.byName.get(entry.label);
      return op === undefined || isOtherNumber(graph, names, entry, op) ? [] : heads([op]);
    }
    case "position": {
      // Nodes that kept their identity keep their number, named or not.
      const op = entry.nodeIndex === null ? undefined : names.byRuntimeNumber.get(entry.nodeIndex);
      return fits(op) && item(graph.opTypes, op) === entry.opType ? heads([op]) : [];
    }
    case "tensor": {
      const rewritten = tensorLabels(entry.label).flatMap(({ tensor, rewritten }) => {
        const op = names.byTensor.get(tensor);
        const headType = rewritten ?? (entry.opType === null ? null : baseType(entry.opType));
        const isLast = op !== undefined && (headType === null || walkUp(graph, EVERY_OP_FREE, op, headType).length > 0);
        return isLast ? [anchor(op, { headType })] : [];
      });
      const written = tails.flatMap((op) => {
        if (fits(op)) return [anchor(op)];
        const headType = entry.opType === null ? null : baseType(entry.opType);
        const isLast = headType !== null && walkUp(graph, EVERY_OP_FREE, op, headType).length > 0;
        return isLast ? [anchor(op, { headType })] : [];
      });
      return [...rewritten, ...written];
    }
    case "decorated": {
      const named = decoratedNames(entry.label)
        .map((name) => names.byName.get(name))
        .filter(isKnown);
      // A label that says it was fused needs no fitting type: LayerNormalization may be named after its Mul.
      const found = isFusionLabel(entry.label) ? named.map((op) => anchor(op)) : heads(named);
      return found.map((head) => ({
        ...head,
        members: [...new Set([...named, ...head.members])].filter((op) => op !== head.op),
      }));
    }
    case "sanitised": {
      const labels = [entry.label, ...decoratedNames(entry.label), ...(entry.outputs ?? [])];
      return heads(labels.map((label) => names.bySanitised.get(sanitised(label))));
    }
    case "region": {
      const region = regionOf(entry.label);
      if (region === null) return [];
      const find = (name: string) => {
        const op = names.byName.get(name) ?? producerOf(names, name) ?? names.bySanitised.get(sanitised(name));
        return isKnown(op) ? op : null;
      };
      const from = find(region.from);
      const to = find(region.to);
      const op = from ?? to;
      return op === null ? [] : [anchor(op, { region: { from, to } })];
    }
    case "manual":
    case "listed":
    case "optimised":
    case "aligned":
    case "subgraph":
      return [];
  }
}

/** Anchors of all entries: every entry gets its surest rule, and no op is anchor of two entries. */
export function findAnchors(graph: Graph, names: Names, entries: readonly RawEntry[]): readonly Anchor[] {
  const anchors: Anchor[] = [];
  const takenOps = new Set<number>();
  const takenEntries = new Set<number>();
  for (const rule of ["name", "position", "tensor", "decorated", "sanitised", "region"] as const) {
    for (const [index, entry] of entries.entries()) {
      if (entry.kind !== "op" || entry.nodes !== null || takenEntries.has(index)) continue;
      const anchor = anchorsBy(rule, graph, names, entry, index).find(({ op }) => !takenOps.has(op));
      if (anchor === undefined) continue;
      anchors.push(anchor);
      takenOps.add(anchor.op);
      takenEntries.add(index);
    }
  }
  return anchors;
}
