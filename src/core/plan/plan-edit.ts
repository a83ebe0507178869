import { at, item, row } from "../columns.ts";
import { boundaryPositions, type Dataflow, planFromBoundaries, stageOrder } from "./order.ts";
import type { Plan } from "./plan.ts";
import type { Problem } from "./problem.ts";

/**
 * Edits of a plan by hand. Each takes a valid plan and gives a valid one: stages along edges never fall, stage 0
 * stays on the source device, every other stage keeps at least one op. An edit that changes nothing gives the same
 * object back.
 */

/** Everything on one device; if that is not the source, behind an empty first stage. O(ops). */
export function noSplitPlan(problem: Problem, device: number): Plan {
  return device === problem.source || problem.opCount === 0
    ? { stages: [problem.source], stageOf: new Int32Array(problem.opCount) }
    : { stages: [problem.source, device], stageOf: new Int32Array(problem.opCount).fill(1) };
}

/**
 * The same assignment without empty stages (other than the first) and without boundaries between two stages of one
 * device; an empty first stage on the source device is put before whatever starts elsewhere. O(ops + stages).
 */
export function normalisePlan(problem: Problem, plan: Plan): Plan {
  const used = new Uint8Array(plan.stages.length);
  for (const stage of plan.stageOf) used[stage] = 1;
  const stages = [problem.source];
  const renumbered = plan.stages.map((device, stage) => {
    if (used[stage] === 1 && device !== stages.at(-1)) stages.push(device);
    return stages.length - 1;
  });
  if (stages.length === plan.stages.length && stages.every((device, stage) => device === plan.stages[stage]))
    return plan;
  return { stages, stageOf: plan.stageOf.map((stage) => item(renumbered, stage)) };
}

/** Where boundary `boundary` may lie so that every stage but the first keeps an op. */
export function boundaryRange(plan: Plan, boundary: number): { readonly first: number; readonly last: number } {
  return { first: boundary, last: plan.stageOf.length - (plan.stages.length - 1 - boundary) };
}

/**
 * Moves a boundary to a prefix length of `stageOrder(plan)`, as near as its range allows. A neighbouring boundary
 * that is passed is pushed along; each stage that is pushed together keeps one op. O(ops).
 */
export function moveBoundary(flow: Dataflow, plan: Plan, boundary: number, position: number): Plan {
  const positions = boundaryPositions(plan);
  if (boundary < 0 || boundary >= positions.length) {
    throw new RangeError(`boundary ${boundary} of a plan with ${positions.length}`);
  }
  if (plan.stageOf.length !== flow.opCount) throw new Error("the plan belongs to another graph");
  const { first, last } = boundaryRange(plan, boundary);
  const target = Math.min(last, Math.max(first, Math.round(position)));
  if (target === at(positions, boundary)) return plan;
  positions[boundary] = target;
  for (let k = boundary - 1; k >= 0; k--) positions[k] = Math.min(at(positions, k), at(positions, k + 1) - 1);
  for (let k = boundary + 1; k < positions.length; k++) {
    positions[k] = Math.max(at(positions, k), at(positions, k - 1) + 1);
  }
  return planFromBoundaries(stageOrder(plan), positions, plan.stages);
}

/**
 * Puts an op into a stage. Ops before it that would come after it move to that stage too (when it moves to an earlier
 * stage: its ancestors in later stages; to a later one: its descendants in earlier stages). A stage left without ops
 * goes. O(ops + edges).
 */
export function moveOp(problem: Problem, plan: Plan, op: number, stage: number): Plan {
  if (stage < 0 || stage >= plan.stages.length) throw new RangeError(`stage ${stage} of ${plan.stages.length}`);
  const before = at(plan.stageOf, op);
  if (before === stage) return plan;
  const stageOf = plan.stageOf.slice();
  const queue = [op];
  stageOf[op] = stage;
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (stage < before) {
      for (const tensor of row(problem.opInputs, next)) {
        const producer = at(problem.tensorProducer, tensor);
        if (producer >= 0 && at(stageOf, producer) > stage) {
          stageOf[producer] = stage;
          queue.push(producer);
        }
      }
    } else {
      for (const tensor of row(problem.opOutputs, next)) {
        for (const consumer of row(problem.tensorConsumers, tensor)) {
          if (at(stageOf, consumer) >= stage) continue;
          stageOf[consumer] = stage;
          queue.push(consumer);
        }
      }
    }
  }
  return normalisePlan(problem, { stages: plan.stages, stageOf });
}

/**
 * Gives a device a stage of its own behind stage `after`, by default the last: the later half of that stage's ops, at
 * least one. Next to a stage of the same device, or where that stage has no op to give, the plan stays as it is. O(ops).
 */
export function addStage(problem: Problem, plan: Plan, device: number, after = plan.stages.length - 1): Plan {
  const positions = boundaryPositions(plan);
  const start = after === 0 ? 0 : at(positions, after - 1);
  const available = (positions[after] ?? problem.opCount) - start;
  const keepsOne = after === 0 ? 0 : 1;
  const isNeighbour = device === plan.stages[after] || device === plan.stages[after + 1];
  if (isNeighbour || available <= keepsOne) return plan;
  const cut = start + Math.max(keepsOne, Math.floor(available / 2));
  return planFromBoundaries(
    stageOrder(plan),
    [...positions.slice(0, after), cut, ...positions.slice(after)],
    plan.stages.toSpliced(after + 1, 0, device),
  );
}

/** Ends a stage other than the first: its ops join the stage before it. O(ops). */
export function removeStage(problem: Problem, plan: Plan, stage: number): Plan {
  if (stage <= 0 || stage >= plan.stages.length) return plan;
  return normalisePlan(problem, {
    stages: plan.stages.toSpliced(stage, 1),
    stageOf: plan.stageOf.map((old) => (old >= stage ? old - 1 : old)),
  });
}

/** Runs a stage other than the first on another device; equal neighbours become one stage. O(ops). */
export function setStageDevice(problem: Problem, plan: Plan, stage: number, device: number): Plan {
  if (stage <= 0 || stage >= plan.stages.length || plan.stages[stage] === device) return plan;
  return normalisePlan(problem, { stages: plan.stages.with(stage, device), stageOf: plan.stageOf });
}
