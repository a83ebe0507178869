import type { Csr } from "../columns.ts";
import type { ElementType, TensorType } from "../onnx/model.ts";

/**
 * The runtime graph after folding: only ops that run per inference and reach a graph output, numbered in one
 * topological order (the file's own order where that is topological), and only tensors that they exchange.
 * Constants (initializers and whatever is computed from constants alone) are kept apart: they travel with
 * their consumers and never count as traffic. Control-flow ops are one op; the names that their bodies capture
 * are inputs. Everything is a column indexed by op, tensor or constant number.
 */
export interface Graph {
  readonly opCount: number;
  /** Unique, readable: the node's name, or `<Type>_<position in file>` where the node has none. */
  readonly opNames: readonly string[];
  readonly opTypes: readonly string[];
  /** "" is ai.onnx. */
  readonly opDomains: readonly string[];
  /** Position of the op's node in the file's main graph. */
  readonly opNodes: Int32Array;
  /**
   * The same without counting Constant nodes: the number that ONNX Runtime gives the node, as it turns those into
   * initializers before it numbers the rest.
   */
  readonly opRuntimeNumbers: Int32Array;
  /** Tensors read by each op, distinct, in order of first use (no constants, no empty names). */
  readonly opInputs: Csr;
  /** Tensors written by each op that somebody reads or that are graph outputs. */
  readonly opOutputs: Csr;
  /** Constants read by each op, distinct. */
  readonly opConstants: Csr;

  readonly tensorCount: number;
  readonly tensorNames: readonly string[];
  readonly tensorTypes: readonly TensorType[];
  /** Bytes as stored; NaN where the size is unknown (unbound dimension, unknown rank, sequence). */
  readonly tensorBytes: Float64Array;
  /** Producing op, -1 for a graph input. */
  readonly tensorProducer: Int32Array;
  /** Consuming ops, ascending, distinct. */
  readonly tensorConsumers: Csr;
  /** Graph inputs that some op reads (initializers excluded), and graph outputs, as tensor numbers. */
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];

  readonly constantNames: readonly string[];
  readonly constantTypes: readonly ElementType[];
  readonly constantShapes: readonly (readonly number[] | null)[];
  /** Bytes as stored; NaN where unknown. */
  readonly constantBytes: Float64Array;
  /** Elements; NaN where unknown. */
  readonly constantElements: Float64Array;
}

/** What a drawing needs to know of a graph: columns of numbers alone, which cross worker borders at no cost. */
export type GraphLinks = Pick<
  Graph,
  "opCount" | "opOutputs" | "tensorCount" | "tensorBytes" | "tensorProducer" | "tensorConsumers" | "outputs"
>;

/** Symbolic dimensions that the model leaves open, with the tensors that carry them. */
export interface OpenDimension {
  readonly name: string;
  /** A graph input that carries it, and the axis there. */
  readonly input: string;
  readonly axis: number;
  /** Offered value: 1 for a batch axis, null where the user must be asked. */
  readonly suggested: number | null;
}
