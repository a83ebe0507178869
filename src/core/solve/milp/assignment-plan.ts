import { at, i32, row } from "../../columns.ts";
import type { Plan } from "../../plan/plan.ts";
import { normalisePlan } from "../../plan/plan-edit.ts";
import type { Problem } from "../../plan/problem.ts";

/**
 * A plan of an assignment of ops to devices: stages are runs of ops of one device, along the graph. Each run takes all
 * that can run by then; the next device is the one that finishes its ops, else the one that gets furthest. Devices whose
 * parts depend on each other in no cycle get one stage each. O(stages x (ops + edges)).
 */
export function planOfAssignment(problem: Problem, deviceOf: Int32Array): Plan {
  const withSource = runs(problem, deviceOf, true);
  const without = runs(problem, deviceOf, false);
  const stages = ({ stages: list, stageOf }: Plan) => new Set(stageOf).size * (list.length + 1) + list.length;
  return stages(without) < stages(withSource) ? without : withSource;
}

/** `atOnce`: the source runs what it can before anything else; otherwise only if it can run all that it has. */
function runs(problem: Problem, deviceOf: Int32Array, atOnce: boolean): Plan {
  const { opCount, source } = problem;
  const stageOf = new Int32Array(opCount).fill(-1);
  const left = new Int32Array(problem.devices.length);
  for (const device of deviceOf) left[device] = at(left, device) + 1;
  const stages: number[] = [];
  const begin = (device: number, ops: readonly number[]) => {
    for (const op of ops) stageOf[op] = stages.length;
    stages.push(device);
    left[device] = at(left, device) - ops.length;
  };
  const first = runnable(problem, deviceOf, stageOf, source);
  begin(source, atOnce || first.length === at(left, source) ? first : []);
  while (left.some((count) => count > 0)) {
    let best = -1;
    let ops: readonly number[] = [];
    let finishes = false;
    for (let device = 0; device < left.length; device++) {
      if (at(left, device) === 0) continue;
      const next = runnable(problem, deviceOf, stageOf, device);
      const all = next.length === at(left, device);
      if (best >= 0 && (finishes ? !all || next.length <= ops.length : !all && next.length <= ops.length)) continue;
      best = device;
      ops = next;
      finishes = all;
    }
    if (ops.length === 0) throw new Error("no op can run next");
    begin(best, ops);
  }
  return normalisePlan(problem, { stages, stageOf });
}

/** Ops of a device that can run in one stage after those that have one, ascending. O(ops + edges). */
function runnable(problem: Problem, deviceOf: Int32Array, stageOf: Int32Array, device: number): readonly number[] {
  const found: number[] = [];
  const inRun = new Uint8Array(problem.opCount);
  for (let op = 0; op < problem.opCount; op++) {
    if (i32(stageOf, op) >= 0 || i32(deviceOf, op) !== device) continue;
    const ready = row(problem.opInputs, op).every((tensor) => {
      const producer = at(problem.tensorProducer, tensor);
      return producer < 0 || i32(stageOf, producer) >= 0 || inRun[producer] === 1;
    });
    if (!ready) continue;
    inRun[op] = 1;
    found.push(op);
  }
  return found;
}
