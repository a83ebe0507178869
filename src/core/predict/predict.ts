import { at, item } from "../columns.ts";
import type { Plan } from "../plan/plan.ts";
import type { Problem, Route } from "../plan/problem.ts";
import { type TensorSpans, tensorSpans } from "../plan/spans.ts";
import { activationPeaks, type WeightUse, weightUse } from "./memory.ts";
import type {
  Bottleneck,
  DevicePrediction,
  LinkPrediction,
  Prediction,
  StagePrediction,
  TransferPrediction,
} from "./prediction.ts";
import { messageSeconds, returnBytes, spillSeconds } from "./terms.ts";

/** A message that a plan sends: what it carries, and where. */
interface Message {
  readonly kind: TransferPrediction["kind"];
  readonly toStage: number;
  readonly toDevice: number;
  readonly route: Route | null;
  readonly tensors: readonly number[];
  readonly bytes: number;
  /** Whether a tensor of unknown size would have to be sent. */
  readonly blocked: boolean;
}

/**
 * What a plan costs: the one place where time, traffic and memory are computed. Formulae in README.md beside this
 * file. A plan that cannot run (an edge that goes back to an earlier stage, an op that its device does not support,
 * no route, a cut through a tensor of unknown size) has infinite latency and period. O(edges + tensors x boundaries crossed).
 */
export function predict(problem: Problem, plan: Plan): Prediction {
  const spans = tensorSpans(problem, plan);
  const weights = weightUse(problem, plan);
  const compute = stageCompute(problem, plan, weights);
  const messages = boundaryMessages(problem, plan, spans);

  const stages: StagePrediction[] = [];
  const transfers: TransferPrediction[] = [];
  let clock = 0;
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
    const message = messages[stage];
    if (message === undefined || message === null) continue;
    const { kind, toStage, toDevice, route, tensors, bytes, blocked } = message;
    const seconds = route === null || blocked ? Number.POSITIVE_INFINITY : messageSeconds(route, bytes);
    const sent = { kind, fromStage: stage, toStage, fromDevice: device, toDevice, tensors, bytes, seconds };
    transfers.push({ ...sent, start: clock, end: clock + seconds });
    clock += seconds;
  }
  const latencySeconds = spans.monotone ? clock : Number.POSITIVE_INFINITY;
  const devices = devicePredictions(problem, plan, stages, weights, activationPeaks(problem, plan, spans));
  const traffic = linkPredictions(problem, messages);
  const busiest = bottleneckOf(devices, traffic);
  return {
    latencySeconds,
    periodSeconds: latencySeconds === Number.POSITIVE_INFINITY ? latencySeconds : busiest.seconds,
    bottleneck: busiest.bottleneck,
    stages,
    transfers,
    devices,
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

/** The message after each stage, null where the next stage is on the same device; last the return to the sink. */
function boundaryMessages(problem: Problem, plan: Plan, spans: TensorSpans): readonly (Message | null)[] {
  const lastStage = plan.stages.length - 1;
  const tensors: number[][] = plan.stages.map(() => []);
  const sizes = new Float64Array(lastStage);
  const onlyInputs = new Uint8Array(lastStage).fill(1);
  const blocked = new Uint8Array(lastStage);
  for (let tensor = 0; tensor < problem.tensorCount; tensor++) {
    for (let boundary = at(spans.first, tensor); boundary < at(spans.last, tensor); boundary++) {
      item(tensors, boundary).push(tensor);
      sizes[boundary] = at(sizes, boundary) + at(problem.tensorWireBytes, tensor);
      if (at(problem.tensorProducer, tensor) >= 0) onlyInputs[boundary] = 0;
      if (problem.uncuttable[tensor] === 1) blocked[boundary] = 1;
    }
  }
  return plan.stages.map((from, stage): Message | null => {
    const toDevice = plan.stages[stage + 1] ?? problem.sink;
    if (from === toDevice) return null;
    const route = item(item(problem.routes, from), toDevice);
    if (stage === lastStage) {
      const bytes = returnBytes(problem);
      return { kind: "return", toStage: -1, toDevice, route, tensors: problem.outputs, bytes, blocked: false };
    }
    const carried = item(tensors, stage);
    const kind = onlyInputs[stage] === 1 && carried.length > 0 ? "input" : "cut";
    const toStage = stage + 1;
    return { kind, toStage, toDevice, route, tensors: carried, bytes: at(sizes, stage), blocked: blocked[stage] === 1 };
  });
}

function devicePredictions(
  problem: Problem,
  plan: Plan,
  stages: readonly StagePrediction[],
  weights: WeightUse,
  peaks: Float64Array,
): DevicePrediction[] {
  const computeSeconds = new Float64Array(problem.devices.length);
  const activations = new Float64Array(problem.devices.length);
  for (const [stage, device] of plan.stages.entries()) {
    computeSeconds[device] = at(computeSeconds, device) + item(stages, stage).computeSeconds;
    activations[device] = Math.max(at(activations, device), at(peaks, stage));
  }
  return problem.devices.map(({ memoryBytes: available }, device) => {
    const weightBytes = at(weights.perDevice, device);
    const activationBytes = at(activations, device);
    const memoryBytes = weightBytes + activationBytes;
    return {
      device,
      computeSeconds: at(computeSeconds, device),
      weightBytes,
      activationBytes,
      memoryBytes,
      fits: memoryBytes <= available,
    };
  });
}

interface Traffic {
  readonly links: readonly LinkPrediction[];
  /** Busy time of each resource of the problem. */
  readonly resourceSeconds: Float64Array;
  /** The link with the most busy time on each resource. */
  readonly resourceLink: Int32Array;
}

function linkPredictions(problem: Problem, messages: readonly (Message | null)[]): Traffic {
  const resourceSeconds = new Float64Array(problem.resourceCount);
  const resourceLink = new Int32Array(problem.resourceCount).fill(-1);
  const most = new Float64Array(problem.resourceCount);
  const used = new Map<number, { resource: number; link: LinkPrediction }>();
  for (const message of messages) {
    if (message === null || message.route === null) continue;
    for (const { link, direction, secondsPerByte, resource } of message.route.hops) {
      const seconds = message.bytes * secondsPerByte;
      resourceSeconds[resource] = at(resourceSeconds, resource) + seconds;
      const key = link * 2 + (direction === "aToB" ? 0 : 1);
      const before = used.get(key)?.link ?? { bytes: 0, seconds: 0 };
      const total = { link, direction, bytes: before.bytes + message.bytes, seconds: before.seconds + seconds };
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

/** The busiest device or link; of equals the device, and the lower number. */
function bottleneckOf(
  devices: readonly DevicePrediction[],
  traffic: Traffic,
): { seconds: number; bottleneck: Bottleneck } {
  let seconds = -1;
  let bottleneck: Bottleneck = { kind: "device", device: 0 };
  for (const { device, computeSeconds } of devices) {
    if (computeSeconds <= seconds) continue;
    seconds = computeSeconds;
    bottleneck = { kind: "device", device };
  }
  for (const [resource, busy] of traffic.resourceSeconds.entries()) {
    const link = at(traffic.resourceLink, resource);
    if (link < 0 || busy <= seconds) continue;
    seconds = busy;
    bottleneck = { kind: "link", link };
  }
  return { seconds, bottleneck };
}
