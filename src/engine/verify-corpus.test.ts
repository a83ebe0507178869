import { existsSync, readdirSync, readFileSync } from "node:fs";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema, NodeProtoSchema } from "onnx-buf";
import { describe, expect, test } from "vitest";
import { decodeModel } from "../core/onnx/decode.ts";
import { type Segment, segmentModels } from "../core/onnx/segments/segment-models.ts";
import { type ByteSource, bytesSource } from "../core/onnx/source.ts";
import { unwrap } from "../core/result.ts";
import { createRandom, seedFor } from "../core/testing/random.ts";
import { randomPlan } from "../core/testing/random-plan.ts";
import { openModel } from "./open-model.ts";
import { runWhole, verifySegments } from "./verify.ts";

/** Real models beside the project; see the README there for where they come from. */
const folder = new URL("../../../shared/models/", import.meta.url);
const present = existsSync(folder);
if (!present) console.log(`segments: real models skipped, ${folder.pathname} is absent`);
const files = present ? readdirSync(folder).filter((name) => name.endsWith(".onnx")) : [];
const sourceOf = (file: string) => bytesSource(file, new Uint8Array(readFileSync(new URL(file, folder))));

/** The runtime computes ops on halves in floats, and a cut rounds what lies between two of them. */
const HALVES = "squeezenet_fp16.onnx";

/** The whole model with an Identity at every cut, where the runtime has to round a half as a cut does. */
function roundedAtCuts(source: ByteSource, segments: readonly Segment[]): ByteSource {
  const whole = fromBinary(ModelProtoSchema, source.read(0, source.size));
  const { graph } = whole;
  if (graph === undefined) throw new Error("a model has a graph");
  const made = new Set(segments.flatMap(({ outputs }) => outputs));
  const readIn = new Map(
    segments.flatMap(({ proto, inputs }) => (proto.graph?.node ?? []).map(({ output }) => [output[0], inputs])),
  );
  const cut = (name: string) => `${name}:cut`;
  for (const node of graph.node) {
    node.input = node.input.map((name) =>
      made.has(name) && readIn.get(node.output[0])?.includes(name) ? cut(name) : name,
    );
  }
  const identity = (from: string, to: string) =>
    create(NodeProtoSchema, { opType: "Identity", name: to, input: [from], output: [to] });
  graph.node = graph.node.flatMap((node) => [
    node,
    ...node.output
      .filter((name) => made.has(name))
      // One alone would be run in floats.
      .flatMap((name) => [identity(name, `${name}:half`), identity(`${name}:half`, cut(name))]),
  ]);
  return bytesSource(source.name, toBinary(ModelProtoSchema, whole));
}

describe.skipIf(!present)("models of the corpus, cut at random frontiers", () => {
  let [models, plans, outputs] = [0, 0, 0];

  test.each(files)(
    "%s: 2, 3 and 4 segments compute what the whole computes",
    async (file) => {
      const source = sourceOf(file);
      const { graph, bindings } = unwrap(await openModel(source, { assumeUsual: true }));
      const model = unwrap(decodeModel(source));
      const request = {
        model,
        source,
        others: model.externalFiles.map(sourceOf),
        bindings,
        level: "disabled",
        seed: 1,
      } as const;
      const whole = unwrap(await runWhole(request));
      const random = createRandom(seedFor(file, 1));
      for (const stages of [2, 3, 4]) {
        const plan = randomPlan(graph, stages, random);
        if (plan === null) throw new Error(`${file} has fewer than ${stages} ops`);
        const segments = unwrap(segmentModels(model, graph, plan));
        const verification = unwrap(await verifySegments(request, whole, segments));
        expect(verification.stages).toHaveLength(stages);
        if (file === HALVES) {
          const rounded = unwrap(await runWhole({ ...request, source: roundedAtCuts(source, segments) }));
          const strict = unwrap(await verifySegments(request, rounded, segments));
          expect({ stages, verdict: strict.verdict }).toEqual({ stages, verdict: "bit-equal" });
          expect(verification.tolerance).toBe(0.01);
        }
        expect({ stages, verdict: verification.verdict }).toEqual({
          stages,
          verdict: file === HALVES ? "close" : "bit-equal",
        });
        plans++;
        outputs += verification.outputs.length;
      }
      models++;
    },
    180_000,
  );

  test("were many", () => {
    console.log(
      `segments: ${models} of ${files.length} models, ${plans} plans, ${outputs} outputs bit-equal (${HALVES} to the whole rounded at the cuts)`,
    );
    expect(models).toBe(files.length);
    expect(plans).toBe(3 * models);
  });
});
