import { at, item, row } from "../columns.ts";
import type { Plan } from "../plan/plan.ts";
import type { Problem } from "../plan/problem.ts";

/**
 * Latency and period of a plan, worked out tensor by tensor and byte by byte from the definitions, without regard to
 * speed and sharing no code with src/core/predict: the oracle that prediction and solvers are held against. Both are
 * Infinity for a plan that cannot run. O(stages x (ops + edges)).
 */
export interface NaivePrediction {
  readonly latency: number;
  readonly period: number;
}

const IMPOSSIBLE: NaivePrediction = { latency: Number.POSITIVE_INFINITY, period: Number.POSITIVE_INFINITY };

/** One message: from device to device, bytes. */
interface Message {
  readonly from: number;
  readonly to: number;
  readonly bytes: number;
}

export function naivePrediction(problem: Problem, plan: Plan): NaivePrediction {
  if (!runsForward(problem, plan) || !isSupported(problem, plan)) return IMPOSSIBLE;
  const messages = messagesOf(problem, plan);
  if (messages === null) return IMPOSSIBLE;
  const compute = problem.devices.map((_, device) => deviceSeconds(problem, plan, device));
  let wire = 0;
  const busy = new Map<number, number>();
  for (const { from, to, bytes } of messages) {
    const route = item(item(problem.routes, from), to);
    if (route === null) return IMPOSSIBLE;
    for (const hop of route.hops) {
      wire += hop.latency + bytes * hop.secondsPerByte;
      busy.set(hop.resource, (busy.get(hop.resource) ?? 0) + bytes * hop.secondsPerByte);
    }
  }
  return {
    latency: compute.reduce((sum, seconds) => sum + seconds, 0) + wire,
    period: Math.max(...compute, ...busy.values()),
  };
}

/** Along every edge the stage never falls. */
function runsForward(problem: Problem, plan: Plan): boolean {
  for (let tensor = 0; tensor < problem.tensorCount; tensor++) {
    const producer = at(problem.tensorProducer, tensor);
    if (producer < 0) continue;
    for (const consumer of row(problem.tensorConsumers, tensor)) {
      if (at(plan.stageOf, consumer) < at(plan.stageOf, producer)) return false;
    }
  }
  return true;
}

function isSupported(problem: Problem, plan: Plan): boolean {
  return [...plan.stageOf].every((stage, op) =>
    Number.isFinite(at(item(problem.devices, item(plan.stages, stage)).opSeconds, op)),
  );
}

/**
 * Busy seconds of a device per inference: its ops, the overhead of each of its stages that runs anything, and the
 * streaming of what its distinct weights exceed the on-chip memory by.
 */
function deviceSeconds(problem: Problem, plan: Plan, number: number): number {
  const device = item(problem.devices, number);
  const stages = new Set<number>();
  const weights = new Set<number>();
  let seconds = 0;
  for (const [op, stage] of plan.stageOf.entries()) {
    if (plan.stages[stage] !== number) continue;
    stages.add(stage);
    for (const weight of row(problem.opWeights, op)) weights.add(weight);
    seconds += at(device.opSeconds, op);
  }
  let held = 0;
  for (const weight of weights) held += at(device.weightBytes, weight);
  const spilled = Math.max(0, held - device.onChipBytes);
  return seconds + stages.size * device.stageOverheadSeconds + spilled * device.streamingSecondsPerByte;
}

/** All messages of one inference; null where one would carry a tensor that must not be cut. */
function messagesOf(problem: Problem, plan: Plan): Message[] | null {
  const messages: Message[] = [];
  const lastStage = plan.stages.length - 1;
  for (let boundary = 0; boundary < lastStage; boundary++) {
    const from = item(plan.stages, boundary);
    const to = item(plan.stages, boundary + 1);
    if (from === to) continue;
    let bytes = 0;
    for (let tensor = 0; tensor < problem.tensorCount; tensor++) {
      if (!crosses(problem, plan, tensor, boundary)) continue;
      if (at(problem.uncuttable, tensor) === 1) return null;
      bytes += at(problem.tensorWireBytes, tensor);
    }
    messages.push({ from, to, bytes });
  }
  const last = item(plan.stages, lastStage);
  if (last !== problem.sink) {
    const bytes = problem.outputs.reduce((sum, tensor) => sum + at(problem.tensorWireBytes, tensor), 0);
    messages.push({ from: last, to: problem.sink, bytes });
  }
  return messages;
}

/**
 * Whether a tensor passes the boundary after stage `boundary`: it is there by then (graph inputs from the start) and
 * a later stage reads it, or it is a graph output, which has to reach the last stage.
 */
function crosses(problem: Problem, plan: Plan, tensor: number, boundary: number): boolean {
  const producer = at(problem.tensorProducer, tensor);
  if (producer >= 0 && at(plan.stageOf, producer) > boundary) return false;
  if (problem.outputs.includes(tensor)) return true;
  return row(problem.tensorConsumers, tensor).some((consumer) => at(plan.stageOf, consumer) > boundary);
}
