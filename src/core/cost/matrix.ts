import type { OpFamily } from "./family.ts";
import { type OpView, product, type Sizes } from "./op-view.ts";

/** Length of the summed axis of a matrix operand whose last two axes may be swapped. */
function summed(operand: Sizes, transposed: boolean): number {
  if (operand === null) return Number.NaN;
  return operand[operand.length - (transposed && operand.length > 1 ? 2 : 1)] ?? Number.NaN;
}

function times(output: Sizes, depth: number): number {
  return output === null ? Number.NaN : product(output) * depth;
}

/** Each element of Y [..., M, N] sums over K products, K the last axis of A. O(1). Source: ONNX MatMul, Gemm. */
function multiplication(op: OpView) {
  const transposed = op.int("transA", 0) !== 0;
  return { macs: times(op.output(0), summed(op.input(0), transposed)), opClass: "gemm" } as const;
}

/** MatMulNBits names K in an attribute: its weights are packed. Source: com.microsoft operator documentation. */
function packedMultiplication(op: OpView) {
  return { macs: times(op.output(0), op.int("K", Number.NaN)), opClass: "gemm" } as const;
}

/**
 * Einsum: one multiply-accumulate per combination of all labels and per operand beyond the first. Sizes broadcast by
 * an ellipsis count as they stand in the output. NaN for an equation that does not fit its operands. O(labels).
 */
function einsum(op: OpView) {
  const [left = ""] = op.text("equation").replaceAll(" ", "").split("->");
  const operands = left.split(",");
  const lengths = new Map<string, number>();
  let rest = 1;
  for (const [place, labels] of operands.entries()) {
    const sizes = op.input(place);
    if (sizes === null) return { macs: Number.NaN, opClass: "gemm" } as const;
    const [before = "", after] = labels.split("...");
    for (const [axis, label] of [...before].entries()) lengths.set(label, sizes[axis] ?? Number.NaN);
    if (after === undefined) continue;
    const tail = [...after];
    for (const [axis, label] of tail.entries()) {
      lengths.set(label, sizes[sizes.length - tail.length + axis] ?? Number.NaN);
    }
    rest = Math.max(rest, product(sizes.slice(before.length, sizes.length - tail.length)));
  }
  const macs = product([...lengths.values()]) * rest * Math.max(0, operands.length - 1);
  return { macs, opClass: "gemm" } as const;
}

export const multiplications: OpFamily = {
  types: [
    "MatMul",
    "Gemm",
    "FusedMatMul",
    "FusedGemm",
    "TransposeMatMul",
    "MatMulInteger",
    "MatMulIntegerToFloat",
    "DynamicQuantizeMatMul",
    "QLinearMatMul",
    "QGemm",
  ],
  work: multiplication,
};

export const packedMultiplications: OpFamily = { types: ["MatMulNBits", "MatMulBnb4"], work: packedMultiplication };

export const einsums: OpFamily = { types: ["Einsum"], work: einsum };
