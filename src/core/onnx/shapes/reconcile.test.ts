import { describe, expect, test } from "vitest";
import type { Dimension, TensorType } from "../model.ts";
import { addedText, differencesText, reconcile } from "./reconcile.ts";

const float = (shape: readonly Dimension[] | null): TensorType => ({ kind: "tensor", elementType: "float", shape });
const OTHER: TensorType = { kind: "other", elementType: "undefined", shape: null };
const laid = (own: TensorType, runtime: TensorType, given?: TensorType) =>
  reconcile(
    new Map([["t", own]]),
    new Map([["t", runtime]]),
    given === undefined ? undefined : new Map([["t", given]]),
  );

describe("what a runtime says over what we inferred", () => {
  test.each([
    [float([1, 3]), float([1, 3])],
    [float([1, 3]), float(null)],
    [float([1, "n"]), float([1, null])],
    [OTHER, OTHER],
  ])("adds nothing: %j, %j", (own, runtime) => {
    const { types, differences, added, changed } = laid(own, runtime);
    expect({ type: types.get("t"), differences, added, changed }).toEqual({
      type: own,
      differences: [],
      added: [],
      changed: false,
    });
  });

  test.each([
    [float([null, 3]), float([2, null]), float([2, 3]), ["t"]],
    [float(null), float([2, 3]), float([2, 3]), ["t"]],
    [float([null, null]), float([2, "n"]), float([2, "n"]), []],
    [{ ...float(null), elementType: "undefined" } as TensorType, OTHER, OTHER, ["t"]],
  ])("says more: %j, %j", (own, runtime, both, added) => {
    expect(laid(own, runtime)).toMatchObject({ differences: [], added, changed: true });
    expect(laid(own, runtime).types.get("t")).toEqual(both);
  });

  test.each([
    [float([1, 3]), float([1, 4])],
    [float([1, 3]), float([3])],
    [float([1]), { ...float([1]), elementType: "int64" } as TensorType],
    [float([1]), OTHER],
  ])("contradicts: %j, %j; its word holds and is reported", (own, runtime) => {
    const { types, differences, changed } = laid(own, runtime);
    expect({ differences, changed }).toEqual({ differences: [{ tensor: "t", own, runtime }], changed: true });
    expect(types.get("t")).toEqual(runtime);
    expect(differencesText("m.onnx", differences)).toMatch(/^"m\.onnx": .*one tensor.*"t" is .*, not .*\.$/);
  });

  test("what a person stated stays; constants are left alone", () => {
    expect(laid(float([5]), float([6]), float([5]))).toMatchObject({ changed: false, differences: [] });
    expect(reconcile(new Map(), new Map([["w", float([2])]]))).toMatchObject({ changed: false, added: [] });
  });

  test("texts name the first few and count the rest", () => {
    expect(differencesText("m", [])).toBeNull();
    expect(addedText("m", [])).toBeNull();
    expect(addedText("m", ["a", "b", "c", "d", "e"])).toBe(
      '"m": onnxruntime has told the types of tensors that were open before: "a", "b", "c" and 2 more.',
    );
  });
});
