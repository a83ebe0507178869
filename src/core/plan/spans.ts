import { at, row } from "../columns.ts";
import type { Plan } from "./plan.ts";
import type { Problem } from "./problem.ts";

/** Where every tensor lives under a plan, as columns indexed by tensor. */
export interface TensorSpans {
  /** Stage that produces it; 0 for a graph input. */
  readonly first: Int32Array;
  /** Last stage that needs it: its last reader's, or the plan's last stage for a graph output. */
  readonly last: Int32Array;
  /** Highest op number among its readers in stage `last`; -1 where none reads it there. */
  readonly lastReader: Int32Array;
  /** 1 where the tensor is an output of the graph. */
  readonly isOutput: Uint8Array;
  /** Whether no op runs in an earlier stage than an op whose tensor it reads. */
  readonly monotone: boolean;
}

/** What of a problem, or of a graph alike, spans depend on. */
export type Connections = Pick<Problem, "tensorCount" | "tensorProducer" | "tensorConsumers" | "outputs">;

/** A tensor crosses boundary k exactly if first <= k < last. O(tensors + edges). */
export function tensorSpans(problem: Connections, plan: Plan): TensorSpans {
  const { tensorCount, tensorProducer, tensorConsumers } = problem;
  const first = new Int32Array(tensorCount);
  const last = new Int32Array(tensorCount);
  const lastReader = new Int32Array(tensorCount).fill(-1);
  const isOutput = new Uint8Array(tensorCount);
  for (const tensor of problem.outputs) isOutput[tensor] = 1;
  const finalStage = plan.stages.length - 1;
  let monotone = true;
  for (let tensor = 0; tensor < tensorCount; tensor++) {
    const producer = at(tensorProducer, tensor);
    const from = producer < 0 ? 0 : at(plan.stageOf, producer);
    let to = isOutput[tensor] === 1 ? finalStage : from;
    let reader = -1;
    for (const consumer of row(tensorConsumers, tensor)) {
      const stage = at(plan.stageOf, consumer);
      if (stage < from) monotone = false;
      if (stage > to) {
        to = stage;
        reader = consumer;
      } else if (stage === to && consumer > reader) reader = consumer;
    }
    first[tensor] = from;
    last[tensor] = to;
    lastReader[tensor] = reader;
  }
  return { first, last, lastReader, isOutput, monotone };
}
