import { describe, expect, test } from "vitest";
import type { Dimension, ElementType, TensorType } from "../model.ts";
import { fillIn, interpretOutputs, isConcrete, isResolved, mergeTypes } from "./interpret.ts";

const tensor = (shape: readonly Dimension[] | null, elementType: ElementType = "float"): TensorType => ({
  kind: "tensor",
  elementType,
  shape,
});
const other: TensorType = { kind: "other", elementType: "undefined", shape: null };
const output = (name: string, shape: readonly (number | string)[], type = "float32") =>
  ({ name, isTensor: true, type, shape }) as const;

describe("interpretOutputs", () => {
  const read = (shape: readonly (number | string)[], type?: string) =>
    interpretOutputs([output("x", shape, type)], [], new Map([["batch", 4]])).get("x");

  test("sizes, names, bound names, anonymous dimensions", () => {
    expect(read([1, 2])).toEqual(tensor([1, 2]));
    expect(read(["batch", "tokens"])).toEqual(tensor([4, "tokens"]));
    expect(read([4_294_967_295, -1, ""])).toEqual(tensor([null, null, null]));
    expect(read([0, 4])).toEqual(tensor([0, 4]));
  });

  test("element types by the runtime's names", () => {
    expect(read([1], "float64")?.elementType).toBe("double");
    expect(read([1], "int4")?.elementType).toBe("int4");
    expect(read([1], "novel")?.elementType).toBe("undefined");
  });

  test("`[]` is unknown until its shape was asked for", () => {
    expect(read([])).toEqual(tensor(null));
    const probed = (...rank: (number | string)[]) =>
      interpretOutputs([output("x", []), output("x:shape-probe", rank, "int64")], ["x"], new Map());
    expect(probed(0)).toEqual(new Map([["x", tensor([])]]));
    expect(probed(3)).toEqual(new Map([["x", tensor([null, null, null])]]));
    expect(probed(4_294_967_295)).toEqual(new Map([["x", tensor(null)]]));
    expect(probed("rank")).toEqual(new Map([["x", tensor(null)]]));
  });

  test("what is no tensor", () => {
    expect(interpretOutputs([{ name: "s", isTensor: false }], [], new Map())).toEqual(new Map([["s", other]]));
  });
});

test("concrete and resolved", () => {
  expect([tensor([]), tensor([1]), tensor(["n"]), tensor([null]), tensor(null), other].map(isConcrete)).toEqual([
    true,
    true,
    false,
    false,
    false,
    false,
  ]);
  expect([tensor([1]), tensor(null), other].map(isResolved)).toEqual([true, false, true]);
});

test("of two passes the one that says more counts, the earlier one in doubt", () => {
  const types = [tensor(null, "undefined"), tensor(null), tensor([null, null]), tensor(["n", null]), tensor(["n", 2])];
  for (const [i, less] of types.entries()) {
    for (const more of types.slice(i + 1)) {
      expect(mergeTypes(new Map([["x", less]]), new Map([["x", more]])).get("x")).toBe(more);
      expect(mergeTypes(new Map([["x", more]]), new Map([["x", less]])).get("x")).toBe(more);
    }
  }
  expect(mergeTypes(new Map([["x", tensor([1])]]), new Map([["x", tensor([2])]])).get("x")).toEqual(tensor([1]));
  expect(mergeTypes(new Map(), new Map([["x", other]])).get("x")).toBe(other);
});

test("declarations fill gaps, and contradict nothing", () => {
  const filled = (known: TensorType | null, said: TensorType) =>
    fillIn(new Map(known === null ? [] : [["x", known]]), new Map([["x", said]])).get("x");
  expect(filled(null, tensor([3]))).toEqual(tensor([3]));
  expect(filled(tensor(null), tensor([3]))).toEqual(tensor([3]));
  expect(filled(tensor([null, 4]), tensor([3, 4]))).toEqual(tensor([3, 4]));
  expect(filled(tensor([null, 4]), tensor([3, 5]))).toEqual(tensor([null, 4]));
  expect(filled(tensor([null, 4]), tensor([3, 4, 5]))).toEqual(tensor([null, 4]));
  expect(filled(tensor([null]), tensor([3], "int64"))).toEqual(tensor([null]));
  expect(filled(other, tensor([3]))).toBe(other);
});
