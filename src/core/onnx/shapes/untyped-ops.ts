import { create } from "@bufbuild/protobuf";
import { AttributeProto_AttributeType, AttributeProtoSchema, type NodeProto, NodeProtoSchema } from "onnx-buf";
import { attributeOf, normalDomain } from "../subgraphs.ts";

/**
 * Experimental ops of the first ONNX versions that onnxruntime runs but whose output types it does not infer, and
 * that write what they read with other values.
 */
const ELEMENTWISE: ReadonlySet<string> = new Set([
  "Affine",
  "ImageScaler",
  "ParametricSoftplus",
  "Scale",
  "ScaledTanh",
]);

/** Slice takes attributes up to this operator set, and inputs from the next on. */
const LAST_SLICE_BY_ATTRIBUTES = 9;
const TO_THE_END = 2n ** 31n - 1n;

/**
 * A node with the same output type whose type is inferred, for an op of which onnxruntime says nothing; the node
 * itself for all others.
 */
export function typedNode(node: NodeProto, opset: number): NodeProto {
  if (normalDomain(node.domain) !== "") return node;
  const { output } = node;
  const [first = ""] = node.input;
  if (ELEMENTWISE.has(node.opType)) return create(NodeProtoSchema, { opType: "Identity", input: [first], output });
  if (node.opType === "Crop" && opset <= LAST_SLICE_BY_ATTRIBUTES) {
    return create(NodeProtoSchema, { opType: "Slice", input: [first], output, attribute: cropAsSlice(node) });
  }
  return node;
}

/** Crop cuts the border [left, top, right, bottom] off the last two axes, or takes `scale` [height, width] from there. */
function cropAsSlice(crop: NodeProto) {
  const [left = 0n, top = 0n, right = 0n, bottom = 0n] = attributeOf(crop, "border")?.ints ?? [];
  const [height, width] = attributeOf(crop, "scale")?.ints ?? [];
  const end = (start: bigint, length: bigint | undefined, border: bigint) =>
    length !== undefined ? start + length : border > 0n ? -border : TO_THE_END;
  const ints = (name: string, values: bigint[]) =>
    create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.INTS, ints: values });
  return [
    ints("axes", [2n, 3n]),
    ints("starts", [top, left]),
    ints("ends", [end(top, height, bottom), end(left, width, right)]),
  ];
}
