import { describe, expect, test } from "vitest";
import { unwrap } from "../../result.ts";
import { ModelBuilder } from "../../testing/model-builder.ts";
import { decodeModel } from "../decode.ts";
import type { Dimension, ElementType } from "../model.ts";
import { bytesSource } from "../source.ts";
import { bindDimensions, openDimensions } from "./open-dimensions.ts";
import { usualSizes } from "./usual-sizes.ts";

type Input = readonly [name: string, elementType: ElementType, shape: readonly Dimension[] | null];

function modelOf(inputs: readonly Input[]) {
  const builder = new ModelBuilder({ name: "m" });
  for (const [name, elementType, shape] of inputs) builder.input(name, elementType, shape);
  builder.output(builder.node("Relu", [builder.weight("w", [4, 4], 1)]));
  return unwrap(decodeModel(bytesSource("m.onnx", builder.bytes())));
}

const openIn = (...inputs: Input[]) => openDimensions(modelOf(inputs));

/** Usual sizes of every open dimension, by name. */
function usualIn(...inputs: Input[]): Record<string, readonly number[]> {
  const model = modelOf(inputs);
  return Object.fromEntries(openDimensions(model).map((dimension) => [dimension.name, usualSizes(dimension, model)]));
}

describe("openDimensions", () => {
  test("names once, where they first occur; anonymous ones by input and axis", () => {
    expect(
      openIn(["ids", "int64", ["batch", "tokens"]], ["mask", "int64", ["batch", "tokens"]], ["x", "float", [2, null]]),
    ).toEqual([
      { name: "batch", input: "ids", axis: 0, suggested: 1 },
      { name: "tokens", input: "ids", axis: 1, suggested: null },
      { name: "x:1", input: "x", axis: 1, suggested: null },
    ]);
  });

  test("fixed shapes and unknown ranks leave nothing open", () => {
    expect(openIn(["x", "float", [1, 3, 8, 8]], ["sr", "int64", []], ["any", "float", null])).toEqual([]);
  });

  test.each(["N", "batch", "batch_size", "BatchSize", "bs", "dynamic_batch", "batch_1"])("%s is a batch", (name) => {
    expect(openIn(["x", "float", [3, name, 8]])).toMatchObject([{ name, suggested: 1 }]);
  });

  test.each(["unk__607", "p2o.DynamicDimension.0", "None", "?", "s0", null])(
    "%s is a batch where it comes first",
    (name) => {
      expect(openIn(["x", "float", [name, 3, 8]])).toMatchObject([{ axis: 0, suggested: 1 }]);
      expect(openIn(["x", "float", [8, 3, name]])).toMatchObject([{ axis: 2, suggested: null }]);
      expect(openIn(["x", "float", [name]])).toMatchObject([{ axis: 0, suggested: null }]);
    },
  );

  test.each(["height", "sequence", "num_boxes", "nose"])("%s is asked for, also where it comes first", (name) => {
    expect(openIn(["x", "float", [name, 3, 8]])).toMatchObject([{ name, suggested: null }]);
  });

  test("initializers that the file lists as inputs are none", () => {
    const model = modelOf([
      ["x", "float", ["n", 4]],
      ["w", "float", ["odd", 4]],
    ]);
    expect(openDimensions(model)).toMatchObject([{ name: "n" }]);
  });
});

describe("bindDimensions", () => {
  const open = openIn(["x", "float", ["batch", 3, "height", "width"]]).map((dimension) => ({
    ...dimension,
    usual: dimension.name === "width" ? [640] : [],
  }));
  const bind = (given: ReadonlyMap<string, number>, assumeUsual = false) =>
    bindDimensions("m.onnx", open, given, assumeUsual);

  test("takes what is given, then what is suggested; the rest stays open", () => {
    expect(unwrap(bind(new Map([["height", 224]])))).toEqual(
      new Map([
        ["batch", 1],
        ["height", 224],
      ]),
    );
    expect(unwrap(bind(new Map([["batch", 8]])))).toEqual(new Map([["batch", 8]]));
  });

  test("assumes what is usual where that is asked for", () => {
    expect(unwrap(bind(new Map([["height", 5]]), true))).toEqual(
      new Map([
        ["batch", 1],
        ["height", 5],
        ["width", 640],
      ]),
    );
  });

  test("names what does not fit", () => {
    expect(bind(new Map([["depth", 4]]))).toEqual({
      ok: false,
      error: '"m.onnx" has no open dimension "depth"; its open dimensions are "batch", "height", "width".',
    });
    expect(bindDimensions("m.onnx", [], new Map([["n", 4]]))).toEqual({
      ok: false,
      error: '"m.onnx" has no open dimension "n"; its inputs leave none open.',
    });
    for (const size of [0, -1, 1.5, Number.NaN, 1_000_001]) {
      expect(bind(new Map([["height", size]]))).toEqual({
        ok: false,
        error: `"m.onnx": dimension "height" was given the size ${size}; a whole number from 1 to 1,000,000 was expected.`,
      });
    }
  });
});

describe("usualSizes", () => {
  test("pictures, channels first and last, and videos", () => {
    const first = usualIn(["x", "float", ["batch", 3, "h", "w"]]);
    expect(first["batch"]?.[0]).toBe(1);
    expect([first["h"], first["w"]]).toEqual([
      [224, 320, 640],
      [224, 320, 640],
    ]);
    expect(usualIn(["x", "uint8", [1, null, null, 3]])["x:1"]).toEqual([224, 320, 640]);
    expect(usualIn(["x", "float", [1, 3, "frames", 224, 224]])["frames"]?.[0]).toBe(16);
  });

  test("text, sound and spectrograms", () => {
    expect(usualIn(["ids", "int64", ["batch", "sequence"]])["sequence"]?.[0]).toBe(128);
    expect(usualIn(["ids", "int64", [null, null]])["ids:1"]?.[0]).toBe(128);
    expect(usualIn(["audio", "float", [1, "samples"]])["samples"]).toContain(16_000);
    expect(usualIn(["mel", "float", [1, 80, "frames"]])["frames"]?.[0]).toBe(3000);
    expect(usualIn(["x", "float", [1, "sequence", 768]])["sequence"]?.[0]).toBe(128);
  });

  test("with a cache, past and new tokens add up to the total", () => {
    const usual = usualIn(
      ["ids", "int64", ["batch", "seq_len"]],
      ["mask", "int64", ["batch", "total_seq_len"]],
      ["past", "float", ["batch", 4, "past_seq_len", 8]],
    );
    const size = (name: string) => usual[name]?.[0] ?? Number.NaN;
    expect(size("seq_len") + size("past_seq_len")).toBe(size("total_seq_len"));
    expect(usualIn(["p", "float", ["past_len"]], ["m", "int64", [1, "past_len + 1"]])["past_len + 1"]?.[0]).toBe(128);
  });

  test("nothing where nothing is usual", () => {
    expect(usualIn(["x", "float", [1, "boxes", 4]])["boxes"]).toEqual([]);
  });
});
