import { unwrap } from "../../result.ts";
import { type Bench, medianMilliseconds } from "../../testing/bench.ts";
import { resNet50 } from "../../testing/samples/resnet50.ts";
import { layersForOps, transformer } from "../../testing/samples/transformer.ts";
import { decodeModel } from "../decode.ts";
import { bytesSource } from "../source.ts";
import { wireNodes } from "../wiring.ts";
import { inferShapes } from "./infer-shapes.ts";

const clock = () => performance.now();

/** Types of all tensors of a model that is decoded and wired already, by our own rules. */
function inferenceTime(bytes: Uint8Array, runs: number) {
  const model = unwrap(decodeModel(bytesSource("bench.onnx", bytes)));
  const wiring = unwrap(wireNodes(model));
  const bindings = new Map([
    ["batch", 1],
    ["sequence", 128],
  ]);
  return medianMilliseconds(clock, () => inferShapes(model, wiring, { bindings }), runs);
}

const encoder = (ops: number) =>
  transformer({ layers: layersForOps(ops), hidden: 64, heads: 4, vocabulary: 100, weights: "light" });

export const benches: readonly Bench[] = [
  { name: "infer shapes by own rules, ResNet-50", goal: "<= 10 ms", run: () => inferenceTime(resNet50("light"), 15) },
  {
    name: "infer shapes by own rules, transformer of 5,000 ops",
    goal: "<= 100 ms",
    run: () => inferenceTime(encoder(5000), 9),
  },
  {
    name: "infer shapes by own rules, transformer of 20,000 ops",
    goal: "<= 400 ms",
    run: () => inferenceTime(encoder(20_000), 5),
  },
];
