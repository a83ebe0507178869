import type { ModelTotals, OpCosts } from "../cost/cost.ts";
import type { TensorType } from "../onnx/model.ts";
import type { AbstractProblem } from "../plan/abstract-problem.ts";
import type { Graph, OpenDimension } from "./graph.ts";
import type { ModuleTree } from "./module-tree.ts";

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

/** A graph with what is known of its ops: that of a model, or of a body inside one of its ops. */
export interface OpenedGraph {
  readonly graph: Graph;
  /** How its ops nest for the reader. */
  readonly modules: ModuleTree;
  readonly costs: OpCosts;
  /** Attributes per op. */
  readonly attributes: readonly (readonly OpAttribute[])[];
  /** What ops of control flow hold (If, Loop, Scan), by op. */
  readonly bodies: ReadonlyMap<number, OpBodies>;
}

export interface OpBodies {
  /** How often a body runs while the op runs once; 1 for the branch that an If takes. NaN where it is not known. */
  readonly runs: number;
  /** In the order of the op's attributes; at least one. */
  readonly bodies: readonly OpenedBody[];
}

/** A body of an op of control flow, to be looked into. Its ops run where the op runs: no split passes through it. */
export interface OpenedBody {
  /** "then_branch", "body", ... */
  readonly attribute: string;
  /** The ops of the body, and one each in front and behind for what comes in and goes out; null: see `reason`. */
  readonly inside: OpenedGraph | null;
  /** One sentence where there is nothing to draw, else null. */
  readonly reason: string | null;
  readonly ends: readonly BodyEnd[];
  /** Ops of `inside` that stand for what comes in (first), and for what goes out (last). */
  readonly endOps: { readonly first: number; readonly last: number };
  /** Ops, work and weights of one run, ends left out; NaN where unknown. */
  readonly totals: ModelTotals;
}

/** What comes into a body or goes out of it. */
export interface BodyEnd {
  readonly name: string;
  readonly kind: "input" | "captured" | "weight" | "output";
  /** What it is to the op: "iteration number", "carried value"; "" where its kind says all. */
  readonly role: string;
  readonly type: TensorType;
  /** Bytes as stored; NaN where unknown. */
  readonly bytes: number;
}

/**
 * A model as the app, the workers and the command line hold it: plain, structured-clonable, without weights and
 * without the protobuf message.
 */
export interface OpenedModel extends OpenedGraph {
  readonly fileName: string;
  readonly fileBytes: number;
  readonly producer: string;
  readonly irVersion: number;
  readonly opsets: readonly { readonly domain: string; readonly version: number }[];
  /** Files of external data that hold weights of the model, by the names that it has for them. */
  readonly externalFiles: readonly string[];
  /** Symbolic dimensions of the inputs, bound or not. */
  readonly openDimensions: readonly OfferedDimension[];
  /** Sizes in force, by dimension name. */
  readonly bindings: ReadonlyMap<string, number>;
  readonly totals: ModelTotals;
  /** Tensors of known size that every path from input to output crosses, in topological order, as tensor numbers. */
  readonly cuts: readonly number[];
  /** Tensors whose shape could not be told. */
  readonly unresolved: readonly string[];
  /** Why, by the name of the unresolved tensor: a clause such as `node "x" (Foo) is of an unknown type`. */
  readonly reasons: ReadonlyMap<string, string>;
  /** Types that a person stated for tensors of which inference cannot tell, by name. */
  readonly givenTypes: ReadonlyMap<string, TensorType>;
  /** One sentence where something could not be done (shapes refused by the runtime, ...), else null. */
  readonly warning: string | null;
  /** What stands in the place of a model; null for a model. */
  readonly given: GivenProblem | null;
}

/** A problem file: every cost is given, and there is nothing that could be run. */
export interface GivenProblem {
  readonly problem: AbstractProblem;
  /** What was assumed or left out when it was read, one sentence each. */
  readonly notes: readonly string[];
}

/** A tensor of which our own inference and onnxruntime say different things. */
export interface TypeDifference {
  readonly tensor: string;
  readonly own: TensorType;
  readonly runtime: TensorType;
}

/** What onnxruntime made of a model that was opened by our own inference of types. */
export interface Refinement {
  /** The model with the types as refined: the same ops and tensors. Null where the types are those that it had. */
  readonly model: OpenedModel | null;
  readonly differences: readonly TypeDifference[];
  /** Tensors that were open and no longer are. */
  readonly added: readonly string[];
  /** One sentence where the runtime refused the model or a part of it and the types there are not all known. */
  readonly warning: string | null;
}
