import type { OpFamily, Work } from "./family.ts";
import { type OpView, product, type Sizes } from "./op-view.ts";

const gemm = (macs: number): Work => ({ macs, opClass: "gemm" });

/** Length of the summed axis of a matrix operand whose last two axes may be swapped. */
function summed(operand: Sizes, transposed: boolean): number {
  return operand?.at(transposed && operand.length > 1 ? -2 : -1) ?? Number.NaN;
}

/**
 * Each element of Y [..., M, N] sums over K products, K the last axis of A (the one before in a transposed A). The
 * bias of a Gemm takes none. O(1). Source: ONNX MatMul and Gemm; onnxruntime ContribOperators.md.
 */
function multiplication(op: OpView): Work {
  const output = op.output(0);
  const transposed = op.int("transA", 0) !== 0;
  return gemm(output === null ? Number.NaN : product(output) * summed(op.input(0), transposed));
}

export const multiplications: OpFamily = {
  types: [
    "MatMul",
    "Gemm",
    "FusedMatMul",
    "FusedMatMulActivation",
    "FusedGemm",
    "TransposeMatMul",
    "MatMulInteger",
    "MatMulInteger16",
    "MatMulIntegerToFloat",
    "DynamicQuantizeMatMul",
    "QLinearMatMul",
    "QOrderedMatMul",
    "QGemm",
    "GemmFloat8",
    "GemmFastGelu",
    // Packed weights: K is the last axis of A all the same.
    "MatMulNBits",
    "MatMulBnb4",
    "MatMulFpQ4",
    "SparseToDenseMatMul",
  ],
  work: multiplication,
};

/** Mixtures of experts: which weights are used depends on data. */
export const mixtures: OpFamily = { types: ["MoE", "QMoE"], work: () => gemm(Number.NaN) };

/**
 * Einsum: one multiply-accumulate per combination of the sizes of all labels and per operand beyond the first, as a
 * runtime takes that multiplies all operands at once. Axes of an ellipsis and labels of size 1 count as broadcast.
 * NaN where a size is not known. O(labels). Source: ONNX Einsum.
 */
function einsum(op: OpView): Work {
  const [left = ""] = op.text("equation").replaceAll(" ", "").split("->");
  const operands = left.split(",");
  const lengths = new Map<string, number>();
  for (const [place, labels] of operands.entries()) {
    const sizes = op.input(place);
    if (sizes === null) return gemm(Number.NaN);
    for (const [axis, label] of axisLabels(labels, sizes.length).entries()) {
      lengths.set(label, Math.max(lengths.get(label) ?? 1, sizes[axis] ?? Number.NaN));
    }
  }
  return gemm(product([...lengths.values()]) * (operands.length - 1));
}

/** A label per axis; the axes of an ellipsis are numbered from its right end, along which they are broadcast. */
function axisLabels(labels: string, rank: number): string[] {
  const [before = "", after] = labels.split("...");
  if (after === undefined) return [...before];
  const covered = Math.max(0, rank - before.length - after.length);
  const inner = Array.from({ length: covered }, (_, axis) => `...${covered - axis}`);
  return [...before, ...inner, ...after];
}

export const einsums: OpFamily = { types: ["Einsum"], work: einsum };
