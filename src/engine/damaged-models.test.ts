import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { moduleView, openAtFirst } from "../core/graph/module-view.ts";
import { layoutFilmstrip } from "../core/layout/filmstrip.ts";
import { bytesSource } from "../core/onnx/source.ts";
import { nestedModel } from "../core/testing/bad-models.ts";
import { damage } from "../core/testing/damage.ts";
import { chainModel, randomModel } from "../core/testing/models.ts";
import { createRandom } from "../core/testing/random.ts";
import { transformer } from "../core/testing/samples/transformer.ts";
import { openAtOnce, openModel } from "./open-model.ts";

/** "npm run fuzz" raises the count and chooses the seed. */
const MUTATIONS = Number(process.env["SPLITSCOPE_FUZZ"] ?? 280);
const SEED = Number(process.env["SPLITSCOPE_FUZZ_SEED"] ?? 1);
/** Of this many mutants one is also shown to onnxruntime, which takes a hundred times as long. */
const ORACLE_EVERY = 40;

/** No file of a few hundred kB may take longer, on a machine that is busy with other work too. */
const MOST_SECONDS = 20;
const MOST_BYTES = 600e6;

const folder = new URL("../../../shared/models/", import.meta.url);
const SUBJECTS = new Map<string, () => Uint8Array>([
  ["chain.onnx", () => chainModel(30)],
  ["random.onnx", () => randomModel(3, { ops: 25 })],
  ["transformer.onnx", () => transformer({ layers: 1 })],
  ["bodies.onnx", () => nestedModel(4)],
  ...["light_squeezenet.onnx", "mnist-8.onnx", "yunet_n_320.onnx"].flatMap((name) =>
    existsSync(new URL(name, folder))
      ? [[name, () => new Uint8Array(readFileSync(new URL(name, folder)))] as const]
      : [],
  ),
]);
console.log(`damaged models: ${[...SUBJECTS.keys()].join(", ")}; ${MUTATIONS} mutants, seed ${SEED}`);

/** All that opening a file in the page comes to, drawing included; the sentence where it ends in one. */
function open(name: string, bytes: Uint8Array): string {
  const opening = openAtOnce(bytesSource(name, bytes), { assumeUsual: true });
  if (!opening.ok) return opening.error;
  const { graph, modules } = opening.value.model;
  const { blocks, collapsed } = moduleView(modules, openAtFirst(modules, graph));
  layoutFilmstrip(graph, blocks, { collapsed, aspect: 2 });
  return "opened";
}

describe("a damaged file ends in a model that is drawn or in a sentence, in bounded time and memory", () => {
  test.each([...SUBJECTS])(
    "%s",
    async (name, make) => {
      const bytes = make();
      expect(open(name, bytes)).toBe("opened");
      const random = createRandom(SEED * 1000 + bytes.length);
      const before = process.memoryUsage().rss;
      let opened = 0;
      let slowest = 0;
      const count = Math.ceil(MUTATIONS / SUBJECTS.size);
      for (let i = 0; i < count; i++) {
        const mutant = damage(bytes, random);
        const start = performance.now();
        const outcome = open(name, mutant);
        slowest = Math.max(slowest, performance.now() - start);
        if (outcome === "opened") opened++;
        else expect(outcome).toMatch(new RegExp(`^"${name}"[^]*\\.$`));
        if (i % ORACLE_EVERY === 0) {
          const whole = await openModel(bytesSource(name, mutant), { assumeUsual: true });
          expect(whole.ok).toBe(outcome === "opened");
        }
      }
      const growth = process.memoryUsage().rss - before;
      console.log(
        `${name}: ${opened} of ${count} mutants opened, slowest ${slowest.toFixed(0)} ms, ${(growth / 1e6).toFixed(0)} MB more`,
      );
      expect(opened).toBeGreaterThan(0);
      expect(opened).toBeLessThan(count);
      expect(slowest).toBeLessThan(MOST_SECONDS * 1e3);
      expect(growth).toBeLessThan(MOST_BYTES);
    },
    60_000 + MUTATIONS * 1000,
  );
});
