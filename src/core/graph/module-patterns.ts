import { at, i32, item, row } from "../columns.ts";
import type { TensorType } from "../onnx/model.ts";
import type { Blocks } from "./blocks.ts";
import type { Graph } from "./graph.ts";

/** Which blocks do the same: equal numbers mean equal blocks. Numbers count up in the order of first occurrence. */
export interface BlockPatterns {
  /** Same op types wired alike. */
  readonly kind: Int32Array;
  /** The same with outputs and constants of the same types and shapes. */
  readonly exact: Int32Array;
}

/**
 * Compares blocks by a text of their ops: each op's type, where in the block its inputs come from (or that they come
 * from before it), and for `exact` the types of outputs and constants. O(ops + edges).
 */
export function blockPatterns(graph: Graph, blocks: Blocks): BlockPatterns {
  const kinds = new Map<string, number>();
  const exacts = new Map<string, number>();
  const kind = new Int32Array(blocks.count);
  const exact = new Int32Array(blocks.count);
  for (let block = 0; block < blocks.count; block++) {
    const from = at(blocks.firstOp, block);
    const to = at(blocks.firstOp, block + 1);
    let wiring = "";
    let sizes = "";
    for (let op = from; op < to; op++) {
      wiring += `${graph.opDomains[op]}:${graph.opTypes[op]}`;
      for (const tensor of row(graph.opInputs, op)) {
        const producer = i32(graph.tensorProducer, tensor);
        wiring += producer < from ? ",^" : `,${producer - from}`;
      }
      wiring += ";";
      for (const tensor of row(graph.opOutputs, op)) sizes += typeText(item(graph.tensorTypes, tensor));
      for (const constant of row(graph.opConstants, op)) {
        sizes += `c${graph.constantTypes[constant]}${graph.constantShapes[constant]?.join("x") ?? "?"}`;
      }
      sizes += ";";
    }
    kind[block] = numberIn(kinds, wiring);
    exact[block] = numberIn(exacts, `${wiring} ${sizes}`);
  }
  return { kind, exact };
}

const typeText = ({ elementType, shape }: TensorType) => `t${elementType}${shape?.join("x") ?? "?"}`;

/** The number of a key, a new one where it is seen for the first time. */
export function numberIn(numbers: Map<string, number>, key: string): number {
  const number = numbers.get(key) ?? numbers.size;
  numbers.set(key, number);
  return number;
}
