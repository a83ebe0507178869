import { at, item, row } from "../columns.ts";
import type { Graph } from "../graph/graph.ts";
import { err, ok, type Result } from "../result.ts";
import type { RawEntry, RawProfile } from "./formats/raw-profile.ts";
import { isWeightless } from "./fusion.ts";
import { type Anchor, findAnchors, type MatchRule, type Names, namesOf } from "./match-anchors.ts";
import { findDuplicates, walkDown, walkUp } from "./match-groups.ts";
import { hasFusedSum } from "./match-labels.ts";

/** Chance, by experience, that a rule's ops are the right ones. */
const CONFIDENCE: Readonly<Record<MatchRule, number>> = {
  listed: 1,
  name: 1,
  position: 0.95,
  tensor: 0.95,
  decorated: 0.9,
  subgraph: 0.5,
};

/** Ops that the device ran as one, with the entry that timed them. */
interface MatchedGroup {
  /** Index into `raw.entries`. */
  readonly entry: number;
  /** Ascending. */
  readonly ops: readonly number[];
  readonly rule: MatchRule;
  readonly confidence: number;
  /** Entries inserted by the runtime before or after the group (layout changes, copies, casts). */
  readonly overheads: readonly number[];
}

/** A profile laid over a graph. Plain and structured-clonable. */
export interface MatchedProfile {
  readonly raw: RawProfile;
  readonly groups: readonly MatchedGroup[];
  /** Per op, its index into `groups`, -1 for none. */
  readonly owner: Int32Array;
  /** Ops without an entry that take no time (Dropout, Reshape, ...). */
  readonly elided: readonly number[];
  /** Ops without an entry that repeat the work of a measured op. */
  readonly duplicates: readonly number[];
  /** Ops that the profile does not cover: estimates stay. */
  readonly unmatchedOps: readonly number[];
  /** Entries (indices) that belong to no op of the graph. */
  readonly unmatchedEntries: readonly number[];
  /** Entries (indices) that computed constants, which are not in the graph. */
  readonly constantEntries: readonly number[];
  /** What `raw.warnings` says, and what matching found. */
  readonly warnings: readonly string[];
}

/** Ops of the graph that an entry must name for a profile to be taken as one of this model. */
const LEAST_MATCHED = 0.2;

interface Draft {
  /** Its place among the groups. */
  readonly index: number;
  readonly entry: number;
  readonly rule: MatchRule;
  readonly ops: number[];
  readonly overheads: number[];
}

