import type { GraphProto, TensorProto } from "onnx-buf";
import { attributeOf, type Body, isConstantNode } from "../onnx/subgraphs.ts";
import { typeOf } from "../onnx/types.ts";
import { weightKey } from "../onnx/weight-key.ts";
import type { Sizes } from "./op-view.ts";
import { knownSizes } from "./tensor-sizes.ts";

/** What is known of the tensors that one graph or body sees: its own, and those of the graphs around it. */
export class BodyScope {
  readonly graph: GraphProto;
  readonly scope: string;
  readonly #outer: BodyScope | null;
  readonly #own = new Map<string, Sizes>();

  /** `sizes` holds tensors by `weightKey`; what it lacks of a body is taken from the body's own declarations. */
  constructor(body: Body, sizes: ReadonlyMap<string, Sizes>, outer: BodyScope | null) {
    this.graph = body.graph;
    this.scope = body.scope;
    this.#outer = outer;
    const { graph } = body;
    const declare = (name: string, known: Sizes) => {
      this.#own.set(name, sizes.get(weightKey(body.scope, name)) ?? known);
    };
    for (const { output } of graph.node) for (const name of output) declare(name, null);
    for (const { name, type } of [...graph.input, ...graph.valueInfo, ...graph.output]) {
      declare(name, type === undefined ? null : knownSizes(typeOf(type).shape));
    }
    for (const { name, dims } of graph.initializer) declare(name, dims.map(Number));
  }

  /** Sizes of the tensor that a name means here. O(depth). */
  sizesOf(name: string): Sizes {
    for (let scope: BodyScope | null = this; scope !== null; scope = scope.#outer) {
      const sizes = scope.#own.get(name);
      if (sizes !== undefined) return sizes;
    }
    return null;
  }

  /** The one number (bool: 0 or 1) that a constant of integer type holds; null where the name means anything else. */
  integer(name: string): number | null {
    for (let scope: BodyScope | null = this; scope !== null; scope = scope.#outer) {
      if (!scope.#own.has(name)) continue;
      const initializer = scope.graph.initializer.find((tensor) => tensor.name === name);
      if (initializer !== undefined) return soleInteger(initializer);
      const node = scope.graph.node.find(({ output }) => output[0] === name);
      if (node === undefined || !isConstantNode(node)) return null;
      const plain = attributeOf(node, "value_int");
      const tensor = attributeOf(node, "value")?.t;
      return plain !== undefined ? Number(plain.i) : tensor === undefined ? null : soleInteger(tensor);
    }
    return null;
  }
}

const INT32 = 6;
const INT64 = 7;
const BOOL = 9;

function soleInteger({ dims, dataType, rawData, int32Data, int64Data }: TensorProto): number | null {
  if (dims.some((size) => size !== 1n)) return null;
  const raw = new DataView(rawData.buffer, rawData.byteOffset, rawData.byteLength);
  switch (dataType) {
    case INT64:
      return int64Data[0] !== undefined
        ? Number(int64Data[0])
        : raw.byteLength === 8
          ? Number(raw.getBigInt64(0, true))
          : null;
    case INT32:
      return int32Data[0] ?? (raw.byteLength === 4 ? raw.getInt32(0, true) : null);
    case BOOL:
      return int32Data[0] ?? (raw.byteLength === 1 ? raw.getUint8(0) : null);
    default:
      return null;
  }
}
