import type { Graph } from "../graph/graph.ts";
import { assembleGraph, type TensorSpec } from "./graph-assembly.ts";

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

  const written = new Set(ops.flatMap((op) => op.outputs));
  const read = new Set(ops.flatMap((op) => op.inputs));
  const outputs = options.outputs?.map((name) => number(tensors, name));
  const floats = (name: string): TensorSpec => {
    const shape = options.shapes?.[name] ?? [];
    const bytes = 4 * shape.reduce((product, size) => product * size, 1);
    return { name, type: { kind: "tensor", elementType: "float", shape }, bytes };
  };
  return assembleGraph({
    ops: ops.map((op, i) => ({ ...op, node: options.nodes?.[i] ?? i })),
    tensors: [...tensors.keys()].map(floats),
    constants: [...constants.keys()].map(floats),
    outputs: outputs ?? [...written].filter((tensor) => !read.has(tensor)).sort((a, b) => a - b),
  });
}
