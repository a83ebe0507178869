import type { ElementType } from "../../model.ts";
import { axesOf, axisOf, product, unknownSizes } from "../dimensions.ts";
import { type Fact, open, type Shape, tensor, type Values } from "../fact.ts";
import type { Outcome, Rule, ShapeFamily } from "../rule.ts";
import type { ShapeOp } from "../shape-op.ts";
import { heldNumber } from "../values.ts";
import { attributeOrInput } from "./generators.ts";

type Fold = (a: number, b: number) => number;

const AXES_FROM_DATA = "its axes are computed from data";

/** Reduce ops: axes from an attribute or an input; none of them means all, or with an attribute none at all. */
function reduces(fold?: Fold): Rule {
  return (op) => {
    const shape = op.shape(0);
    const elementType = op.elementType(0);
    const keeps = op.int("keepdims", 1) !== 0;
    const axes = attributeOrInput(op, "axes", 1);
    if (shape === null) return [axes === undefined && !keeps ? tensor(elementType, []) : tensor(elementType, null)];
    if (axes === null) return [open(elementType, openShape(op, shape, keeps), AXES_FROM_DATA)];
    const none = axes === undefined || axes.length === 0;
    if (none && op.int("noop_with_empty_axes", 0) === 1) return [tensor(elementType, shape, op.value(0))];
    const gone = axesOf(none ? shape.map((_, axis) => axis) : axes, shape.length);
    if (gone === null) return `axes ${axes?.join(", ")} are not in a tensor of rank ${shape.length}`;
    const value = fold !== undefined && gone.size === shape.length ? folded(op.value(0), fold, elementType) : null;
    return [tensor(elementType, without(shape, gone, keeps), value)];
  };
}

function without(shape: Shape, gone: ReadonlySet<number>, keeps: boolean): Shape {
  return keeps ? shape.map((size, axis) => (gone.has(axis) ? 1 : size)) : shape.filter((_, axis) => !gone.has(axis));
}

/** What is known where the axes are not: with them kept the rank, else the rank less as many as they are. */
function openShape(op: ShapeOp, shape: Shape, keeps: boolean): Shape | null {
  if (keeps) return shape.map(() => null);
  const count = op.shape(1)?.[0];
  return typeof count === "number" && count > 0 ? unknownSizes(shape.length - count) : null;
}

function folded(values: Values | null, fold: Fold, elementType: ElementType): Values | null {
  const numbers = values?.filter((value) => typeof value === "number");
  if (values === null || numbers === undefined || numbers.length !== values.length || numbers.length === 0) {
    return values?.length === 1 ? values : null;
  }
  return [
    heldNumber(
      numbers.reduce((a, b) => fold(a, b)),
      elementType,
    ),
  ];
}

/** ArgMax, ArgMin: one axis. */
const indexOfExtreme: Rule = (op) => {
  const shape = op.shape(0);
  if (shape === null) return [tensor("int64", null)];
  const axis = axisOf(op.int("axis", 0), shape.length);
  if (axis === null) return `axis ${op.int("axis", 0)} is not in a tensor of rank ${shape.length}`;
  return [tensor("int64", without(shape, new Set([axis]), op.int("keepdims", 1) !== 0))];
};

/** TopK: as many as an attribute, or from operator set 10 on an input, says. */
function topK(op: ShapeOp): Outcome {
  const shape = op.shape(0);
  const elementType = op.elementType(0);
  const count = op.attribute("k") === undefined ? op.scalar(1) : op.int("k", 0);
  if (shape === null) return [tensor(elementType, null), tensor("int64", null)];
  const axis = axisOf(op.int("axis", -1), shape.length);
  if (axis === null) return `axis ${op.int("axis", -1)} is not in a tensor of rank ${shape.length}`;
  const sizes = shape.with(axis, count);
  const fact = (type: ElementType): Fact =>
    count === null ? open(type, sizes, "how many it keeps is computed from data") : tensor(type, sizes);
  return [fact(elementType), fact("int64")];
}

/** Losses: a number, or one for each target. */
const loss: Rule = (op) => {
  const isEach = op.text("reduction", "mean") === "none";
  const scores = tensor(op.elementType(0), op.shape(0));
  return [tensor(op.elementType(0), isEach ? op.shape(1) : []), scores];
};

/** Det: of the last two axes. */
const determinant: Rule = (op) => {
  const shape = op.shape(0);
  if (shape !== null && shape.length < 2) return `a tensor of rank ${shape.length} holds no matrices`;
  return [tensor(op.elementType(0), shape?.slice(0, -2) ?? null)];
};

/** Ops that leave axes out. */
export const reductions: ShapeFamily = {
  domain: "",
  rules: {
    ReduceL1: reduces(),
    ReduceL2: reduces(),
    ReduceLogSum: reduces(),
    ReduceLogSumExp: reduces(),
    ReduceMean: reduces(),
    ReduceSumSquare: reduces(),
    ReduceMax: reduces(Math.max),
    ReduceMin: reduces(Math.min),
    ReduceProd: reduces((a, b) => a * b),
    ReduceSum: reduces((a, b) => a + b),
    ArgMax: indexOfExtreme,
    ArgMin: indexOfExtreme,
    TopK: topK,
    Det: determinant,
    NegativeLogLikelihoodLoss: loss,
    SoftmaxCrossEntropyLoss: loss,
  },
};

export const contribReductions: ShapeFamily = {
  domain: "com.microsoft",
  rules: {
    ReduceSumInteger: reduces(),
    QLinearReduceMean: reduces(),
    Inverse: (op) => [tensor(op.elementType(0), op.shape(0))],
  },
};

/** Elements of a shape as one number where all are known. */
export function elementsOf(shape: Shape | null): number | null {
  const count = shape === null ? null : product(shape);
  return typeof count === "number" ? count : null;
}
