import { item, row } from "../columns.ts";
import type { Graph } from "../graph/graph.ts";
import { elementCount } from "../onnx/element-types.ts";
import { err, ok, type Result } from "../result.ts";
import type { RawEntry, RawProfile } from "./formats/raw-profile.ts";
import { isWeightless } from "./fusion.ts";
import { alignAnchors } from "./match-align.ts";
import { type Anchor, findAnchors, type MatchRule, type Names, namesOf, opsNamedBy } from "./match-anchors.ts";
import { addEnclosed, addListed, addRepeated, type Draft, Drafts, growGroups } from "./match-drafts.ts";
import { findDuplicates } from "./match-groups.ts";
import { canRunAs, tensorLabels } from "./match-labels.ts";
import { attachOverheads } from "./match-overheads.ts";
import { familyOf } from "./op-families.ts";
import { totalOf } from "./scale-to-total.ts";

/** Chance, by experience, that a rule's ops are the right ones. */
const CONFIDENCE: Readonly<Record<MatchRule, number>> = {
  manual: 1,
  listed: 1,
  optimised: 1,
  name: 1,
  position: 0.95,
  tensor: 0.95,
  decorated: 0.9,
  sanitised: 0.85,
  region: 0.8,
  aligned: 0.7,
  subgraph: 0.5,
};

