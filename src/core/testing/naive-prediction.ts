import { at, item, row } from "../columns.ts";
import type { Plan } from "../plan/plan.ts";
import type { Problem } from "../plan/problem.ts";

/**
 * Figures of a plan, worked out tensor by tensor and byte by byte from the definitions, without regard to speed and
 * sharing no code with src/core/predict: the oracle that prediction and solvers are held against. All are Infinity for a
 * plan that cannot run. O(stages x (ops + edges)).
 */
export interface NaivePrediction {
  readonly latency: number;
  readonly period: number;
  readonly energy: number;
  readonly traffic: number;
}

const FOREVER = Number.POSITIVE_INFINITY;
const IMPOSSIBLE: NaivePrediction = { latency: FOREVER, period: FOREVER, energy: FOREVER, traffic: FOREVER };

/** One message: from device to device, bytes. */
interface Message {
  readonly from: number;
  readonly to: number;
  readonly bytes: number;
  /** Whether the sender's port is used: once per tensor, however many devices receive it. */
  readonly sends: boolean;
}

export function naivePrediction(problem: Problem, plan: Plan): NaivePrediction {
  if (!runsForward(problem, plan) || !isSupported(problem, plan)) return IMPOSSIBLE;
  const messages = problem.delivery === "relayed" ? relayed(problem, plan) : direct(problem, plan);
  if (messages === null) return IMPOSSIBLE;
  const compute = problem.devices.map((_, device) => deviceSeconds(problem, plan, device));
  const ends = problem.devices.map(() => 0);
  let wire = 0;
  let joules = 0;
  let traffic = 0;
  const busy = new Map<number, number>();
  for (const { from, to, bytes, sends } of messages) {
    const atEnd = (device: number, seconds: number) => {
      ends[device] = (ends[device] ?? 0) + seconds;
    };
    if (problem.delivery === "port") {
      const send = sends ? bytes * (problem.devices[from]?.port?.sendSecondsPerByte ?? 0) : 0;
      const receive = bytes * (problem.devices[to]?.port?.receiveSecondsPerByte ?? 0);
      atEnd(from, send);
      atEnd(to, receive);
      wire += send + receive;
      traffic += bytes;
      continue;
    }
    const route = item(item(problem.routes, from), to);
    if (route === null) return IMPOSSIBLE;
    for (const [index, hop] of route.hops.entries()) {
      const seconds = bytes * hop.secondsPerByte;
      wire += hop.latency + seconds;
      joules += bytes * hop.joulesPerByte;
      traffic += bytes;
      busy.set(hop.resource, (busy.get(hop.resource) ?? 0) + seconds);
      if (index === 0) atEnd(from, seconds);
      if (index === route.hops.length - 1) atEnd(to, seconds);
    }
  }
  const latency = compute.reduce((sum, seconds) => sum + seconds, 0) + wire;
  for (const [number, device] of problem.devices.entries())
    joules += device.idleWatts * latency + device.activeWatts * item(compute, number);
  const held = problem.overlap
    ? [...compute, ...(problem.delivery === "port" ? ends : [])]
    : compute.map((seconds, device) => seconds + item(ends, device));
  return { latency, period: Math.max(...held, ...busy.values()), energy: joules, traffic };
}

/** Whether a plan keeps to the problem's constraints, those on memory left out. */
export function keepsConstraints(problem: Problem, plan: Plan): boolean {
  const deviceOf = (op: number) => item(plan.stages, at(plan.stageOf, op));
  const used = new Set<number>();
  for (let op = 0; op < problem.opCount; op++) {
    used.add(at(plan.stageOf, op));
    if (at(item(problem.devices, deviceOf(op)).barred, op) === 1) return false;
    for (let other = 0; other < op; other++) {
      const group = at(problem.groupOf, op);
      if (group >= 0 && group === at(problem.groupOf, other) && deviceOf(op) !== deviceOf(other)) return false;
    }
  }
  const messages = problem.delivery === "relayed" ? relayed(problem, plan) : direct(problem, plan);
  const carried = new Map<number, number>();
  for (const { from, to, bytes } of messages ?? []) {
    if (problem.delivery === "port") break;
    for (const { link } of problem.routes[from]?.[to]?.hops ?? []) carried.set(link, (carried.get(link) ?? 0) + bytes);
  }
  return (
    used.size <= problem.maxStages && [...carried].every(([link, bytes]) => bytes <= at(problem.linkMaxBytes, link))
  );
}

/**
 * Every tensor on its own, from the device where it is made to each other one where it is read or, as an output, wanted;
 * null where one of unknown size would have to be read elsewhere.
 */
function direct(problem: Problem, plan: Plan): Message[] | null {
  const messages: Message[] = [];
  for (let tensor = 0; tensor < problem.tensorCount; tensor++) {
    const producer = at(problem.tensorProducer, tensor);
    const from = producer < 0 ? item(plan.stages, 0) : item(plan.stages, at(plan.stageOf, producer));
    const readers = new Set(
      [...row(problem.tensorConsumers, tensor)].map((op) => item(plan.stages, at(plan.stageOf, op))),
    );
    readers.delete(from);
    if (readers.size > 0 && at(problem.uncuttable, tensor) === 1) return null;
    if (problem.outputs.includes(tensor) && from !== problem.sink) readers.add(problem.sink);
    for (const to of readers)
      messages.push({ from, to, bytes: at(problem.tensorWireBytes, tensor), sends: to === [...readers][0] });
  }
  return messages;
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
function relayed(problem: Problem, plan: Plan): Message[] | null {
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
    messages.push({ from, to, bytes, sends: true });
  }
  const last = item(plan.stages, lastStage);
  if (last !== problem.sink) {
    const bytes = problem.outputs.reduce((sum, tensor) => sum + at(problem.tensorWireBytes, tensor), 0);
    messages.push({ from: last, to: problem.sink, bytes, sends: true });
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
