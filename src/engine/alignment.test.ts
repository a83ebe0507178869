import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { at, item, row } from "../core/columns.ts";
import type { Graph } from "../core/graph/graph.ts";
import type { OpenedModel } from "../core/graph/opened-model.ts";
import { bytesSource } from "../core/onnx/source.ts";
import { constantDistribution } from "../core/profile/distribution.ts";
import { estimateLatencies } from "../core/profile/estimate.ts";
import { rawEntry, rawProfile } from "../core/profile/formats/make.ts";
import type { RawEntry } from "../core/profile/formats/raw-profile.ts";
import { foldedInto, isWeightless } from "../core/profile/fusion.ts";
import { matchProfile } from "../core/profile/match.ts";
import { familyOf } from "../core/profile/op-families.ts";
import { unwrap } from "../core/result.ts";
import { deviceFromPreset } from "../core/rig/presets.ts";
import { createRandom } from "../core/testing/random.ts";
import { openModel } from "./open-model.ts";

/** How well ops are found by order, type and size alone, on real networks whose names are taken away. */

const models = new URL("../../../shared/models/", import.meta.url);
const present = existsSync(models);
if (!present) console.log(`alignment: skipped, ${models.pathname} is absent`);

const FILES = [
  "light_squeezenet.onnx",
  "light_resnet50.onnx",
  "light_inception_v2.onnx",
  "light_shufflenet.onnx",
  "light_densenet121.onnx",
];

/** A topological order: of the ops that can run, `pick` says which is next. */
function orderOf(graph: Graph, pick: (ready: readonly number[]) => number): readonly number[] {
  const waiting = Array.from({ length: graph.opCount }, (_, op) => {
    const reads = row(graph.opInputs, op);
    return reads.filter((tensor) => at(graph.tensorProducer, tensor) >= 0).length;
  });
  const ready = waiting.flatMap((count, op) => (count === 0 ? [op] : []));
  const order: number[] = [];
  while (ready.length > 0) {
    const [op = 0] = ready.splice(pick(ready), 1);
    order.push(op);
    for (const tensor of row(graph.opOutputs, op)) {
      for (const consumer of row(graph.tensorConsumers, tensor)) {
        waiting[consumer] = at(waiting, consumer) - 1;
        if (at(waiting, consumer) === 0) ready.push(consumer);
      }
    }
  }
  return order;
}

/** One entry per op that a runtime would run after folding, nameless, with the shape in channels-last order and the time of a device. */
function nameless({ graph, costs }: OpenedModel, order: readonly number[], withShapes: boolean) {
  const head = foldedInto(graph);
  const { seconds } = estimateLatencies(graph, costs, deviceFromPreset("mini-pc"));
  const kept = order.filter((op) => at(head, op) < 0 && !isWeightless(item(graph.opTypes, op)));
  const entries = kept.map((op, i): RawEntry => {
    const [tensor] = row(graph.opOutputs, op);
    const sizes = tensor === undefined ? null : item(graph.tensorTypes, tensor).shape;
    const shape = sizes?.every((size) => typeof size === "number") === true ? (sizes as readonly number[]) : null;
    const [batch, channels, ...rest] = shape ?? [];
    const last = batch === undefined || channels === undefined ? shape : [batch, ...rest, channels];
    return rawEntry(`layer_${i}`, constantDistribution(at(seconds, op), 1), {
      opType: familyOf(item(graph.opTypes, op)),
      outputShape: withShapes ? last : null,
    });
  });
  return { kept, entries };
}

test.skipIf(!present)("ops are found without their names", { timeout: 120_000 }, async () => {
  for (const file of FILES) {
    const bytes = new Uint8Array(readFileSync(new URL(file, models)));
    const model = unwrap(await openModel(bytesSource(file, bytes)));
    const { graph, costs } = model;
    const inOrder = Array.from({ length: graph.opCount }, (_, op) => op);
    const random = createRandom(11);
    const figures: string[] = [];
    for (const [name, order, withShapes, least] of [
      ["file order", inOrder, true, 1],
      ["file order, no shapes", inOrder, false, 1],
      ["each branch to its end", orderOf(graph, (ready) => ready.length - 1), true, 0.98],
      ["branches abreast", orderOf(graph, () => 0), true, 0.98],
      ["any order", orderOf(graph, (ready) => random.integer(0, ready.length - 1)), true, null],
    ] as const) {
      const { kept, entries } = nameless(model, order, withShapes);
      const result = matchProfile(rawProfile("tflite-op", "f", entries), graph, costs.macs);
      if (!result.ok) {
        figures.push(`${name}: refused`);
        expect(least, `${file}, ${name}: ${result.error}`).toBeNull();
        continue;
      }
      const matched = result.value;
      const entryOf = (op: number) => matched.groups[at(matched.owner, op)]?.entry;
      const right = kept.filter((op, i) => entryOf(op) === i).length;
      figures.push(`${name}: ${right} of ${kept.length}`);
      // An order that nobody foresees is refused, or most of it is right.
      expect(right / kept.length, `${file}, ${name}`).toBeGreaterThanOrEqual(least ?? 0.75);
    }
    console.log(`${file}: ${figures.join("; ")}`);
  }
});
