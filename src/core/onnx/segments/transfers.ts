import { item } from "../../columns.ts";
import type { Graph } from "../../graph/graph.ts";
import type { Plan } from "../../plan/plan.ts";
import { crossings } from "../../plan/validity.ts";
import type { Segment } from "./segment-models.ts";
import type { WireTensor } from "./wire-tensors.ts";

/** The tensors that segments send in another form, by their names in the whole model. O(tensors that are sent). */
export function encodedTensors(segments: readonly Segment[]): ReadonlyMap<string, WireTensor> {
  return new Map(segments.flatMap(({ encoded }) => encoded.map((tensor) => [tensor.name, tensor] as const)));
}

/**
 * Names of what passes each boundary, as segments read and make them: relayed tensors included, parts in place of a
 * tensor that is sent in another form. Boundary k lies between stages k and k + 1. O(crossings).
 */
export function transferNames(graph: Graph, plan: Plan, segments: readonly Segment[]): readonly (readonly string[])[] {
  const encoded = encodedTensors(segments);
  return crossings(graph, plan).map((tensors) =>
    tensors.flatMap((tensor) => {
      const name = item(graph.tensorNames, tensor);
      return encoded.get(name)?.parts.map((part) => part.name) ?? [name];
    }),
  );
}
