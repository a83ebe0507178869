import type { Dimension, ElementType } from "../../model.ts";
import { broadcast, broadcastSize, shapeText } from "../dimensions.ts";
import { type Shape, tensor } from "../fact.ts";
import type { Rule, ShapeFamily } from "../rule.ts";
import type { ShapeOp } from "../shape-op.ts";

/** Shape of a product of stacks of matrices (numpy's matmul); a clause where they do not fit. */
export function productShape(a: Shape, b: Shape): Shape | string {
  if (a.length === 0 || b.length === 0) return "a scalar is no matrix";
  const left = a.length === 1 ? [1, ...a] : a;
  const right = b.length === 1 ? [...b, 1] : b;
  const [inner, other] = [left.at(-1) ?? null, right.at(-2) ?? null];
  if (typeof inner === "number" && typeof other === "number" && inner !== other) {
    return `matrices ${shapeText(a)} and ${shapeText(b)} do not fit each other`;
  }
  const stack = broadcast([left.slice(0, -2), right.slice(0, -2)]);
  if (typeof stack === "string") return stack;
  const rows = a.length === 1 ? [] : [left.at(-2) ?? null];
  const columns = b.length === 1 ? [] : [right.at(-1) ?? null];
  return [...stack, ...rows, ...columns];
}

/** A product of the operands at two places. */
export function multiplies(elementType: (op: ShapeOp) => ElementType, first = 0, second = 1): Rule {
  return (op) => {
    const [a, b] = [op.shape(first), op.shape(second)];
    if (a === null || b === null) return [tensor(elementType(op), null)];
    const shape = productShape(a, b);
    return typeof shape === "string" ? shape : [tensor(elementType(op), shape)];
  };
}

/** Gemm: both matrices as they are or transposed. */
export const gemm: Rule = (op) => {
  const [a, b] = [op.shape(0), op.shape(1)];
  for (const shape of [a, b])
    if (shape !== null && shape.length !== 2) return `a tensor of rank ${shape.length} is no matrix`;
  const rows = a?.[op.int("transA", 0) === 0 ? 0 : 1] ?? null;
  const columns = b?.[op.int("transB", 0) === 0 ? 1 : 0] ?? null;
  const inner = a?.[op.int("transA", 0) === 0 ? 1 : 0] ?? null;
  const other = b?.[op.int("transB", 0) === 0 ? 0 : 1] ?? null;
  if (typeof inner === "number" && typeof other === "number" && inner !== other) {
    return `matrices of ${inner} columns and ${other} rows do not fit each other`;
  }
  return [tensor(op.elementType(0), [rows, columns])];
};

/** Einsum: letters for axes, "..." for those that are left; without "->" letters that occur once, in their order. */
const einsum: Rule = (op) => {
  const elementType = op.elementType(0);
  const shapes = op.inputs.map((_, place) => op.shape(place));
  const known = shapes.filter((shape) => shape !== null);
  if (known.length !== shapes.length) return [tensor(elementType, null)];
  const equation = op.text("equation", "").replaceAll(/\s/g, "");
  const [left = "", right] = equation.split("->");
  const terms = left.split(",");
  if (terms.length !== known.length) return `"${equation}" names ${terms.length} operands of ${known.length}`;
  const sizes = new Map<string, Dimension>();
  const stacks: Shape[] = [];
  for (const [place, term] of terms.entries()) {
    const shape = known[place] ?? [];
    const letters = lettersOf(term);
    const rest = shape.length - letters.filter((letter) => letter !== ELLIPSIS).length;
    if (rest < 0 || (rest > 0 && !letters.includes(ELLIPSIS)))
      return `"${term}" does not fit the shape ${shapeText(shape)}`;
    let axis = 0;
    for (const letter of letters) {
      if (letter === ELLIPSIS) {
        stacks.push(shape.slice(axis, axis + rest));
        axis += rest;
        continue;
      }
      const size = shape[axis] ?? null;
      const both = sizes.has(letter) ? broadcastSize(sizes.get(letter) ?? null, size) : size;
      if (both === undefined) return `"${letter}" of "${equation}" stands for different sizes`;
      sizes.set(letter, both);
      axis += 1;
    }
  }
  const stack = broadcast(stacks);
  if (typeof stack === "string") return stack;
  const output = right === undefined ? implied(terms) : lettersOf(right);
  const shape = output.flatMap((letter) => (letter === ELLIPSIS ? stack : [sizes.get(letter) ?? null]));
  return [tensor(elementType, shape)];
};

const ELLIPSIS = "...";

function lettersOf(term: string): readonly string[] {
  return term.match(/\.\.\.|[^.]/g) ?? [];
}

function implied(terms: readonly string[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const letter of terms.flatMap(lettersOf)) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  const once = [...counts].filter(([letter, count]) => letter !== ELLIPSIS && count === 1).map(([letter]) => letter);
  return [...(counts.has(ELLIPSIS) ? [ELLIPSIS] : []), ...once.sort()];
}

/** Products of matrices. */
export const matrix: ShapeFamily = {
  domain: "",
  rules: {
    MatMul: multiplies((op) => op.elementType(0)),
    MatMulInteger: multiplies(() => "int32"),
    QLinearMatMul: multiplies((op) => op.elementType(7), 0, 3),
    Gemm: gemm,
    Einsum: einsum,
  },
};
