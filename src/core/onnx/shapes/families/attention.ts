import type { Dimension } from "../../model.ts";
import { mapSize, plus, times } from "../dimensions.ts";
import { type Fact, open, type Shape, tensor } from "../fact.ts";
import type { Rule, ShapeFamily } from "../rule.ts";
import type { ShapeOp } from "../shape-op.ts";
import { keeps, likeInput } from "./elementwise.ts";

const TOTAL_FROM_DATA = "the length of its cache is computed from data";

/** A tensor whose last unknown, if any, is the length of a cache. */
function cache(op: ShapeOp, shape: Shape): Fact {
  return shape.includes(null) ? open(op.elementType(0), shape, TOTAL_FROM_DATA) : tensor(op.elementType(0), shape);
}

/**
 * Attention and QAttention of com.microsoft: X [B, S, I], weights [I, q + k + v] -> [B, S, v], and keys and values
 * [2, B, heads, past + S, v / heads].
 */
function packedAttention(pastAt: number, elementType: (op: ShapeOp) => Fact["type"]["elementType"]): Rule {
  return (op) => {
    const [batch = null, steps = null] = op.shape(0) ?? [];
    const sizes = op.ints("qkv_hidden_sizes");
    const width: Dimension = sizes?.[2] ?? mapSize(op.shape(1)?.[1], (n) => n / 3);
    const heads = op.int("num_heads", 0);
    const past = op.shape(pastAt);
    const shared = op.int("past_present_share_buffer", 0) === 1;
    const total = shared ? (past?.[3] ?? null) : op.has(pastAt) ? plus(past?.[3] ?? null, steps) : steps;
    const present = [2, batch, heads, total, mapSize(width, (n) => n / heads)];
    const type = elementType(op);
    return [tensor(type, [batch, steps, width]), tensor(type, present)];
  };
}

/**
 * MultiHeadAttention: query [B, S, H] (or packed [B, S, heads, 3, h]), key and value [B, L, H] or, from cross
 * attention, [B, heads, L, h] -> [B, S, Hv], keys and values [B, heads, past + L, h].
 */
const multiHead: Rule = (op) => {
  const query = op.shape(0);
  const [key, value] = [op.shape(1), op.shape(2)];
  const elementType = op.elementType(0);
  if (query === null) return [tensor(elementType, null)];
  const heads = op.int("num_heads", 0);
  const [batch = null, steps = null] = query;
  const isPacked = query.length === 5;
  const own: Dimension = isPacked ? times(query[2] ?? null, query[4] ?? null) : (query[2] ?? null);
  const width =
    value === null ? own : value.length === 4 ? times(value[1] ?? null, value[3] ?? null) : (value[2] ?? null);
  const length = isPacked ? steps : key === null ? steps : key.length === 4 ? (key[2] ?? null) : (key[1] ?? null);
  const past = op.shape(6);
  const shared = op.has(9) || op.int("past_present_share_buffer", 0) === 1;
  const total = !op.has(6) ? length : shared ? (past?.[2] ?? null) : plus(past?.[2] ?? null, length);
  const present = (size: Dimension) => cache(op, [batch, heads, total, mapSize(size, (n) => n / heads)]);
  return [tensor(elementType, [batch, steps, width]), present(own), present(width)];
};

/** DecoderMaskedMultiHeadAttention: one step; the cache [B, heads, max, h] may be shared with what is written. */
const decoderMasked: Rule = (op) => {
  const [query, value] = [op.shape(0), op.shape(2)];
  const width = value?.length === 3 ? (value[2] ?? null) : (query?.[2] ?? null);
  const shape = query === null ? null : [query[0] ?? null, query[1] ?? null, width];
  const shared = op.int("past_present_share_buffer", 0) === 1;
  const present = (place: number): Fact => {
    const past = op.shape(place);
    return tensor(
      op.elementType(0),
      past === null || past.length !== 4 ? null : shared ? past : past.with(2, plus(past[2] ?? null, 1)),
    );
  };
  return [tensor(op.elementType(0), shape), present(5), present(6)];
};

/** GroupQueryAttention: fewer heads for keys and values; without a key the query holds all three. */
const groupQuery: Rule = (op) => {
  const query = op.shape(0);
  const elementType = op.elementType(0);
  if (query === null) return [tensor(elementType, null)];
  const [batch = null, steps = null, width = null] = query;
  const [heads, shared] = [op.int("num_heads", 0), op.int("kv_num_heads", 0)];
  const isPacked = !op.has(1);
  const head = mapSize(width, (n) => n / (isPacked ? heads + 2 * shared : heads));
  const past = op.shape(3);
  const length = past?.[2] ?? (op.has(3) ? null : 0);
  const stated = op.scalar(6);
  const total = typeof stated === "number" && typeof length === "number" ? Math.max(stated, length) : null;
  const present = cache(op, [batch, shared, total, head]);
  return [tensor(elementType, [batch, steps, times(head, heads)]), present, present];
};

