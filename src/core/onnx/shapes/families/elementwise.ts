import type { Dimension, ElementType } from "../../model.ts";
import { broadcast } from "../dimensions.ts";
import { type Fact, type Shape, tensor, type Values } from "../fact.ts";
import type { Rule, ShapeFamily } from "../rule.ts";
import type { ShapeOp } from "../shape-op.ts";
import { broadcastValues, heldNumber, smallCount } from "../values.ts";

/** What input `place` is, its elements unknown. */
export function likeInput(op: ShapeOp, place = 0, elementType: ElementType = op.elementType(place)): Fact {
  return tensor(elementType, op.shape(place));
}

/** The output is of the type and shape of the first input. */
export const keeps: Rule = (op) => [likeInput(op)];

type Unary = (value: number) => number;

/** One input, each element by itself; `compute` where shapes are computed with the op. */
function unary(compute?: Unary, result?: ElementType): Rule {
  return (op) => {
    const elementType = result ?? op.elementType(0);
    const value = compute === undefined ? null : op.value(0);
    return [
      tensor(
        elementType,
        op.shape(0),
        value === null || compute === undefined ? null : each(value, elementType, compute),
      ),
    ];
  };
}

function each(values: Values, elementType: ElementType, compute: Unary): Values {
  return values.map((value) => (typeof value === "number" ? heldNumber(compute(value), elementType) : null));
}

type Binary = (a: Dimension, b: Dimension, isInteger: boolean) => Dimension;

/** Before this operator set, a second operand was repeated only where attributes said so. */
const NUMPY_OPSET = 7;

/** Inputs that are repeated against each other; `result` where the output's type is not that of the inputs. */
export function broadcasts(compute?: Binary, result?: ElementType): Rule {
  return (op) => {
    const operand = op.elementType(0) === "undefined" ? op.elementType(1) : op.elementType(0);
    const elementType = result ?? operand;
    if (op.opset < NUMPY_OPSET && op.attribute("broadcast") !== undefined) return [tensor(elementType, op.shape(0))];
    const shape = broadcastOf(op);
    if (typeof shape === "string") return shape;
    // Elements of constants are read only where the result is small enough for its own to be carried.
    if (shape === null || compute === undefined || smallCount(shape) === null) return [tensor(elementType, shape)];
    const isInteger = operand !== "float" && operand !== "double" && operand !== "float16";
    const operands = op.inputs.map((_, place) => ({ shape: op.shape(place), value: op.value(place) }));
    const value = broadcastValues(shape, operands, (elements) =>
      elements.slice(1).reduce<Dimension>((left, right) => {
        const both = compute(left, right, isInteger);
        return typeof both === "number" ? heldNumber(both, elementType) : both;
      }, elements[0] ?? null),
    );
    return [tensor(elementType, shape, value)];
  };
}

/** Shape of all inputs repeated against each other; null where a rank is unknown, a clause where they do not fit. */
function broadcastOf(op: ShapeOp): Shape | string | null {
  const shapes = op.inputs.map((_, place) => op.shape(place));
  const known = shapes.filter((shape) => shape !== null);
  return known.length === shapes.length ? broadcast(known) : null;
}

/** A function of two numbers; a name counts only where the other operand leaves it as it is. */
function numbers(
  compute: (a: number, b: number, isInteger: boolean) => number,
  neutral?: number,
  ofFirst = true,
): Binary {
  return (a, b, isInteger) => {
    if (typeof a === "number" && typeof b === "number") return compute(a, b, isInteger);
    if (neutral !== undefined && b === neutral) return a;
    return neutral !== undefined && ofFirst && a === neutral ? b : null;
  };
}

function compares(compute: (a: number, b: number) => boolean, ofSame: boolean): Rule {
  return broadcasts((a, b) => {
    if (typeof a === "number" && typeof b === "number") return compute(a, b) ? 1 : 0;
    return a !== null && a === b ? (ofSame ? 1 : 0) : null;
  }, "bool");
}

