import { at, item } from "../columns.ts";
import type { Graph } from "../graph/graph.ts";
import type { RawEntry } from "./formats/raw-profile.ts";
import { soleConsumer } from "./fusion.ts";
import type { Anchor, MatchRule, Names } from "./match-anchors.ts";
import { opsBetween, walkDown, walkUp } from "./match-groups.ts";
import { hasFusedSum } from "./match-labels.ts";
import { opsOfNode, tensorNumbers } from "./optimised-model.ts";

export interface Draft {
  /** Its place among the groups. */
  readonly index: number;
  readonly entry: number;
  readonly rule: MatchRule;
  readonly ops: number[];
  readonly overheads: number[];
}

/** Groups under construction and who owns each op. */
export class Drafts {
  readonly groups: Draft[] = [];
  readonly owner: Int32Array;

  constructor(opCount: number) {
    this.owner = new Int32Array(opCount).fill(-1);
  }

  readonly isFree = (op: number): boolean => at(this.owner, op) < 0;

  add(entry: number, rule: MatchRule, ops: readonly number[]): Draft {
    const draft: Draft = { index: this.groups.length, entry, rule, ops: [], overheads: [] };
    this.groups.push(draft);
    this.extend(draft, ops);
    return draft;
  }

  extend(draft: Draft, ops: readonly number[]): void {
    for (const op of ops) {
      if (at(this.owner, op) >= 0) continue;
      this.owner[op] = draft.index;
      draft.ops.push(op);
    }
  }
}

/** `#12` names the node at position 12 of the file. */
function positionOf(names: Names, name: string): number | undefined {
  const position = /^#(\d+)$/.exec(name)?.[1];
  return position === undefined ? undefined : names.byNode.get(Number(position));
}

/** Entries that list their ops own them; one whose ops all have an owner is another kernel of that owner. */
export function addListed(entries: readonly RawEntry[], names: Names, drafts: Drafts): void {
  for (const [index, entry] of entries.entries()) {
    if (entry.nodes === null || entry.kind === "overhead" || entry.kind === "elided") continue;
    const ops = entry.nodes.flatMap((name) => {
      const op = names.byName.get(name) ?? positionOf(names, name);
      return op !== undefined ? [op] : [];
    });
    const [first] = ops;
    if (first === undefined) continue;
    if (ops.some(drafts.isFree)) drafts.add(index, "listed", ops);
    else drafts.groups[at(drafts.owner, first)]?.overheads.push(index);
  }
}

/** Entries whose node of the optimised model is known own the ops between its tensors, as far as nobody owns them. */
export function addEnclosed(graph: Graph, entries: readonly RawEntry[], names: Names, drafts: Drafts): void {
  if (entries.every((entry) => entry.node === undefined)) return;
  const tensors = tensorNumbers(graph);
  for (const [index, entry] of entries.entries()) {
    if (entry.kind !== "op" || entry.nodes !== null || entry.node === undefined) continue;
    const ops = opsOfNode(graph, names, tensors, entry.node)?.filter(drafts.isFree) ?? [];
    if (ops.length > 0) drafts.add(index, "optimised", ops);
  }
}

/** What lies in a row between two ops that an entry names, where nobody owns it. */
function fillBetween(graph: Graph, drafts: Drafts, draft: Draft): void {
  const named = [...draft.ops].sort((a, b) => a - b);
  const last = named.at(-1) ?? -1;
  for (const op of named) {
    const between: number[] = [];
    let next = soleConsumer(graph, op);
    while (next >= 0 && next < last && drafts.isFree(next)) {
      between.push(next);
      next = soleConsumer(graph, next);
    }
    if (next >= 0 && at(drafts.owner, next) === draft.index) drafts.extend(draft, between);
  }
}

/** Turns anchors into groups: up from last ops, then down from all, the later ones first so that joins go to them. */
export function growGroups(
  graph: Graph,
  entries: readonly RawEntry[],
  anchors: readonly Anchor[],
  drafts: Drafts,
): void {
  const draftOf = new Map<Anchor, Draft>();
  for (const anchor of anchors) draftOf.set(anchor, drafts.add(anchor.entry, anchor.rule, [anchor.op]));
  for (const [anchor, draft] of draftOf) {
    if (anchor.members.length === 0) continue;
    drafts.extend(draft, anchor.members);
    fillBetween(graph, drafts, draft);
  }
  for (const [anchor, draft] of draftOf) {
    if (anchor.region !== null) drafts.extend(draft, opsBetween(graph, anchor.region.from, anchor.region.to));
  }
  const inOrder = [...anchors].sort((one, other) => one.op - other.op);
  for (const anchor of inOrder) {
    const draft = draftOf.get(anchor);
    if (draft === undefined || anchor.headType === null) continue;
    drafts.extend(draft, walkUp(graph, drafts.isFree, anchor.op, anchor.headType));
  }
  for (const anchor of inOrder.reverse()) {
    const draft = draftOf.get(anchor);
    const entry = item(entries, anchor.entry);
    if (draft === undefined || anchor.region !== null) continue;
    const hasSum = hasFusedSum(entry.opType, entry.inputCount);
    // A group named after its last op ends there, unless it reads a tensor more than it can account for.
    if (anchor.headType !== null && !hasSum) continue;
    const last = anchor.headType === null ? Math.max(...draft.ops) : anchor.op;
    drafts.extend(draft, walkDown(graph, drafts.isFree, last, hasSum && anchor.headType !== null));
  }
}

/**
 * Entries that repeat the label of one which found its ops are further kernels of these ops: their time adds up. Only
 * entries of compilers, which have no type: where a runtime reports nodes with type or number, two of a name are two nodes.
 */
export function addRepeated(entries: readonly RawEntry[], drafts: Drafts): void {
  const isKernel = (entry: RawEntry) => entry.opType === null && entry.nodeIndex === null && entry.label !== "";
  const draftOf = new Map<string, Draft>();
  const used = new Set<number>();
  for (const draft of drafts.groups) {
    const entry = item(entries, draft.entry);
    if (isKernel(entry)) draftOf.set(entry.label, draft);
    for (const index of [draft.entry, ...draft.overheads]) used.add(index);
  }
  for (const [index, entry] of entries.entries()) {
    if (entry.kind !== "op" || entry.nodes !== null || used.has(index) || !isKernel(entry)) continue;
    draftOf.get(entry.label)?.overheads.push(index);
  }
}
