import { at, item } from "../columns.ts";
import type { Prediction } from "../predict/prediction.ts";
import type { Plan } from "./plan.ts";

/** Ops that one plan runs on device `from` and the other on device `to`, in the order of their numbers. */
export interface Move {
  readonly from: number;
  readonly to: number;
  readonly ops: readonly number[];
}

export interface PlanDifference {
  /** By pair of devices, the most ops first. */
  readonly moves: readonly Move[];
  /** Tensors that are sent on the way to the outputs in one of the plans only, and in both; ascending. */
  readonly sentInFirst: readonly number[];
  readonly sentInSecond: readonly number[];
  readonly sentInBoth: readonly number[];
}

function deviceOf(plan: Plan, op: number): number {
  return item(plan.stages, at(plan.stageOf, op));
}

/** Tensors that pass between devices, other than the return of the outputs. */
function sentTensors({ transfers }: Prediction): ReadonlySet<number> {
  return new Set(transfers.flatMap(({ kind, tensors }) => (kind === "return" ? [] : tensors)));
}

/** What two plans of one problem do otherwise: ops on other devices, tensors that cross. O(ops + tensors sent). */
export function planDifference(
  first: { readonly plan: Plan; readonly prediction: Prediction },
  second: { readonly plan: Plan; readonly prediction: Prediction },
): PlanDifference {
  const moves = new Map<string, { from: number; to: number; ops: number[] }>();
  for (let op = 0; op < first.plan.stageOf.length; op++) {
    const from = deviceOf(first.plan, op);
    const to = deviceOf(second.plan, op);
    if (from === to) continue;
    const key = `${from} ${to}`;
    const move = moves.get(key) ?? { from, to, ops: [] };
    move.ops.push(op);
    moves.set(key, move);
  }
  const before = sentTensors(first.prediction);
  const after = sentTensors(second.prediction);
  const ascending = (tensors: readonly number[]) => [...tensors].sort((a, b) => a - b);
  return {
    moves: [...moves.values()].sort((a, b) => b.ops.length - a.ops.length),
    sentInFirst: ascending([...before].filter((tensor) => !after.has(tensor))),
    sentInSecond: ascending([...after].filter((tensor) => !before.has(tensor))),
    sentInBoth: ascending([...before].filter((tensor) => after.has(tensor))),
  };
}

/** Whether two plans run the same stages with the same ops on the same devices. O(ops). */
export function isSamePlan(
  first: { readonly stages: readonly unknown[]; readonly stageOf: Int32Array },
  second: { readonly stages: readonly unknown[]; readonly stageOf: Int32Array },
): boolean {
  return (
    first.stages.length === second.stages.length &&
    first.stageOf.length === second.stageOf.length &&
    first.stages.every((device, stage) => device === second.stages[stage]) &&
    first.stageOf.every((stage, op) => stage === second.stageOf[op])
  );
}