const where: Rule = (op) => {
  const elementType = op.elementType(1) === "undefined" ? op.elementType(2) : op.elementType(1);
  const shape = broadcastOf(op);
  if (typeof shape === "string") return shape;
  if (shape === null || smallCount(shape) === null) return [tensor(elementType, shape)];
  const operands = op.inputs.map((_, place) => ({ shape: op.shape(place), value: op.value(place) }));
  const value = broadcastValues(shape, operands, ([condition = null, yes = null, no = null]) => {
    if (typeof condition === "number") return condition === 0 ? no : yes;
    return yes === no ? yes : null;
  });
  return [tensor(elementType, shape, value)];
};

/** Mod: the sign of the divisor, or with `fmod` that of the dividend. */
const modulo: Rule = (op) => {
  const isC = op.int("fmod", 0) === 1;
  return broadcasts(numbers((a, b) => (isC ? a % b : a - b * Math.floor(a / b))))(op);
};

/** Dropout: the mask behind the output is bool from operator set 10 on. */
const dropout: Rule = (op) => {
  const first = op.inputs[0] ?? null;
  return [
    first === null ? null : { ...first, reason: null },
    likeInput(op, 0, op.opset >= 10 ? "bool" : op.elementType(0)),
  ];
};

const KEEP = `Acos Acosh Asin Asinh Atan Atanh BitwiseNot Celu Clip Cos Cosh CumProd CumSum Elu Erf Exp Gelu
  HardSigmoid HardSwish LeakyRelu Log Mish PRelu Relu ReverseSequence Round Selu Shrink Sigmoid Sin Sinh Softplus
  Softsign Swish Tan Tanh ThresholdedRelu Trilu`;
const REPEAT = "BitShift BitwiseAnd BitwiseOr BitwiseXor Mean StringConcat";

const named = (names: string, rule: Rule) => Object.fromEntries(names.split(/\s+/).map((name) => [name, rule]));

/** Elementwise ops of ai.onnx. Source: operator schemas of ONNX, as for all families of ai.onnx. */
export const elementwise: ShapeFamily = {
  domain: "",
  rules: {
    ...named(KEEP, keeps),
    ...named(REPEAT, broadcasts()),
    Abs: unary(Math.abs),
    Neg: unary((value) => -value),
    Floor: unary(Math.floor),
    Ceil: unary(Math.ceil),
    Sqrt: unary(Math.sqrt),
    Sign: unary(Math.sign),
    Reciprocal: unary((value) => 1 / value),
    Not: unary((value) => (value === 0 ? 1 : 0), "bool"),
    IsNaN: unary(undefined, "bool"),
    IsInf: unary(undefined, "bool"),
    Add: broadcasts(numbers((a, b) => a + b, 0)),
    Sub: broadcasts(numbers((a, b) => a - b, 0, false)),
    Mul: broadcasts(numbers((a, b) => a * b, 1)),
    Div: broadcasts(numbers((a, b, isInteger) => (isInteger ? Math.trunc(a / b) : a / b), 1, false)),
    Pow: broadcasts(numbers((a, b) => a ** b, 1, false)),
    Mod: modulo,
    Sum: broadcasts(numbers((a, b) => a + b, 0)),
    Max: broadcasts((a, b) => (a === b ? a : numbers((x, y) => Math.max(x, y))(a, b, false))),
    Min: broadcasts((a, b) => (a === b ? a : numbers((x, y) => Math.min(x, y))(a, b, false))),
    And: broadcasts(
      numbers((a, b) => a * b),
      "bool",
    ),
    Or: broadcasts(
      numbers((x, y) => Math.max(x, y)),
      "bool",
    ),
    Xor: broadcasts(
      numbers((a, b) => (a === b ? 0 : 1)),
      "bool",
    ),
    Equal: compares((a, b) => a === b, true),
    Greater: compares((a, b) => a > b, false),
    GreaterOrEqual: compares((a, b) => a >= b, true),
    Less: compares((a, b) => a < b, false),
    LessOrEqual: compares((a, b) => a <= b, true),
    Where: where,
    Dropout: dropout,
    Identity: (op) => [op.inputs[0] ?? null],
  },
};
