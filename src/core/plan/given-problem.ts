import { at, item } from "../columns.ts";
import type { Graph } from "../graph/graph.ts";
import { err, ok, type Result } from "../result.ts";
import type { Rig } from "../rig/rig.ts";
import { validateRig } from "../rig/validate.ts";
import { type AbstractProblem, namedProblem, wholeContent } from "./abstract-problem.ts";
import { applyConstraints, type Constraints, mergeGroups, NO_CONSTRAINTS } from "./constraints.ts";
import type { Problem } from "./problem.ts";
import { withRig } from "./problem-rig.ts";

export interface GivenSources {
  /** As the file has it. */
  readonly content: AbstractProblem;
  /** Of the model that `problemModel` made of it. */
  readonly graph: Graph;
  /** Its rig (`rigOfProblem`), perhaps edited. */
  readonly rig: Rig;
  /** Default: none. */
  readonly constraints?: Constraints;
}

/** Ops of each group, by the numbers that they have. */
function groupLists(groupOf: Int32Array): number[][] {
  const lists = new Map<number, number[]>();
  for (const [op, group] of groupOf.entries()) {
    if (group < 0) continue;
    const list = lists.get(group);
    if (list === undefined) lists.set(group, [op]);
    else list.push(op);
  }
  return [...lists.values()];
}

/**
 * The columns of a problem file, with what its rig was edited to and under constraints beside its own: the tighter of two
 * counts. How tensors travel, and whether computing and sending overlap, is as the file says. The sentence on failure
 * names a value of the rig, or a constraint that names what is not there. O(ops x devices + edges log ops + routes).
 */
export function givenProblem({ content, graph, rig, constraints = NO_CONSTRAINTS }: GivenSources): Result<Problem> {
  const valid = validateRig(rig);
  if (!valid.ok) return valid;
  const edited = withRig(content, rig);
  if (!edited.ok) return edited;
  const named = namedProblem(edited.value);
  if (!named.ok) return named;
  const { problem } = named.value;
  const applied = applyConstraints(constraints, graph, rig);
  if (!applied.ok) return applied;
  const { conditions, barred } = applied.value;
  if (barred.length !== problem.devices.length) return err("The rig is not that of the problem file.");
  return ok({
    ...problem,
    devices: problem.devices.map((device, number) => {
      const more = item(barred, number);
      return { ...device, barred: device.barred.map((own, op) => Math.max(own, more[op] ?? 0)) };
    }),
    groupOf: mergeGroups([...groupLists(problem.groupOf), ...groupLists(conditions.groupOf)], problem.opCount),
    maxStages: Math.min(problem.maxStages, conditions.maxStages),
    linkMaxBytes: problem.linkMaxBytes.map((own, link) => Math.min(own, conditions.linkMaxBytes[link] ?? own)),
    queuedFrames: Math.max(problem.queuedFrames, conditions.queuedFrames),
  });
}

/** What the ops of each group are called: by the file where it names the group of one of them. */
function groupNames({ ops }: AbstractProblem, groupOf: Int32Array, opNodes: Int32Array): readonly (string | null)[] {
  const taken = new Set(ops.map(({ group }) => group ?? ""));
  const names = new Map<number, string>();
  for (const [op, group] of groupOf.entries()) {
    const own = item(ops, at(opNodes, op)).group ?? null;
    if (group >= 0 && own !== null && !names.has(group)) names.set(group, own);
  }
  let count = 0;
  for (const group of groupOf) {
    if (group < 0 || names.has(group)) continue;
    do count += 1;
    while (taken.has(`together ${count}`));
    names.set(group, `together ${count}`);
  }
  const byPosition: (string | null)[] = ops.map(() => null);
  for (const [op, group] of groupOf.entries()) byPosition[at(opNodes, op)] = names.get(group) ?? null;
  return byPosition;
}

const finiteOrNull = (value: number): number | null => (Number.isFinite(value) ? value : null);

/**
 * The problem file that says what a file, its edited rig and the constraints beside it say together: its columns are those
 * of `givenProblem`, but for ops kept off a device, which it cannot run in the file. Limits on figures are no part of a
 * problem. Fails where `givenProblem` does, and on an op that is kept off every device. O(ops x devices + size).
 */
export function writtenProblem(sources: GivenSources): Result<AbstractProblem> {
  const { content, graph, rig } = sources;
  const edited = withRig(content, rig);
  if (!edited.ok) return edited;
  const columns = givenProblem(sources);
  if (!columns.ok) return columns;
  const { devices, groupOf, linkMaxBytes, maxStages, queuedFrames } = columns.value;
  const groups = groupNames(content, groupOf, graph.opNodes);
  const numberOf = new Int32Array(graph.opCount);
  for (const [op, position] of graph.opNodes.entries()) numberOf[position] = op;
  // An op that the file keeps on one device says so itself.
  const isBarred = (position: number, device: number) =>
    item(devices, device).barred[at(numberOf, position)] === 1 &&
    (item(content.ops, position).device ?? item(content.devices, device).id) === item(content.devices, device).id;
  const written: AbstractProblem = {
    ...edited.value,
    ops: edited.value.ops.map((op, position) => ({
      ...op,
      seconds: op.seconds.map((value, device) => (isBarred(position, device) ? null : value)),
      group: groups[position] ?? null,
    })),
    links: edited.value.links.map((link, number) => ({ ...link, maxBytes: finiteOrNull(at(linkMaxBytes, number)) })),
    maxStages: finiteOrNull(maxStages),
    queuedFrames,
  };
  const whole = wholeContent(written);
  if (!whole.ok) return whole;
  const named = namedProblem(whole.value);
  return named.ok ? whole : named;
}
