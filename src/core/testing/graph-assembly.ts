import { csrFrom } from "../columns.ts";
import type { Graph } from "../graph/graph.ts";
import type { TensorType } from "../onnx/model.ts";

/** One op; tensors and constants by number, distinct. */
export interface OpSpec {
  readonly name: string;
  readonly type: string;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly constants: readonly number[];
  /** Position of its node in the file, default its number. */
  readonly node?: number;
}

export interface TensorSpec {
  readonly name: string;
  readonly type: TensorType;
  /** NaN where unknown. */
  readonly bytes: number;
}

export interface GraphSpec {
  /** In topological order. */
  readonly ops: readonly OpSpec[];
  readonly tensors: readonly TensorSpec[];
  readonly constants: readonly TensorSpec[];
  /** Graph outputs by number. */
  readonly outputs: readonly number[];
}

/** A tensor of a given size: bytes without further meaning, so that shape and size agree. */
export function tensorOfBytes(name: string, bytes: number): TensorSpec {
  const size = Number.isNaN(bytes) ? null : bytes;
  return { name, type: { kind: "tensor", elementType: "uint8", shape: [size] }, bytes };
}

function concreteShape(type: TensorType): readonly number[] | null {
  const sizes = type.shape?.filter((size) => typeof size === "number");
  return sizes !== undefined && sizes.length === type.shape?.length ? sizes : null;
}

/** Graph columns from lists of ops and tensors. O(ops + edges). */
export function assembleGraph({ ops, tensors, constants, outputs }: GraphSpec): Graph {
  const producer = new Int32Array(tensors.length).fill(-1);
  const consumers: number[][] = tensors.map(() => []);
  for (const [number, op] of ops.entries()) {
    for (const tensor of op.outputs) producer[tensor] = number;
    for (const tensor of op.inputs) consumers[tensor]?.push(number);
  }
  const shapes = constants.map(({ type }) => concreteShape(type));
  return {
    opCount: ops.length,
    opNames: ops.map(({ name }) => name),
    opTypes: ops.map(({ type }) => type),
    opDomains: ops.map(() => ""),
    opNodes: Int32Array.from(ops, ({ node }, number) => node ?? number),
    opRuntimeNumbers: Int32Array.from(ops, ({ node }, number) => node ?? number),
    opInputs: csrFrom(ops.map(({ inputs }) => inputs)),
    opOutputs: csrFrom(ops.map((op) => op.outputs)),
    opConstants: csrFrom(ops.map((op) => op.constants)),
    tensorCount: tensors.length,
    tensorNames: tensors.map(({ name }) => name),
    tensorTypes: tensors.map(({ type }) => type),
    tensorBytes: Float64Array.from(tensors, ({ bytes }) => bytes),
    tensorProducer: producer,
    tensorConsumers: csrFrom(consumers),
    inputs: tensors.flatMap((_, tensor) => (producer[tensor] === -1 ? [tensor] : [])),
    outputs,
    constantNames: constants.map(({ name }) => name),
    constantTypes: constants.map(({ type }) => type.elementType),
    constantShapes: shapes,
    constantBytes: Float64Array.from(constants, ({ bytes }) => bytes),
    constantElements: Float64Array.from(shapes, (shape) =>
      shape === null ? Number.NaN : shape.reduce((product, size) => product * size, 1),
    ),
  };
}