/** Ops that the device ran as one, with the entry that timed them. */
export interface MatchedGroup {
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

/** A part compiled as a whole, when the profile has one only, takes all ops that do work and have no entry. */
function addSubgraph(graph: Graph, entries: readonly RawEntry[], drafts: Drafts): void {
  const compiled = entries.flatMap((entry, i) => (entry.kind === "subgraph" && entry.nodes === null ? [i] : []));
  const [only] = compiled;
  if (only === undefined || compiled.length > 1) return;
  const free = [...drafts.owner.keys()].filter((op) => drafts.isFree(op) && !isWeightless(item(graph.opTypes, op)));
  if (free.length > 0) drafts.add(only, "subgraph", free);
}

/** Channels of one block where they are kept in blocks (NCHWc), at most. */
const MOST_BLOCKED = 16;

/** Whether `measured` channels are `actual` ones filled up to whole blocks. */
function isFilledUp(measured: unknown, actual: unknown): boolean {
  if (typeof measured !== "number" || typeof actual !== "number") return false;
  return measured % 4 === 0 && measured >= actual && measured - actual < MOST_BLOCKED;
}

/** Groups whose last op's shape is known and differs from the entry's: in rank or channels, or in size only. */
function compareShapes(graph: Graph, entries: readonly RawEntry[], drafts: readonly Draft[]) {
  let compared = 0;
  let sized = 0;
  let foreign = 0;
  for (const draft of drafts) {
    const { outputShape: measured, label } = item(entries, draft.entry);
    const last = Math.max(...draft.ops);
    const [tensor] = row(graph.opOutputs, last);
    const shape = tensor === undefined ? null : item(graph.tensorTypes, tensor).shape;
    if (measured === null || shape === null || shape.some((size) => typeof size !== "number")) continue;
    compared++;
    // Runtimes that keep channels last, or in blocks, list the same elements under other sizes.
    if (elementCount(measured) === elementCount(shape)) continue;
    const isPadded = tensorLabels(label).length > 0 && isFilledUp(measured[1], shape[1]);
    const differs = (axis: number) => measured[axis] !== shape[axis] && !(axis === 1 && isPadded);
    if (measured.length !== shape.length || (shape.length > 1 && differs(1))) foreign++;
    else if (shape.some((_, axis) => differs(axis))) sized++;
  }
  return { compared, sized, foreign };
}

/** Why a profile is not taken as one of this model, null where it is. */
function refusal(raw: RawProfile, graph: Graph, named: number, drafts: Drafts): string | null {
  const { entries } = raw;
  const hasSubgraph = drafts.groups.some((draft) => draft.rule === "subgraph");
  if (named < LEAST_MATCHED * graph.opCount && !(hasSubgraph && entries.length === 1)) {
    const compiled = entries.filter((entry) => entry.kind === "subgraph").length;
    if (compiled > 1) {
      return `${raw.fileName} times ${compiled} compiled parts of a model whose ops it does not name; expected a profile with one entry per op, or per part and its ops.`;
    }
    return `${raw.fileName} names ${named} of the ${graph.opCount} ops of this model; expected at least ${LEAST_MATCHED * 100} %: it was recorded on another model.`;
  }
  const shapes = compareShapes(graph, entries, drafts.groups);
  if (shapes.compared > 0 && shapes.foreign > shapes.compared / 2) {
    return `${raw.fileName} has other shapes at ${shapes.foreign} of ${shapes.compared} ops of the same names; it was recorded on another model.`;
  }
  return null;
}

/** Formats whose files hold every op that ran, each with its own entry. */
const COMPLETE = new Set(["ort-trace"]);
/** Families of ops that no runtime folds away: one without an entry was not found. */
const ALWAYS_RUN = new Set(["Convolution", "Dense", "Recurrent", "Attention"]);

/**
 * Whether no op of a type can have run by itself although no entry names it: the runtime has folded it into another, or
 * computed it ahead. Told of traces of whole runs, by type: an entry that is matched to nothing may be any op that it
 * fits.
 */
function whatDidNotRun(
  raw: RawProfile,
  graph: Graph,
  drafts: Drafts,
  unmatchedEntries: readonly number[],
): (opType: string) => boolean {
  const isWhole = COMPLETE.has(raw.source?.format ?? raw.format) && raw.endToEnd !== null;
  const hasNames = drafts.groups.every(({ rule }) => rule !== "aligned" && rule !== "subgraph");
  if (!isWhole || !hasNames || raw.entries.some(({ kind }) => kind === "subgraph")) return () => false;
  const open = unmatchedEntries.map((index) => item(raw.entries, index).opType);
  const verdicts = new Map(
    [...new Set(graph.opTypes)].map((type) => {
      const mustRun = ALWAYS_RUN.has(familyOf(type) ?? "");
      return [type, !mustRun && !open.some((ran) => canRunAs(type, ran))];
    }),
  );
  return (opType) => verdicts.get(opType) === true;
}

/** Everything that follows from the groups: overheads, ops without work, what is left over on either side. */
function conclude(raw: RawProfile, graph: Graph, names: Names, drafts: Drafts): MatchedProfile {
  const { entries } = raw;
  const shapes = compareShapes(graph, entries, drafts.groups);
  const owned = new Set(drafts.groups.map((draft) => draft.entry));
  // An entry of an op without work that the model does not have was inserted by the runtime.
  const isOverhead = (index: number) => {
    const { kind, opType, nodes } = item(entries, index);
    return kind === "overhead" || (!owned.has(index) && nodes === null && opType !== null && isWeightless(opType));
  };
  const stray = attachOverheads(entries, drafts, isOverhead);
  const used = new Set(drafts.groups.flatMap((draft) => [draft.entry, ...draft.overheads]));
  const idle = [...entries.keys()].filter((i) => !used.has(i) && !stray.includes(i) && entries[i]?.kind !== "elided");
  const constantEntries = idle.filter((i) => entries[i]?.activationBytes === 0);
  const unmatchedEntries = [...idle.filter((i) => !constantEntries.includes(i)), ...stray].sort((a, b) => a - b);

  const optimisedAway = new Set(entries.flatMap((entry) => (entry.kind === "elided" ? opsNamedBy(names, entry) : [])));
  const free = [...drafts.owner.keys()].filter(drafts.isFree);
  const duplicates = findDuplicates(graph, drafts.isFree).filter((op) => !optimisedAway.has(op));
  const repeated = new Set(duplicates);
  const didNotRun = whatDidNotRun(raw, graph, drafts, unmatchedEntries);
  const elided = free.filter((op) => {
    const type = item(graph.opTypes, op);
    return isWeightless(type) || optimisedAway.has(op) || (!repeated.has(op) && didNotRun(type));
  });
  const covered = new Set([...elided, ...duplicates]);

  const warnings = [...raw.warnings];
  if (drafts.groups.some((draft) => draft.rule === "aligned")) {
    warnings.push(
      "The profile's names are not those of the model: ops were matched by their order, type and size; check a few.",
    );
  }
  if (shapes.sized + shapes.foreign > 0) {
    warnings.push(
      `${shapes.sized + shapes.foreign} of ${shapes.compared} ops were measured with other shapes: another batch size or resolution.`,
    );
  }
  return {
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
    unmatchedEntries,
    constantEntries,
    warnings,
  };
}

/** A profile that times no ops: nothing is matched, and every op that does work keeps an estimate. */
function wholeOnly(raw: RawProfile, graph: Graph): MatchedProfile {
  const ops = [...graph.opTypes.keys()];
  const isElided = (op: number) => isWeightless(item(graph.opTypes, op));
  return {
    raw,
    groups: [],
    owner: new Int32Array(graph.opCount).fill(-1),
    elided: ops.filter(isElided),
    duplicates: [],
    unmatchedOps: ops.filter((op) => !isElided(op)),
    unmatchedEntries: [],
    constantEntries: [],
    warnings: [
      ...raw.warnings,
      "The file times whole inferences and no ops: the estimates of the ops are scaled to it, and how they share it is not measured.",
    ],
  };
}

/**
 * Lays a profile over a graph: which ops each entry timed, what takes no time, what is left over on either side.
 * Entries find an op by the names they list, by the tensors of the optimised model's node, by name and type, by position in the file, by the name of an output
 * tensor, by a name with fusion decoration or in another spelling, as a compiled region; then groups grow over the ops
 * that were fused with it. Where a runtime lost the names, ops and entries are aligned in their order; `macs` (of
 * OpCosts) weighs that. A profile that names too few ops, or ops of other shapes, is refused as one of another model.
 * O(ops x entries) at worst, near O(ops + entries) for profiles of the same model.
 */
export function matchProfile(raw: RawProfile, graph: Graph, macs: Float64Array | null = null): Result<MatchedProfile> {
  const { entries } = raw;
  if (totalOf(raw) !== null) return ok(wholeOnly(raw, graph));
  const names = namesOf(graph);
  const lay = (anchors: readonly Anchor[]): Drafts => {
    const drafts = new Drafts(graph.opCount);
    addListed(entries, names, drafts);
    addEnclosed(graph, entries, names, drafts);
    const placed = new Set(drafts.groups.map((draft) => draft.entry));
    const free = anchors.filter((anchor) => drafts.isFree(anchor.op) && !placed.has(anchor.entry));
    growGroups(graph, entries, free, drafts);
    addRepeated(entries, drafts);
    return drafts;
  };
  const namedBy = (drafts: Drafts) => drafts.groups.reduce((sum, draft) => sum + draft.ops.length, 0);
  let drafts = lay(findAnchors(graph, names, entries));
  if (namedBy(drafts) < LEAST_MATCHED * graph.opCount) {
    const aligned = alignAnchors(graph, entries, macs);
    if (aligned.length > 0) drafts = lay(aligned);
  }
  const named = namedBy(drafts);
  addSubgraph(graph, entries, drafts);
  const reason = refusal(raw, graph, named, drafts);
  return reason === null ? ok(conclude(raw, graph, names, drafts)) : err(reason);
}

/**
 * A match changed by hand: the time of entry `entry` is that of `ops`, which are taken from whatever had them; with no
 * ops the entry is matched to nothing. An entry that loses its last op is unmatched. Pure: the match given stays as it
 * is, so that it can be gone back to. O(ops + entries).
 */
export function matchManually(
  matched: MatchedProfile,
  graph: Graph,
  entry: number,
  ops: readonly number[],
): MatchedProfile {
  const { raw } = matched;
  const taken = new Set(ops);
  const drafts = new Drafts(graph.opCount);
  if (taken.size > 0) drafts.add(entry, "manual", [...taken]);
  for (const group of matched.groups) {
    const left = group.ops.filter((op) => !taken.has(op));
    if (group.entry === entry || left.length === 0) continue;
    // Overheads are attached anew; further kernels of the group stay with it.
    const kernels = group.overheads.filter((index) => index !== entry && raw.entries[index]?.kind !== "overhead");
    drafts.add(group.entry, group.rule, left).overheads.push(...kernels);
  }
  return conclude(raw, graph, namesOf(graph), drafts);
}
