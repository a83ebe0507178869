import { elementTypeOf } from "../../element-types.ts";
import type { ElementType } from "../../model.ts";
import { type Fact, tensor } from "../fact.ts";
import type { Rule, ShapeFamily } from "../rule.ts";
import type { ShapeOp } from "../shape-op.ts";
import { heldNumber } from "../values.ts";
import { likeInput } from "./elementwise.ts";

/** The element type that an attribute names by its number; `otherwise` where it is absent or 0. */
export function typeAttribute(op: ShapeOp, name: string, otherwise: ElementType): ElementType {
  const found = elementTypeOf(op.int(name, 0));
  return found === "undefined" ? otherwise : found;
}

/** Names that Cast's attribute had in its first version. */
function castTarget(op: ShapeOp): ElementType {
  const text = op.attribute("to")?.s;
  if (text === undefined || text.length === 0) return typeAttribute(op, "to", "undefined");
  const name = op.text("to", "").toLowerCase();
  return NAMED.find((type) => type === name) ?? "undefined";
}
const NAMED: readonly ElementType[] = [
  "float",
  "double",
  "float16",
  "int8",
  "int16",
  "int32",
  "int64",
  "uint8",
  "uint16",
  "uint32",
  "uint64",
  "bool",
  "string",
];

function converted(op: ShapeOp, elementType: ElementType): Fact {
  const value = op.value(0)?.map((element) => {
    // A constant such as INT64_MAX stands for "to the end" and may stay as it is in its own type.
    if (elementType === op.elementType(0) || typeof element !== "number") return element;
    return elementType === "bool" || Number.isFinite(element) ? heldNumber(element, elementType) : null;
  });
  return tensor(elementType, op.shape(0), elementType === "bool" && value?.some(isName) ? null : (value ?? null));
}

const isName = (element: unknown) => typeof element === "string";

/** QuantizeLinear: the type of the zero point, else what an attribute says, else uint8. */
const quantize: Rule = (op) => {
  const stated = typeAttribute(op, "output_dtype", "uint8");
  return [likeInput(op, 0, op.has(2) ? op.elementType(2) : stated)];
};

/** DequantizeLinear: the type of the scale. */
const dequantize: Rule = (op) => {
  const stated = typeAttribute(op, "output_dtype", op.elementType(1));
  return [likeInput(op, 0, stated)];
};

const dynamicQuantize: Rule = (op) => [likeInput(op, 0, "uint8"), tensor("float", []), tensor("uint8", [])];

export const conversions: ShapeFamily = {
  domain: "",
  rules: {
    Cast: (op) => [converted(op, castTarget(op))],
    CastLike: (op) => [converted(op, op.elementType(1))],
    BitCast: (op) => [likeInput(op, 0, castTarget(op))],
    QuantizeLinear: quantize,
    DequantizeLinear: dequantize,
    DynamicQuantizeLinear: dynamicQuantize,
  },
};

/** The same ops as com.microsoft had them for more types. */
export const contribConversions: ShapeFamily = {
  domain: "com.microsoft",
  rules: { QuantizeLinear: quantize, DequantizeLinear: dequantize, DynamicQuantizeLinear: dynamicQuantize },
};
