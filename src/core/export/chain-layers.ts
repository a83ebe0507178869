import { at, item } from "../columns.ts";
import type { OpenedModel } from "../graph/opened-model.ts";
import type { Plan } from "../plan/plan.ts";

/**
 * The model as a chain: layers between tensors that every path from input to output crosses. Ops of a layer lie next
 * to each other in the graph's order.
 */
export interface ChainLayers {
  readonly count: number;
  /** Number of each op's layer, from 0. */
  readonly layerOf: Int32Array;
  /** The one tensor behind each layer but the last. */
  readonly cuts: readonly number[];
}

/** Layers of a model. O(ops). */
export function chainLayers({ graph, cuts }: OpenedModel): ChainLayers {
  const layerOf = new Int32Array(graph.opCount);
  const ends = cuts.map((tensor) => at(graph.tensorProducer, tensor));
  let layer = 0;
  for (let op = 0; op < graph.opCount; op++) {
    layerOf[op] = layer;
    if (ends[layer] === op) layer++;
  }
  return { count: cuts.length + 1, layerOf, cuts };
}

/** First and last layer of every stage that holds ops, or the first boundary that lies within a layer, as a sentence. */
export function stageLayers(
  { graph }: OpenedModel,
  { layerOf }: ChainLayers,
  plan: Plan,
): { readonly ranges: readonly { readonly stage: number; readonly first: number; readonly last: number }[] } | string {
  const stageOfLayer: number[] = [];
  const ranges: { stage: number; first: number; last: number }[] = [];
  for (const [op, stage] of plan.stageOf.entries()) {
    const layer = at(layerOf, op);
    const before = stageOfLayer[layer];
    if (before !== undefined && before !== stage) {
      return `Stages ${Math.min(before, stage) + 1} and ${Math.max(before, stage) + 1} of the plan part within layer ${layer + 1}, at op "${item(graph.opNames, op)}"; a chain can be cut only at one tensor that every path crosses.`;
    }
    if (before !== undefined) continue;
    stageOfLayer[layer] = stage;
    const range = ranges.at(-1);
    if (range?.stage === stage) range.last = layer;
    else ranges.push({ stage, first: layer, last: layer });
  }
  return { ranges };
}
