import { elementTypeOf } from "../../element-types.ts";
import type { Dimension } from "../../model.ts";
import { axisOf } from "../dimensions.ts";
import { type Fact, open, type Shape, sequence, tensor } from "../fact.ts";
import { declaredFact } from "../known-facts.ts";
import type { Outcome, Rule, ShapeFamily } from "../rule.ts";
import type { ShapeOp } from "../shape-op.ts";

const UNLIKE = "elements of the sequence have different shapes";

/** What all of some values are: sizes that differ are unknown. */
function anyOf(facts: readonly (Fact | null)[]): Fact | null {
  const [first = null, ...others] = facts.filter((fact) => fact !== null);
  if (first === null || first.type.kind === "other") return first;
  let { shape } = first.type;
  for (const { type } of others) {
    if (shape === null || type.shape === null || type.shape.length !== shape.length) shape = null;
    else shape = shape.map((size, axis) => (size === type.shape?.[axis] ? size : null));
  }
  const { elementType } = first.type;
  return shape === null || shape.includes(null) ? open(elementType, shape, UNLIKE) : tensor(elementType, shape);
}

const elementOf = (op: ShapeOp, place = 0): Fact | null => op.inputs[place]?.element ?? null;

/** SplitToSequence: parts of a stated size, or single ones, whose axis may be left out. */
const splitToSequence: Rule = (op) => {
  const shape = op.shape(0);
  const elementType = op.elementType(0);
  if (shape === null) return [sequence(open(elementType, null, "the rank is not known"))];
  const axis = axisOf(op.int("axis", 0), shape.length);
  if (axis === null) return `axis ${op.int("axis", 0)} is not in a tensor of rank ${shape.length}`;
  if (!op.has(1)) {
    const single = op.int("keepdims", 1) === 0 ? shape.toSpliced(axis, 1) : shape.with(axis, 1);
    return [sequence(tensor(elementType, single))];
  }
  const sizes = op.numbers(1);
  const whole = shape[axis] ?? null;
  const isScalar = op.shape(1)?.length === 0;
  const [first] = sizes ?? [];
  const isEven = isScalar
    ? typeof whole === "number" && first !== undefined && whole % first === 0
    : sizes?.every((size) => size === first);
  const part: Dimension = first !== undefined && isEven === true ? first : null;
  const piece = shape.with(axis, part);
  return [sequence(part === null ? open(elementType, piece, UNLIKE) : tensor(elementType, piece))];
};

/** ConcatFromSequence: how many elements there are is not followed. */
const concatFromSequence: Rule = (op) => {
  const element = elementOf(op);
  const elementType = element?.type.elementType ?? "undefined";
  const shape: Shape | null = element?.type.shape ?? null;
  const reason = "how long the sequence is is not known";
  if (shape === null) return [open(elementType, null, reason)];
  if (op.int("new_axis", 0) === 0) {
    const axis = axisOf(op.int("axis", 0), shape.length);
    return [open(elementType, axis === null ? null : shape.with(axis, null), reason)];
  }
  const axis = axisOf(op.int("axis", 0), shape.length + 1);
  return [open(elementType, axis === null ? null : shape.toSpliced(axis, 0, null), reason)];
};

const optional: Rule = (op): Outcome => {
  const [first] = op.inputs;
  if (first !== undefined && first !== null) return [sequence({ ...first, value: null })];
  const type = op.attribute("type")?.tp;
  return [sequence(type === undefined ? null : declaredFact(type))];
};

/** Sequences and optionals. */
export const sequences: ShapeFamily = {
  domain: "",
  rules: {
    SequenceEmpty: (op) => {
      const elementType = elementTypeOf(op.int("dtype", 1));
      return [sequence(open(elementType, null, "the sequence is empty at first"))];
    },
    SequenceConstruct: (op) => [sequence(anyOf(op.inputs))],
    SequenceInsert: (op) => {
      const element = elementOf(op);
      const isEmpty = element?.type.shape === null && element.reason !== UNLIKE;
      return [sequence(isEmpty ? (op.inputs[1] ?? null) : anyOf([element, op.inputs[1] ?? null]))];
    },
    SequenceErase: (op) => [op.inputs[0] ?? null],
    SequenceAt: (op) => [elementOf(op)],
    SequenceLength: () => [tensor("int64", [])],
    SplitToSequence: splitToSequence,
    ConcatFromSequence: concatFromSequence,
    Optional: optional,
    OptionalHasElement: () => [tensor("bool", [])],
    OptionalGetElement: (op) => [op.inputs[0]?.type.kind === "other" ? elementOf(op) : (op.inputs[0] ?? null)],
  },
};