/** PackedAttention and PackedMultiHeadAttention: tokens of all sequences behind each other. */
const packedTokens: Rule = (op) => {
  const width = op.ints("qkv_hidden_sizes")?.[2] ?? mapSize(op.shape(1)?.[1], (n) => n / 3);
  return [tensor(op.elementType(0), [op.shape(0)?.[0] ?? null, width])];
};

const packedMultiHead: Rule = (op) => {
  const query = op.shape(0);
  const value = op.shape(2);
  const width = query?.length === 4 ? times(query[1] ?? null, query[3] ?? null) : (value?.[1] ?? null);
  return [tensor(op.elementType(0), [query?.[0] ?? null, width])];
};

/** EmbedLayerNormalization: ids [B, S], table of words [V, H] -> [B, S, H], a mask index [B], the sum before. */
function embed(elementType: (op: ShapeOp) => Fact["type"]["elementType"]): Rule {
  return (op) => {
    const [batch = null, steps = null] = op.shape(0) ?? [];
    const sum = tensor(elementType(op), [batch, steps, op.shape(2)?.[1] ?? null]);
    return [sum, tensor("int32", [batch]), sum];
  };
}

/** Attention of ai.onnx: Q, K, V as [B, heads, S, h] or [B, S, heads x h] -> Y like Q, and keys and values. */
const standard: Rule = (op) => {
  const [query, key, value] = [op.shape(0), op.shape(1), op.shape(2)];
  const elementType = op.elementType(0);
  if (query === null || key === null || value === null) return [tensor(elementType, null)];
  const queryHeads = op.int("q_num_heads", 0);
  const sharedHeads = op.int("kv_num_heads", 0);
  const inHeads = (shape: Shape, heads: number): Shape =>
    shape.length === 4 ? shape : [shape[0] ?? null, heads, shape[1] ?? null, mapSize(shape[2], (n) => n / heads)];
  const [q, k, v] = [inHeads(query, queryHeads), inHeads(key, sharedHeads), inHeads(value, sharedHeads)];
  const past = op.shape(4);
  const total = op.has(4) ? plus(past?.[2] ?? null, k[2] ?? null) : (k[2] ?? null);
  const width = v[3] ?? null;
  const [batch = null, heads = null, steps = null] = q;
  const y = query.length === 4 ? [batch, heads, steps, width] : [batch, steps, times(heads, width)];
  return [
    tensor(elementType, y),
    tensor(elementType, k.with(2, total)),
    tensor(elementType, v.with(2, total)),
    tensor(elementType, [batch, heads, steps, total]),
  ];
};

/** Attention and rotary embeddings of ai.onnx. */
export const attention: ShapeFamily = { domain: "", rules: { Attention: standard, RotaryEmbedding: keeps } };

/** Attention of com.microsoft. Source: the operator schemas of ONNX Runtime (ContribOperators.md). */
export const contribAttention: ShapeFamily = {
  domain: "com.microsoft",
  rules: {
    Attention: packedAttention(4, (op) => op.elementType(0)),
    QAttention: packedAttention(8, (op) => op.elementType(3)),
    DecoderMaskedSelfAttention: packedAttention(4, (op) => op.elementType(0)),
    MultiHeadAttention: multiHead,
    DecoderMaskedMultiHeadAttention: decoderMasked,
    GroupQueryAttention: groupQuery,
    PackedAttention: packedTokens,
    PackedMultiHeadAttention: packedMultiHead,
    LongformerAttention: keeps,
    RotaryEmbedding: keeps,
    GemmaRotaryEmbedding: (op) => [likeInput(op, 2), likeInput(op, 3)],
    EmbedLayerNormalization: embed((op) => op.elementType(2)),
    QEmbedLayerNormalization: embed((op) => op.elementType(8)),
    /** Bias of one head for each pair of positions: [1, heads, S, L]. */
    RelativePositionBias: (op) => [
      tensor(op.elementType(0), [1, op.shape(0)?.[1] ?? null, op.scalar(1), op.scalar(2)]),
    ],
    GatedRelativePositionBias: (op) => {
      const [batch = null, steps = null] = op.shape(0) ?? [];
      return [tensor(op.elementType(0), [batch, op.int("num_heads", 0), steps, steps])];
    },
    MoE: keeps,
    QMoE: keeps,
  },
};
