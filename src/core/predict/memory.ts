import { at, item, row } from "../columns.ts";
import type { Plan } from "../plan/plan.ts";
import type { Problem } from "../plan/problem.ts";
import type { TensorSpans } from "../plan/spans.ts";

/**
 * Peak bytes of live activations per stage, ops in number order. What arrives at a stage is live from its start;
 * what it produces, from the op on. A tensor that goes on to a later stage, or is a graph output, stays until the
 * stage ends; any other until its last reader has run. An op's inputs and outputs are live together.
 * O(tensors x stages they span + edges).
 */
export function activationPeaks(problem: Problem, plan: Plan, spans: TensorSpans): Float64Array {
  if (problem.delivery !== "relayed") return deliveredPeaks(problem, plan, spans);
  const { opCount, tensorCount, tensorMemoryBytes, tensorProducer, opInputs, opOutputs } = problem;
  const { first, last, lastReader, isOutput } = spans;
  const live = new Float64Array(plan.stages.length);
  for (let tensor = 0; tensor < tensorCount; tensor++) {
    const size = at(tensorMemoryBytes, tensor);
    const from = at(tensorProducer, tensor) < 0 ? 0 : at(first, tensor) + 1;
    for (let stage = from; stage <= at(last, tensor); stage++) live[stage] = at(live, stage) + size;
  }
  const peak = live.slice();
  for (let op = 0; op < opCount; op++) {
    const stage = at(plan.stageOf, op);
    let here = at(live, stage);
    for (let i = at(opOutputs.offsets, op); i < at(opOutputs.offsets, op + 1); i++) {
      here += at(tensorMemoryBytes, at(opOutputs.values, i));
    }
    if (here > at(peak, stage)) peak[stage] = here;
    for (let i = at(opInputs.offsets, op); i < at(opInputs.offsets, op + 1); i++) {
      const tensor = at(opInputs.values, i);
      if (isOutput[tensor] === 1 || last[tensor] !== stage || lastReader[tensor] !== op) continue;
      here -= at(tensorMemoryBytes, tensor);
    }
    live[stage] = here;
  }
  return peak;
}

/** Where a tensor is kept under direct delivery: from the first to the last stage of a device. */
interface Holding {
  readonly device: number;
  readonly first: number;
  readonly last: number;
  /** Last op of stage `last` that reads it; -1 = none does. */
  readonly reader: number;
}

function holdingsOf(problem: Problem, plan: Plan, spans: TensorSpans, tensor: number): readonly Holding[] {
  const made = at(spans.first, tensor);
  const home = item(plan.stages, made);
  const held = new Map<number, Holding>([[home, { device: home, first: made, last: made, reader: -1 }]]);
  for (const op of row(problem.tensorConsumers, tensor)) {
    const stage = at(plan.stageOf, op);
    const device = item(plan.stages, stage);
    const { first, last, reader } = held.get(device) ?? { first: stage, last: stage, reader: -1 };
    const latest = stage > last || (stage === last && op > reader);
    held.set(device, {
      device,
      first: Math.min(first, stage),
      last: Math.max(last, stage),
      reader: latest ? op : reader,
    });
  }
  return [...held.values()];
}

/**
 * The same where tensors are delivered to the devices that read them and stay there: on its producer's device a tensor
 * is live from its producer to the last stage there that reads it, on another one from the first stage there that reads
 * it to the last. In its producer's stage it stays to the end if it is sent or is an output.
 * O(tensors x devices x stages + edges).
 */
function deliveredPeaks(problem: Problem, plan: Plan, spans: TensorSpans): Float64Array {
  const live = new Float64Array(plan.stages.length);
  /** Tensors that are given up after an op. */
  const givenUp = new Map<number, number>();
  for (let tensor = 0; tensor < problem.tensorCount; tensor++) {
    const size = at(problem.tensorMemoryBytes, tensor);
    const made = at(spans.first, tensor);
    const holdings = holdingsOf(problem, plan, spans, tensor);
    const sent = holdings.length > 1 || spans.isOutput[tensor] === 1;
    for (const [index, { device, first, last, reader }] of holdings.entries()) {
      const written = index === 0 && at(problem.tensorProducer, tensor) >= 0;
      for (let stage = written ? first + 1 : first; stage <= last; stage++)
        if (plan.stages[stage] === device) live[stage] = at(live, stage) + size;
      const stays = index === 0 && last === made && sent;
      if (reader >= 0 && !stays) givenUp.set(reader, (givenUp.get(reader) ?? 0) + size);
    }
  }
  const peak = live.slice();
  for (let op = 0; op < problem.opCount; op++) {
    const stage = at(plan.stageOf, op);
    let here = at(live, stage);
    for (const tensor of row(problem.opOutputs, op)) here += at(problem.tensorMemoryBytes, tensor);
    peak[stage] = Math.max(at(peak, stage), here);
    live[stage] = here - (givenUp.get(op) ?? 0);
  }
  return peak;
}

export interface WeightUse {
  /** Bytes of the distinct weights that each device holds. */
  readonly perDevice: Float64Array;
  /** The same bytes by the stage that reads each weight first on its device. */
  readonly perStage: Float64Array;
}

/** Weights by device: one that several ops of a device read counts once there. O(weight reads). */
export function weightUse(problem: Problem, plan: Plan): WeightUse {
  const { opCount, opWeights, devices } = problem;
  const perDevice = new Float64Array(devices.length);
  const perStage = new Float64Array(plan.stages.length);
  const weightCount = devices[0]?.weightBytes.length ?? 0;
  const held = new Uint8Array(devices.length * weightCount);
  const { offsets, values } = opWeights;
  for (let op = 0; op < opCount; op++) {
    const end = at(offsets, op + 1);
    let i = at(offsets, op);
    if (i === end) continue;
    const stage = at(plan.stageOf, op);
    const device = at(plan.stages, stage);
    const weightBytes = devices[device]?.weightBytes;
    if (weightBytes === undefined) throw new RangeError(`device ${device} of ${devices.length}`);
    for (; i < end; i++) {
      const weight = at(values, i);
      const slot = device * weightCount + weight;
      if (held[slot] === 1) continue;
      held[slot] = 1;
      const size = at(weightBytes, weight);
      perDevice[device] = at(perDevice, device) + size;
      perStage[stage] = at(perStage, stage) + size;
    }
  }
  return { perDevice, perStage };
}
