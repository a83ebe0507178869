import { at, f64, item, row } from "../../columns.ts";
import type { Plan } from "../../plan/plan.ts";
import type { Problem } from "../../plan/problem.ts";
import { tensorSpans } from "../../plan/spans.ts";
import type { Prediction } from "../../predict/prediction.ts";
import type { LadderColumns } from "./ladder-columns.ts";
import { type Crossings, type LadderSetting, labelWeights } from "./ladder-terms.ts";
import { Linear, type Term } from "./milp.ts";
import type { MilpBuilder } from "./milp-builder.ts";

/** Ops whose own tensors take a smaller share of the memory get a row only where a plan needs it. */
const SMALL = 0.05;

/**
 * Memory of the devices of a ladder. From the start: weights, what arrives, and own inputs and outputs of large ops. What
 * else is live while an op runs takes a row of its own with a column per tensor, so it is added only for the op and
 * stage where a plan exceeded the memory; those rows are exact, so after finitely many of them the program is.
 */
export class LadderMemory {
  readonly #setting: LadderSetting;
  readonly #builder: MilpBuilder;
  readonly #columns: LadderColumns;
  readonly #chain: readonly number[];
  /** Per label that may run out of memory: weights and queue as a share of it. */
  readonly #held = new Map<number, Term>();
  readonly #added = new Set<string>();

  constructor(
    setting: LadderSetting,
    builder: MilpBuilder,
    chain: readonly number[],
    columns: LadderColumns,
    crossing: Crossings,
  ) {
    this.#setting = setting;
    this.#builder = builder;
    this.#chain = chain;
    this.#columns = columns;
    const { problem, memoryBytes } = setting;
    const activations = (1 + problem.queuedFrames) * problem.tensorMemoryBytes.reduce((sum, size) => sum + size, 0);
    for (const [label, number] of chain.entries()) {
      const device = item(problem.devices, number);
      const most = activations + device.weightBytes.reduce((sum, size) => sum + size, 0);
      if (most <= device.memoryBytes) continue;
      const share = 1 / Math.max(device.memoryBytes, Number.MIN_VALUE);
      const held = labelWeights(builder, problem, columns, { label, number }, share);
      const arriving = new Linear();
      if (label > 0) {
        for (const [bundle, size] of memoryBytes.entries()) arriving.addAll(crossing(bundle, label - 1), share * size);
      } else for (const tensor of problem.inputs) arriving.constant += share * f64(problem.tensorMemoryBytes, tensor);
      if (label > 0) held.addAll(arriving, problem.queuedFrames);
      const total = builder.largest([held]);
      this.#held.set(label, total);
      builder.atMost(arriving.add(total, 1), 1);
      for (let op = 0; op < problem.opCount; op++) {
        const own = share * ownBytes(problem, op);
        if (own > SMALL) builder.atMost(columns.is(op, label).add(total, 1 / own), 1 / own);
      }
    }
  }

