import { at, item } from "../columns.ts";
import type { Plan } from "../plan/plan.ts";
import type { Problem } from "../plan/problem.ts";
import { tensorSpans } from "../plan/spans.ts";
import { activationPeaks, type WeightUse, weightUse } from "./memory.ts";
import { type Message, messagesOf } from "./messages.ts";
import type {
  Bottleneck,
  DevicePrediction,
  LinkPrediction,
  Prediction,
  StagePrediction,
  TransferPrediction,
} from "./prediction.ts";
import { spillSeconds } from "./terms.ts";
import { violationsOf } from "./violations.ts";

/**
 * What a plan costs: the one place where time, energy, traffic and memory are computed. Formulae in README.md beside
 * this file. A plan that cannot run (an edge that goes back to an earlier stage, an op that its device does not support,
 * no route, a cut through a tensor of unknown size) has infinite figures; one that only breaks a constraint has figures
 * and violations. O(edges + tensors x boundaries crossed).
 */
export function predict(problem: Problem, plan: Plan): Prediction {
  const spans = tensorSpans(problem, plan);
  const weights = weightUse(problem, plan);
  const compute = stageCompute(problem, plan, weights);
  const messages = messagesOf(problem, plan, spans);

  const stages: StagePrediction[] = [];
  const transfers: TransferPrediction[] = [];
  let clock = 0;
  let sent = 0;
  for (const [stage, device] of plan.stages.entries()) {
    const start = clock;
    const overheadSeconds = at(compute.overhead, stage);
    const opSeconds = at(compute.ops, stage);
    const spill = at(compute.spill, stage);
    const computeSeconds = overheadSeconds + opSeconds + spill;
    clock += computeSeconds;
    stages.push({
      stage,
      device,
      opCount: at(compute.opCount, stage),
      computeSeconds,
      overheadSeconds,
      opSeconds,
      spillSeconds: spill,
      start,
      end: clock,
    });
    for (let message = messages[sent]; message !== undefined && message.fromStage === stage; message = messages[sent]) {
      const { kind, fromStage, toStage, fromDevice, toDevice, tensors, bytes, seconds } = message;
      const end = clock + seconds;
      transfers.push({ kind, fromStage, toStage, fromDevice, toDevice, tensors, bytes, seconds, start: clock, end });
      clock = end;
      sent++;
    }
  }
  const latencySeconds = spans.monotone ? clock : Number.POSITIVE_INFINITY;
  const possible = latencySeconds < Number.POSITIVE_INFINITY;
  const devices = devicePredictions(problem, plan, { stages, weights, messages });
  const peaks = activationPeaks(problem, plan, spans);
  const held = devices.map((device) => withMemory(problem, plan, device, peaks));
  const traffic = linkPredictions(problem, messages);
  const busiest = bottleneckOf(problem, held, traffic);
  return {
    latencySeconds,
    periodSeconds: possible ? busiest.seconds : Number.POSITIVE_INFINITY,
    energyJoules: possible ? energy(problem, stages, messages, latencySeconds) : Number.POSITIVE_INFINITY,
    trafficBytes: possible ? trafficBytes(problem, messages) : Number.POSITIVE_INFINITY,
    violations: violationsOf(problem, plan, { devices: held, links: traffic.links }),
    bottleneck: busiest.bottleneck,
    stages,
    transfers,
    devices: held,
    links: traffic.links,
  };
}

interface StageCompute {
  readonly opCount: Int32Array;
  readonly overhead: Float64Array;
  readonly ops: Float64Array;
  readonly spill: Float64Array;
}

/** A device's spill is shared among its stages in proportion to the weights that each reads first. */
function stageCompute(problem: Problem, plan: Plan, weights: WeightUse): StageCompute {
  const count = plan.stages.length;
  const opCount = new Int32Array(count);
  const ops = new Float64Array(count);
  const columns = plan.stages.map((device) => item(problem.devices, device).opSeconds);
  for (let op = 0; op < problem.opCount; op++) {
    const stage = at(plan.stageOf, op);
    opCount[stage] = at(opCount, stage) + 1;
    ops[stage] = at(ops, stage) + at(item(columns, stage), op);
  }
  const overhead = new Float64Array(count);
  const spill = new Float64Array(count);
  for (const [stage, number] of plan.stages.entries()) {
    const device = item(problem.devices, number);
    if (at(opCount, stage) > 0) overhead[stage] = device.stageOverheadSeconds;
    const total = spillSeconds(device, at(weights.perDevice, number));
    if (total > 0) spill[stage] = total * (at(weights.perStage, stage) / at(weights.perDevice, number));
  }
  return { opCount, overhead, ops, spill };
}

interface Work {
  readonly stages: readonly StagePrediction[];
  readonly weights: WeightUse;
  readonly messages: readonly Message[];
}

/** All of a device but its activations. */
type Loaded = Omit<DevicePrediction, "activationBytes" | "memoryBytes" | "fits">;

