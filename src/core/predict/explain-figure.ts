import { at, item } from "../columns.ts";
import type { Figure } from "../plan/objective.ts";
import type { Plan } from "../plan/plan.ts";
import type { Problem } from "../plan/problem.ts";
import { tensorSpans } from "../plan/spans.ts";
import { type Message, messagesOf } from "./messages.ts";
import { figure as figureValue, type Prediction } from "./prediction.ts";

/** A part of a figure that belongs to a device or to a link and direction; `amount` in the figure's unit. */
export type FigureTerm =
  | {
      readonly kind: "compute" | "overhead" | "spill" | "send" | "receive" | "idle";
      readonly device: number;
      readonly amount: number;
    }
  | {
      readonly kind: "transfer" | "link-latency";
      readonly link: number;
      readonly direction: "aToB" | "bToA";
      readonly amount: number;
    };

/** A plan with its figures. */
export interface Planned {
  readonly plan: Plan;
  readonly prediction: Prediction;
}

/** Terms added up by kind and place. */
class Ledger {
  readonly #terms = new Map<string, FigureTerm>();

  add(term: FigureTerm, sign: number): void {
    const place = "device" in term ? `${term.device}` : `${term.link} ${term.direction}`;
    const key = `${term.kind} ${place}`;
    const before = this.#terms.get(key)?.amount ?? 0;
    this.#terms.set(key, { ...term, amount: before + sign * term.amount });
  }

