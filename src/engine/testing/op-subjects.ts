import type { ElementType } from "../../core/onnx/model.ts";
import type { Attribute } from "../../core/testing/onnx-messages.ts";
import type { Random } from "../../core/testing/random.ts";

/** Chooses sizes and attributes for one model of one op. */
export class Draw {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  int(low: number, high: number): number {
    return this.#random.integer(low, high);
  }

  flag(): 0 | 1 {
    return this.#random.chance(0.5) ? 1 : 0;
  }

  one<T>(choices: readonly [T, ...T[]]): T {
    return this.#random.pick(choices);
  }

  sizes(count: number, low = 1, high = 6): number[] {
    return Array.from({ length: count }, () => this.int(low, high));
  }

  /** Some of the numbers below `count`, ascending, at least one. */
  some(count: number): number[] {
    const chosen = Array.from({ length: count }, (_, n) => n).filter(() => this.flag() === 1);
    return chosen.length > 0 ? chosen : [this.int(0, count - 1)];
  }

  /** Axes as they are, or counted from the end. */
  axis(rank: number): number {
    return this.int(-rank, rank - 1);
  }
}

export interface Subject {
  readonly inputs: readonly (
    | readonly [ElementType, readonly number[]]
    | { readonly ints: readonly number[]; readonly scalar?: true }
    | { readonly floats: readonly number[] }
    | null
  )[];
  readonly attributes?: Readonly<Record<string, Attribute>>;
  readonly outputs?: number;
  readonly opset?: number;
  readonly domain?: string;
}

const f = (...shape: readonly number[]) => ["float", shape] as const;
const range = (count: number) => Array.from({ length: count }, (_, n) => n);

/** Attributes of a convolution or pooling over `axes` axes. */
function windows(draw: Draw, axes: number): Record<string, Attribute> {
  const auto = draw.one(["NOTSET", "NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID"]);
  const common = { strides: draw.sizes(axes, 1, 3), auto_pad: auto };
  if (auto !== "NOTSET") return common;
  return { ...common, pads: draw.sizes(2 * axes, 0, 1), dilations: draw.sizes(axes, 1, 2) };
}

function pooling(draw: Draw): Subject {
  const axes = draw.int(1, 2);
  return {
    inputs: [f(draw.int(1, 2), draw.int(1, 3), ...draw.sizes(axes, 9, 14))],
    attributes: {
      kernel_shape: draw.sizes(axes, 2, 3),
      strides: draw.sizes(axes, 1, 3),
      pads: draw.sizes(2 * axes, 0, 1),
      ceil_mode: draw.flag(),
    },
  };
}

function reduction(draw: Draw): Subject {
  const rank = draw.int(1, 4);
  const axes = draw.some(rank).map((axis) => (draw.flag() === 1 ? axis - rank : axis));
  return { inputs: [f(...draw.sizes(rank))], attributes: { axes, keepdims: draw.flag() } };
}

function broadcast(draw: Draw, inputs: number): Subject {
  const shape = draw.sizes(draw.int(1, 4), 2, 5);
  const part = () => shape.slice(draw.int(0, shape.length)).map((size) => (draw.flag() === 1 ? size : 1));
  return { inputs: range(inputs).map(() => f(...part())) };
}