/** Groups under construction and who owns each op. */
class Drafts {
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

/** Entries that list their ops own them. */
function addListed(graph: Graph, entries: readonly RawEntry[], drafts: Drafts): void {
  const names = namesOf(graph);
  for (const [index, entry] of entries.entries()) {
    if (entry.nodes === null || entry.kind === "overhead") continue;
    const ops = entry.nodes.flatMap((name) => {
      const op = names.byName.get(name) ?? positionOf(names, name);
      return op !== undefined ? [op] : [];
    });
    if (ops.length > 0) drafts.add(index, "listed", ops);
  }
}

/** `#12` names the node at position 12 of the file. */
function positionOf(names: Names, name: string): number | undefined {
  const position = /^#(\d+)$/.exec(name)?.[1];
  return position === undefined ? undefined : names.byNode.get(Number(position));
}

/** Turns anchors into groups: up from last ops, then down from all, the later ones first so that joins go to them. */
function growGroups(graph: Graph, entries: readonly RawEntry[], anchors: readonly Anchor[], drafts: Drafts): void {
  const draftOf = new Map<Anchor, Draft>();
  for (const anchor of anchors) draftOf.set(anchor, drafts.add(anchor.entry, anchor.rule, [anchor.op]));
  const inOrder = [...anchors].sort((one, other) => one.op - other.op);
  for (const anchor of inOrder) {
    const draft = draftOf.get(anchor);
    if (draft === undefined || anchor.headType === null) continue;
    drafts.extend(draft, walkUp(graph, drafts.isFree, anchor.op, anchor.headType));
  }
  for (const anchor of inOrder.reverse()) {
    const draft = draftOf.get(anchor);
    const entry = item(entries, anchor.entry);
    if (draft === undefined) continue;
    const hasSum = hasFusedSum(entry.opType, entry.inputCount);
    // A group named after its last op ends there, unless it reads a tensor more than it can account for.
    if (anchor.headType !== null && !hasSum) continue;
    drafts.extend(draft, walkDown(graph, drafts.isFree, anchor.op, hasSum && anchor.headType !== null));
  }
}

/** A part compiled as a whole, when the profile has one only, takes all ops that do work and have no entry. */
function addSubgraph(graph: Graph, entries: readonly RawEntry[], drafts: Drafts): void {
  const compiled = entries.flatMap((entry, i) => (entry.kind === "subgraph" && entry.nodes === null ? [i] : []));
  const [only] = compiled;
  if (only === undefined || compiled.length > 1) return;
  const free = [...drafts.owner.keys()].filter((op) => drafts.isFree(op) && !isWeightless(item(graph.opTypes, op)));
  if (free.length > 0) drafts.add(only, "subgraph", free);
}

/**
 * Attaches what the runtime inserted to the op that wanted it: a change of layout on the way out belongs to the op
 * before it in the order of execution, everything else to the op after it. Gives the entries that found no op.
 */
function attachOverheads(entries: readonly RawEntry[], drafts: Drafts): readonly number[] {
  const groupOf = new Map(drafts.groups.map((draft) => [draft.entry, draft]));
  const stray: number[] = [];
  for (const [index, entry] of entries.entries()) {
    if (entry.kind !== "overhead") continue;
    const neighbour = (step: number): Draft | undefined => {
      for (let i = index + step; i >= 0 && i < entries.length; i += step) {
        const draft = groupOf.get(i);
        if (draft !== undefined) return draft;
      }
      return undefined;
    };
    const isOnTheWayOut = /^(ReorderOutput|MemcpyToHost)/.test(entry.opType ?? entry.label);
    const draft = isOnTheWayOut ? (neighbour(-1) ?? neighbour(1)) : (neighbour(1) ?? neighbour(-1));
    if (draft === undefined) stray.push(index);
    else draft.overheads.push(index);
  }
  return stray;
}

/** Groups whose last op's shape is known and differs from the entry's: in rank or channels, or in size only. */
function compareShapes(graph: Graph, entries: readonly RawEntry[], drafts: readonly Draft[]) {
  let compared = 0;
  let sized = 0;
  let foreign = 0;
  for (const draft of drafts) {
    const measured = entries[draft.entry]?.outputShape ?? null;
    const last = Math.max(...draft.ops);
    const [tensor] = row(graph.opOutputs, last);
    const shape = tensor === undefined ? null : item(graph.tensorTypes, tensor).shape;
    if (measured === null || shape === null || shape.some((size) => typeof size !== "number")) continue;
    compared++;
    const differs = (axis: number) => measured[axis] !== shape[axis];
    if (measured.length !== shape.length || (shape.length > 1 && differs(1))) foreign++;
    else if (shape.some((_, axis) => differs(axis))) sized++;
  }
  return { compared, sized, foreign };
}

/**
 * Lays a profile over a graph: which ops each entry timed, what takes no time, what is left over on either side.
 * Entries find an op by the names they list, by name and type, by position in the file, by the name of an output
 * tensor (NCHWc), or by a name with fusion decoration; then groups grow over the ops that were fused with it.
 * A profile that names too few ops, or ops of other shapes, is refused as one of another model. O(ops x entries) at
 * worst, near O(ops + entries) for profiles of the same model.
 */
export function matchProfile(raw: RawProfile, graph: Graph): Result<MatchedProfile> {
  const { entries } = raw;
  const drafts = new Drafts(graph.opCount);
  addListed(graph, entries, drafts);
  growGroups(
    graph,
    entries,
    findAnchors(graph, entries).filter((anchor) => drafts.isFree(anchor.op)),
    drafts,
  );
  const named = drafts.groups.reduce((sum, draft) => sum + draft.ops.length, 0);
  addSubgraph(graph, entries, drafts);
  const hasSubgraph = drafts.groups.some((draft) => draft.rule === "subgraph");
  if (named < LEAST_MATCHED * graph.opCount && !(hasSubgraph && entries.length === 1)) {
    const compiled = entries.filter((entry) => entry.kind === "subgraph").length;
    if (compiled > 1) {
      return err(
        `${raw.fileName} times ${compiled} compiled parts of a model whose ops it does not name; expected a profile with one entry per op, or per part and its ops.`,
      );
    }
    return err(
      `${raw.fileName} names ${named} of the ${graph.opCount} ops of this model; expected at least ${LEAST_MATCHED * 100} %: it was recorded on another model.`,
    );
  }
  const shapes = compareShapes(graph, entries, drafts.groups);
  if (shapes.compared > 0 && shapes.foreign > shapes.compared / 2) {
    return err(
      `${raw.fileName} has other shapes at ${shapes.foreign} of ${shapes.compared} ops of the same names; it was recorded on another model.`,
    );
  }

  const stray = attachOverheads(entries, drafts);
  const free = [...drafts.owner.keys()].filter(drafts.isFree);
  const elided = free.filter((op) => isWeightless(item(graph.opTypes, op)));
  const duplicates = findDuplicates(graph, drafts.isFree);
  const covered = new Set([...elided, ...duplicates]);
  const used = new Set(drafts.groups.flatMap((draft) => [draft.entry, ...draft.overheads]));
  const idle = [...entries.keys()].filter((i) => !used.has(i) && !stray.includes(i));
  const constantEntries = idle.filter((i) => entries[i]?.activationBytes === 0);

  const warnings = [...raw.warnings];
  if (shapes.sized + shapes.foreign > 0) {
    warnings.push(
      `${shapes.sized + shapes.foreign} of ${shapes.compared} ops were measured with other shapes: another batch size or resolution.`,
    );
  }
  return ok({
    raw,
    groups: drafts.groups.map(({ entry, rule, ops, overheads }) => ({
      entry,
      ops: [...ops].sort((a, b) => a - b),
      rule,
      confidence: CONFIDENCE[rule],
      overheads,
    })),
    owner: drafts.owner,
    elided,
    duplicates,
    unmatchedOps: free.filter((op) => !covered.has(op)),
    unmatchedEntries: [...idle.filter((i) => !constantEntries.includes(i)), ...stray].sort((a, b) => a - b),
    constantEntries,
    warnings,
  });
}
