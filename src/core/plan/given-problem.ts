import { item } from "../columns.ts";
import type { Graph } from "../graph/graph.ts";
import { err, ok, type Result } from "../result.ts";
import type { Rig } from "../rig/rig.ts";
import { validateRig } from "../rig/validate.ts";
import { type AbstractProblem, namedProblem } from "./abstract-problem.ts";
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
