import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seededInputs } from "../core/onnx/seeded-inputs.ts";
import { unwrap } from "../core/result.ts";
import type { Bench } from "../core/testing/bench.ts";
import { createRandom } from "../core/testing/random.ts";
import { randomPlan } from "../core/testing/random-plan.ts";
import { mobileNetV2 } from "../core/testing/samples/mobilenet-v2.ts";
import { loadOnnxRuntime } from "../engine/onnxruntime.ts";
import { openModel } from "../engine/open-model.ts";
import { runOnce } from "../engine/run-once.ts";
import { runtimeTensors } from "../engine/runtime-tensors.ts";
import { verifyPlan } from "../engine/verify.ts";
import { readBytes } from "./files.ts";
import { withModelFiles } from "./model-files.ts";

const ROUNDS = 21;
const WARM_UP = 4;
const LEVEL = "disabled";

/** Of this process: what else the machine does counts less than on the clock. */
function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** Seconds of CPU that something takes. */
async function spent(work: () => Promise<unknown>): Promise<number> {
  const start = cpuSeconds();
  await work();
  return cpuSeconds() - start;
}

/**
 * Share of CPU time by which verifying a file's plan exceeds running the file twice, of all rounds together: which of
 * them has to collect the garbage of those before is chance.
 */
async function overhead(path: string): Promise<number> {
  const { graph, bindings } = unwrap(await withModelFiles(path, ({ source }) => openModel(source)));
  const plan = randomPlan(graph, 3, createRandom(1));
  if (plan === null) throw new Error("MobileNetV2 has more than 3 ops");
  const inputs = await withModelFiles(path, async ({ model }) => seededInputs(model, bindings));
  const tensors = runtimeTensors(unwrap(inputs), (await loadOnnxRuntime()).Tensor);
  const runTwice = async () => {
    for (let run = 0; run < 2; run++) {
      const bytes = unwrap(readBytes(path, "the model"));
      unwrap(await runOnce({ name: path, bytes, level: LEVEL, tensors, externalData: [] }));
    }
  };
  const verify = async () => {
    const verified = await withModelFiles(path, (files) =>
      verifyPlan({ ...files, bindings, level: LEVEL, seed: 1 }, graph, plan),
    );
    const { verdict } = unwrap(verified);
    if (verdict !== "bit-equal") throw new Error(`the segments are ${verdict}`);
  };
  let [verifying, running] = [0, 0];
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    // Garbage of one is collected in the other: each stands before the other as often as behind it.
    const first = await spent(runTwice);
    const both = (await spent(verify)) + (await spent(verify));
    const last = await spent(runTwice);
    // The first rounds compile.
    if (round < 0) continue;
    verifying += both;
    running += first + last;
  }
  return verifying / running - 1;
}

export const benches: readonly Bench[] = [
  {
    name: "verify MobileNetV2 (14 MB) in 3 segments: CPU time above reading, loading and running its file twice",
    goal: "<= 20 %",
    run: async () => {
      const folder = mkdtempSync(join(tmpdir(), "splitscope-bench-"));
      try {
        const path = join(folder, "mobilenet-v2.onnx");
        writeFileSync(path, mobileNetV2("full"));
        return { value: 100 * Math.max(0, await overhead(path)), unit: "%" };
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  },
];
