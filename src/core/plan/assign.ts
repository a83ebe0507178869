import { at, row } from "../columns.ts";
import { type Dataflow, stageOrder } from "./order.ts";
import type { Plan } from "./plan.ts";
import { normalisePlan } from "./plan-edit.ts";
import type { Problem } from "./problem.ts";

/**
 * Edits that take several ops at once, or that begin at one op. As those of `plan-edit`: a valid plan in, a valid one
 * out, the same object where nothing changes.
 */

/** Marks of the ops from which one of `ops` is reached (the ops themselves included), and of those reached from them. */
function related(flow: Dataflow, ops: Iterable<number>) {
  const above = new Uint8Array(flow.opCount);
  const below = new Uint8Array(flow.opCount);
  for (const op of ops) {
    above[op] = 1;
    below[op] = 1;
  }
  // Ops are numbered in topological order: one sweep each way.
  for (let op = flow.opCount - 1; op >= 0; op--) {
    if (at(above, op) === 0) continue;
    for (const tensor of row(flow.opInputs, op)) {
      const producer = at(flow.tensorProducer, tensor);
      if (producer >= 0) above[producer] = 1;
    }
  }
  for (let op = 0; op < flow.opCount; op++) {
    if (at(below, op) === 0) continue;
    for (const tensor of row(flow.opOutputs, op)) {
      for (const consumer of row(flow.tensorConsumers, tensor)) below[consumer] = 1;
    }
  }
  return { above, below };
}

/**
 * Puts ops into a stage. What they read from comes along out of later stages, what reads them out of earlier ones;
 * nothing else moves. A stage left without ops goes. O(ops + edges).
 */
export function moveOps(problem: Problem, plan: Plan, ops: readonly number[], stage: number): Plan {
  if (stage < 0 || stage >= plan.stages.length) throw new RangeError(`stage ${stage} of ${plan.stages.length}`);
  if (ops.every((op) => plan.stageOf[op] === stage)) return plan;
  const { above, below } = related(problem, ops);
  const stageOf = plan.stageOf.map((before, op) => {
    const notLater = above[op] === 1 ? Math.min(before, stage) : before;
    return below[op] === 1 ? Math.max(notLater, stage) : notLater;
  });
  for (const op of ops) stageOf[op] = stage;
  return normalisePlan(problem, { stages: plan.stages, stageOf });
}

/** Ops whose device differs between two plans of one problem. O(ops). */
export function movedOps(before: Plan, after: Plan): number {
  let moved = 0;
  for (let op = 0; op < before.stageOf.length; op++) {
    if (before.stages[at(before.stageOf, op)] !== after.stages[at(after.stageOf, op)]) moved += 1;
  }
  return moved;
}

/**
 * Runs ops on a device: in that of its stages for which the fewest ops move; a device without a stage gets one, after
 * which the device before goes on with what depends on the ops. O(stages of the device x (ops + edges)).
 */
export function assignOps(problem: Problem, plan: Plan, ops: readonly number[], device: number): Plan {
  if (ops.every((op) => plan.stages[at(plan.stageOf, op)] === device)) return plan;
  let best: { readonly plan: Plan; readonly moved: number } | null = null;
  for (const [stage, runs] of plan.stages.entries()) {
    if (runs !== device) continue;
    const candidate = moveOps(problem, plan, ops, stage);
    const moved = movedOps(plan, candidate);
    if (best === null || moved < best.moved) best = { plan: candidate, moved };
  }
  return best?.plan ?? withStageFor(problem, plan, ops, device);
}

/** A stage for `ops` behind the last of the stages that they are in, which goes on after it. */
function withStageFor(problem: Problem, plan: Plan, ops: readonly number[], device: number): Plan {
  const last = ops.reduce((latest, op) => Math.max(latest, at(plan.stageOf, op)), 0);
  const { below } = related(problem, ops);
  const runs = plan.stages[last] ?? problem.source;
  const stageOf = plan.stageOf.map((before, op) => {
    if (before > last) return before + 2;
    return below[op] === 1 ? last + 2 : before;
  });
  return moveOps(problem, { stages: plan.stages.toSpliced(last + 1, 0, device, runs), stageOf }, ops, last + 1);
}

/** Runs an op and what follows it in its stage on a device, as a stage of its own. O(ops). */
export function splitBefore(problem: Problem, plan: Plan, op: number, device: number): Plan {
  const stage = at(plan.stageOf, op);
  if (plan.stages[stage] === device) return plan;
  const stageOf = plan.stageOf.map((before, other) =>
    before > stage || (before === stage && other >= op) ? before + 1 : before,
  );
  return normalisePlan(problem, { stages: plan.stages.toSpliced(stage + 1, 0, device), stageOf });
}

/** Runs an op and what comes before it in its stage on a device, as a stage of its own. O(ops). */
export function splitAfter(problem: Problem, plan: Plan, op: number, device: number): Plan {
  const stage = at(plan.stageOf, op);
  if (plan.stages[stage] === device) return plan;
  const stageOf = plan.stageOf.map((before, other) =>
    before > stage || (before === stage && other > op) ? before + 1 : before,
  );
  return normalisePlan(problem, { stages: plan.stages.toSpliced(stage, 0, device), stageOf });
}

/** Ops before `op` in the plan's order: the position of a split right before it. O(ops + stages). */
export function positionBefore(plan: Plan, op: number): number {
  return stageOrder(plan).indexOf(op);
}
