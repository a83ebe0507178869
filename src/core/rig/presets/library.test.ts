import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { unwrap } from "../../result.ts";
import { defaultRig } from "../presets.ts";
import { exchangeDevice, insertDevice } from "../rig-edit.ts";
import { readRig, writeRig } from "../schema.ts";
import { deviceLibrary, parseLibrary } from "./library.ts";

const library = await deviceLibrary();

describe("deviceLibrary", () => {
  test("every device has its own id, a name, runtime and threads, source and error", () => {
    expect(library).toHaveLength(197);
    expect(new Set(library.map(({ preset }) => preset.id)).size).toBe(197);
    expect(new Set(library.map(({ preset }) => `${preset.name} | ${preset.runtime} | ${preset.source}`)).size).toBe(
      197,
    );
    for (const { preset, error, threads, gpu } of library) {
      expect(preset.runtime).toContain(gpu === null ? "ncnn, " : `ncnn Vulkan, GPU ${gpu}`);
      expect(preset.runtime).toContain(`${threads} thread`);
      expect(preset.source).toContain("Tencent/ncnn");
      expect(error).toBeLessThan(0.25);
      expect(preset.costModel).toMatchObject({ kind: "fitted", error });
    }
  });

  test("a device of the short list is in it with the same figures", () => {
    const nano = library.find(({ preset }) => preset.id === "ncnn-nvidia-jetson-nano-gpu0-4t");
    expect(nano?.preset).toMatchObject({ name: "NVIDIA Jetson Nano", runtime: "ncnn Vulkan, GPU 0 and 4 threads" });
    const model = nano?.preset.costModel;
    expect(model?.kind === "fitted" ? model.secondsPerMac.conv1x1 : 0).toBeCloseTo(19.55e-12, 13);
  });

  test("devices join a rig, stand in for others, and survive its file", () => {
    for (const { preset } of library) unwrap(insertDevice(defaultRig(), preset, 1));
    const [first, second] = library;
    if (first === undefined || second === undefined) throw new Error("the library is empty");
    const rig = unwrap(insertDevice(unwrap(insertDevice(defaultRig(), first.preset, 1)), first.preset, 9));
    expect(rig.devices.map(({ id }) => id)).toContain(`${first.preset.id}-2`);
    const exchanged = unwrap(exchangeDevice(rig, "jetson-nano", second.preset));
    expect(exchanged.devices.find(({ id }) => id === "jetson-nano")?.costModel).toEqual(second.preset.costModel);
    expect(unwrap(readRig(writeRig(exchanged), "rig.json"))).toEqual(exchanged);
  });

  test("a bad line is a bug of ours", () => {
    expect(() => parseLibrary("A device\n 4 -1 0.1 x")).toThrow("bad line");
  });
});

const calibration = "../shared/profiles/calibration/ncnn_device_fits.json";
if (!existsSync(calibration)) console.log(`library: comparison skipped, ${calibration} is absent`);
test.skipIf(!existsSync(calibration))("holds every sensible fit of the calibration file, and no other", () => {
  const fits: {
    device: string;
    threads: number;
    gpu: number;
    coef_ms: Record<string, number>;
    looMedianAPE: number;
  }[] = JSON.parse(readFileSync(calibration, "utf8"));
  const sensible = fits.filter(({ coef_ms, looMedianAPE }) => {
    const ratio = (coef_ms["perGMAC_conv1x1"] ?? 0) / (coef_ms["perGMAC_convKxK"] ?? 0);
    return looMedianAPE < 0.25 && ratio >= 1 / 8 && ratio <= 8;
  });
  expect(library).toHaveLength(sensible.length);
  for (const [i, fit] of sensible.entries()) {
    const device = library[i];
    const model = device?.preset.costModel;
    if (device === undefined || model?.kind !== "fitted") throw new Error("no fitted device");
    expect([device.threads, device.gpu ?? -1]).toEqual([fit.threads, fit.gpu]);
    expect(device.preset.source.startsWith(fit.device)).toBe(true);
    const pairs = [
      [model.secondsPerMac.conv1x1 * 1e12, "perGMAC_conv1x1"],
      [model.secondsPerMac.convKxK * 1e12, "perGMAC_convKxK"],
      [model.secondsPerMac.depthwise * 1e12, "perGMAC_depthwise"],
      [model.secondsPerActivationByte * 1e12, "perGB_activation"],
      [model.secondsPerWeightByte * 1e12, "perGB_weights"],
      [model.secondsPerOp * 1e6, "per1000ops"],
    ] as const;
    for (const [value, key] of pairs) {
      const expected = fit.coef_ms[key] ?? Number.NaN;
      expect(Math.abs(value - expected)).toBeLessThanOrEqual(1e-3 * expected + 1e-9);
    }
  }
  console.log(`library: ${sensible.length} of ${fits.length} fits compared`);
});
