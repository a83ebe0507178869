import { at } from "../columns.ts";
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