  /** What is not 0, largest first. */
  terms(): readonly FigureTerm[] {
    return [...this.#terms.values()]
      .filter(({ amount }) => amount !== 0)
      .sort((a, b) => Math.abs(b.amount) - Math.abs(a.amount));
  }
}

function addLatency(
  ledger: Ledger,
  problem: Problem,
  { prediction }: Planned,
  messages: readonly Message[],
  sign: number,
): void {
  for (const { device, opSeconds, overheadSeconds, spillSeconds } of prediction.stages) {
    ledger.add({ kind: "compute", device, amount: opSeconds }, sign);
    ledger.add({ kind: "overhead", device, amount: overheadSeconds }, sign);
    ledger.add({ kind: "spill", device, amount: spillSeconds }, sign);
  }
  for (const { hops, bytes, fromDevice, toDevice, sendSeconds, receiveSeconds } of messages) {
    for (const { link, direction, secondsPerByte, latency } of hops) {
      ledger.add({ kind: "transfer", link, direction, amount: bytes * secondsPerByte }, sign);
      ledger.add({ kind: "link-latency", link, direction, amount: latency }, sign);
    }
    if (problem.delivery !== "port") continue;
    ledger.add({ kind: "send", device: fromDevice, amount: sendSeconds }, sign);
    ledger.add({ kind: "receive", device: toDevice, amount: receiveSeconds }, sign);
  }
}

function addEnergy(
  ledger: Ledger,
  problem: Problem,
  { prediction }: Planned,
  messages: readonly Message[],
  sign: number,
): void {
  for (const { device, opSeconds, overheadSeconds, spillSeconds } of prediction.stages) {
    const { activeWatts } = item(problem.devices, device);
    ledger.add({ kind: "compute", device, amount: activeWatts * opSeconds }, sign);
    ledger.add({ kind: "overhead", device, amount: activeWatts * overheadSeconds }, sign);
    ledger.add({ kind: "spill", device, amount: activeWatts * spillSeconds }, sign);
  }
  for (const { hops, bytes } of messages)
    for (const { link, direction, joulesPerByte } of hops)
      ledger.add({ kind: "transfer", link, direction, amount: bytes * joulesPerByte }, sign);
  for (const [device, { idleWatts }] of problem.devices.entries())
    ledger.add({ kind: "idle", device, amount: idleWatts * prediction.latencySeconds }, sign);
}

function addTraffic(ledger: Ledger, problem: Problem, messages: readonly Message[], sign: number): void {
  for (const { hops, bytes, toDevice } of messages) {
    if (problem.delivery === "port") ledger.add({ kind: "receive", device: toDevice, amount: bytes }, sign);
    for (const { link, direction } of hops) ledger.add({ kind: "transfer", link, direction, amount: bytes }, sign);
  }
}

/** Of the resources that a link's directions use, the one that is busy longest. */
function busiestResource(messages: readonly Message[], link: number): number {
  const busy = new Map<number, number>();
  const own = new Set<number>();
  for (const { hops, bytes } of messages) {
    for (const hop of hops) {
      busy.set(hop.resource, (busy.get(hop.resource) ?? 0) + bytes * hop.secondsPerByte);
      if (hop.link === link) own.add(hop.resource);
    }
  }
  return [...own].reduce(
    (best, resource) => ((busy.get(resource) ?? 0) > (busy.get(best) ?? -1) ? resource : best),
    -1,
  );
}

/** The period is its bottleneck's busy time; what that is made of. */
function addPeriod(
  ledger: Ledger,
  problem: Problem,
  { prediction }: Planned,
  messages: readonly Message[],
  sign: number,
): void {
  const { bottleneck, stages, devices } = prediction;
  if (bottleneck.kind === "link") {
    const busiest = busiestResource(messages, bottleneck.link);
    for (const { hops, bytes } of messages) {
      for (const { link, direction, secondsPerByte, resource } of hops) {
        if (resource !== busiest) continue;
        ledger.add({ kind: "transfer", link, direction, amount: bytes * secondsPerByte }, sign);
      }
    }
    return;
  }
  const { sendSeconds, receiveSeconds } = item(devices, bottleneck.device);
  if (bottleneck.kind === "device") {
    for (const { device, opSeconds, overheadSeconds, spillSeconds } of stages) {
      if (device !== bottleneck.device) continue;
      ledger.add({ kind: "compute", device, amount: opSeconds }, sign);
      ledger.add({ kind: "overhead", device, amount: overheadSeconds }, sign);
      ledger.add({ kind: "spill", device, amount: spillSeconds }, sign);
    }
  }
  if (bottleneck.kind === "device" && problem.overlap) return;
  ledger.add({ kind: "send", device: bottleneck.device, amount: sendSeconds }, sign);
  ledger.add({ kind: "receive", device: bottleneck.device, amount: receiveSeconds }, sign);
}

function addFigure(ledger: Ledger, problem: Problem, planned: Planned, figure: Figure, sign: number): void {
  const messages = messagesOf(problem, planned.plan, tensorSpans(problem, planned.plan));
  if (figure === "latency") addLatency(ledger, problem, planned, messages, sign);
  else if (figure === "energy") addEnergy(ledger, problem, planned, messages, sign);
  else if (figure === "traffic") addTraffic(ledger, problem, messages, sign);
  else addPeriod(ledger, problem, planned, messages, sign);
}

/**
 * Why a figure of plan `to` is larger (positive terms) or smaller than that of plan `from`: terms that differ, largest
 * first, which add up to the difference. Of the period they are what the two bottlenecks consist of: what the one
 * spends is positive, what the other did is negative. Null where one of the plans cannot run. O(edges + messages).
 */
export function explainFigure(
  problem: Problem,
  from: Planned,
  to: Planned,
  figure: Figure,
): readonly FigureTerm[] | null {
  const possible = [from, to].every(({ prediction }) => figureValue(prediction, figure) < Number.POSITIVE_INFINITY);
  if (!possible) return null;
  const ledger = new Ledger();
  addFigure(ledger, problem, from, figure, -1);
  addFigure(ledger, problem, to, figure, 1);
  return ledger.terms();
}

/** The terms of one plan's figure, largest first; they add up to it. Null where the plan cannot run. */
export function figureTerms(problem: Problem, planned: Planned, figure: Figure): readonly FigureTerm[] | null {
  if (figureValue(planned.prediction, figure) === Number.POSITIVE_INFINITY) return null;
  const ledger = new Ledger();
  addFigure(ledger, problem, planned, figure, 1);
  return ledger.terms();
}

/** How unevenly a plan loads what it uses: the period over the mean busy time of its devices, in seconds. */
export interface Imbalance {
  /** Mean busy time of the devices that run ops. */
  readonly meanSeconds: number;
  /** Period - mean; the two add up to the period. */
  readonly imbalanceSeconds: number;
}

export function imbalance(problem: Problem, { prediction }: Planned): Imbalance {
  const used = new Set(prediction.stages.filter(({ opCount }) => opCount > 0).map(({ device }) => device));
  const busy = prediction.devices
    .filter(({ device }) => used.has(device))
    .map(({ computeSeconds, sendSeconds, receiveSeconds }) =>
      problem.overlap ? computeSeconds : computeSeconds + sendSeconds + receiveSeconds,
    );
  const meanSeconds = busy.reduce((sum, seconds) => sum + seconds, 0) / Math.max(1, busy.length);
  return { meanSeconds, imbalanceSeconds: prediction.periodSeconds - meanSeconds };
}

/** Memory of each device, from one plan to another, bytes; the three parts add up to the difference. */
export interface MemoryDifference {
  readonly device: number;
  readonly weightBytes: number;
  readonly activationBytes: number;
  readonly queueBytes: number;
}

export function explainMemory(from: Prediction, to: Prediction): readonly MemoryDifference[] {
  return to.devices.flatMap((after, index): MemoryDifference[] => {
    const before = item(from.devices, index);
    if (after.memoryBytes === before.memoryBytes) return [];
    return [
      {
        device: after.device,
        weightBytes: after.weightBytes - before.weightBytes,
        activationBytes: after.activationBytes - before.activationBytes,
        queueBytes: after.queueBytes - before.queueBytes,
      },
    ];
  });
}

/** An op that runs elsewhere, with what that changes; all together add up to the difference of the compute terms. */
export interface OpCarrier {
  readonly op: number;
  readonly from: number;
  readonly to: number;
  readonly amount: number;
}

/** A tensor whose way changes; all together add up to the difference of the transfer terms, latency of links left out. */
export interface TensorCarrier {
  readonly tensor: number;
  readonly amount: number;
}

/**
 * The ops and tensors that carry the difference of a latency or an energy between two plans, largest first. Those of the
 * idle power follow from the latency, and are not told apart. O(ops + messages x tensors).
 */
export function carriers(
  problem: Problem,
  from: Planned,
  to: Planned,
  figure: "latency" | "energy",
): { readonly ops: readonly OpCarrier[]; readonly tensors: readonly TensorCarrier[] } {
  const cost = (op: number, number: number) => {
    const { opSeconds, activeWatts } = item(problem.devices, number);
    return at(opSeconds, op) * (figure === "latency" ? 1 : activeWatts);
  };
  const ops: OpCarrier[] = [];
  for (let op = 0; op < problem.opCount; op++) {
    const before = item(from.plan.stages, at(from.plan.stageOf, op));
    const after = item(to.plan.stages, at(to.plan.stageOf, op));
    const amount = cost(op, after) - cost(op, before);
    if (before !== after && amount !== 0) ops.push({ op, from: before, to: after, amount });
  }
  const sums = new Float64Array(problem.tensorCount);
  for (const [{ plan }, sign] of [
    [from, -1],
    [to, 1],
  ] as const) {
    for (const message of messagesOf(problem, plan, tensorSpans(problem, plan))) {
      const { hops, sendSeconds, receiveSeconds, bytes } = message;
      const perByte = hops.reduce(
        (sum, hop) => sum + (figure === "latency" ? hop.secondsPerByte : hop.joulesPerByte),
        problem.delivery === "port" && figure === "latency" && bytes > 0 ? (sendSeconds + receiveSeconds) / bytes : 0,
      );
      for (const tensor of message.tensors)
        sums[tensor] = at(sums, tensor) + sign * perByte * at(problem.tensorWireBytes, tensor);
    }
  }
  const tensors = [...sums].flatMap((amount, tensor) => (amount === 0 ? [] : [{ tensor, amount }]));
  const bySize = (a: { amount: number }, b: { amount: number }) => Math.abs(b.amount) - Math.abs(a.amount);
  return { ops: ops.sort(bySize), tensors: tensors.sort(bySize) };
}
