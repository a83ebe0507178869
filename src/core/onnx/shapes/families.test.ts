import { create } from "@bufbuild/protobuf";
import { AttributeProtoSchema, NodeProtoSchema, TensorProtoSchema } from "onnx-buf";
import { describe, expect, test } from "vitest";
import { createRandom, type Random } from "../../testing/random.ts";
import type { Dimension, ElementType } from "../model.ts";
import { type Fact, open, sequence, tensor } from "./fact.ts";
import { SHAPE_FAMILIES } from "./families.ts";
import { ShapeOp } from "./shape-op.ts";

/** Ops of ai.onnx up to operator set 21 whose types are not the matter of a family: bodies, and constants. */
const ELSEWHERE = ["Constant", "If", "Loop", "Scan", "SequenceMap"];

/** All ops of ai.onnx up to operator set 21 (onnx.defs of ONNX 1.16), experimental and removed ones included. */
const AI_ONNX = `Abs Acos Acosh Add AffineGrid And ArgMax ArgMin Asin Asinh Atan Atanh AveragePool BatchNormalization
  Bernoulli BitShift BitwiseAnd BitwiseNot BitwiseOr BitwiseXor BlackmanWindow Cast CastLike Ceil Celu CenterCropPad
  Clip Col2Im Compress Concat ConcatFromSequence Constant ConstantOfShape Conv ConvInteger ConvTranspose Cos Cosh
  CumSum DFT DeformConv DepthToSpace DequantizeLinear Det Div Dropout DynamicQuantizeLinear Einsum Elu Equal Erf Exp
  Expand EyeLike Flatten Floor GRU Gather GatherElements GatherND Gelu Gemm GlobalAveragePool GlobalLpPool
  GlobalMaxPool Greater GreaterOrEqual GridSample GroupNormalization HammingWindow HannWindow HardSigmoid HardSwish
  Hardmax Identity If ImageDecoder InstanceNormalization IsInf IsNaN LRN LSTM LayerNormalization LeakyRelu Less
  LessOrEqual Log LogSoftmax Loop LpNormalization LpPool MatMul MatMulInteger Max MaxPool MaxRoiPool MaxUnpool Mean
  MeanVarianceNormalization MelWeightMatrix Min Mish Mod Mul Multinomial Neg NegativeLogLikelihoodLoss
  NonMaxSuppression NonZero Not OneHot Optional OptionalGetElement OptionalHasElement Or PRelu Pad Pow QLinearConv
  QLinearMatMul QuantizeLinear RNN RandomNormal RandomNormalLike RandomUniform RandomUniformLike Range Reciprocal
  ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare
  RegexFullMatch Relu Reshape Resize ReverseSequence RoiAlign Round STFT Scan Scatter ScatterElements ScatterND Selu
  SequenceAt SequenceConstruct SequenceEmpty SequenceErase SequenceInsert SequenceLength SequenceMap Shape Shrink
  Sigmoid Sign Sin Sinh Size Slice Softmax SoftmaxCrossEntropyLoss Softplus Softsign SpaceToDepth Split
  SplitToSequence Sqrt Squeeze StringConcat StringNormalizer StringSplit Sub Sum Tan Tanh TfIdfVectorizer
  ThresholdedRelu Tile TopK Transpose Trilu Unique Unsqueeze Upsample Where Xor`.split(/\s+/);

describe("the registry", () => {
  test("has every op of ai.onnx up to operator set 21", () => {
    const known = new Set(SHAPE_FAMILIES.flatMap(({ domain, rules }) => (domain === "" ? Object.keys(rules) : [])));
    expect(AI_ONNX.filter((type) => !known.has(type) && !ELSEWHERE.includes(type))).toEqual([]);
    expect(AI_ONNX.length).toBeGreaterThan(180);
  });

  test("has each type once in its domain", () => {
    const all = SHAPE_FAMILIES.flatMap(({ domain, rules }) => Object.keys(rules).map((type) => `${domain}:${type}`));
    expect(all.filter((type, place) => all.indexOf(type) !== place)).toEqual([]);
  });
});