function devicePredictions(problem: Problem, plan: Plan, { stages, weights, messages }: Work): Loaded[] {
  const count = problem.devices.length;
  const computeSeconds = new Float64Array(count);
  const sendSeconds = new Float64Array(count);
  const receiveSeconds = new Float64Array(count);
  const queueBytes = new Float64Array(count);
  for (const [stage, device] of plan.stages.entries()) {
    computeSeconds[device] = at(computeSeconds, device) + item(stages, stage).computeSeconds;
  }
  for (const message of messages) {
    const { fromDevice, toDevice, toStage, tensors } = message;
    sendSeconds[fromDevice] = at(sendSeconds, fromDevice) + message.sendSeconds;
    receiveSeconds[toDevice] = at(receiveSeconds, toDevice) + message.receiveSeconds;
    if (toStage < 0 || problem.queuedFrames === 0) continue;
    const arriving = tensors.reduce((sum, tensor) => sum + at(problem.tensorMemoryBytes, tensor), 0);
    queueBytes[toDevice] = at(queueBytes, toDevice) + problem.queuedFrames * arriving;
  }
  return problem.devices.map((_, device) => ({
    device,
    computeSeconds: at(computeSeconds, device),
    sendSeconds: at(sendSeconds, device),
    receiveSeconds: at(receiveSeconds, device),
    weightBytes: at(weights.perDevice, device),
    queueBytes: at(queueBytes, device),
  }));
}

function withMemory(problem: Problem, plan: Plan, loaded: Loaded, peaks: Float64Array): DevicePrediction {
  let activationBytes = 0;
  for (const [stage, device] of plan.stages.entries()) {
    if (device === loaded.device) activationBytes = Math.max(activationBytes, at(peaks, stage));
  }
  const memoryBytes = loaded.weightBytes + activationBytes + loaded.queueBytes;
  const fits = memoryBytes <= item(problem.devices, loaded.device).memoryBytes;
  return { ...loaded, activationBytes, memoryBytes, fits };
}

/** Compute beyond idling, bytes on links, and the idling of all devices for as long as one inference takes. */
function energy(
  { devices }: Problem,
  stages: readonly StagePrediction[],
  messages: readonly Message[],
  latencySeconds: number,
): number {
  let joules = 0;
  for (const { device, computeSeconds } of stages) joules += computeSeconds * item(devices, device).activeWatts;
  for (const { bytes, hops } of messages) for (const { joulesPerByte } of hops) joules += bytes * joulesPerByte;
  for (const { idleWatts } of devices) joules += idleWatts * latencySeconds;
  return joules;
}

function trafficBytes({ delivery }: Problem, messages: readonly Message[]): number {
  return messages.reduce((sum, { bytes, hops }) => sum + bytes * (delivery === "port" ? 1 : hops.length), 0);
}

interface Traffic {
  readonly links: readonly LinkPrediction[];
  /** Busy time of each resource of the problem. */
  readonly resourceSeconds: Float64Array;
  /** The link with the most busy time on each resource. */
  readonly resourceLink: Int32Array;
}

function linkPredictions(problem: Problem, messages: readonly Message[]): Traffic {
  const resourceSeconds = new Float64Array(problem.resourceCount);
  const resourceLink = new Int32Array(problem.resourceCount).fill(-1);
  const most = new Float64Array(problem.resourceCount);
  const used = new Map<number, { resource: number; link: LinkPrediction }>();
  for (const { bytes, hops } of messages) {
    for (const { link, direction, secondsPerByte, resource } of hops) {
      const seconds = bytes * secondsPerByte;
      resourceSeconds[resource] = at(resourceSeconds, resource) + seconds;
      const key = link * 2 + (direction === "aToB" ? 0 : 1);
      const before = used.get(key)?.link ?? { bytes: 0, seconds: 0 };
      const total = { link, direction, bytes: before.bytes + bytes, seconds: before.seconds + seconds };
      used.set(key, { resource, link: total });
    }
  }
  const links: LinkPrediction[] = [];
  for (const [, { resource, link }] of [...used].sort(([a], [b]) => a - b)) {
    links.push(link);
    if (resourceLink[resource] !== -1 && link.seconds <= at(most, resource)) continue;
    most[resource] = link.seconds;
    resourceLink[resource] = link.link;
  }
  return { links, resourceSeconds, resourceLink };
}

/** The busiest device, port or link; of equals in this order, and the lower number. */
function bottleneckOf(
  { delivery, overlap }: Problem,
  devices: readonly DevicePrediction[],
  traffic: Traffic,
): { seconds: number; bottleneck: Bottleneck } {
  let seconds = -1;
  let bottleneck: Bottleneck = { kind: "device", device: 0 };
  const consider = (busy: number, candidate: Bottleneck) => {
    if (busy <= seconds) return;
    seconds = busy;
    bottleneck = candidate;
  };
  for (const { device, computeSeconds, sendSeconds, receiveSeconds } of devices) {
    consider(computeSeconds + (overlap ? 0 : receiveSeconds + sendSeconds), { kind: "device", device });
  }
  if (delivery === "port" && overlap) {
    for (const { device, sendSeconds, receiveSeconds } of devices)
      consider(sendSeconds + receiveSeconds, { kind: "port", device });
  }
  for (const [resource, busy] of traffic.resourceSeconds.entries()) {
    const link = at(traffic.resourceLink, resource);
    if (link >= 0) consider(busy, { kind: "link", link });
  }
  return { seconds: Math.max(0, seconds), bottleneck };
}
