import { at, item, row } from "../columns.ts";
import type { TensorType } from "../onnx/model.ts";
import type { Graph } from "./graph.ts";

/** A shape as people write it into a search: "1x64x56x56", "[1, 64, 56, 56]", "1,64,56,56". */
const SHAPE = /^\[?\s*[\w?]+(?:\s*[x×,]\s*[\w?]+)+\s*\]?$/i;

export interface SearchIndex {
  /** Per op, in lower case: its name, type, the names and element types of its tensors and constants. */
  readonly texts: readonly string[];
  /** Per op: the shapes of its outputs and constants, each as "|1x64x56x56|". */
  readonly shapes: readonly string[];
}

/** What a search looks through, made once per graph. O(text). */
export function searchIndex(graph: Graph): SearchIndex {
  const texts: string[] = [];
  const shapes: string[] = [];
  for (let op = 0; op < graph.opCount; op++) {
    const words = new Set([item(graph.opNames, op), item(graph.opTypes, op)]);
    const sizes = new Set<string>();
    for (const tensor of row(graph.opInputs, op)) {
      // What an op reads is found at the op that writes it; only what comes from outside has none.
      if (at(graph.tensorProducer, tensor) < 0) describeTensor(graph, tensor, words, sizes);
    }
    for (const tensor of row(graph.opOutputs, op)) describeTensor(graph, tensor, words, sizes);
    for (const constant of row(graph.opConstants, op)) {
      words.add(item(graph.constantNames, constant)).add(item(graph.constantTypes, constant));
      const shape = graph.constantShapes[constant];
      if (shape !== null && shape !== undefined) sizes.add(`|${shape.join("x")}|`);
    }
    texts.push([...words].join("\n").toLowerCase());
    shapes.push([...sizes].join(""));
  }
  return { texts, shapes };
}

function describeTensor(graph: Graph, tensor: number, words: Set<string>, sizes: Set<string>): void {
  const { elementType, shape }: TensorType = item(graph.tensorTypes, tensor);
  words.add(item(graph.tensorNames, tensor)).add(elementType);
  if (shape !== null) sizes.add(`|${shape.join("x").toLowerCase()}|`);
}

/**
 * Ops that hold every word of `text`, in the order in which the network reads: in their name or type, or in the name or
 * element type of a tensor or constant of theirs. A shape ("1x64x56x56", "[1, 64, 56, 56]") finds the ops that write or
 * hold one of exactly that shape. O(text of the graph).
 */
export function searchOps({ texts, shapes }: SearchIndex, text: string): readonly number[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === "") return [];
  const shape = SHAPE.test(wanted) ? `|${wanted.replace(/[[\]\s]/g, "").replace(/[,×]/g, "x")}|` : null;
  const words = wanted.split(/\s+/);
  const found: number[] = [];
  for (const [op, own] of texts.entries()) {
    const hasShape = shape !== null && item(shapes, op).includes(shape);
    if (hasShape || words.every((word) => own.includes(word))) found.push(op);
  }
  return found;
}
