import { at, type Csr, row } from "../columns.ts";
import type { Plan } from "./plan.ts";
import type { Problem } from "./problem.ts";

/** The columns that say which op reads what from which: shared by Problem and Graph. */
export interface Dataflow {
  readonly opCount: number;
  readonly opInputs: Csr;
  readonly opOutputs: Csr;
  readonly tensorProducer: Int32Array;
  readonly tensorConsumers: Csr;
}

/** The columns from which down-sets, and the bytes that cross from them, follow. */
export type Wiring = Dataflow & Pick<Problem, "tensorCount" | "tensorWireBytes" | "uncuttable" | "inputs" | "outputs">;

/**
 * Ops sorted by (stage, number): a topological order in which every stage boundary is a prefix. O(ops + stages).
 */
export function stageOrder(plan: Plan): Int32Array {
  const next = boundaryPositions(plan);
  const order = new Int32Array(plan.stageOf.length);
  const cursor = new Int32Array(plan.stages.length);
  for (let stage = 1; stage < plan.stages.length; stage++) cursor[stage] = at(next, stage - 1);
  for (const [op, stage] of plan.stageOf.entries()) {
    const position = at(cursor, stage);
    order[position] = op;
    cursor[stage] = position + 1;
  }
  return order;
}

/** For each boundary k, between stages k and k + 1: how many ops run in stages 0..k. O(ops + stages). */
export function boundaryPositions(plan: Plan): Int32Array {
  const counts = new Int32Array(plan.stages.length);
  for (const stage of plan.stageOf) counts[stage] = at(counts, stage) + 1;
  const positions = new Int32Array(Math.max(0, plan.stages.length - 1));
  let before = 0;
  for (let boundary = 0; boundary < positions.length; boundary++) {
    before += at(counts, boundary);
    positions[boundary] = before;
  }
  return positions;
}

/**
 * The plan that runs `order` cut at `positions` (ascending prefix lengths, one fewer than stages). Stages may come
 * out empty; see `normalisePlan`. O(ops).
 */
export function planFromBoundaries(
  order: ArrayLike<number>,
  positions: ArrayLike<number>,
  stages: readonly number[],
): Plan {
  if (positions.length !== Math.max(0, stages.length - 1)) {
    throw new Error(`${stages.length} stages have ${stages.length - 1} boundaries, not ${positions.length}`);
  }
  const stageOf = new Int32Array(order.length);
  let stage = 0;
  for (let position = 0; position < order.length; position++) {
    while (stage < positions.length && position >= at(positions, stage)) stage++;
    stageOf[at(order, position)] = stage;
  }
  return { stages, stageOf };
}

/** Whether `order` lists every op once, producers before consumers. O(ops + edges). */
export function isTopologicalOrder(flow: Dataflow, order: ArrayLike<number>): boolean {
  const position = new Int32Array(flow.opCount).fill(-1);
  for (let i = 0; i < order.length; i++) position[at(order, i)] = i;
  if (order.length !== flow.opCount || position.includes(-1)) return false;
  for (let op = 0; op < flow.opCount; op++) {
    for (const tensor of row(flow.opInputs, op)) {
      const producer = at(flow.tensorProducer, tensor);
      if (producer >= 0 && at(position, producer) >= at(position, op)) return false;
    }
  }
  return true;
}

/**
 * Bytes on the wire that cross each position 0..ops of a topological order: position p lies between the first p ops
 * and the rest. An output of the graph, once produced, crosses every later position. NaN where the position cuts
 * through a tensor that must not be cut. O(ops + edges).
 */
export function frontierBytes(problem: Wiring, order: ArrayLike<number>): Float64Array {
  const position = new Int32Array(problem.opCount);
  for (let i = 0; i < order.length; i++) position[at(order, i)] = i;
  const end = problem.opCount;
  const last = new Int32Array(problem.tensorCount).fill(-1);
  for (let tensor = 0; tensor < problem.tensorCount; tensor++) {
    for (const consumer of row(problem.tensorConsumers, tensor)) {
      last[tensor] = Math.max(at(last, tensor), at(position, consumer));
    }
  }
  for (const tensor of problem.outputs) last[tensor] = end;
  const change = new Float64Array(end + 2);
  const blocked = new Int32Array(end + 2);
  for (let tensor = 0; tensor < problem.tensorCount; tensor++) {
    const producer = at(problem.tensorProducer, tensor);
    const from = producer < 0 ? 0 : at(position, producer) + 1;
    const to = at(last, tensor) + 1;
    if (to <= from) continue;
    const column = problem.uncuttable[tensor] === 1 ? blocked : change;
    const amount = problem.uncuttable[tensor] === 1 ? 1 : at(problem.tensorWireBytes, tensor);
    column[from] = at(column, from) + amount;
    column[to] = at(column, to) - amount;
  }
  const bytes = new Float64Array(end + 1);
  let crossing = 0;
  let closed = 0;
  for (let i = 0; i <= end; i++) {
    crossing += at(change, i);
    closed += at(blocked, i);
    bytes[i] = closed > 0 ? Number.NaN : Math.max(0, crossing);
  }
  return bytes;
}
