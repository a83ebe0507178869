import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { ModelTotals } from "../core/cost/cost.ts";
import { modelTotals, opCosts } from "../core/cost/op-costs.ts";
import { buildGraph } from "../core/graph/build.ts";
import { decodeModel } from "../core/onnx/decode.ts";
import { bytesSource } from "../core/onnx/source.ts";
import { unwrap } from "../core/result.ts";
import { inferTypes } from "./shape-oracle.ts";

/** Real models beside the project; see the README there for where they come from. */
const folder = new URL("../../../shared/models/", import.meta.url);
const present = existsSync(folder);
if (!present) console.log(`model totals: skipped, ${folder.pathname} is absent`);

async function totalsOf(file: string, bindings: Readonly<Record<string, number>> = {}): Promise<ModelTotals> {
  const bytes = new Uint8Array(readFileSync(new URL(file, folder)));
  const model = unwrap(decodeModel(bytesSource(file, bytes)));
  const { types } = await inferTypes(model, new Map(Object.entries(bindings)));
  const graph = unwrap(buildGraph(model, types));
  return modelTotals(graph, opCosts(graph, model, types));
}

const within = (value: number, published: number, fraction: number) => {
  expect(value / published).toBeGreaterThan(1 - fraction);
  expect(value / published).toBeLessThan(1 + fraction);
};

describe.skipIf(!present)("totals of real models", () => {
  // torchvision's documentation of its pre-trained weights: `num_params` and `_ops` (10^9 multiply-accumulates). ONNX
  // files also hold the running means and variances of batch normalisation, which torchvision does not count.
  test.each([
    { file: "light_resnet50.onnx", gmacs: 4.09, parameters: 25_557_032, running: 53_120 },
    { file: "light_densenet121.onnx", gmacs: 2.83, parameters: 7_978_856, running: 167_296 },
    { file: "light_vgg19.onnx", gmacs: 19.63, parameters: 143_667_240, running: 0 },
    { file: "light_squeezenet.onnx", gmacs: 0.35, parameters: 1_235_496, running: 0 },
    { file: "squeezenet_fp16.onnx", gmacs: 0.35, parameters: 1_235_496, running: 0 },
  ])("$file: $gmacs GMAC as torchvision states", async ({ file, gmacs, parameters, running }) => {
    const totals = await totalsOf(file);
    within(totals.macs, gmacs * 1e9, 0.01);
    expect(totals.parameters).toBe(parameters + running);
  });

  // The READMEs of the projects state millions of parameters and "FLOPs", two to a multiply-accumulate; their counters
  // add batch normalisation and activations, which here take none.
  test.each([
    { file: "yolox_nano.onnx", parameters: 0.91, mflops: 1080 },
    { file: "nanodet_m_320.onnx", parameters: 0.95, mflops: 720 },
    { file: "fastestdet.onnx", parameters: 0.24, mflops: 252 },
  ])("$file: $parameters M parameters, $mflops MFLOP as its README states", async ({ file, parameters, mflops }) => {
    const totals = await totalsOf(file);
    within(totals.parameters, parameters * 1e6, 0.02);
    within(totals.macs, (mflops * 1e6) / 2, 0.06);
    expect(totals.macs).toBeLessThan((mflops * 1e6) / 2);
  });

  test("mnist-8.onnx: by hand", async () => {
    // 8 kernels of 5x5 on 28x28, 16 of 8x5x5 on 14x14, 256 x 10.
    const macs = 28 * 28 * 8 * 25 + 14 * 14 * 16 * 200 + 2560;
    const parameters = 8 * 25 + 8 + 16 * 200 + 16 + 2560 + 10;
    expect(await totalsOf("mnist-8.onnx")).toMatchObject({ macs, parameters });
  });

  test("tiny_gpt2_fp32.onnx: batch multiplies, a longer past is attended to", async () => {
    const of = (batch_size: number, past: number) =>
      totalsOf("tiny_gpt2_fp32.onnx", { batch_size, seq_len: 1, past_seq_len: past, total_seq_len: past + 1 });
    const one = await of(1, 127);
    expect((await of(4, 127)).macs).toBe(4 * one.macs);
    // Five layers of width 32; scores and weighted sum.
    expect((await of(1, 227)).macs - one.macs).toBe(5 * 2 * 100 * 32);
  });

  test("silero_vad_ifless.onnx: by hand, the larger branch of its If", async () => {
    // The 8 kHz branch turns 512 samples into 7 frames of 65 bins, then strides of 1, 2, 2, 1.
    const stft = 130 * 7 * 128;
    const encoder = 128 * 7 * 65 * 3 + 64 * 4 * 128 * 3 + 64 * 2 * 64 * 3 + 128 * 2 * 64 * 3;
    const cell = 2 * 512 * 128;
    const totals = await totalsOf("silero_vad_ifless.onnx", { batch: 1, sequence: 512 });
    expect(totals.macs).toBe(stft + encoder + cell + 128);
  });
});
