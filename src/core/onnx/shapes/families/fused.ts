import type { ElementType } from "../../model.ts";
import { axisOf, broadcast, mapSize } from "../dimensions.ts";
import { open, type Shape, tensor } from "../fact.ts";
import type { Rule, ShapeFamily } from "../rule.ts";
import type { ShapeOp } from "../shape-op.ts";
import { broadcasts, keeps, likeInput } from "./elementwise.ts";
import { gemm, multiplies, productShape } from "./matrix.ts";

/** A shape with its last two axes swapped. */
function swapped(shape: Shape): Shape {
  if (shape.length < 2) return shape;
  return [...shape.slice(0, -2), shape.at(-1) ?? null, shape.at(-2) ?? null];
}

/** A shape whose first axis stands before the last but one: [m, a, b, k] of [a, b, m, k]. */
function batchLast(shape: Shape): Shape {
  if (shape.length < 3) return shape;
  return [...shape.slice(1, -1), shape[0] ?? null, shape.at(-1) ?? null];
}

/** FusedMatMul: operands may be transposed, also so that their first axis is that of the matrix. */
const fusedMatMul: Rule = (op) => {
  const operand = (place: number, name: string): Shape | null => {
    const shape = op.shape(place);
    if (shape === null) return null;
    const stacked = op.int(`transBatch${name}`, 0) === 1 ? batchLast(shape) : shape;
    return op.int(`trans${name}`, 0) === 1 ? swapped(stacked) : stacked;
  };
  const [a, b] = [operand(0, "A"), operand(1, "B")];
  if (a === null || b === null) return [tensor(op.elementType(0), null)];
  const shape = productShape(a, b);
  return typeof shape === "string" ? shape : [tensor(op.elementType(0), shape)];
};

/** MatMulNBits and its kind: A [..., K] by packed weights -> [..., N]. */
const packedWeights: Rule = (op) => {
  const shape = op.shape(0);
  const columns = op.int("N", -1);
  if (columns < 0) return "it does not say how many columns its weights have";
  return [tensor(op.elementType(0), shape === null ? null : [...shape.slice(0, -1), columns])];
};

/** QGemm: integers where a zero point of the output is given, else floats. */
const quantisedGemm: Rule = (op) => {
  const rows = op.shape(0)?.[op.int("transA", 0) === 0 ? 0 : 1] ?? null;
  const columns = op.shape(3)?.[op.int("transB", 0) === 0 ? 1 : 0] ?? null;
  return [tensor(op.has(8) ? op.elementType(8) : "float", [rows, columns])];
};

/** Quantised ops of two tensors, each followed by its scale and zero point. */
const quantisedPair: Rule = (op) => {
  const [a, b] = [op.shape(0), op.shape(3)];
  if (a === null || b === null) return [tensor(op.elementType(0), null)];
  const shape = broadcast([a, b]);
  return typeof shape === "string" ? shape : [tensor(op.elementType(0), shape)];
};

/** QLinearWhere: the condition, then two tensors with scale and zero point. */
const quantisedWhere: Rule = (op) => {
  const shapes = [0, 1, 4].map((place) => op.shape(place));
  const known = shapes.filter((shape) => shape !== null);
  const shape = known.length === shapes.length ? broadcast(known) : null;
  return typeof shape === "string" ? shape : [tensor(op.elementType(1), shape)];
};

/** QLinearConcat: scale and zero point of the output, then each tensor with its own. */
const quantisedConcat: Rule = (op) => {
  const shapes = op.inputs.flatMap((_, place) => (place >= 2 && (place - 2) % 3 === 0 ? [op.shape(place)] : []));
  const elementType = op.elementType(1);
  const known = shapes.filter((shape) => shape !== null);
  const [first] = known;
  if (first === undefined || known.length !== shapes.length) return [tensor(elementType, null)];
  const axis = axisOf(op.int("axis", 0), first.length);
  if (axis === null) return `axis ${op.int("axis", 0)} is not in a tensor of rank ${first.length}`;
  let total = 0;
  for (const shape of known) {
    const size = shape[axis];
    if (typeof size !== "number") return [tensor(elementType, first.with(axis, null))];
    total += size;
  }
  return [tensor(elementType, first.with(axis, total))];
};

