import type { ModelTotals, OpCosts } from "../cost/cost.ts";
import type { Graph, OpenDimension } from "./graph.ts";

/** What the inspector says of an op beyond the graph's columns. */
export interface OpAttribute {
  readonly name: string;
  /** Short text of the value: "3, 3", "SAME_UPPER", "float[64, 3, 7, 7]". */
  readonly value: string;
}

/** An open dimension with sizes that are usual for it, likeliest first; may be none. */
export interface OfferedDimension extends OpenDimension {
  readonly usual: readonly number[];
}

/**
 * A model as the app, the workers and the command line hold it: plain, structured-clonable, without weights and
 * without the protobuf message.
 */
export interface OpenedModel {
  readonly fileName: string;
  readonly fileBytes: number;
  readonly producer: string;
  readonly irVersion: number;
  readonly opsets: readonly { readonly domain: string; readonly version: number }[];
  /** Symbolic dimensions of the inputs, bound or not. */
  readonly openDimensions: readonly OfferedDimension[];
  /** Sizes in force, by dimension name. */
  readonly bindings: ReadonlyMap<string, number>;
  readonly graph: Graph;
  readonly costs: OpCosts;
  readonly totals: ModelTotals;
  /** Tensors that every path from input to output crosses, in topological order, as tensor numbers. */
  readonly cuts: readonly number[];
  /** Attributes per op. */
  readonly attributes: readonly (readonly OpAttribute[])[];
  /** Tensors whose shape could not be told. */
  readonly unresolved: readonly string[];
  /** One sentence where something could not be done (shapes refused by the runtime, ...), else null. */
  readonly warning: string | null;
}
