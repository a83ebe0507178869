import type { OpFamily, Work } from "./family.ts";
import { type OpView, product, type Sizes } from "./op-view.ts";

const attention = (macs: number): Work => ({ macs, opClass: "attention" });

/** The axis before the last: the sequence in [B, S, D] and in [B, H, S, d]. */
function sequenceLength(sizes: Sizes): number {
  return sizes?.at(-2) ?? Number.NaN;
}

/**
 * com.microsoft Attention and QAttention: X [B, S, D], W [D, Q + K + V] with the widths of `qkv_hidden_sizes` (equal
 * ones by default), past [2, B, H, P, d]. The projection takes B S D (Q + K + V), the scores B S (S + P) Q, the
 * weighted sum B S (S + P) V. Source: onnxruntime ContribOperators.md.
 */
function projectingAttention(op: OpView): Work {
  const [batch = Number.NaN, length = Number.NaN, width = Number.NaN] = op.input(0) ?? [];
  const projected = op.input(1)?.[1] ?? Number.NaN;
  const past = op.input(op.type === "QAttention" ? 8 : 4)?.[3] ?? 0;
  const [query = projected / 3, , value = query] = op.ints("qkv_hidden_sizes");
  return attention(batch * length * (width * projected + (length + past) * (query + value)));
}

/** Where past keys stand among the inputs, by op type. */
const PAST_KEY = new Map([
  ["Attention", 4],
  ["MultiHeadAttention", 6],
  ["GroupQueryAttention", 3],
  ["DecoderMaskedMultiHeadAttention", 5],
]);

/**
 * Attention on projected operands: Q [B, S, D] or [B, H, S, d], keys of length L (past ones included), output as wide
 * as the values of all query heads: the scores take |Q| L, the weighted sum |Y| L. Queries may come packed with keys
 * and values: [B, S, H, 3, d], or [B, S, (H + 2 G) d] for G groups of heads. Source: ONNX Attention-23, onnxruntime
 * ContribOperators.md (MultiHeadAttention, GroupQueryAttention).
 */
function operandAttention(op: OpView): Work {
  const [query, key, output] = [op.input(0), op.input(1), op.output(0)];
  if (query === null || output === null) return attention(Number.NaN);
  const isPacked = !op.has(1);
  const heads = op.int("num_heads", Number.NaN);
  const share = query.length === 5 ? 1 / 3 : heads / (heads + 2 * op.int("kv_num_heads", heads));
  const past = op.input(PAST_KEY.get(op.type) ?? -1)?.at(-2) ?? 0;
  // Keys packed with values, [B, L, H, 2, d], have the sequence second.
  const fresh = isPacked ? query[1] : key?.length === 5 ? key[1] : sequenceLength(key);
  const length = op.output(1)?.at(-2) ?? (fresh ?? Number.NaN) + past;
  return attention((product(query) * (isPacked ? share : 1) + product(output)) * length);
}

export const attentions: OpFamily = {
  types: ["Attention"],
  work: (op) => (op.domain === "" ? operandAttention(op) : projectingAttention(op)),
};

export const quantisedAttentions: OpFamily = { types: ["QAttention"], work: projectingAttention };

export const operandAttentions: OpFamily = {
  types: ["MultiHeadAttention", "GroupQueryAttention", "DecoderMaskedMultiHeadAttention"],
  work: operandAttention,
};

/** Attention whose work depends on data (padding removed, sparse or local patterns): its MACs are not known. */
export const otherAttentions: OpFamily = {
  types: [
    "PackedAttention",
    "PackedMultiHeadAttention",
    "DecoderAttention",
    "DecoderMaskedSelfAttention",
    "LongformerAttention",
    "SparseAttention",
    "PagedAttention",
    "QOrderedAttention",
    "QOrderedLongformerAttention",
  ],
  work: () => attention(Number.NaN),
};
