import { at, item } from "../columns.ts";
import type { Graph } from "../graph/graph.ts";
import type { RawEntry } from "./formats/raw-profile.ts";
import { walkUp } from "./match-groups.ts";
import { baseType, canRunAs, decoratedNames, tensorLabels } from "./match-labels.ts";

/** How an entry found its ops, the surest first. */
export type MatchRule = "listed" | "name" | "position" | "tensor" | "decorated" | "subgraph";

/** The op by which an entry is tied to the graph. */
export interface Anchor {
  readonly entry: number;
  readonly op: number;
  readonly rule: MatchRule;
  /** Op type that gives the group its kernel, where the anchor is the group's last op; null for a first op. */
  readonly headType: string | null;
}

/** Before anything is owned. */
const EVERY_OP_FREE = (): boolean => true;

/** Look-ups by what profiles call ops. */
export interface Names {
  readonly byName: ReadonlyMap<string, number>;
  readonly byTensor: ReadonlyMap<string, number>;
  readonly byNode: ReadonlyMap<number, number>;
}

export function namesOf(graph: Graph): Names {
  const byTensor = new Map<string, number>();
  for (const [tensor, name] of graph.tensorNames.entries()) {
    const producer = at(graph.tensorProducer, tensor);
    if (producer >= 0) byTensor.set(name, producer);
  }
  return {
    byName: new Map(graph.opNames.map((name, op) => [name, op])),
    byTensor,
    byNode: new Map(Array.from(graph.opNodes, (node, op) => [node, op])),
  };
}

/** The rules by which an entry finds its anchor op, surest first; each gives candidates, the first that fits wins. */
function anchorsBy(rule: MatchRule, graph: Graph, names: Names, entry: RawEntry, index: number): readonly Anchor[] {
  const fits = (op: number | undefined): op is number =>
    op !== undefined && canRunAs(item(graph.opTypes, op), entry.opType);
  const heads = (ops: readonly (number | undefined)[]): readonly Anchor[] =>
    ops.filter(fits).map((op) => ({ entry: index, op, rule, headType: null }));
  switch (rule) {
    case "name":
      return heads([names.byName.get(entry.label)]);
    case "position": {
      // Nodes that kept their identity keep their position in the file, named or not.
      const op = entry.nodeIndex === null ? undefined : names.byNode.get(entry.nodeIndex);
      return fits(op) && item(graph.opTypes, op) === entry.opType ? heads([op]) : [];
    }
    case "tensor":
      return tensorLabels(entry.label).flatMap(({ tensor, rewritten }) => {
        const op = names.byTensor.get(tensor);
        const headType = rewritten ?? (entry.opType === null ? null : baseType(entry.opType));
        const isLast = op !== undefined && (headType === null || walkUp(graph, EVERY_OP_FREE, op, headType).length > 0);
        return isLast ? [{ entry: index, op, rule, headType }] : [];
      });
    case "decorated":
      return heads(decoratedNames(entry.label).map((name) => names.byName.get(name)));
    case "listed":
    case "subgraph":
      return [];
  }
}

/** Anchors of all entries: every entry gets its surest rule, and no op is anchor of two entries. */
export function findAnchors(graph: Graph, entries: readonly RawEntry[]): readonly Anchor[] {
  const names = namesOf(graph);
  const anchors: Anchor[] = [];
  const takenOps = new Set<number>();
  const takenEntries = new Set<number>();
  for (const rule of ["name", "position", "tensor", "decorated"] as const) {
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