/** One op each, with operands that fit it. */
export const SUBJECTS: Readonly<Record<string, (draw: Draw) => Subject>> = {
  Add: (draw) => broadcast(draw, 2),
  Pow: (draw) => broadcast(draw, 2),
  Less: (draw) => broadcast(draw, 2),
  Max: (draw) => broadcast(draw, 3),
  Mean: (draw) => broadcast(draw, 3),
  Where: (draw) => ({ inputs: [["bool", draw.sizes(1, 1, 1)], f(3, 1), f(1, 4)] }),
  Conv: (draw) => {
    const [axes, group] = [draw.int(1, 2), draw.int(1, 2)];
    const [channels, out] = [draw.int(1, 2), draw.int(1, 3)];
    const kernel = draw.sizes(axes, 1, 3);
    const attributes = windows(draw, axes);
    const dilations = attributes["auto_pad"] === "NOTSET" ? attributes : { ...attributes };
    return {
      inputs: [f(draw.int(1, 2), channels * group, ...draw.sizes(axes, 9, 14)), f(out * group, channels, ...kernel)],
      attributes: { ...dilations, group },
    };
  },
  ConvTranspose: (draw) => {
    const [axes, group] = [draw.int(1, 2), draw.int(1, 2)];
    const kernel = draw.sizes(axes, 2, 3);
    const strides = draw.sizes(axes, 2, 3);
    return {
      inputs: [f(1, 2 * group, ...draw.sizes(axes, 4, 7)), f(2 * group, draw.int(1, 3), ...kernel)],
      attributes: { group, strides, pads: draw.sizes(2 * axes, 0, 1), output_padding: draw.sizes(axes, 0, 1) },
    };
  },
  MaxPool: (draw) => ({ ...pooling(draw), outputs: 2 }),
  AveragePool: pooling,
  GlobalAveragePool: (draw) => ({ inputs: [f(...draw.sizes(4))] }),
  LpPool: (draw) => {
    const subject = pooling(draw);
    const { kernel_shape = [2], strides = [1], pads = [0, 0] } = subject.attributes ?? {};
    return { ...subject, attributes: { kernel_shape, strides, pads } };
  },
  RoiAlign: (draw) => ({
    inputs: [f(1, 3, 8, 8), f(draw.int(1, 3) * 0 + 2, 4), { ints: [0, 0] }],
    attributes: { output_height: draw.int(1, 4), output_width: draw.int(1, 4) },
  }),
  MatMul: (draw) => {
    const [rows, inner, columns] = [draw.int(1, 4), draw.int(1, 4), draw.int(1, 4)];
    const stack = draw.sizes(draw.int(0, 2), 1, 3);
    return draw.flag() === 1
      ? { inputs: [f(...stack, rows, inner), f(inner, columns)] }
      : { inputs: [f(inner), f(...stack, inner, columns)] };
  },
  Gemm: (draw) => {
    const [m, k, n, transA, transB] = [draw.int(1, 4), draw.int(1, 4), draw.int(1, 4), draw.flag(), draw.flag()];
    return { inputs: [transA ? f(k, m) : f(m, k), transB ? f(n, k) : f(k, n), f(n)], attributes: { transA, transB } };
  },
  Einsum: (draw) => {
    const [b, i, j, k] = [draw.int(1, 3), draw.int(1, 3), draw.int(1, 3), draw.int(1, 3)];
    return draw.one<Subject>([
      { inputs: [f(b, i, j), f(b, j, k)], attributes: { equation: "bij,bjk->bik" } },
      { inputs: [f(b, i, j), f(j, k)], attributes: { equation: "...ij,jk->...ik" } },
      { inputs: [f(i, j)], attributes: { equation: "ij->ji" } },
      { inputs: [f(i, j), f(j)], attributes: { equation: "ij,j" } },
    ]);
  },
  LSTM: (draw) => {
    const [steps, batch, input, hidden, both] = [
      draw.int(1, 4),
      draw.int(1, 3),
      draw.int(1, 4),
      draw.int(1, 4),
      draw.flag(),
    ];
    const directions = both + 1;
    return {
      inputs: [f(steps, batch, input), f(directions, 4 * hidden, input), f(directions, 4 * hidden, hidden)],
      attributes: { hidden_size: hidden, direction: both ? "bidirectional" : "forward" },
      outputs: 3,
    };
  },
  GRU: (draw) => {
    const [hidden, input] = [draw.int(1, 4), draw.int(1, 4)];
    return {
      inputs: [f(draw.int(1, 4), 2, input), f(1, 3 * hidden, input), f(1, 3 * hidden, hidden)],
      attributes: { hidden_size: hidden },
      outputs: 2,
    };
  },
  Concat: (draw) => {
    const shape = draw.sizes(draw.int(1, 3));
    const axis = draw.axis(shape.length);
    const other = shape.with(axis, draw.int(1, 5));
    return { inputs: [f(...shape), f(...other), f(...shape)], attributes: { axis } };
  },
  Split: (draw) => {
    const shape = draw.sizes(3, 4, 6);
    const axis = draw.axis(3);
    const size = shape.at(axis) ?? 0;
    const parts = [1, draw.int(1, size - 2)];
    return {
      inputs: [f(...shape), { ints: [...parts, size - 1 - (parts[1] ?? 0)] }],
      attributes: { axis },
      outputs: 3,
    };
  },
  "Split 18": (draw) => ({
    inputs: [f(draw.int(5, 9), 2)],
    attributes: { axis: 0, num_outputs: 3 },
    outputs: 3,
    opset: 18,
  }),
  Slice: (draw) => {
    const shape = draw.sizes(3, 4, 8);
    const axes = draw.some(3);
    return {
      inputs: [
        f(...shape),
        { ints: axes.map(() => draw.int(-10, 10)) },
        { ints: axes.map(() => draw.one([draw.int(-10, 10), 2 ** 31 - 1, -(2 ** 31)])) },
        { ints: axes.map((axis) => (draw.flag() === 1 ? axis - 3 : axis)) },
        { ints: axes.map(() => draw.one([1, 2, -1, -2, 3])) },
      ],
    };
  },
  Gather: (draw) => {
    const rank = draw.int(1, 3);
    const indices = draw.one([{ ints: [0], scalar: true as const }, { ints: [0, 0, 0] }]);
    return { inputs: [f(...draw.sizes(rank)), indices], attributes: { axis: draw.axis(rank) } };
  },
  GatherND: (draw) => ({ inputs: [f(3, 4, 5), ["int64", [2, draw.int(1, 3)]]] }),
  Flatten: (draw) => ({ inputs: [f(...draw.sizes(4))], attributes: { axis: draw.int(-4, 4) } }),
  Reshape: (draw) => {
    const [a, b] = draw.sizes(2);
    return { inputs: [f(a ?? 1, b ?? 1, 4), { ints: draw.one([[0, -1], [-1], [4, -1], [0, 0, 2, 2], [-1, 1, 0]]) }] };
  },
  Transpose: (draw) => ({
    inputs: [f(2, 3, 4)],
    attributes: {
      perm: draw.one([
        [0, 2, 1],
        [2, 1, 0],
        [1, 2, 0],
      ]),
    },
  }),
  Tile: (draw) => ({ inputs: [f(2, 3), { ints: draw.sizes(2, 1, 3) }] }),
  Expand: (draw) => ({
    inputs: [
      f(1, 3, 1),
      {
        ints: draw.one([
          [3, 1],
          [2, 3, 5],
          [4, 1, 1, 1],
          [2, 1, 1],
        ]),
      },
    ],
  }),
  Pad: (draw) => ({ inputs: [f(...draw.sizes(3, 3, 5)), { ints: draw.sizes(6, 0, 2) }] }),
  "Pad 18": (draw) => ({
    inputs: [
      f(3, 4, 5),
      { ints: draw.sizes(4, -1, 2) },
      null,
      {
        ints: draw.one([
          [0, 2],
          [-1, 1],
        ]),
      },
    ],
    opset: 18,
  }),
  DepthToSpace: (draw) => ({ inputs: [f(1, 8, draw.int(1, 4), 3)], attributes: { blocksize: 2 } }),
  SpaceToDepth: (draw) => ({ inputs: [f(1, 3, 2 * draw.int(1, 4), 6)], attributes: { blocksize: 2 } }),
  Squeeze: (draw) => ({ inputs: [f(1, 3, 1, 2), { ints: draw.one([[0], [2], [0, 2], [-2], [-4, 2]]) }] }),
  Unsqueeze: (draw) => ({ inputs: [f(3, 2), { ints: draw.one([[0], [2], [0, 3], [-1], [-4, 1]]) }] }),
  ReduceMean: reduction,
  ReduceMax: reduction,
  ReduceLogSumExp: reduction,
  "ReduceMean 18": (draw) => {
    const { inputs, attributes } = reduction(draw);
    const axes = attributes?.["axes"];
    return {
      inputs: [...inputs, { ints: Array.isArray(axes) ? axes : [] }],
      attributes: { keepdims: draw.flag() },
      opset: 18,
    };
  },
  "ReduceL2 18": (draw) => ({ inputs: [f(2, 3)], attributes: { noop_with_empty_axes: draw.flag() }, opset: 18 }),
  ArgMax: (draw) => ({ inputs: [f(3, 4, 5)], attributes: { axis: draw.axis(3), keepdims: draw.flag() } }),
  TopK: (draw) => ({ inputs: [f(4, 6), { ints: [draw.int(1, 4)] }], attributes: { axis: draw.axis(2) }, outputs: 2 }),
  CumSum: (draw) => ({ inputs: [f(3, 4), { ints: [draw.int(0, 1)], scalar: true }] }),
  OneHot: (draw) => ({
    inputs: [["int64", [2, 3]], { ints: [draw.int(2, 5)], scalar: true }, f(2)],
    attributes: { axis: draw.int(-3, 2) },
  }),
  Resize: (draw) => {
    const scales = [1, 1, draw.one([0.5, 1.5, 2, 0.6, 1.3]), draw.one([2, 0.7, 3, 0.3])];
    const shape = f(1, 2, draw.int(4, 11), draw.int(4, 11));
    if (draw.flag() === 1) return { inputs: [shape, null, null, { ints: [1, 2, draw.int(2, 20), draw.int(2, 20)] }] };
    return { inputs: [shape, null, { floats: scales }] };
  },
  "Resize 18": (draw) => ({
    inputs: [f(1, 2, draw.int(4, 11), draw.int(4, 11)), null, null, { ints: [draw.int(3, 20), draw.int(3, 20)] }],
    attributes: { axes: [2, 3], keep_aspect_ratio_policy: draw.one(["stretch", "not_larger", "not_smaller"]) },
    opset: 18,
  }),
  "Upsample 9": (draw) => ({
    inputs: [f(1, 2, draw.int(3, 7), 4), { floats: [1, 1, draw.one([2, 1.5, 3]), 2] }],
    opset: 9,
  }),
  GridSample: (draw) => ({ inputs: [f(1, 2, 5, 5), f(1, draw.int(1, 6), draw.int(1, 6), 2)] }),
  Trilu: () => ({ inputs: [f(2, 4, 4)] }),
  LayerNormalization: (draw) => {
    const axis = draw.int(-3, 2);
    const shape = [2, 3, 4];
    return {
      inputs: [f(...shape), f(...shape.slice(axis)), f(...shape.slice(axis))],
      attributes: { axis },
      outputs: 3,
    };
  },
  "GroupNormalization 21": () => ({ inputs: [f(2, 4, 3), f(4), f(4)], attributes: { num_groups: 2 }, opset: 21 }),
  BatchNormalization: (draw) => ({ inputs: [f(2, 3, draw.int(1, 5)), f(3), f(3), f(3), f(3)] }),
  Dropout: () => ({ inputs: [f(2, 3)], outputs: 2 }),
  DynamicQuantizeLinear: () => ({ inputs: [f(2, 3)], outputs: 3 }),
  QuantizeLinear: (draw) => ({ inputs: [f(2, 3), { floats: [0.1] }, draw.one([null, ["int8", [1]] as const])] }),
  DequantizeLinear: () => ({ inputs: [["uint8", [2, 3]], { floats: [0.1] }] }),
  MatMulInteger: () => ({
    inputs: [
      ["uint8", [2, 3]],
      ["uint8", [3, 4]],
    ],
  }),
  ConvInteger: () => ({
    inputs: [
      ["uint8", [1, 1, 5, 5]],
      ["uint8", [2, 1, 3, 3]],
    ],
  }),
  QLinearConv: () => ({
    inputs: [
      ["uint8", [1, 2, 6, 6]],
      { floats: [0.1] },
      ["uint8", [1]],
      ["uint8", [3, 2, 3, 3]],
      { floats: [0.1] },
      ["uint8", [1]],
      { floats: [0.1] },
      ["uint8", [1]],
    ],
    attributes: { strides: [2, 2] },
  }),
  Range: (draw) => ({
    inputs: [
      { ints: [draw.int(-5, 5)], scalar: true },
      { ints: [draw.int(-5, 20)], scalar: true },
      { ints: [draw.one([1, 2, 3, -1, -2])], scalar: true },
    ],
  }),
  ConstantOfShape: (draw) => ({ inputs: [{ ints: draw.sizes(draw.int(0, 3)) }] }),
  EyeLike: () => ({ inputs: [f(3, 4)] }),
  Size: () => ({ inputs: [f(3, 4)] }),
  "Shape 15": (draw) => ({ inputs: [f(3, 4, 5)], attributes: { start: draw.int(-5, 5), end: draw.int(-5, 5) } }),
  STFT: (draw) => ({
    inputs: [f(1, draw.int(30, 50), 1), { ints: [draw.int(2, 5)], scalar: true }, f(8), { ints: [8], scalar: true }],
    attributes: { onesided: draw.flag() },
  }),
  DFT: (draw) => ({ inputs: [f(1, draw.int(4, 9), 1)], attributes: { axis: 1, onesided: draw.flag() } }),
  "HannWindow 17": (draw) => ({ inputs: [{ ints: [draw.int(4, 9)], scalar: true }] }),
  Compress: () => ({ inputs: [f(3, 4), ["bool", [4]]], attributes: { axis: 1 } }),
  NonZero: () => ({ inputs: [f(3, 4)] }),
  Det: () => ({ inputs: [f(2, 3, 3)] }),
  "Col2Im 18": () => ({ inputs: [f(1, 4 * 3, 9), { ints: [4, 4] }, { ints: [2, 2] }], opset: 18 }),
  "CenterCropPad 18": (draw) => ({
    inputs: [f(4, 5, 6), { ints: draw.sizes(2, 2, 8) }],
    attributes: { axes: [0, -1] },
    opset: 18,
  }),
  "Gelu 20": () => ({ inputs: [f(2, 3)], opset: 20 }),
  "com.microsoft FusedMatMul": (draw) => {
    const [transA, transB] = [draw.flag(), draw.flag()];
    return {
      inputs: [transA ? f(2, 4, 3) : f(2, 3, 4), transB ? f(2, 5, 4) : f(2, 4, 5)],
      attributes: { transA, transB },
    };
  },
  "com.microsoft SkipLayerNormalization": () => ({ inputs: [f(2, 3, 8), f(2, 3, 8), f(8), f(8)] }),
  "com.microsoft BiasGelu": () => ({ inputs: [f(2, 3), f(3)] }),
  "com.microsoft Attention": (draw) => ({
    inputs: [f(2, draw.int(1, 5), 8), f(8, 24), f(24)],
    attributes: { num_heads: 2 },
  }),
  "com.microsoft MultiHeadAttention": (draw) => {
    const length = draw.int(1, 6);
    return { inputs: [f(2, 3, 8), f(2, length, 8), f(2, length, 8)], attributes: { num_heads: 2 } };
  },
  "com.microsoft RotaryEmbedding": () => ({
    inputs: [f(1, 3, 8), ["int64", [1]], f(10, 2), f(10, 2)],
    attributes: { num_heads: 2 },
  }),
  "com.microsoft QLinearAdd": () => ({
    inputs: [
      ["uint8", [2, 3]],
      { floats: [0.1] },
      ["uint8", [1]],
      ["uint8", [3]],
      { floats: [0.1] },
      ["uint8", [1]],
      { floats: [0.1] },
      ["uint8", [1]],
    ],
  }),
  "com.microsoft FusedConv": () => ({ inputs: [f(1, 2, 6, 6), f(3, 2, 3, 3)], attributes: { activation: "Relu" } }),
  "ai.onnx.ml Scaler": () => ({ inputs: [f(2, 3)], attributes: { offset: { floats: [0] }, scale: { floats: [1] } } }),
  "ai.onnx.ml LinearRegressor": () => ({
    inputs: [f(4, 3)],
    attributes: { coefficients: { floats: [1, 2, 3, 4, 5, 6] }, intercepts: { floats: [0, 1] }, targets: 2 },
  }),
  "ai.onnx.ml LinearClassifier": () => ({
    inputs: [f(4, 3)],
    attributes: {
      coefficients: { floats: [1, 2, 3, 4, 5, 6] },
      intercepts: { floats: [0, 1] },
      classlabels_ints: [5, 6],
    },
    outputs: 2,
  }),
  "ai.onnx.ml ArrayFeatureExtractor": () => ({ inputs: [f(2, 5), { ints: [0, 3, 1] }] }),
  "ai.onnx.ml OneHotEncoder": () => ({ inputs: [["int64", [2, 3]]], attributes: { cats_int64s: [0, 1, 2, 3] } }),
};
