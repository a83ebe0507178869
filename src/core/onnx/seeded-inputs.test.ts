import { describe, expect, test } from "vitest";
import { unwrap } from "../result.ts";
import { ModelBuilder } from "../testing/model-builder.ts";
import { transformer } from "../testing/samples/transformer.ts";
import { decodeModel } from "./decode.ts";
import type { Dimension, ElementType, Model } from "./model.ts";
import { type SeededInput, seededInputs } from "./seeded-inputs.ts";
import { bytesSource } from "./source.ts";

const NONE = new Map<string, number>();

const decode = (bytes: Uint8Array): Model => unwrap(decodeModel(bytesSource("m.onnx", bytes)));

/** A model that does nothing with one input. */
function oneInput(name: string, type: ElementType, shape: readonly Dimension[] | null): Model {
  const net = new ModelBuilder({ name: "one" });
  return decode(net.output(net.node("Identity", [net.input(name, type, shape)]), type).bytes());
}

function only(model: Model, bindings: ReadonlyMap<string, number> = NONE, seed?: number): SeededInput {
  const [input, ...others] = unwrap(seededInputs(model, bindings, seed));
  if (input === undefined || others.length > 0) throw new Error("expected one input");
  return input;
}

const numbers = ({ data }: SeededInput) => Array.from(data as ArrayLike<number | bigint>, Number);

describe("values", () => {
  test("floats are uniform in [0, 1)", () => {
    const values = numbers(only(oneInput("x", "float", [1, 3, 32, 32])));
    expect(values).toHaveLength(3072);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values)).toBeLessThan(1);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(mean).toBeGreaterThan(0.48);
    expect(mean).toBeLessThan(0.52);
  });

  test("halves are numbers from 0.5 to 1", () => {
    const bits = numbers(only(oneInput("x", "float16", [64])));
    // A half from 0.5 on and below 1: sign 0, exponent 14, any fraction.
    for (const half of bits) expect(half >> 10).toBe(14);
    expect(new Set(bits).size).toBeGreaterThan(32);
  });

  test.each([
    ["attention_mask", "int64", 1, 1],
    ["attention_mask", "float", 1, 1],
    ["mask", "float16", 0x3c00, 0x3c00],
    ["token_type_ids", "int64", 0, 0],
    ["lengths", "int32", 1, 1],
    ["flag", "bool", 1, 1],
    ["image", "uint8", 0, 255],
    ["image", "int8", -128, 127],
  ] as const)("%s of type %s is from %d to %d", (name, type, low, high) => {
    const values = numbers(only(oneInput(name, type, [64, 64])));
    expect(Math.min(...values)).toBe(low);
    expect(Math.max(...values)).toBe(high);
  });

  test("texts are texts", () => {
    expect(only(oneInput("words", "string", [2])).data).toEqual(["text", "text"]);
  });

  test("a scalar has one element", () => {
    expect(only(oneInput("rate", "int64", []))).toMatchObject({ dims: [], data: BigInt64Array.of(1n) });
  });

  test("open dimensions take their size", () => {
    const input = only(oneInput("x", "float", ["batch", 4]), new Map([["batch", 3]]));
    expect(input.dims).toEqual([3, 4]);
    expect(numbers(input)).toHaveLength(12);
  });
});

describe("the same seed", () => {
  test("gives the same tensors, another seed others", () => {
    const model = oneInput("x", "float", [100]);
    expect(only(model, NONE, 7).data).toEqual(only(model, NONE, 7).data);
    expect(only(model, NONE, 8).data).not.toEqual(only(model, NONE, 7).data);
  });

  test("gives an input the same tensor whatever other inputs there are", () => {
    const net = new ModelBuilder({ name: "two" });
    const sum = net.node("Add", [net.input("other", "float", [9]), net.input("x", "float", [9])]);
    const both = unwrap(seededInputs(decode(net.output(sum).bytes()), NONE));
    expect(both.find(({ name }) => name === "x")?.data).toEqual(only(oneInput("x", "float", [9])).data);
    expect(both[0]?.data).not.toEqual(both[1]?.data);
  });
});

describe("ids", () => {
  test("lie within the table that they index, here a product of two constants", () => {
    const model = decode(transformer({ layers: 1, hidden: 8, heads: 2, vocabulary: 50, positions: 16 }));
    const sizes = new Map([
      ["batch", 4],
      ["sequence", 16],
    ]);
    const inputs = new Map(unwrap(seededInputs(model, sizes)).map((input) => [input.name, input]));
    const ids = inputs.get("input_ids");
    if (ids === undefined) throw new Error("the transformer reads input_ids");
    const values = numbers(ids);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values)).toBeLessThan(50);
    expect(new Set(values).size).toBeGreaterThan(20);
    const mask = inputs.get("attention_mask");
    expect(mask === undefined ? [] : numbers(mask)).toEqual(new Array(64).fill(1));
  });

  test("lie within the smallest of several tables, along the axis that is indexed, through a cast", () => {
    const net = new ModelBuilder({ name: "tables" });
    const ids = net.input("ids", "int32", [200]);
    const wide = net.node("Cast", [ids], { attributes: { to: 7 } });
    const rows = net.node("Gather", [net.vector("rows", [90, 3], 0, 1), wide]);
    const columns = net.node("Gather", [net.vector("columns", [3, 7], 0, 1), wide], { attributes: { axis: 1 } });
    const values = numbers(only(decode(net.output(rows).output(columns).bytes())));
    expect(Math.min(...values)).toBe(0);
    expect(Math.max(...values)).toBe(6);
  });
});

describe("what cannot be made up is refused by a sentence", () => {
  test.each([
    [oneInput("x", "float", null), '"m.onnx": the input "x" has no shape in the file'],
    [oneInput("x", "float", ["height"]), '"m.onnx": the input "x" has an open dimension, "height"'],
    [oneInput("x", "bfloat16", [1]), '"m.onnx": the input "x" has elements of type bfloat16'],
    [oneInput("x", "float", [1e6, 1e6]), '"m.onnx": the input "x" has 1,000,000,000,000 elements'],
  ])("case %#", (model, sentence) => {
    const inputs = seededInputs(model, NONE);
    expect(inputs.ok ? "" : inputs.error).toContain(sentence);
  });
});
