import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { OpenedModel } from "../core/graph/opened-model.ts";
import { bytesSource } from "../core/onnx/source.ts";
import { latencySummary } from "../core/profile/apply.ts";
import { estimateLatencies } from "../core/profile/estimate.ts";
import { readProfile } from "../core/profile/formats/formats.ts";
import { matchProfile } from "../core/profile/match.ts";
import { unwrap } from "../core/result.ts";
import { DEVICE_PRESETS, deviceFromPreset } from "../core/rig/presets.ts";
import { openModel } from "./open-model.ts";

/** Real models and traces beside the project; see the READMEs there for where they come from. */
const shared = new URL("../../../shared/", import.meta.url);
const present = existsSync(new URL("models/", shared)) && existsSync(new URL("profiles/ort/", shared));
if (!present) console.log(`preset predictions: skipped, ${shared.pathname} is absent`);

async function open(file: string): Promise<OpenedModel> {
  const bytes = new Uint8Array(readFileSync(new URL(`models/${file}`, shared)));
  return unwrap(await openModel(bytesSource(file, bytes)));
}

function milliseconds(model: OpenedModel, preset: string): number {
  return latencySummary(estimateLatencies(model.graph, model.costs, deviceFromPreset(preset))).seconds * 1e3;
}

describe.skipIf(!present)("whole models from ONNX files, by every preset", { timeout: 60_000 }, () => {
  // Average milliseconds of Tencent/ncnn benchmark/README.md for the same networks.
  const published: readonly [string, readonly (readonly [string, number])[]][] = [
    [
      "light_resnet50.onnx",
      [
        ["raspberry-pi-4", 262.83],
        ["jetson-nano", 93.12],
        ["mini-pc", 153.03],
      ],
    ],
    [
      "light_shufflenet.onnx",
      [
        ["raspberry-pi-4", 33.09],
        ["jetson-nano", 14.29],
        ["mini-pc", 11.28],
      ],
    ],
  ];

  test.each(published)("%s is within 30 per cent of ncnn's figures", async (file, figures) => {
    const model = await open(file);
    const all = DEVICE_PRESETS.map((preset) => `${preset.id} ${milliseconds(model, preset.id).toFixed(1)} ms`);
    console.log(`${file}: ${all.join(", ")}`);
    for (const [preset, figure] of figures) {
      const error = milliseconds(model, preset) / figure - 1;
      console.log(`  ${preset}: published ${figure} ms, ${(100 * error).toFixed(0)} %`);
      expect(Math.abs(error)).toBeLessThanOrEqual(0.3);
    }
  });

  test("VGG-19 on a Coral USB, weights streamed, is within 5 % of coral.ai's 308 ms", async () => {
    const model = await open("light_vgg19.onnx");
    const { stageOverhead, onChip } = deviceFromPreset("coral-usb");
    const spill = (model.totals.parameters - (onChip?.capacity ?? 0)) / (onChip?.streaming ?? 1);
    const ms = milliseconds(model, "coral-usb") + (stageOverhead + spill) * 1e3;
    console.log(`light_vgg19.onnx: coral-usb ${ms.toFixed(1)} ms with streaming`);
    expect(Math.abs(ms / 308 - 1)).toBeLessThanOrEqual(0.05);
  });

  test("with shapes known, a trace of another model with equal op names is refused", async () => {
    const model = await open("light_resnet50.onnx");
    const file = "ort1.30-cpu_squeezenet_basic_5runs.json";
    const raw = unwrap(readProfile(readFileSync(new URL(`profiles/ort/${file}`, shared), "utf8"), file));
    const result = matchProfile(raw, model.graph);
    expect(result.ok ? "accepted" : result.error).toMatch(/has other shapes at \d+ of \d+ ops of the same names/);
  });
});
