import type { AttributeProto, NodeProto } from "onnx-buf";
import type { Dimension, ElementType } from "../model.ts";
import { attributeOf } from "../subgraphs.ts";
import type { Fact, Shape, Values } from "./fact.ts";

const decoder = new TextDecoder();

/** Longest text of an attribute that is read: names of modes and equations. */
const TEXT_LIMIT = 4096;

/** A node as the rules of shape inference see it. Whatever its file says, reading it never throws. */
export class ShapeOp {
  readonly node: NodeProto;
  /** Version of the node's own domain that the model imports; 0 where it imports none. */
  readonly opset: number;
  readonly inputs: readonly (Fact | null)[];

  constructor(node: NodeProto, opset: number, inputs: readonly (Fact | null)[]) {
    this.node = node;
    this.opset = opset;
    this.inputs = inputs;
  }

  get type(): string {
    return this.node.opType;
  }

  get outputCount(): number {
    return this.node.output.length;
  }

  /** True where input `place` is there. */
  has(place: number): boolean {
    return (this.inputs[place] ?? null) !== null;
  }

  /** Shape of input `place`; null where it is absent, no tensor, or of unknown rank. */
  shape(place: number): Shape | null {
    return this.inputs[place]?.type.shape ?? null;
  }

  elementType(place: number): ElementType {
    return this.inputs[place]?.type.elementType ?? "undefined";
  }

  /** Elements of input `place` as far as they are known; null where nothing is. */
  value(place: number): Values | null {
    return this.inputs[place]?.value ?? null;
  }

  /** Elements of input `place` where each is a number, else null. */
  numbers(place: number): readonly number[] | null {
    return allNumbers(this.value(place));
  }

  /** The only element of input `place`; null where it is not known. */
  scalar(place: number): Dimension {
    const value = this.value(place);
    return value?.length === 1 ? (value[0] ?? null) : null;
  }

  attribute(name: string): AttributeProto | undefined {
    return attributeOf(this.node, name);
  }

  int(name: string, otherwise: number): number {
    const found = this.attribute(name);
    return found === undefined ? otherwise : Number(found.i);
  }

  float(name: string, otherwise: number): number {
    return this.attribute(name)?.f ?? otherwise;
  }

  /** An attribute that lists integers; null where it is absent. */
  ints(name: string): readonly number[] | null {
    return this.attribute(name)?.ints.map(Number) ?? null;
  }

  floats(name: string): readonly number[] | null {
    return this.attribute(name)?.floats ?? null;
  }

  text(name: string, otherwise: string): string {
    const found = this.attribute(name);
    return found === undefined ? otherwise : decoder.decode(found.s.subarray(0, TEXT_LIMIT));
  }
}

/** The list itself where all of it are numbers, else null. O(length). */
function allNumbers(values: readonly Dimension[] | null): readonly number[] | null {
  if (values === null) return null;
  return values.every((value) => typeof value === "number") ? values : null;
}
