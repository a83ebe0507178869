import { elementTypeOf } from "../../element-types.ts";
import type { Dimension } from "../../model.ts";
import { mapSize, product, unknownSizes } from "../dimensions.ts";
import { integers, open, tensor, VALUE_LIMIT, type Values } from "../fact.ts";
import type { Rule, ShapeFamily } from "../rule.ts";
import type { ShapeOp } from "../shape-op.ts";
import { tensorValues } from "../tensor-values.ts";
import { heldNumber, smallCount } from "../values.ts";
import { typeAttribute } from "./conversions.ts";
import { likeInput } from "./elementwise.ts";

const FROM_DATA = "its shape is computed from data";

/** Shape, from axis `start` to `end`. */
const shapeOf: Rule = (op) => {
  const shape = op.shape(0);
  if (shape === null) return [tensor("int64", [null])];
  const { length } = shape;
  const clamp = (axis: number) => Math.min(Math.max(axis < 0 ? axis + length : axis, 0), length);
  return [integers(shape.slice(clamp(op.int("start", 0)), clamp(op.int("end", length))))];
};

const sizeOf: Rule = (op) => {
  const shape = op.shape(0);
  return [tensor("int64", [], shape === null ? null : [product(shape)])];
};

/** Sizes that input `place` holds: known ones, names, nulls; null where not even the rank is known. */
export function sizesInput(op: ShapeOp, place: number): readonly Dimension[] | null {
  return op.value(place) ?? unknownSizes(op.shape(place)?.[0] ?? null);
}

const constantOfShape: Rule = (op) => {
  const filling = op.attribute("value")?.t;
  const elementType = filling === undefined ? "float" : elementTypeOf(filling.dataType);
  const shape = sizesInput(op, 0);
  if (shape === null || shape.includes(null)) return [open(elementType, shape, FROM_DATA)];
  const count = smallCount(shape);
  const [fill] = filling === undefined ? [0] : (tensorValues(filling) ?? []);
  return [
    tensor(elementType, shape, count === null || fill === undefined ? null : new Array<number>(count).fill(fill)),
  ];
};

const range: Rule = (op) => {
  const elementType = op.elementType(0);
  const [start, limit, delta] = [op.scalar(0), op.scalar(1), op.scalar(2)];
  if (typeof limit === "string" && start === 0 && delta === 1) return [tensor(elementType, [limit])];
  if (typeof start !== "number" || typeof limit !== "number" || typeof delta !== "number") {
    return [open(elementType, [null], FROM_DATA)];
  }
  if (delta === 0) return "it steps by 0";
  const count = Math.max(0, Math.ceil((limit - start) / delta));
  if (!(count <= VALUE_LIMIT)) return [tensor(elementType, [count])];
  const value = Array.from({ length: count }, (_, index) => heldNumber(start + index * delta, elementType));
  return [tensor(elementType, [count], value)];
};

const statedShape: Rule = (op) => [tensor(typeAttribute(op, "dtype", "float"), op.ints("shape"))];

const likeWithType: Rule = (op) => [likeInput(op, 0, typeAttribute(op, "dtype", op.elementType(0)))];

const oneHot: Rule = (op) => {
  const indices = op.shape(0);
  const elementType = op.elementType(2);
  if (indices === null) return [tensor(elementType, null)];
  const axis = op.int("axis", -1);
  const place = axis < 0 ? axis + indices.length + 1 : axis;
  if (!(place >= 0 && place <= indices.length)) return `axis ${axis} is not in a tensor of rank ${indices.length + 1}`;
  const depth = op.scalar(1);
  const shape = indices.toSpliced(place, 0, mapSize(depth, Math.trunc) ?? depth);
  return [depth === null ? open(elementType, shape, "its depth is computed from data") : tensor(elementType, shape)];
};

const multinomial: Rule = (op) => [
  tensor(typeAttribute(op, "dtype", "int32"), [op.shape(0)?.[0] ?? null, op.int("sample_size", 1)]),
];

const window: Rule = (op) => [tensor(typeAttribute(op, "output_datatype", "float"), [op.scalar(0)])];

const melWeights: Rule = (op) => {
  const bins = mapSize(op.scalar(1), (length) => Math.floor(length / 2) + 1);
  return [tensor(typeAttribute(op, "output_datatype", "float"), [bins, op.scalar(0)])];
};

/** A constant of an early version: a shape and one value. */
const givenFill: Rule = (op) => {
  const stated = op.ints("shape");
  const extra = op.ints("extra_shape") ?? [];
  if (op.int("input_as_shape", 0) === 1) return [tensor("float", sizesInput(op, 0)?.concat(extra) ?? null)];
  return [tensor("float", stated ?? op.shape(0)?.concat(extra) ?? null)];
};

/** Ops that make tensors out of sizes. */
export const generators: ShapeFamily = {
  domain: "",
  rules: {
    Shape: shapeOf,
    Size: sizeOf,
    ConstantOfShape: constantOfShape,
    Range: range,
    RandomNormal: statedShape,
    RandomUniform: statedShape,
    RandomNormalLike: likeWithType,
    RandomUniformLike: likeWithType,
    Bernoulli: likeWithType,
    EyeLike: likeWithType,
    OneHot: oneHot,
    Multinomial: multinomial,
    HannWindow: window,
    HammingWindow: window,
    BlackmanWindow: window,
    MelWeightMatrix: melWeights,
    GivenTensorFill: givenFill,
    ConstantFill: givenFill,
  },
};

/** The elements of input `place` as whole numbers; null where they are not all known. */
function wholeNumbers(op: ShapeOp, place: number): readonly number[] | null {
  return op.numbers(place)?.map(Math.trunc) ?? null;
}

/** Integers from an attribute, else from an input; undefined where neither is there, null where not known. */
export function attributeOrInput(op: ShapeOp, name: string, place: number): readonly number[] | null | undefined {
  const stated = op.ints(name);
  if (stated !== null) return stated;
  return op.has(place) ? wholeNumbers(op, place) : undefined;
}

/** As many unknown elements as a tensor of rank 1 has. */
export function unknownElements(length: Dimension | undefined): Values | null {
  return typeof length === "number" && Number.isInteger(length) && length >= 0 && length <= VALUE_LIMIT
    ? new Array<null>(length).fill(null)
    : null;
}
