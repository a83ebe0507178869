import { graphBlocks } from "../graph/blocks.ts";
import { buildGraph } from "../graph/build.ts";
import type { Graph } from "../graph/graph.ts";
import { decodeModel } from "../onnx/decode.ts";
import { bytesSource } from "../onnx/source.ts";
import { declaredTypes } from "../onnx/types.ts";
import { unwrap } from "../result.ts";
import { type Bench, medianMilliseconds } from "../testing/bench.ts";
import { resNet50 } from "../testing/samples/resnet50.ts";
import { layersForOps, transformer } from "../testing/samples/transformer.ts";
import { layoutFilmstrip } from "./filmstrip.ts";
import { splitLine } from "./split-line.ts";

const clock = () => performance.now();

function graphOf(bytes: Uint8Array): Graph {
  const model = unwrap(decodeModel(bytesSource("bench.onnx", bytes)));
  return unwrap(buildGraph(model, declaredTypes(model)));
}

const encoder = (ops: number) =>
  graphOf(transformer({ layers: layersForOps(ops), hidden: 64, heads: 4, vocabulary: 100, weights: "light" }));

const open: ReadonlySet<number> = new Set();

/** Blocks and positions of every op (nothing folded), or as the app first shows it (folded above 350 ops). */
function layoutTime(graph: Graph, isOpen: boolean, runs: number) {
  const options = isOpen ? { aspect: 2.4, collapsed: open } : { aspect: 2.4 };
  return medianMilliseconds(clock, () => layoutFilmstrip(graph, graphBlocks(graph), options), runs);
}

function dragTime() {
  const graph = graphOf(resNet50("light"));
  const layout = layoutFilmstrip(graph, graphBlocks(graph), { aspect: 2.4, collapsed: open });
  const before = new Uint8Array(graph.opCount).fill(1, 0, graph.opCount >> 1);
  return medianMilliseconds(clock, () => splitLine(layout, before), 50);
}

export const benches: readonly Bench[] = [
  { name: "layout, ResNet-50", goal: null, run: () => layoutTime(graphOf(resNet50("light")), true, 15) },
  { name: "layout, transformer of 1,000 ops", goal: "<= 60 ms", run: () => layoutTime(encoder(1000), true, 15) },
  { name: "layout, transformer of 5,000 ops", goal: null, run: () => layoutTime(encoder(5000), true, 7) },
  { name: "layout, transformer of 20,000 ops", goal: null, run: () => layoutTime(encoder(20000), true, 3) },
  { name: "layout, 20,000 ops folded", goal: null, run: () => layoutTime(encoder(20000), false, 3) },
  { name: "line of a split, ResNet-50", goal: "<= 1 ms", run: dragTime },
];
