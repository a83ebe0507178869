/**
 * Families of op types: the common ground of runtimes that do not know ONNX's types. A reader gives an entry a family
 * where the runtime's own type says no more ("Pooling"), and alignment compares by family.
 */
const FAMILIES: ReadonlyMap<string, readonly string[]> = new Map([
  ["Convolution", ["Conv", "ConvTranspose", "ConvInteger", "QLinearConv", "DeformConv"]],
  ["Dense", ["Gemm", "MatMul", "MatMulInteger", "QLinearMatMul", "MatMulNBits", "Einsum"]],
  ["Pooling", ["MaxPool", "AveragePool", "GlobalAveragePool", "GlobalMaxPool", "ReduceMean", "ReduceMax", "LpPool"]],
  ["Eltwise", ["Add", "Sub", "Mul", "Div", "Sum", "Max", "Min", "Mean", "Pow", "QLinearAdd", "QLinearMul", "Where"]],
  [
    "Activation",
    [
      "Relu",
      "LeakyRelu",
      "PRelu",
      "Clip",
      "Sigmoid",
      "Tanh",
      "HardSigmoid",
      "HardSwish",
      "Elu",
      "Selu",
      "Softplus",
      "Mish",
      "Gelu",
      "Erf",
      "Exp",
      "Log",
      "Sqrt",
      "Abs",
      "Neg",
      "Reciprocal",
      "Floor",
    ],
  ],
  ["Normalization", ["BatchNormalization", "LayerNormalization", "InstanceNormalization", "GroupNormalization", "LRN"]],
  ["Softmax", ["Softmax", "LogSoftmax"]],
  ["Concat", ["Concat"]],
  ["Shape", ["Reshape", "Flatten", "Squeeze", "Unsqueeze", "Identity", "Dropout"]],
  ["Transpose", ["Transpose"]],
  ["Slice", ["Slice", "Split", "Gather", "GatherND", "GatherElements"]],
  ["Pad", ["Pad"]],
  ["Resize", ["Resize", "Upsample", "DepthToSpace"]],
  ["Reduction", ["ReduceSum", "ReduceProd", "ReduceMin", "ReduceL2", "ArgMax", "ArgMin", "TopK"]],
  ["Recurrent", ["LSTM", "GRU", "RNN"]],
  ["Attention", ["Attention", "MultiHeadAttention", "GroupQueryAttention"]],
  ["Quantize", ["QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear", "Cast"]],
]);

const FAMILY_OF: ReadonlyMap<string, string> = new Map(
  [...FAMILIES].flatMap(([family, types]) => types.map((type): [string, string] => [type, family])),
);

/** Names by which TensorFlow Lite, OpenVINO and ncnn call their ops, in lower case and letters and digits only. */
const FOREIGN: ReadonlyMap<string, string> = new Map(
  Object.entries({
    Convolution:
      "conv2d depthwiseconv2d transposeconv conv3d convolution groupconvolution deconvolution groupdeconvolution convolutiondepthwise convolution1d deconvolutiondepthwise binaryconvolution conv",
    Dense: "fullyconnected matmul batchmatmul innerproduct gemm",
    Pooling:
      "averagepool2d maxpool2d avgpool maxpool pooling pooling3d pooling1d mean reducemean adaptiveavgpool reduction reducemax",
    Eltwise:
      "add mul sub div eltwise binaryop maximum minimum multiply subtract divide addn squareddifference select selectv2",
    Activation:
      "relu relu6 prelu leakyrelu logistic sigmoid tanh hardswish hardsigmoid elu gelu swish clamp clip unaryop exp log sqrt rsqrt abs neg softplus mish reluN1To1",
    Normalization:
      "batchnorm batchnormalization layernorm instancenorm groupnorm lrn mvn l2normalization localresponsenormalization normalize",
    Softmax: "softmax logsoftmax",
    Concat: "concat concatenation pack",
    Shape: "reshape squeeze unsqueeze expanddims flatten dropout noop",
    Transpose: "transpose permute",
    Slice: "slice stridedslice crop split splitv gather gathernd variadicsplit unpack",
    Pad: "pad padding padv2 mirrorpad",
    Resize: "interp interpolate resizebilinear resizenearestneighbor depthtospace upsample pixelshuffle",
    Reduction: "sum reducesum reduceprod argmax argmin topk topkv2",
    Recurrent: "lstm gru rnn unidirectionalsequencelstm lstmsequence grusequence lstmcell",
    Attention: "multiheadattention sdpa scaleddotproductattention",
    Quantize: "quantize dequantize fakequantize cast convert",
  }).flatMap(([family, names]) => names.split(" ").map((name): [string, string] => [name, family])),
);

/** Family of another runtime's op type ("DEPTHWISE_CONV_2D", "ConvolutionDepthWise"), null for types without one. */
export function foreignFamily(type: string): string | null {
  return FOREIGN.get(type.toLowerCase().replaceAll(/[^a-z0-9]/g, "")) ?? null;
}

/** Family of an ONNX op type, or the family itself; null for types in none. */
export function familyOf(type: string): string | null {
  return FAMILIES.has(type) ? type : (FAMILY_OF.get(type) ?? null);
}

/** Whether `name` is a family and not an op type; "Softmax", "Concat" and the like are both, and the same. */
export function isFamily(name: string): boolean {
  return FAMILIES.has(name);
}
