import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { decodeModel } from "../core/onnx/decode.ts";
import type { DimensionBindings, Model } from "../core/onnx/model.ts";
import { isResolved } from "../core/onnx/shapes/interpret.ts";
import { openDimensions } from "../core/onnx/shapes/open-dimensions.ts";
import { usualSizes } from "../core/onnx/shapes/usual-sizes.ts";
import { wantedTensors } from "../core/onnx/shapes/wanted.ts";
import { bytesSource } from "../core/onnx/source.ts";
import { unwrap } from "../core/result.ts";
import { inferTypes } from "./shape-oracle.ts";
import { actualTypes } from "./testing/actual-types.ts";

/** Real models beside the project; see the README there for where they come from. */
const folder = new URL("../../../shared/models/", import.meta.url);
const present = existsSync(folder);
if (!present) console.log(`shape oracle: real models skipped, ${folder.pathname} is absent`);
const files = present ? readdirSync(folder).filter((name) => name.endsWith(".onnx")) : [];

/** Models that run within a second or so: their inferred types are compared with what a run yields. */
const RUN = [
  "basic_pitch_nmp.onnx",
  "dtln_model_1.onnx",
  "fastestdet.onnx",
  "go1_policy.onnx",
  "magika_v3_3.onnx",
  "mnist-8.onnx",
  "ppocr_v4_cls.onnx",
  "silero_vad_ifless.onnx",
  "squeezenet_fp16.onnx",
  "t5_random_encoder.onnx",
  "tiny_gpt2_fp32.onnx",
  "ultraface_rfb320.onnx",
  "yunet_n_320.onnx",
  "yunet_n_dynamic.onnx",
];

const bytesOf = (file: string) => new Uint8Array(readFileSync(new URL(file, folder)));
const open = (file: string): Model => unwrap(decodeModel(bytesSource(file, bytesOf(file))));

/** The suggested size of each open dimension, else the most usual one. */
function defaultBindings(model: Model): DimensionBindings {
  return new Map(
    openDimensions(model).map((dimension) => {
      const size = dimension.suggested ?? usualSizes(dimension, model)[0];
      if (size === undefined) throw new Error(`${model.fileName}: no size is usual for ${dimension.name}`);
      return [dimension.name, size];
    }),
  );
}

function wantedOf({ proto, fileName }: Model): string[] {
  if (proto.graph === undefined) throw new Error(`${fileName} has no graph`);
  return wantedTensors(proto.graph);
}

describe.skipIf(!present)("models of the corpus", () => {
  test("all tensors of all get a type and a shape, without weights and external files", async () => {
    const lines: string[] = [];
    let [total, resolved] = [0, 0];
    for (const file of files) {
      const model = open(file);
      const { types, unresolved, passes, warning } = await inferTypes(model, defaultBindings(model));
      const wanted = wantedOf(model);
      const known = wanted.filter((name) => {
        const type = types.get(name);
        return type !== undefined && type.elementType !== "undefined" && isResolved(type);
      });
      expect({ file, warning, known: known.length }).toEqual({
        file,
        warning: null,
        known: wanted.length - unresolved.length,
      });
      total += wanted.length;
      resolved += known.length;
      lines.push(`${file}: ${known.length} of ${wanted.length}, last pass ${passes}`);
    }
    console.log(`shape oracle: ${files.length} models, ${resolved} of ${total} tensors\n  ${lines.join("\n  ")}`);
    expect(files.length).toBeGreaterThan(20);
    expect(resolved).toBe(total);
  }, 60_000);

  test.each(RUN)(
    "%s: inferred types are those of a run",
    async (file) => {
      const model = open(file);
      const { types } = await inferTypes(model, defaultBindings(model));
      const actual = await actualTypes(bytesOf(file), types, wantedOf(model));
      expect(actual.size).toBeGreaterThan(3);
      for (const [name, type] of actual) expect({ name, type: types.get(name) }).toEqual({ name, type });
    },
    60_000,
  );

  test("other sizes give other shapes, those of a run again", async () => {
    const file = "yunet_n_dynamic.onnx";
    const model = open(file);
    const { types } = await inferTypes(
      model,
      new Map([
        ["batch", 2],
        ["height", 96],
        ["width", 160],
      ]),
    );
    expect(types.get("input")?.shape).toEqual([2, 3, 96, 160]);
    const actual = await actualTypes(bytesOf(file), types, wantedOf(model));
    for (const [name, type] of actual) expect({ name, type: types.get(name) }).toEqual({ name, type });
  });
});
