import type { OpClass } from "./cost.ts";
import type { OpFamily } from "./family.ts";

/**
 * Ops that take no products with weights summed up: 0 multiply-accumulates by the convention of published counts,
 * which leave out additions, comparisons, activations, normalisations and transcendental functions. Types of ai.onnx
 * up to operator set 25 and of com.microsoft, by class.
 */
const TYPES = {
  view: "Reshape Flatten Squeeze Unsqueeze Identity Dropout Shape Size ExpandDims BitmaskDropout BiasDropout",
  movement: `Concat Split Slice DynamicSlice Gather GatherElements GatherND GatherBlockQuantized Scatter
    ScatterElements ScatterND TensorScatter Transpose Pad Expand Tile DepthToSpace SpaceToDepth Resize Upsample Crop
    CropAndResize CenterCropPad ReverseSequence Compress EyeLike Range ConstantOfShape Constant Unique Col2Im
    UnfoldTensor OneHot EmbedLayerNormalization QEmbedLayerNormalization QLinearConcat ReorderInput ReorderOutput
    RemovePadding RestorePadding GridSample AffineGrid MaxUnpool ImageDecoder SplitToSequence ConcatFromSequence
    SequenceConstruct SequenceEmpty SequenceInsert SequenceAt SequenceErase SequenceLength Optional OptionalGetElement
    OptionalHasElement MemcpyFromHost MemcpyToHost`,
  pool: `MaxPool AveragePool LpPool GlobalAveragePool GlobalMaxPool GlobalLpPool MaxRoiPool RoiAlign NhwcMaxPool
    MaxpoolWithMask QLinearAveragePool QLinearGlobalAveragePool QLinearReduceMean ReduceMean ReduceSum ReduceMax
    ReduceMin ReduceProd ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceSumSquare ReduceSumInteger ArgMax ArgMin
    TopK CumSum CumProd`,
  normalization: `BatchNormalization InstanceNormalization LayerNormalization GroupNormalization RMSNormalization
    LpNormalization MeanVarianceNormalization LRN Softmax LogSoftmax Hardmax QLinearSoftmax BiasSoftmax GroupNorm
    SkipGroupNorm SkipLayerNormalization SimplifiedLayerNormalization SkipSimplifiedLayerNormalization`,
  elementwise: `Relu LeakyRelu PRelu Elu Selu Celu Gelu FastGelu BiasGelu QuickGelu BiasSplitGelu Sigmoid HardSigmoid
    HardSwish Swish Mish Softplus Softsign ParametricSoftplus Tanh ScaledTanh ThresholdedRelu Shrink Clip Add BiasAdd
    Sub Mul Div Pow Mod Sqrt Exp Log Abs Neg Sign Ceil Floor Round Reciprocal Erf Sin Cos Tan Asin Acos Atan Sinh Cosh
    Asinh Acosh Atanh Max Min Mean Sum Where Equal Greater GreaterOrEqual Less LessOrEqual Not And Or Xor BitShift
    BitwiseAnd BitwiseOr BitwiseXor BitwiseNot IsNaN IsInf Cast CastLike BitCast QuantizeLinear DequantizeLinear
    DynamicQuantizeLinear QLinearAdd QLinearMul QLinearSigmoid QLinearLeakyRelu QLinearWhere MulInteger ComplexMul
    ComplexMulConj Affine ImageScaler Scale Trilu Bernoulli RotaryEmbedding GatedRelativePositionBias
    RelativePositionBias`,
  other: `NonMaxSuppression NonZero DFT STFT Rfft Irfft Det Inverse MelWeightMatrix BlackmanWindow HammingWindow
    HannWindow RandomNormal RandomNormalLike RandomUniform RandomUniformLike Multinomial SampleOp RegexFullMatch
    StringConcat StringNormalizer StringSplit TfIdfVectorizer Tokenizer MurmurHash3 NGramRepeatBlock
    NegativeLogLikelihoodLoss SoftmaxCrossEntropyLoss`,
} as const satisfies Partial<Record<OpClass, string>>;

function weightless(opClass: keyof typeof TYPES): OpFamily {
  return { types: TYPES[opClass].split(/\s+/), work: () => ({ macs: 0, opClass }) };
}

export const weightlessFamilies: readonly OpFamily[] = [
  weightless("view"),
  weightless("movement"),
  weightless("pool"),
  weightless("normalization"),
  weightless("elementwise"),
  weightless("other"),
];
