import { expect, test } from "vitest";
import { decodeModel } from "../core/onnx/decode.ts";
import type { TensorType } from "../core/onnx/model.ts";
import { inferShapes } from "../core/onnx/shapes/infer-shapes.ts";
import { isResolved } from "../core/onnx/shapes/interpret.ts";
import { typeText } from "../core/onnx/shapes/type-text.ts";
import { bytesSource } from "../core/onnx/source.ts";
import { wireNodes } from "../core/onnx/wiring.ts";
import { unwrap } from "../core/result.ts";
import { ModelBuilder } from "../core/testing/model-builder.ts";
import { createRandom } from "../core/testing/random.ts";
import { actualTypes } from "./testing/actual-types.ts";
import { Draw, SUBJECTS, type Subject } from "./testing/op-subjects.ts";

/** A network of that one op, and the names of its outputs. */
function modelOf(key: string, subject: Subject): { bytes: Uint8Array; outputs: string[] } {
  const words = key.split(" ");
  const domain = words[0]?.includes(".") === true ? (words[0] ?? "") : "";
  const type = (domain === "" ? words[0] : words[1]) ?? "";
  const domains = new Map(domain === "" ? [] : [[domain, 1]]);
  const net = new ModelBuilder({ name: "net", opset: subject.opset ?? 17, domains });
  const inputs = subject.inputs.map((input, place) => {
    if (input === null) return "";
    if ("ints" in input) return net.integers(`i${place}`, input.ints, input.scalar ? [] : [input.ints.length]);
    if ("floats" in input)
      return net.floats(`i${place}`, input.floats, input.floats.length === 1 ? [] : [input.floats.length]);
    const [elementType, shape] = input;
    // A zero point or the like of one element is a scalar.
    return net.input(
      `i${place}`,
      elementType,
      elementType !== "float" && shape.length === 1 && shape[0] === 1 && place > 0 ? [] : shape,
    );
  });
  const outputs = Array.from({ length: subject.outputs ?? 1 }, (_, place) => `o${place}`);
  net.node(type, inputs, {
    name: "op",
    domain,
    outputs,
    ...(subject.attributes === undefined ? {} : { attributes: subject.attributes }),
  });
  for (const output of outputs) net.output(output);
  return { bytes: net.bytes(), outputs };
}

function declaredOpen(type: TensorType | undefined): string {
  return type === undefined ? "nothing" : typeText(type);
}

const TRIES = 3;

test("ops with random sizes and attributes: nothing that we infer differs from a run of onnxruntime", {
  timeout: 120_000,
}, async () => {
  const random = createRandom(20_240_607);
  const [refused, open] = [new Map<string, string>(), new Set<string>()];
  let [models, tensors] = [0, 0];
  const draws = new Draw(random);
  for (const [key, make] of Object.entries(SUBJECTS)) {
    let accepted = 0;
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const subject = make(draws);
      const { bytes, outputs } = modelOf(key, subject);
      const model = unwrap(decodeModel(bytesSource("op.onnx", bytes)));
      const { types, reasons } = inferShapes(model, unwrap(wireNodes(model)), { bindings: new Map() });
      let actual: ReadonlyMap<string, TensorType>;
      try {
        actual = await actualTypes(bytes, types, outputs);
      } catch (reason) {
        refused.set(key, String(reason).slice(0, 200));
        continue;
      }
      accepted++;
      models++;
      for (const [name, truth] of actual) {
        const own = types.get(name);
        if (own !== undefined && !isResolved(own)) {
          open.add(key);
          const fits =
            own.shape === null ||
            (own.shape.length === truth.shape?.length &&
              own.shape.every((size, axis) => typeof size !== "number" || size === truth.shape?.[axis]));
          expect({ key, subject, own: typeText(own), fits }).toEqual({ key, subject, own: typeText(own), fits: true });
          continue;
        }
        expect({ key, subject, type: declaredOpen(own), reason: reasons.get(name) }).toEqual({
          key,
          subject,
          type: typeText(truth),
          reason: undefined,
        });
        tensors++;
      }
    }
    expect({ key, accepted: accepted > 0, refused: refused.get(key) }).toEqual({
      key,
      accepted: true,
      refused: accepted > 0 ? refused.get(key) : undefined,
    });
  }
  console.log(
    `own inference: ${Object.keys(SUBJECTS).length} ops, ${models} models run, ${tensors} types equal; open: ${[...open].join(", ")}; sometimes refused: ${[...refused.keys()].join(", ")}`,
  );
  expect([...open].sort()).toEqual(["Compress", "NonZero"]);
});
