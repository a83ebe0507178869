import { describe, expect, test } from "vitest";
import { item } from "../columns.ts";
import { opCosts } from "../cost/op-costs.ts";
import { buildGraph } from "../graph/build.ts";
import { decodeModel } from "../onnx/decode.ts";
import { bytesSource } from "../onnx/source.ts";
import { unwrap } from "../result.ts";
import { defaultRig } from "../rig/presets.ts";
import { updateDevice } from "../rig/rig-edit.ts";
import { ModelBuilder } from "../testing/model-builder.ts";
import { bytes, seconds } from "../units.ts";
import { distributionOf } from "./distribution.ts";
import { estimateLatencies } from "./estimate.ts";
import { rawEntry, rawProfile } from "./formats/make.ts";
import { matchProfile } from "./match.ts";
import { withMeasuredDevice } from "./measured-device.ts";

/** y = tanh(x . w): 4 x 8 x 16 products, then 64 elements read and written. */
function matmulTanh() {
  const net = new ModelBuilder({ name: "m" });
  const product = net.node("MatMul", [net.input("x", "float", [4, 8]), net.vector("w", [8, 16], 0, 1)], {
    name: "product",
    outputs: ["p"],
  });
  const y = net.node("Tanh", [product], { name: "tanh" });
  const model = unwrap(decodeModel(bytesSource("m.onnx", net.output(y, "float", [4, 16]).bytes())));
  const types = new Map([["p", { kind: "tensor", elementType: "float", shape: [4, 16] } as const]]);
  const graph = unwrap(buildGraph(model, types));
  return { graph, costs: opCosts(graph, model, types) };
}

function measured(times: readonly (readonly [op: string, seconds: number])[]) {
  const { graph, costs } = matmulTanh();
  const entries = times.map(([op, time]) => rawEntry(op, distributionOf([time]), { nodes: [op] }));
  const raw = rawProfile("ort-trace", "t", entries, {
    model: { name: "m.onnx", sha256: null },
    device: { name: "Here", runtime: "a runtime, 2 threads" },
  });
  return { graph, costs, matched: unwrap(matchProfile(raw, graph)) };
}

const HERE = { id: "here", name: "Here", memory: bytes(1e9), link: "wifi-5" };

describe("a measured device", () => {
  test("is added at the end of the row, made by hand, with rates that give back what was measured", () => {
    const { graph, costs, matched } = measured([
      ["product", 2e-3],
      ["tanh", 1e-3],
    ]);
    const rig = unwrap(withMeasuredDevice(defaultRig(), HERE, matched, costs));
    const device = item(rig.devices, 3);
    expect(device).toMatchObject({ id: "here", name: "Here", preset: null, runtime: "a runtime, 2 threads" });
    expect(device.source).toContain("m.onnx");
    expect(rig.links.at(-1)).toMatchObject({ a: "gpu-server", b: "here", preset: "wifi-5" });
    expect({ source: rig.source, sink: rig.sink }).toEqual({ source: "raspberry-pi-4", sink: "gpu-server" });
    if (device.costModel.kind !== "roofline") throw new Error("a roofline was expected");
    expect(device.costModel.peakMacsPerSecond * 2e-3).toBeCloseTo(Math.max(512, 1e8 * 2e-3), 6);
    expect(device.costModel.memoryBandwidth).toBe(1e8);
    // Every op gets a figure on it.
    for (const time of estimateLatencies(graph, costs, device).seconds) expect(Number.isFinite(time)).toBe(true);
  });

  test("fast enough to be told has the rates of its profile", () => {
    const { costs, matched } = measured([
      ["product", 1e-7],
      ["tanh", 1e-6],
    ]);
    const { costModel } = item(unwrap(withMeasuredDevice(defaultRig(), HERE, matched, costs)).devices, 3);
    if (costModel.kind !== "roofline") throw new Error("a roofline was expected");
    expect(costModel.peakMacsPerSecond).toBeCloseTo(512 / 1e-7, 0);
    expect(costModel.memoryBandwidth).toBeCloseTo(512 / 1e-6, 0);
  });

  test("that a coarse clock saw do nothing is still a valid one", () => {
    const { costs, matched } = measured([
      ["product", 0],
      ["tanh", 0],
    ]);
    expect(withMeasuredDevice(defaultRig(), HERE, matched, costs).ok).toBe(true);
  });

  test("measured again keeps what a person has set", () => {
    const first = measured([
      ["product", 1e-3],
      ["tanh", 1e-3],
    ]);
    const rig = unwrap(withMeasuredDevice(defaultRig(), HERE, first.matched, first.costs));
    const edited = unwrap(updateDevice(rig, "here", { name: "Laptop", loadFactor: 2, stageOverhead: seconds(0.01) }));
    const again = measured([
      ["product", 1e-8],
      ["tanh", 1e-8],
    ]);
    const next = unwrap(withMeasuredDevice(edited, HERE, again.matched, again.costs));
    expect(next.devices).toHaveLength(4);
    expect(item(next.devices, 3)).toMatchObject({ name: "Laptop", loadFactor: 2, stageOverhead: 0.01 });
    expect(item(next.devices, 3).costModel).not.toEqual(item(rig.devices, 3).costModel);
    expect(next.links).toEqual(edited.links);
  });
});