const ATTRIBUTES = `axis axes k keepdims kernel_shape strides pads dilations group auto_pad perm to shape blocksize
  batch_dims output_shape output_padding equation scales hidden_size direction layout start end num_outputs split
  noop_with_empty_axes allowzero num_heads kv_num_heads qkv_hidden_sizes N K size step dim sample_size dtype ceil_mode
  value mode height_scale keep_aspect_ratio_policy border scale output_height stash_type onesided inverse targets
  n_targets classlabels_ints classlabels_strings inputdimensions channels_last transA transB transBatchA axis_w
  num_scan_inputs new_axis keys_strings values_int64s pooled_shape ngram_indexes extra_shape type`.split(/\s+/);

const ELEMENT_TYPES: readonly ElementType[] = ["float", "int64", "bool", "string", "uint8", "undefined", "float16"];

/** Any number that a file may hold. */
function anyNumber(random: Random): number {
  return random.pick([0, 1, -1, 2, 3, -2, 7, 64, 1000, -1000, 2 ** 31 - 1, -(2 ** 31), 2 ** 53, 2 ** 62, -(2 ** 62)]);
}

function anyDimension(random: Random): Dimension {
  return random.pick<Dimension>([0, 1, 1, 2, 3, 4, 8, 2 ** 40, "n", "m", null]);
}

function anyFact(random: Random): Fact | null {
  const elementType = random.pick(ELEMENT_TYPES);
  switch (random.integer(0, 6)) {
    case 0:
      return null;
    case 1:
      return open(elementType, null, "made up");
    case 2:
      return sequence(random.chance(0.5) ? null : anyFact(random));
    case 3: {
      const value = Array.from({ length: random.integer(0, 5) }, () =>
        random.chance(0.8) ? anyNumber(random) : anyDimension(random),
      );
      return tensor(elementType, random.chance(0.9) ? [value.length] : [], value);
    }
    default:
      return tensor(
        elementType,
        Array.from({ length: random.integer(0, 5) }, () => anyDimension(random)),
      );
  }
}

function anyAttribute(random: Random) {
  const ints = Array.from({ length: random.integer(0, 6) }, () => BigInt(anyNumber(random)));
  return create(AttributeProtoSchema, {
    name: random.pick(ATTRIBUTES),
    i: BigInt(anyNumber(random)),
    f: random.pick([0, 1.5, -3, Number.NaN, Number.POSITIVE_INFINITY]),
    s: new TextEncoder().encode(
      random.pick(["", "SAME_UPPER", "ij,jk->ik", "...,->", "a", "bidirectional", "not_larger"]),
    ),
    ints,
    floats: ints.map(Number),
    strings: ints.map(() => new Uint8Array([255, 0])),
    t: create(TensorProtoSchema, { dataType: random.integer(-1, 40), dims: ints.slice(0, 2), floatData: [1] }),
  });
}

test("no rule throws or runs away, whatever stands in the file", { timeout: 60_000 }, () => {
  const random = createRandom(4);
  const wrong: string[] = [];
  let [calls, clauses] = [0, 0];
  for (const { domain, rules } of SHAPE_FAMILIES) {
    for (const [opType, rule] of Object.entries(rules)) {
      for (let attempt = 0; attempt < 60; attempt++) {
        const node = create(NodeProtoSchema, {
          opType,
          domain,
          input: Array.from({ length: random.integer(0, 9) }, (_, place) => `i${place}`),
          output: Array.from({ length: random.integer(0, 5) }, (_, place) => `o${place}`),
          attribute: Array.from({ length: random.integer(0, 8) }, () => anyAttribute(random)),
        });
        const inputs = node.input.map(() => anyFact(random));
        const outcome = rule(new ShapeOp(node, random.pick([0, 1, 6, 9, 11, 13, 18, 21]), inputs));
        calls++;
        if (typeof outcome === "string") {
          clauses++;
          if (/\.$|undefined|\[object/.test(outcome)) wrong.push(`${opType}: ${outcome}`);
          continue;
        }
        for (const fact of outcome) {
          if ((fact?.type.shape?.length ?? 0) > 1100) wrong.push(`${opType}: rank ${fact?.type.shape?.length}`);
          if ((fact?.value?.length ?? 0) > 1024) wrong.push(`${opType}: ${fact?.value?.length} values`);
        }
      }
    }
  }
  expect(wrong).toEqual([]);
  console.log(`rules: ${calls} calls with anything, ${clauses} ended in a clause`);
});
