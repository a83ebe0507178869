import { at } from "../columns.ts";
import type { OpenedModel } from "../graph/opened-model.ts";
import { err, ok, type Result } from "../result.ts";
import type { Rig } from "../rig/rig.ts";
import { chainLayers } from "./chain-layers.ts";
import { type ImportedPlan, placeStages } from "./imported-plan.ts";

/**
 * A partition as PipeEdge's "-pt" has it, "1,24,25,48": first and last layer of each stage, from 1. Layers lie between
 * tensors that every path crosses; where there are as many numbers as ops, each op in the graph's order is a layer.
 * Errors: ranges that do not follow each other, and layers that the model has not. O(ops).
 */
export function planOfPartition(
  text: string,
  model: OpenedModel,
  rig: Rig,
  devices: readonly string[] | null,
): Result<ImportedPlan> {
  const { opCount, opNames } = model.graph;
  const numbers = text.split(",").map((part) => (/^\s*\d{1,9}\s*$/.test(part) ? Number(part) : Number.NaN));
  if (numbers.length % 2 !== 0 || numbers.some(Number.isNaN)) {
    return err(`The partition is "${text}"; expected the first and last layer of each stage, such as 1,24,25,48.`);
  }
  const ranges: { first: number; last: number }[] = [];
  let expected = 1;
  for (let i = 0; i < numbers.length; i += 2) {
    const [first, last] = [at(numbers, i), at(numbers, i + 1)];
    if (first !== expected || last < first) {
      return err(
        `Stage ${ranges.length + 1} of the partition is layers ${first} to ${last}; expected it to begin with layer ${expected}.`,
      );
    }
    ranges.push({ first, last });
    expected = last + 1;
  }
  const layers = chainLayers(model);
  const end = expected - 1;
  if (end !== layers.count && end !== opCount) {
    return err(
      `The partition ends with layer ${end}; the model has ${layers.count} layers between tensors that every path crosses, and ${opCount} ops.`,
    );
  }
  const isByOp = end !== layers.count;
  const stageOf = new Int32Array(opCount);
  let stage = 0;
  for (let op = 0; op < opCount; op++) {
    const layer = (isByOp ? op : at(layers.layerOf, op)) + 1;
    while (layer > (ranges[stage]?.last ?? 0)) stage++;
    stageOf[op] = stage;
  }
  const placed = placeStages(rig, stageOf, ranges.length, devices);
  if (!placed.ok || !isByOp) return placed;
  const note = `Each op counts as a layer, from "${opNames[0]}" on, in the order of the file.`;
  return ok({ ...placed.value, notes: [...placed.value.notes, note] });
}
