import { at, f64, item, row } from "../columns.ts";
import type { Plan } from "../plan/plan.ts";
import { normalisePlan, noSplitPlan } from "../plan/plan-edit.ts";
import type { Problem } from "../plan/problem.ts";
import { predict } from "../predict/predict.ts";
import type { Prediction } from "../predict/prediction.ts";
import { topologicalRanks } from "./orders.ts";

/** Times that devices are filled again with less, where what is live does not fit beside the weights. */
const ROUNDS = 6;

/**
 * A plan to show before anything else is worked out: the first device that can run everything alone; else devices filled
 * one after another with the ops of one topological order, as many as their memories hold the weights of, the source
 * first and the fastest of the others next, or the source with as little as possible. Null where none of these is wanted.
 * O(devices x (ops x devices + edges)).
 */
export function firstPlan(
  problem: Problem,
  isWanted: (prediction: Prediction) => boolean,
): { readonly plan: Plan; readonly prediction: Prediction } | null {
  for (const device of problem.devices.keys()) {
    const plan = noSplitPlan(problem, device);
    const prediction = predict(problem, plan);
    if (isWanted(prediction)) return { plan, prediction };
  }
  const order = new Int32Array(problem.opCount);
  for (const [op, rank] of topologicalRanks(problem).entries()) order[rank] = op;
  const sequence = fastestFirst(problem);
  for (const skipsSource of [true, false]) {
    const room = problem.devices.map(({ memoryBytes }, device) =>
      skipsSource && device === problem.source ? 0 : memoryBytes,
    );
    for (let round = 0; round < ROUNDS; round++) {
      const filled = fill(problem, order, sequence, room);
      if (filled === null) break;
      const plan = normalisePlan(problem, filled);
      const prediction = predict(problem, plan);
      if (isWanted(prediction)) return { plan, prediction };
      for (const violation of prediction.violations) {
        if (violation.kind !== "memory") continue;
        room[violation.device] = item(room, violation.device) - (violation.bytes - violation.limit);
      }
    }
  }
  return null;
}

/** The source, then the others by the time that they take for what they can run. */
function fastestFirst({ devices, source }: Problem): readonly number[] {
  const seconds = devices.map(({ opSeconds }) =>
    opSeconds.reduce((sum, time) => sum + (time === Number.POSITIVE_INFINITY ? 0 : time), 0),
  );
  const others = [...devices.keys()].filter((device) => device !== source);
  return [source, ...others.sort((a, b) => at(seconds, a) - at(seconds, b) || a - b)];
}

/** Each op on the first device, from that of the op before on, that can run it and has room for its weights. */
function fill(
  { opCount, opWeights, devices }: Problem,
  order: Int32Array,
  sequence: readonly number[],
  room: readonly number[],
): Plan | null {
  const stageOf = new Int32Array(opCount);
  let held = new Set<number>();
  let bytes = 0;
  let stage = 0;
  for (const op of order) {
    for (;;) {
      const number = sequence[stage];
      if (number === undefined) return null;
      const { opSeconds, weightBytes } = item(devices, number);
      let more = 0;
      for (const weight of row(opWeights, op)) if (!held.has(weight)) more += f64(weightBytes, weight);
      // A device without any room is passed by.
      const fits = bytes + more <= item(room, number) && item(room, number) > 0;
      if (fits && f64(opSeconds, op) < Number.POSITIVE_INFINITY) {
        bytes += more;
        for (const weight of row(opWeights, op)) held.add(weight);
        stageOf[op] = stage;
        break;
      }
      stage++;
      held = new Set();
      bytes = 0;
    }
  }
  return { stages: sequence, stageOf };
}
