import { create } from "@bufbuild/protobuf";
import { TensorProto_DataType, TensorProtoSchema } from "onnx-buf";
import { describe, expect, test } from "vitest";
import { item } from "../columns.ts";
import type { Dimension } from "../onnx/model.ts";
import { ModelBuilder, type NodeOptions } from "../testing/model-builder.ts";
import { modelCosts } from "../testing/model-costs.ts";
import { OP_CLASSES } from "./cost.ts";
import { OP_FAMILIES } from "./families.ts";

/** An operand: an activation of a shape, a float weight of a shape, or absent. */
type Operand = readonly Dimension[] | { readonly weight: readonly number[] } | null;

/** Costs of a model of one op with float operands. */
function single(
  type: string,
  operands: readonly Operand[],
  outputs: readonly (readonly Dimension[])[],
  options: NodeOptions = {},
) {
  const domains = new Map(options.domain === undefined ? [] : [[options.domain, 1]]);
  const builder = new ModelBuilder({ name: "m", domains });
  const inputs = operands.map((operand, i) => {
    if (operand === null) return "";
    return "weight" in operand ? builder.weight(`w${i}`, operand.weight, 1) : builder.input(`x${i}`, "float", operand);
  });
  const names = outputs.map((_, i) => `y${i}`);
  builder.node(type, inputs, { ...options, outputs: names });
  for (const [i, shape] of outputs.entries()) builder.output(`y${i}`, "float", shape);
  const { costs, graph } = modelCosts(builder);
  const pick = (column: ArrayLike<number>) => item(Array.from(column), graph.opTypes.indexOf(type));
  return {
    macs: pick(costs.macs),
    opClass: OP_CLASSES[pick(costs.opClass)],
    inputBytes: pick(costs.inputBytes),
    outputBytes: pick(costs.outputBytes),
    weightBytes: pick(costs.weightBytes),
    parameters: pick(costs.parameters),
  };
}

const w = (...weight: number[]) => ({ weight });
const microsoft = { domain: "com.microsoft" };

describe("convolutions", () => {
  test("a first layer of ResNet: 7x7, stride 2", () => {
    expect(single("Conv", [[1, 3, 224, 224], w(64, 3, 7, 7), w(64)], [[1, 64, 112, 112]])).toEqual({
      macs: 64 * 112 * 112 * 3 * 49,
      opClass: "convKxK",
      inputBytes: 4 * 3 * 224 * 224,
      outputBytes: 4 * 64 * 112 * 112,
      weightBytes: 4 * (64 * 3 * 49 + 64),
      parameters: 64 * 3 * 49 + 64,
    });
  });

  test("1x1, grouped 1x1, depthwise and 1-D", () => {
    expect(single("Conv", [[2, 8, 5, 5], w(16, 8, 1, 1)], [[2, 16, 5, 5]])).toMatchObject({
      macs: 2 * 16 * 25 * 8,
      opClass: "conv1x1",
    });
    expect(single("Conv", [[1, 8, 5, 5], w(16, 4, 1, 1)], [[1, 16, 5, 5]], { attributes: { group: 2 } })).toMatchObject(
      { macs: 16 * 25 * 4, opClass: "conv1x1" },
    );
    expect(single("Conv", [[1, 8, 5, 5], w(16, 1, 3, 3)], [[1, 16, 5, 5]], { attributes: { group: 8 } })).toMatchObject(
      { macs: 16 * 25 * 9, opClass: "depthwise" },
    );
    expect(single("Conv", [[1, 80, 3000], w(384, 80, 3)], [[1, 384, 3000]])).toMatchObject({
      macs: 384 * 3000 * 80 * 3,
      opClass: "convKxK",
    });
  });

  test("transposed: every element of the input is multiplied into M / groups x k places", () => {
    expect(single("ConvTranspose", [[1, 8, 5, 5], w(8, 4, 2, 2)], [[1, 4, 10, 10]])).toMatchObject({
      macs: 8 * 25 * 4 * 4,
      opClass: "convKxK",
    });
    expect(
      single("ConvTranspose", [[1, 8, 5, 5], w(8, 1, 2, 2)], [[1, 8, 10, 10]], { attributes: { group: 8 } }),
    ).toMatchObject({ macs: 8 * 25 * 4, opClass: "depthwise" });
  });

  test("quantised and fused ones find their weights", () => {
    const scalar = w(1);
    expect(
      single(
        "QLinearConv",
        [[1, 3, 8, 8], scalar, scalar, w(4, 3, 3, 3), scalar, scalar, scalar, scalar],
        [[1, 4, 8, 8]],
      ),
    ).toMatchObject({ macs: 4 * 64 * 27, opClass: "convKxK" });
    expect(single("ConvInteger", [[1, 3, 8, 8], w(4, 3, 1, 1)], [[1, 4, 8, 8]])).toMatchObject({ macs: 4 * 64 * 3 });
    expect(single("FusedConv", [[1, 3, 8, 8], w(4, 3, 3, 3)], [[1, 4, 8, 8]], microsoft)).toMatchObject({
      macs: 4 * 64 * 27,
    });
  });
});

