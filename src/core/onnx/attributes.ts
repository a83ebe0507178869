import { type AttributeProto, AttributeProto_AttributeType, type NodeProto, type TensorProto } from "onnx-buf";
import type { OpAttribute } from "../graph/opened-model.ts";
import { elementTypeOf } from "./element-types.ts";

/** Longest text of one value; the rest is cut off with an ellipsis. */
const LONGEST = 60;

const shorten = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text);

/** The attributes of a node as short texts for a person, in the file's order. O(size of the attributes). */
export function attributeTexts(node: NodeProto): readonly OpAttribute[] {
  return node.attribute.map((attribute) => ({ name: attribute.name, value: shorten(valueText(attribute)) }));
}

/** Enough items to fill LONGEST characters; longer lists are not written out in full. */
function listText(values: readonly (number | bigint | string)[]): string {
  return values.slice(0, LONGEST).map(String).join(", ");
}

const decoder = new TextDecoder();
/** Strings of attributes are bytes; more than this many never reach the screen. */
const decode = (bytes: Uint8Array): string => decoder.decode(bytes.subarray(0, 4 * LONGEST));

/** A float as it was meant: 0.1, not 0.10000000149011612. */
const floatText = (value: number): string => String(Number(value.toPrecision(7)));

function tensorText(tensor: TensorProto | undefined): string {
  return tensor === undefined ? "tensor" : `${elementTypeOf(tensor.dataType)}[${listText(tensor.dims)}]`;
}

function valueText(attribute: AttributeProto): string {
  const types = AttributeProto_AttributeType;
  switch (attribute.type) {
    case types.FLOAT:
      return floatText(attribute.f);
    case types.INT:
      return String(attribute.i);
    case types.STRING:
      return decode(attribute.s);
    case types.TENSOR:
      return tensorText(attribute.t);
    case types.FLOATS:
      return listText(attribute.floats.slice(0, LONGEST).map(floatText));
    case types.INTS:
      return listText(attribute.ints);
    case types.STRINGS:
      return listText(attribute.strings.slice(0, LONGEST).map(decode));
    case types.GRAPH:
      return `graph of ${attribute.g?.node.length ?? 0} nodes`;
    case types.GRAPHS:
      return `${attribute.graphs.length} graphs`;
    default:
      return AttributeProto_AttributeType[attribute.type] ?? "unknown kind";
  }
}
