import { at, item, row } from "../columns.ts";
import type { Plan } from "../plan/plan.ts";
import type { Hop, Problem, Route } from "../plan/problem.ts";
import type { TensorSpans } from "../plan/spans.ts";
import type { TransferPrediction } from "./prediction.ts";
import { messageSeconds, returnBytes } from "./terms.ts";

/** A message that a plan sends: what it carries, and where. */
export interface Message {
  readonly kind: TransferPrediction["kind"];
  readonly fromStage: number;
  readonly toStage: number;
  readonly fromDevice: number;
  readonly toDevice: number;
  readonly tensors: readonly number[];
  readonly bytes: number;
  /** Infinity where no route leads, or a tensor of unknown size would have to be sent. */
  readonly seconds: number;
  /** Time at the sender's and at the receiver's own end, latency not counted. */
  readonly sendSeconds: number;
  readonly receiveSeconds: number;
  readonly hops: readonly Hop[];
}

type Addressed = Pick<Message, "kind" | "fromStage" | "toStage" | "fromDevice" | "toDevice" | "tensors" | "bytes">;

function overRoute(addressed: Addressed, route: Route | null, blocked: boolean): Message {
  const { bytes } = addressed;
  const hops = route?.hops ?? [];
  return {
    ...addressed,
    seconds: route === null || blocked ? Number.POSITIVE_INFINITY : messageSeconds(route, bytes),
    sendSeconds: bytes * (hops[0]?.secondsPerByte ?? 0),
    receiveSeconds: bytes * (hops.at(-1)?.secondsPerByte ?? 0),
    hops,
  };
}

/** One message per boundary between two devices, and the return to the sink. */
function relayedMessages(problem: Problem, plan: Plan, spans: TensorSpans): Message[] {
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
  return plan.stages.flatMap((fromDevice, fromStage): Message[] => {
    const toDevice = plan.stages[fromStage + 1] ?? problem.sink;
    if (fromDevice === toDevice) return [];
    const route = item(item(problem.routes, fromDevice), toDevice);
    const ends = { fromStage, fromDevice, toDevice };
    if (fromStage === lastStage) {
      const bytes = returnBytes(problem);
      return [overRoute({ ...ends, kind: "return", toStage: -1, tensors: problem.outputs, bytes }, route, false)];
    }
    const carried = item(tensors, fromStage);
    const kind = onlyInputs[fromStage] === 1 && carried.length > 0 ? "input" : "cut";
    const addressed = { ...ends, kind, toStage: fromStage + 1, tensors: carried, bytes: at(sizes, fromStage) } as const;
    return [overRoute(addressed, route, blocked[fromStage] === 1)];
  });
}

/** Devices other than the producer's that need a tensor, each with the first stage there that reads it; -1 = as sink. */
function destinations(
  problem: Problem,
  plan: Plan,
  spans: TensorSpans,
  tensor: number,
): readonly { readonly device: number; readonly stage: number }[] {
  const from = item(plan.stages, at(spans.first, tensor));
  const found = new Map<number, number>();
  for (const consumer of row(problem.tensorConsumers, tensor)) {
    const stage = at(plan.stageOf, consumer);
    const device = item(plan.stages, stage);
    if (device !== from) found.set(device, Math.min(stage, found.get(device) ?? stage));
  }
  if (spans.isOutput[tensor] === 1 && problem.sink !== from && !found.has(problem.sink)) found.set(problem.sink, -1);
  return [...found].map(([device, stage]) => ({ device, stage }));
}

/** A message per tensor and device that needs it. */
function directMessages(problem: Problem, plan: Plan, spans: TensorSpans): Message[] {
  const messages: Message[] = [];
  for (let tensor = 0; tensor < problem.tensorCount; tensor++) {
    const fromStage = at(spans.first, tensor);
    const fromDevice = item(plan.stages, fromStage);
    const bytes = at(problem.tensorWireBytes, tensor);
    for (const [index, { device: toDevice, stage: toStage }] of destinations(problem, plan, spans, tensor).entries()) {
      const kind = toStage < 0 ? "return" : at(problem.tensorProducer, tensor) < 0 ? "input" : "cut";
      const addressed = { kind, fromStage, toStage, fromDevice, toDevice, tensors: [tensor], bytes } as const;
      const blocked = toStage >= 0 && problem.uncuttable[tensor] === 1;
      if (problem.delivery === "port") messages.push(overPorts(problem, addressed, index === 0, blocked));
      else messages.push(overRoute(addressed, item(item(problem.routes, fromDevice), toDevice), blocked));
    }
  }
  return messages.sort((a, b) => a.fromStage - b.fromStage);
}

/** The first message of a tensor bears the time of sending, which happens once. */
function overPorts(problem: Problem, addressed: Addressed, isFirst: boolean, blocked: boolean): Message {
  const { bytes, fromDevice, toDevice } = addressed;
  const sendSeconds = isFirst ? bytes * (item(problem.devices, fromDevice).port?.sendSecondsPerByte ?? 0) : 0;
  const receiveSeconds = bytes * (item(problem.devices, toDevice).port?.receiveSecondsPerByte ?? 0);
  const seconds = blocked ? Number.POSITIVE_INFINITY : sendSeconds + receiveSeconds;
  return { ...addressed, seconds, sendSeconds, receiveSeconds, hops: [] };
}

/**
 * All messages of one inference by the problem's way of delivery, in the order of the stages that send them. `spans` are
 * those of the plan. O(edges + tensors x boundaries crossed).
 */
export function messagesOf(problem: Problem, plan: Plan, spans: TensorSpans): readonly Message[] {
  return problem.delivery === "relayed" ? relayedMessages(problem, plan, spans) : directMessages(problem, plan, spans);
}
