import { f64, i32, row } from "../columns.ts";
import type { Problem } from "../plan/problem.ts";
import { type Condensed, merge } from "./condense.ts";

/** The ops that read what an op writes; null where it writes a graph output or several ops read. */
function onlyReader(problem: Problem, op: number, isOutput: Uint8Array): number | null {
  let reader: number | null = null;
  for (const tensor of row(problem.opOutputs, op)) {
    if (isOutput[tensor] === 1) return null;
    for (const consumer of row(problem.tensorConsumers, tensor)) {
      if (reader !== null && reader !== consumer) return null;
      reader = consumer;
    }
  }
  return reader;
}

/** Pairs of an op and its only reader that some device can run both, each op in one pair at most, dearest cut first. */
function pairsOf(problem: Problem, most: number): Int32Array {
  const isOutput = new Uint8Array(problem.tensorCount);
  for (const tensor of problem.outputs) isOutput[tensor] = 1;
  const pairs: { op: number; reader: number; bytes: number }[] = [];
  for (let op = 0; op < problem.opCount; op++) {
    const reader = onlyReader(problem, op, isOutput);
    const runs = (device: Problem["devices"][number], one: number) =>
      f64(device.opSeconds, one) < Number.POSITIVE_INFINITY;
    if (reader === null || !problem.devices.some((device) => runs(device, op) && runs(device, reader))) continue;
    const bytes = row(problem.opOutputs, op).reduce((sum, tensor) => sum + f64(problem.tensorWireBytes, tensor), 0);
    pairs.push({ op, reader, bytes });
  }
  pairs.sort((a, b) => b.bytes - a.bytes || a.op - b.op);
  const targets = Int32Array.from({ length: problem.opCount }, (_, op) => op);
  const taken = new Uint8Array(problem.opCount);
  let count = 0;
  for (const { op, reader } of pairs) {
    if (count >= most || taken[op] === 1 || taken[reader] === 1) continue;
    taken[op] = 1;
    taken[reader] = 1;
    targets[op] = reader;
    count++;
  }
  return targets;
}

/**
 * A problem of about `target` ops whose plans are plans of the original: ops are put together with their only readers,
 * where cutting between the two would send the most. What is best of it need not be best of the original: a place to
 * begin, not a proof. As many ops as there were where no such pairs are left. O(rounds x edges).
 */
export function coarsen(problem: Problem, target: number): Condensed {
  let coarse: Condensed = { problem, groupOf: Int32Array.from({ length: problem.opCount }, (_, op) => op) };
  while (coarse.problem.opCount > target) {
    const targets = pairsOf(coarse.problem, coarse.problem.opCount - target);
    if (targets.every((reader, op) => reader === op)) break;
    const next = merge(coarse.problem, targets);
    coarse = { problem: next.problem, groupOf: coarse.groupOf.map((group) => i32(next.groupOf, group)) };
  }
  return coarse;
}
