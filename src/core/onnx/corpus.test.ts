import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { item } from "../columns.ts";
import { buildGraph } from "../graph/build.ts";
import { oneTensorCuts } from "../graph/cuts.ts";
import { isDownSet, prefixCrossings } from "../graph/frontier.ts";
import { unwrap } from "../result.ts";
import { decodeModel } from "./decode.ts";
import { readWeight } from "./external.ts";
import type { Model } from "./model.ts";
import { bytesSource } from "./source.ts";
import { declaredTypes } from "./types.ts";

/** Real models beside the project; see its README for where they come from. */
const folder = new URL("../../../../shared/models/", import.meta.url);

interface ManifestEntry {
  readonly file: string;
  readonly nodes: number | null;
  readonly ir_version: number;
  readonly opset: Readonly<Record<string, number>>;
  readonly producer: string;
  readonly cut_points: number;
  readonly cut_points_ignoring_Shape: number;
  readonly inputs: readonly { readonly name: string }[];
  readonly outputs: readonly { readonly name: string }[];
}

const present = existsSync(folder);
if (!present) console.log(`corpus: skipped, ${folder.pathname} is absent`);

describe.skipIf(!present)("every model of the corpus", () => {
  const files = present ? readdirSync(folder).filter((name) => name.endsWith(".onnx")) : [];
  const manifest: readonly ManifestEntry[] = present
    ? JSON.parse(readFileSync(new URL("manifest.json", folder), "utf8"))
    : [];
  const bytesOf = (file: string) => new Uint8Array(readFileSync(new URL(file, folder)));
  const open = (file: string): Model => unwrap(decodeModel(bytesSource(file, bytesOf(file))));

  test("opens, agrees with the manifest on nodes and cuts", () => {
    for (const file of files) {
      const entry = manifest.find((candidate) => candidate.file === file);
      if (entry === undefined) throw new Error(`${file} is not in the manifest`);
      const model = open(file);
      const graph = unwrap(buildGraph(model, declaredTypes(model)));
      const opsets = [...model.opsets].map(([domain, version]) => [domain === "" ? "ai.onnx" : domain, version]);
      const initializers = new Set(model.proto.graph?.initializer.map(({ name }) => name));
      const inputs = model.proto.graph?.input.filter(({ name }) => !initializers.has(name));
      expect({
        file,
        nodes: model.proto.graph?.node.length,
        ir: model.irVersion,
        producer: model.producer,
        opsets: Object.fromEntries(opsets),
        inputs: inputs?.map(({ name }) => name),
        outputs: model.proto.graph?.output.map(({ name }) => name),
        cuts: oneTensorCuts(graph).length,
        cutsIgnoringShapes: oneTensorCuts(graph, { ignoreShapePaths: true }).length,
      }).toEqual({
        file,
        nodes: entry.nodes,
        ir: entry.ir_version,
        producer: entry.producer,
        opsets: entry.opset,
        inputs: entry.inputs.map(({ name }) => name),
        outputs: entry.outputs.map(({ name }) => name),
        cuts: entry.cut_points,
        cutsIgnoringShapes: entry.cut_points_ignoring_Shape,
      });
    }
    console.log(`corpus: ${files.length} models opened and built`);
    expect(files.length).toBe(manifest.filter(({ nodes }) => nodes !== null).length);
  });

  test("every boundary of the op order is a down-set, and a one-tensor cut crosses alone", () => {
    for (const file of files) {
      const model = open(file);
      const graph = unwrap(buildGraph(model, new Map()));
      const { tensors } = prefixCrossings(graph);
      for (const cut of oneTensorCuts(graph)) {
        const behind = item(Array.from(graph.tensorProducer), cut) + 1;
        expect(tensors[behind]).toBe(1);
        expect(isDownSet(graph, (op) => op < behind)).toBe(true);
      }
    }
  });

  test("weights that were left out are found again, byte for byte, where the whole message has them", async () => {
    const { fromBinary } = await import("@bufbuild/protobuf");
    const { ModelProtoSchema } = await import("onnx-buf");
    let weights = 0;
    for (const file of files) {
      const bytes = bytesOf(file);
      const model = open(file);
      const whole = fromBinary(ModelProtoSchema, bytes);
      for (const tensor of whole.graph?.initializer ?? []) {
        const location = model.weights.get(tensor.name);
        if (location === undefined || location.blob !== 0 || location.field !== "rawData") continue;
        const payload = unwrap(readWeight(model, location, bytesSource(file, bytes), []));
        expect(Buffer.compare(payload, tensor.rawData)).toBe(0);
        weights += 1;
      }
    }
    expect(weights).toBeGreaterThan(400);
  });

  test("external weights are read from the file beside the model", () => {
    const file = "mnist_external.onnx";
    const model = open(file);
    const source = bytesSource(file, bytesOf(file));
    expect(model.externalFiles).toEqual(["mnist.onnx.data"]);
    const data = bytesSource("mnist.onnx.data", bytesOf("mnist.onnx.data"));
    let total = 0;
    for (const location of model.weights.values()) {
      total += unwrap(readWeight(model, location, source, [data])).length;
    }
    expect(total).toBe(data.size);
    const [first] = model.weights.values();
    if (first === undefined) throw new Error("no external weight");
    expect(readWeight(model, first, source, [])).toEqual({
      ok: false,
      error: '"mnist_external.onnx" keeps its weights in "mnist.onnx.data"; open that file together with the model.',
    });
  });
});