describe("matrix products", () => {
  test("MatMul: batched, and of vectors", () => {
    expect(
      single(
        "MatMul",
        [
          [2, 12, 128, 64],
          [2, 12, 64, 128],
        ],
        [[2, 12, 128, 128]],
      ),
    ).toMatchObject({
      macs: 2 * 12 * 128 * 128 * 64,
      opClass: "gemm",
      weightBytes: 0,
    });
    expect(single("MatMul", [[64], w(64, 10)], [[10]])).toMatchObject({ macs: 640, parameters: 640 });
    expect(single("MatMul", [[3, 64], w(64)], [[3]])).toMatchObject({ macs: 192 });
  });

  test("Gemm: the bias takes none, transA swaps the axes of A", () => {
    expect(
      single("Gemm", [[1, 2048], w(1000, 2048), w(1000)], [[1, 1000]], { attributes: { transB: 1 } }),
    ).toMatchObject({
      macs: 2_048_000,
      parameters: 2_049_000,
    });
    expect(
      single(
        "Gemm",
        [
          [5, 3],
          [5, 7],
        ],
        [[3, 7]],
        { attributes: { transA: 1 } },
      ),
    ).toMatchObject({ macs: 105 });
  });

  test("quantised and fused ones", () => {
    const scalar = w(1);
    expect(single("MatMulInteger", [[4, 8], w(8, 6)], [[4, 6]])).toMatchObject({ macs: 192 });
    expect(
      single("QLinearMatMul", [[4, 8], scalar, scalar, w(8, 6), scalar, scalar, scalar, scalar], [[4, 6]]),
    ).toMatchObject({ macs: 192 });
    expect(
      single("FusedMatMul", [[8, 4], w(8, 6)], [[4, 6]], { ...microsoft, attributes: { transA: 1 } }),
    ).toMatchObject({
      macs: 192,
    });
    expect(single("FusedGemm", [[4, 8], w(8, 6), w(6)], [[4, 6]], microsoft)).toMatchObject({ macs: 192 });
    // K = 64 in blocks of 32: weights are packed as [N, 2, 16].
    expect(
      single("MatMulNBits", [[1, 4, 64], w(6, 2, 16), w(12)], [[1, 4, 6]], {
        ...microsoft,
        attributes: { K: 64, N: 6, bits: 4, block_size: 32 },
      }),
    ).toMatchObject({ macs: 4 * 6 * 64 });
  });

  test("Einsum: one per combination of labels", () => {
    const einsum = (equation: string, operands: readonly Operand[], output: readonly number[]) =>
      single("Einsum", operands, [output], { attributes: { equation } }).macs;
    expect(
      einsum(
        "bhid,bhjd->bhij",
        [
          [2, 3, 4, 8],
          [2, 3, 5, 8],
        ],
        [2, 3, 4, 5],
      ),
    ).toBe(2 * 3 * 4 * 5 * 8);
    expect(
      einsum(
        "ij, jk -> ik",
        [
          [4, 8],
          [8, 6],
        ],
        [4, 6],
      ),
    ).toBe(192);
    expect(
      einsum(
        "...ij,...jk->...ik",
        [
          [7, 2, 4, 8],
          [2, 8, 6],
        ],
        [7, 2, 4, 6],
      ),
    ).toBe(7 * 2 * 192);
    expect(
      einsum(
        "bi,bi->bi",
        [
          [5, 8],
          [1, 8],
        ],
        [5, 8],
      ),
    ).toBe(40);
    expect(einsum("ij->ji", [[4, 8]], [8, 4])).toBe(0);
  });
});

