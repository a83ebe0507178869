import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ModelBuilder } from "../core/testing/model-builder.ts";
import { cli } from "./testing/cli.ts";

const SIZE = 600;

let folder = "";
const path = (name: string) => join(folder, name);

/** x -> a; a -> b and a -> c, on a device each; b + c -> y; b is an output too. */
function branches(): Uint8Array {
  const net = new ModelBuilder({ name: "branches" });
  const a = net.node("Relu", [net.input("x", "float", [1, SIZE])], { name: "first", outputs: ["a"] });
  const b = net.node("Neg", [a], { name: "left", outputs: ["b"] });
  const c = net.node("Exp", [a], { name: "right", outputs: ["c"] });
  const y = net.node("Add", [b, c], { name: "last", outputs: ["y"] });
  return net.output(y, "float", [1, SIZE]).output(b, "float", [1, SIZE]).bytes();
}

/** The stages on three devices, sent from device to device as each tensor is made. */
async function planFile(cut: "as-stored" | "u8"): Promise<string> {
  const any = path("any.json");
  expect(await cli("plan", path("branches.onnx"), "--delivery", "direct", "--out", any)).toMatchObject({ code: 0 });
  const plan = JSON.parse(readFileSync(any, "utf8"));
  expect(plan.constraints.delivery).toBe("direct");
  const stages = [
    ["raspberry-pi-4", "first"],
    ["jetson-nano", "left"],
    ["gpu-server", "right", "last"],
  ].map(([device, ...ops]) => ({ device, ops: ops.map((name) => ({ name, index: 0 })) }));
  const file = path(`${cut}.json`);
  writeFileSync(file, JSON.stringify({ ...plan, encoding: { ...plan.encoding, cut }, assignment: { stages } }));
  return file;
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "splitscope-direct-"));
  writeFileSync(path("branches.onnx"), branches());
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("a plan that sends tensors direct", () => {
  test("runs so: a message for each tensor and device that reads it, as predicted", { timeout: 60_000 }, async () => {
    const plan = await planFile("as-stored");
    const { code, out, error } = await cli(
      ...["run", path("branches.onnx"), "--plan", plan, "--local", "--frames", "4", "--json"],
    );
    expect({ code, error }).toEqual({ code: 0, error: "" });
    const report = JSON.parse(out);
    expect(report.outputs).toMatchObject({ verdict: "bit-equal", differences: [{ name: "y" }, { name: "b" }] });
    const bytes = { predicted: 4 * SIZE, measured: 4 * SIZE, error: 0 };
    // A relayed plan would send a and b together from the second device, and x not at all.
    expect(report.transfers).toMatchObject([
      { from: "raspberry-pi-4", to: "jetson-nano", tensors: ["a"], bytes },
      { from: "raspberry-pi-4", to: "gpu-server", tensors: ["a"], bytes },
      { from: "jetson-nano", to: "gpu-server", tensors: ["b"], bytes },
    ]);
    for (const { seconds } of report.transfers) expect(seconds.measured).toBeGreaterThan(seconds.predicted * 0.99);
  });

  test("its encoded tensors arrive on every device in parts", { timeout: 60_000 }, async () => {
    const plan = await planFile("u8");
    const { code, out, error } = await cli(
      ...["run", path("branches.onnx"), "--plan", plan, "--local", "--no-links", "--frames", "2", "--json"],
    );
    expect({ code, error }).toEqual({ code: 0, error: "" });
    const report = JSON.parse(out);
    expect(report.outputs.verdict).toBe("close");
    expect(report.transfers.map(({ tensors }: { tensors: string[] }) => tensors)).toEqual([["a"], ["a"], ["b"]]);
  });
});
