import { csrFrom } from "../columns.ts";
import type { Graph } from "../graph/graph.ts";
import type { TensorType } from "../onnx/model.ts";

export interface GraphTextOptions {
  /** Shapes by tensor or constant name; [] where none is given. Elements are float32. */
  readonly shapes?: Readonly<Record<string, readonly number[]>>;
  /** Graph outputs; else every tensor that nobody reads. */
  readonly outputs?: readonly string[];
  /** Position of each op's node in the file; else 0, 1, 2, ... */
  readonly nodes?: readonly number[];
}

/**
 * A graph from text, for tests. One line is one op, in topological order: `name Type inputs -> outputs`, constants
 * with a dollar: `c1 Conv x $w1 $b1 -> y`. Tensors that no op writes are graph inputs.
 */
export function graphFromText(text: string, options: GraphTextOptions = {}): Graph {
  const tensors = new Map<string, number>();
  const constants = new Map<string, number>();
  const number = (names: Map<string, number>, name: string) => {
    const known = names.get(name);
    if (known !== undefined) return known;
    names.set(name, names.size);
    return names.size - 1;
  };
  const ops = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .map((line) => {
      const [left = "", right = ""] = line.split("->");
      const [name = "", type = "", ...reads] = left.trim().split(/\s+/);
      const isConstant = (word: string) => word.startsWith("$");
      return {
        name,
        type,
        inputs: [...new Set(reads.filter((word) => !isConstant(word)))].map((word) => number(tensors, word)),
        constants: [...new Set(reads.filter(isConstant))].map((word) => number(constants, word.slice(1))),
        outputs: right
          .trim()
          .split(/\s+/)
          .filter((word) => word !== "")
          .map((word) => number(tensors, word)),
      };
    });

  const names = [...tensors.keys()];
  const producer = new Int32Array(names.length).fill(-1);
  for (const [i, op] of ops.entries()) for (const tensor of op.outputs) producer[tensor] = i;
  const consumers = names.map((_, tensor) => ops.flatMap((op, i) => (op.inputs.includes(tensor) ? [i] : [])));
  const shapeOf = (name: string) => options.shapes?.[name] ?? [];
  const elements = (name: string) => shapeOf(name).reduce((product, size) => product * size, 1);
  const typeOf = (name: string): TensorType => ({ kind: "tensor", elementType: "float", shape: shapeOf(name) });
  const constantNames = [...constants.keys()];
  const outputs = options.outputs?.map((name) => number(tensors, name));
  return {
    opCount: ops.length,
    opNames: ops.map((op) => op.name),
    opTypes: ops.map((op) => op.type),
    opDomains: ops.map(() => ""),
    opNodes: Int32Array.from(ops, (_, i) => options.nodes?.[i] ?? i),
    opInputs: csrFrom(ops.map((op) => op.inputs)),
    opOutputs: csrFrom(ops.map((op) => op.outputs)),
    opConstants: csrFrom(ops.map((op) => op.constants)),
    tensorCount: names.length,
    tensorNames: names,
    tensorTypes: names.map(typeOf),
    tensorBytes: Float64Array.from(names, (name) => 4 * elements(name)),
    tensorProducer: producer,
    tensorConsumers: csrFrom(consumers),
    inputs: names.flatMap((_, tensor) => (producer[tensor] === -1 ? [tensor] : [])),
    outputs: outputs ?? names.flatMap((_, tensor) => (consumers[tensor]?.length === 0 ? [tensor] : [])),
    constantNames,
    constantTypes: constantNames.map(() => "float"),
    constantShapes: constantNames.map(shapeOf),
    constantBytes: Float64Array.from(constantNames, (name) => 4 * elements(name)),
    constantElements: Float64Array.from(constantNames, elements),
  };
}