describe("attention", () => {
  // B 2, S 16, D 64, 4 heads of 16.
  test("com.microsoft Attention projects, and attends to the past too", () => {
    const projection = 2 * 16 * 64 * 192;
    expect(single("Attention", [[2, 16, 64], w(64, 192), w(192)], [[2, 16, 64]], microsoft)).toMatchObject({
      macs: projection + 2 * (2 * 16 * 16 * 64),
      opClass: "attention",
    });
    expect(
      single("Attention", [[2, 16, 64], w(64, 192), w(192), null, [2, 2, 4, 10, 16]], [[2, 16, 64]], microsoft),
    ).toMatchObject({ macs: projection + 2 * (2 * 16 * 26 * 64) });
    // Queries and keys of width 32, values of width 64.
    expect(
      single("Attention", [[2, 16, 64], w(64, 128), w(128)], [[2, 16, 64]], {
        ...microsoft,
        attributes: { num_heads: 4, qkv_hidden_sizes: [32, 32, 64] },
      }),
    ).toMatchObject({ macs: 2 * 16 * 64 * 128 + 2 * 16 * 16 * (32 + 64) });
  });

  test("QAttention has its past in another place", () => {
    const scalar = w(1);
    const operands = [[2, 16, 64], w(64, 192), w(192), scalar, scalar, null, scalar, scalar, [2, 2, 4, 10, 16]];
    expect(single("QAttention", operands, [[2, 16, 64]], microsoft)).toMatchObject({
      macs: 2 * 16 * 64 * 192 + 2 * (2 * 16 * 26 * 64),
    });
  });

  test("MultiHeadAttention: cross attention, packed operands, past keys", () => {
    const attention = (operands: readonly Operand[], outputs: readonly (readonly number[])[] = [[2, 16, 64]]) =>
      single("MultiHeadAttention", operands, outputs, { ...microsoft, attributes: { num_heads: 4 } }).macs;
    expect(
      attention([
        [2, 16, 64],
        [2, 20, 64],
        [2, 20, 64],
      ]),
    ).toBe(2 * (2 * 16 * 20 * 64));
    expect(
      attention([
        [2, 16, 64],
        [2, 20, 4, 2, 16],
      ]),
    ).toBe(2 * (2 * 16 * 20 * 64));
    expect(attention([[2, 16, 4, 3, 16]])).toBe(2 * (2 * 16 * 16 * 64));
    const past = [2, 4, 10, 16];
    const operands = [[2, 16, 64], [2, 16, 64], [2, 16, 64], null, null, null, past, past];
    expect(attention(operands)).toBe(2 * (2 * 16 * 26 * 64));
  });

  test("GroupQueryAttention: fewer heads of keys, packed, length from the present keys", () => {
    const options = { ...microsoft, attributes: { num_heads: 4, kv_num_heads: 2 } };
    const past = [2, 2, 10, 16];
    const expected = 2 * (2 * 1 * 11 * 64);
    expect(single("GroupQueryAttention", [[2, 1, 64], [2, 1, 32], [2, 1, 32], past], [[2, 1, 64]], options).macs).toBe(
      expected,
    );
    expect(
      single(
        "GroupQueryAttention",
        [[2, 1, 128], null, null, past, past],
        [
          [2, 1, 64],
          [2, 2, 11, 16],
        ],
        options,
      ).macs,
    ).toBe(expected);
  });

  test("ai.onnx Attention on 3-D and 4-D operands", () => {
    const expected = 2 * (2 * 16 * 20 * 64);
    const three = [
      [2, 16, 64],
      [2, 20, 64],
      [2, 20, 64],
    ];
    expect(single("Attention", three, [[2, 16, 64]], { attributes: { q_num_heads: 4 } }).macs).toBe(expected);
    const four = [
      [2, 4, 16, 16],
      [2, 4, 20, 16],
      [2, 4, 20, 16],
    ];
    expect(single("Attention", four, [[2, 4, 16, 16]])).toMatchObject({ macs: expected, opClass: "attention" });
  });
});

