import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { decodeModel } from "../core/onnx/decode.ts";
import type { DimensionBindings, Model, TensorType } from "../core/onnx/model.ts";
import { inferShapes } from "../core/onnx/shapes/infer-shapes.ts";
import { isResolved } from "../core/onnx/shapes/interpret.ts";
import { openDimensions } from "../core/onnx/shapes/open-dimensions.ts";
import { reconcile } from "../core/onnx/shapes/reconcile.ts";
import { usualSizes } from "../core/onnx/shapes/usual-sizes.ts";
import { openTensors, wantedTensors } from "../core/onnx/shapes/wanted.ts";
import { bytesSource } from "../core/onnx/source.ts";
import { isConstantNode } from "../core/onnx/subgraphs.ts";
import { wireNodes } from "../core/onnx/wiring.ts";
import { unwrap } from "../core/result.ts";
import { inferTypes } from "./shape-oracle.ts";

/** Real models beside the project; see the README there for where they come from. */
const folder = new URL("../../../shared/models/", import.meta.url);
const present = existsSync(folder);
if (!present) console.log(`own inference of shapes: real models skipped, ${folder.pathname} is absent`);
const files = present ? readdirSync(folder).filter((name) => name.endsWith(".onnx")) : [];

const open = (file: string): Model =>
  unwrap(decodeModel(bytesSource(file, new Uint8Array(readFileSync(new URL(file, folder))))));

function usualBindings(model: Model): DimensionBindings {
  return new Map(
    openDimensions(model).map((dimension) => {
      const size = dimension.suggested ?? usualSizes(dimension, model)[0];
      if (size === undefined) throw new Error(`${model.fileName}: no size is usual for ${dimension.name}`);
      return [dimension.name, size];
    }),
  );
}

const inferOwn = (model: Model, bindings: DimensionBindings) =>
  inferShapes(model, unwrap(wireNodes(model)), { bindings });

/** Inputs and what nodes write: the tensors that both speak of. */
const resolvedIn = (types: ReadonlyMap<string, TensorType>, names: Iterable<string>) =>
  [...names].filter((name) => {
    const type = types.get(name);
    return type !== undefined && isResolved(type);
  });

describe.skipIf(!present)("own inference of shapes on real models", () => {
  test("says what onnxruntime says, and of as many tensors, dimensions bound", { timeout: 120_000 }, async () => {
    const lines: string[] = [];
    let [tensors, equal] = [0, 0];
    for (const file of files) {
      const model = open(file);
      const bindings = usualBindings(model);
      const own = inferOwn(model, bindings);
      const oracle = await inferTypes(model, bindings);
      const { differences } = reconcile(own.types, oracle.types);
      expect({ file, differences }).toEqual({ file, differences: [] });
      const constants = new Set(model.proto.graph?.node.filter(isConstantNode).flatMap(({ output }) => output));
      const told = resolvedIn(oracle.types, oracle.types.keys()).filter((name) => !constants.has(name));
      const both = resolvedIn(own.types, told);
      expect({ file, missing: told.filter((name) => !both.includes(name)) }).toEqual({ file, missing: [] });
      const { graph } = model.proto;
      const wanted = graph === undefined ? [] : wantedTensors(graph);
      expect({ file, open: openTensors(unwrap(wireNodes(model)), own.types) }).toEqual({ file, open: [] });
      tensors += told.length;
      equal += both.length;
      lines.push(`${file}: ${both.length} of ${told.length} tensors, ${wanted.length} of the main graph`);
    }
    console.log(
      `own inference: ${files.length} models, ${equal} of ${tensors} tensors as onnxruntime\n  ${lines.join("\n  ")}`,
    );
    expect(files.length).toBeGreaterThan(20);
    expect(tensors).toBeGreaterThan(3000);
  });
});
