import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { buildGraph } from "../graph/build.ts";
import { oneTensorCuts } from "../graph/cuts.ts";
import { prefixCrossings } from "../graph/frontier.ts";
import { damage } from "../testing/damage.ts";
import { graphProtoFromText, modelBytesFromText } from "../testing/model-text.ts";
import { createRandom } from "../testing/random.ts";
import { decodeModel } from "./decode.ts";
import { readWeight } from "./external.ts";
import { inferShapes } from "./shapes/infer-shapes.ts";
import { bytesSource } from "./source.ts";
import { wireNodes } from "./wiring.ts";

const MUTATIONS = 400;

/** Everything that happens to a file once it is opened; the sentence where it ends in one. */
function open(name: string, bytes: Uint8Array): string {
  const source = bytesSource(name, bytes);
  const model = decodeModel({
    ...source,
    read: (offset, length) => {
      if (offset < 0 || length < 0 || offset + length > bytes.length) throw new RangeError("read outside the file");
      return source.read(offset, length);
    },
  });
  if (!model.ok) return model.error;
  for (const location of model.value.weights.values()) readWeight(model.value, location, source, []);
  const wired = wireNodes(model.value);
  if (!wired.ok) return wired.error;
  const { types } = inferShapes(model.value, wired.value, { bindings: new Map() });
  const graph = buildGraph(model.value, types);
  if (!graph.ok) return graph.error;
  prefixCrossings(graph.value);
  oneTensorCuts(graph.value, { ignoreShapePaths: true });
  return "opened";
}

function expectSentences(name: string, bytes: Uint8Array, seed: number): Map<string, number> {
  expect(open(name, bytes)).toBe("opened");
  const random = createRandom(seed);
  const outcomes = new Map<string, number>();
  for (let i = 0; i < MUTATIONS; i += 1) {
    const outcome = open(name, damage(bytes, random));
    if (outcome !== "opened") expect(outcome).toMatch(new RegExp(`^"${name}"[^]*\\.$`));
    const kind = outcome === "opened" ? outcome : "refused";
    outcomes.set(kind, (outcomes.get(kind) ?? 0) + 1);
  }
  return outcomes;
}

const text = {
  branches: modelBytesFromText(
    "a Conv x w b -> a\n s Shape a -> s\n l Relu a -> l\n r Reshape l s -> r\n c Concat r l -> y\n i If k v -> z",
    {
      inputs: ["x", "k"],
      outputs: ["y", "z"],
      initializers: ["w", "b", "v"],
      bodies: { i: { then_branch: graphProtoFromText("n Neg a -> n", { outputs: ["n"], initializers: ["q"] }) } },
    },
  ),
  chain: modelBytesFromText(Array.from({ length: 60 }, (_, i) => `n${i} Relu t${i} -> t${i + 1}`).join("\n"), {
    inputs: ["t0"],
    outputs: ["t60"],
  }),
  weights: modelBytesFromText("k Constant -> k\n m MatMul x w0 -> m\n a Add m k -> y", {
    inputs: ["x"],
    outputs: ["y"],
    initializers: Array.from({ length: 100 }, (_, i) => `w${i}`),
  }),
};

describe("a damaged file ends in a model or in a sentence, never in an exception", () => {
  test.each(Object.entries(text))("%s", (name, bytes) => {
    const outcomes = expectSentences(name, bytes, bytes.length);
    expect(outcomes.get("refused")).toBeGreaterThan(MUTATIONS / 5);
  });

  const folder = new URL("../../../../shared/models/", import.meta.url);
  if (!existsSync(folder)) console.log(`damage to real models: skipped, ${folder.pathname} is absent`);

  test.skipIf(!existsSync(folder)).each(["light_vgg19.onnx", "light_squeezenet.onnx", "mnist-8.onnx"])("%s", (name) => {
    const bytes = new Uint8Array(readFileSync(new URL(name, folder)));
    const outcomes = expectSentences(name, bytes, bytes.length);
    expect(outcomes.get("refused")).toBeGreaterThan(MUTATIONS / 10);
  });
});