test("recurrent ops multiply by W and R at every step", () => {
  // One direction, S 10, B 2, I 32, H 64.
  const lstm = single("LSTM", [[10, 2, 32], w(1, 256, 32), w(1, 256, 64), w(1, 512)], [[10, 1, 2, 64]]);
  expect(lstm).toMatchObject({
    macs: 10 * 2 * (256 * 32 + 256 * 64),
    opClass: "recurrent",
    parameters: 256 * 32 + 256 * 64 + 512,
  });
  expect(single("GRU", [[10, 2, 32], w(2, 192, 32), w(2, 192, 64)], [[10, 2, 2, 64]]).macs).toBe(
    10 * 2 * 2 * (192 * 32 + 192 * 64),
  );
});

describe("ops without multiply-accumulates", () => {
  test("keep their bytes; views too", () => {
    const relu = single("Relu", [[1, 8, 4, 4]], [[1, 8, 4, 4]]);
    expect(relu).toMatchObject({ macs: 0, opClass: "elementwise", inputBytes: 512, outputBytes: 512, weightBytes: 0 });
    const view = single("Flatten", [[1, 8, 4, 4]], [[1, 128]]);
    expect(view).toMatchObject({ macs: 0, opClass: "view", inputBytes: 512, outputBytes: 512 });
    expect(single("MaxPool", [[1, 8, 4, 4]], [[1, 8, 2, 2]]).opClass).toBe("pool");
    expect(single("Softmax", [[1, 8]], [[1, 8]]).opClass).toBe("normalization");
    expect(single("Transpose", [[1, 8]], [[8, 1]]).opClass).toBe("movement");
    expect(single("NonZero", [[8]], [[1, null]])).toMatchObject({ macs: 0, opClass: "other", outputBytes: Number.NaN });
  });
});

describe("what is not known", () => {
  test("an open dimension, an undescribed op, a known name in a foreign domain give NaN", () => {
    expect(single("MatMul", [["batch", 64], w(64, 10)], [["batch", 10]])).toMatchObject({
      macs: Number.NaN,
      inputBytes: Number.NaN,
      parameters: 640,
    });
    expect(single("Mystery", [[1, 8]], [[1, 8]])).toMatchObject({ macs: Number.NaN, opClass: "other", inputBytes: 32 });
    expect(single("Conv", [[1, 8, 5, 5], w(16, 8, 1, 1)], [[1, 16, 5, 5]], { domain: "my.domain" })).toMatchObject({
      macs: Number.NaN,
      opClass: "other",
    });
    expect(single("PackedAttention", [[20, 64], w(64, 192)], [[20, 64]], microsoft).macs).toBeNaN();
  });

  test("NaN reaches the total", () => {
    const builder = new ModelBuilder({ name: "m" });
    const x = builder.input("x", "float", ["batch", 8]);
    builder.output(builder.node("MatMul", [x, builder.weight("w", [8, 4], 1)]));
    const { totals } = modelCosts(builder);
    expect(totals).toEqual({ ops: 1, macs: Number.NaN, parameters: 32, weightBytes: 128 });
  });
});

test("parameters are float and 8-bit constants, each once in the total; shape arguments are none", () => {
  const builder = new ModelBuilder({ name: "m" });
  const x = builder.input("x", "float", [8, 8]);
  const shared = builder.weight("w", [8, 8], 1);
  const first = builder.node("MatMul", [x, shared]);
  const second = builder.node("MatMul", [first, shared]);
  const quantised = create(TensorProtoSchema, {
    name: "q",
    dataType: TensorProto_DataType.INT8,
    dims: [8n, 4n],
    rawData: new Uint8Array(32),
  });
  const third = builder.node("MatMulInteger", [second, builder.initializer(quantised)]);
  builder.output(builder.node("Reshape", [third, builder.integers("shape", [4, 8])]), "float", [4, 8]);
  const { costs, totals } = modelCosts(builder);
  expect([...costs.parameters]).toEqual([64, 64, 32, 0]);
  expect([...costs.weightBytes]).toEqual([256, 256, 32, 16]);
  expect(totals).toMatchObject({ ops: 4, parameters: 96, weightBytes: 256 + 32 + 16 });
});

test("every op type belongs to one family", () => {
  const types = OP_FAMILIES.flatMap((family) => family.types);
  expect(types.length).toBeGreaterThan(250);
  expect(new Set(types).size).toBe(types.length);
  expect(types).not.toContain("");
});