  /** Adds rows for ops at which the plan needs more than there is; whether there were any. */
  forbid(plan: Plan, prediction: Prediction): boolean {
    let found = false;
    for (const label of this.#held.keys()) {
      const device = prediction.devices[item(this.#chain, label)];
      if (device === undefined || device.fits || label >= plan.stages.length) continue;
      for (const op of busiestOps(this.#setting.problem, plan, label)) {
        const key = `${op} ${label}`;
        if (this.#added.has(key)) continue;
        this.#added.add(key);
        this.#addRow(op, label);
        found = true;
      }
    }
    return found;
  }

  /** What is live while `op` runs in stage `label`, with the weights, is at most the memory, if it runs there. */
  #addRow(op: number, label: number): void {
    const { problem } = this.#setting;
    const columns = this.#columns;
    const share = 1 / item(problem.devices, item(this.#chain, label)).memoryBytes;
    const here = columns.is(op, label);
    const before = relatives(problem, op, "before");
    const after = relatives(problem, op, "after");
    const isOutput = new Uint8Array(problem.tensorCount);
    for (const tensor of problem.outputs) isOutput[tensor] = 1;
    const total = new Linear().add(this.#held.get(label) ?? -1, 1);
    for (let tensor = 0; tensor < problem.tensorCount; tensor++) {
      const size = share * f64(problem.tensorMemoryBytes, tensor);
      if (size === 0) continue;
      const producer = at(problem.tensorProducer, tensor);
      // There by then: written in an earlier stage, or in this one by an op that comes first.
      const there = new Linear().addAll(here);
      if (producer >= 0 && !before.has(producer)) {
        there.add(columns.upTo(producer, producer < op ? label : label - 1), 1);
        there.constant -= 1;
      }
      const readers = row(problem.tensorConsumers, tensor);
      if (readers.length === 0 && isOutput[tensor] === 0) {
        // What nothing reads stays to the end of its stage; of the inputs, in the first stage.
        if (producer < 0 && label > 0) continue;
        if (producer >= 0) there.add(columns.upTo(producer, label - 1), -1);
      }
      const still =
        readers.length === 0 || isOutput[tensor] === 1
          ? [there]
          : Array.from(readers, (reader) => {
              if (after.has(reader)) return there;
              const done = columns.upTo(reader, reader < op ? label : label - 1);
              return new Linear().addAll(there).add(done, -1);
            });
      total.add(this.#builder.largest(still, 1), size);
    }
    this.#builder.atMost(total, 1);
  }
}

/** Ops of a stage while which most is live: the one of the most, and the busiest of each third of the stage. */
function busiestOps(problem: Problem, plan: Plan, stage: number): ReadonlySet<number> {
  const { first, last, lastReader, isOutput } = tensorSpans(problem, plan);
  let live = 0;
  for (let tensor = 0; tensor < problem.tensorCount; tensor++) {
    const from = at(problem.tensorProducer, tensor) < 0 ? 0 : at(first, tensor) + 1;
    if (from <= stage && stage <= at(last, tensor)) live += f64(problem.tensorMemoryBytes, tensor);
  }
  const ops: number[] = [];
  const needs: number[] = [];
  for (const [op, where] of plan.stageOf.entries()) {
    if (where !== stage) continue;
    for (const tensor of row(problem.opOutputs, op)) live += f64(problem.tensorMemoryBytes, tensor);
    ops.push(op);
    needs.push(live);
    for (const tensor of row(problem.opInputs, op)) {
      if (isOutput[tensor] === 1 || last[tensor] !== stage || lastReader[tensor] !== op) continue;
      live -= f64(problem.tensorMemoryBytes, tensor);
    }
  }
  const busiest = new Set<number>();
  for (let part = 0; part < 3; part++) {
    let most = -1;
    for (let i = Math.floor((part * ops.length) / 3); i < ((part + 1) * ops.length) / 3; i++) {
      if (most < 0 || item(needs, i) > item(needs, most)) most = i;
    }
    if (most >= 0) busiest.add(item(ops, most));
  }
  return busiest;
}

/** Bytes of what an op reads and writes: live together. */
export function ownBytes(problem: Problem, op: number): number {
  let sum = 0;
  for (const tensor of row(problem.opInputs, op)) sum += f64(problem.tensorMemoryBytes, tensor);
  for (const tensor of row(problem.opOutputs, op)) sum += f64(problem.tensorMemoryBytes, tensor);
  return sum;
}

/** The op and all that it depends on, or all that depend on it. O(edges). */
function relatives(problem: Problem, op: number, side: "before" | "after"): ReadonlySet<number> {
  const found = new Set([op]);
  for (const next of found) {
    if (side === "before") {
      for (const tensor of row(problem.opInputs, next)) {
        const producer = at(problem.tensorProducer, tensor);
        if (producer >= 0) found.add(producer);
      }
    } else {
      for (const tensor of row(problem.opOutputs, next)) {
        for (const reader of row(problem.tensorConsumers, tensor)) found.add(reader);
      }
    }
  }
  return found;
}