/** GatherBlockQuantized: rows of a quantised table [V, H] by ids [...] -> [..., H]. */
const quantisedGather: Rule = (op) => {
  const [table, ids] = [op.shape(0), op.shape(1)];
  const elementType = op.elementType(2);
  if (table === null || ids === null) return [tensor(elementType, null)];
  const axis = axisOf(op.int("gather_axis", 0), table.length);
  if (axis === null) return `axis ${op.int("gather_axis", 0)} is not in a tensor of rank ${table.length}`;
  // Two 4-bit numbers share a byte.
  const isPacked = op.elementType(0) === "uint8" && op.int("bits", 4) === 4;
  const whole = isPacked
    ? table.with(
        -1,
        mapSize(table.at(-1), (n) => 2 * n),
      )
    : table;
  return [tensor(elementType, [...whole.slice(0, axis), ...ids, ...whole.slice(axis + 1)])];
};

const SEARCHED = "how long the sequences become depends on the data";
const searches: Rule = (op) => {
  const batch = op.shape(0)?.[0] ?? null;
  return [open("int32", [batch, null, null], SEARCHED), open(op.elementType(0), null, SEARCHED)];
};

const named = (names: string, rule: Rule) => Object.fromEntries(names.split(/\s+/).map((name) => [name, rule]));
const of =
  (place: number) =>
  (op: ShapeOp): ElementType =>
    op.elementType(place);

const KEEP = `BiasAdd BiasGelu BitmaskDropout FastGelu Gelu QLinearLeakyRelu QLinearSigmoid QuickGelu
  Trilu`;

/** Fused and quantised ops of com.microsoft. Source: the operator schemas of ONNX Runtime (ContribOperators.md). */
export const fused: ShapeFamily = {
  domain: "com.microsoft",
  rules: {
    ...named(KEEP, keeps),
    BiasSplitGelu: (op) => {
      const shape = op.shape(0);
      const half = mapSize(shape?.at(-1), (n) => n / 2);
      return [tensor(op.elementType(0), shape === null ? null : [...shape.slice(0, -1), half])];
    },
    BiasDropout: (op) => [likeInput(op), likeInput(op, 0, "bool")],
    FusedMatMul: fusedMatMul,
    FusedMatMulActivation: fusedMatMul,
    TransposeMatMul: fusedMatMul,
    FusedGemm: gemm,
    GemmFastGelu: multiplies(of(0)),
    GemmFloat8: gemm,
    MatMulIntegerToFloat: multiplies(of(2)),
    MatMulInteger16: multiplies(() => "int32"),
    DynamicQuantizeMatMul: multiplies(of(0)),
    QLinearMatMul: multiplies(of(7), 0, 3),
    MatMulNBits: packedWeights,
    MatMulBnb4: packedWeights,
    MatMulFpQ4: packedWeights,
    QGemm: quantisedGemm,
    QLinearAdd: quantisedPair,
    QLinearMul: quantisedPair,
    QLinearWhere: quantisedWhere,
    QLinearConcat: quantisedConcat,
    GatherBlockQuantized: quantisedGather,
    MulInteger: quantisedPair,
    BitwiseAnd: broadcasts(),
    IsAllFinite: () => [tensor("bool", [])],
    /** Distances between rows: [N, M]. */
    CDist: (op) => [tensor(op.elementType(0), [op.shape(0)?.[0] ?? null, op.shape(1)?.[0] ?? null])],
    NGramRepeatBlock: (op) => [likeInput(op, 1)],
    BeamSearch: searches,
    GreedySearch: searches,
    Sampling: searches,
    WhisperBeamSearch: searches,
  },
};
