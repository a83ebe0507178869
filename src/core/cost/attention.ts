import type { OpFamily } from "./family.ts";
import { type OpView, product } from "./op-view.ts";

const UNKNOWN = { macs: Number.NaN, opClass: "attention" } as const;

/**
 * com.microsoft Attention and QAttention: X [B, S, D], W [D, 3 D'], past [2, B, H, P, D' / H]. The projection takes
 * B S D (3 D'), scores and weighted sum B S (S + P) D' each. Source: onnxruntime ContribOperators.md.
 */
function projectingAttention(op: OpView) {
  const [input, weights] = [op.input(0), op.input(1)];
  const [batch, length, width] = input ?? [];
  const projected = weights?.[1];
  if (batch === undefined || length === undefined || width === undefined || projected === undefined) return UNKNOWN;
  const past = op.input(op.type === "QAttention" ? 8 : 4)?.[3] ?? 0;
  const inner = projected / 3;
  const macs = batch * length * (width * projected + 2 * (length + past) * inner);
  return { macs, opClass: "attention" } as const;
}

/**
 * Attention on projected operands, Q [B, S, D] or [B, H, S, d] and K likewise with length L: scores and weighted sum
 * take B S L D each. Source: onnxruntime ContribOperators.md (MultiHeadAttention), ONNX Attention-23.
 */
function operandAttention(op: OpView) {
  const [query, key] = [op.input(0), op.input(1)];
  if (query === null || key === null) return UNKNOWN;
  const length = key[key.length - 2] ?? Number.NaN;
  return { macs: 2 * product(query) * length, opClass: "attention" } as const;
}

export const attentions: OpFamily = {
  types: ["Attention", "QAttention"],
  // The standard domain's op of the same name has no weights: its second input has the rank of the first.
  work: (op) => (op.input(1)?.length === op.input(0)?.length ? operandAttention(op) : projectingAttention(op)),
};

export const operandAttentions: OpFamily = {
  types: ["MultiHeadAttention", "GroupQueryAttention", "DecoderMaskedMultiHeadAttention", "PackedMultiHeadAttention"],
  work: operandAttention,
};
