import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ModelBuilder } from "../core/testing/model-builder.ts";
import { cli, cliJson } from "./testing/cli.ts";

let folder = "";
const path = (name: string) => join(folder, name);

/** A vendor's op between two known ones: nobody can tell what it writes. */
function vendorModel(): Uint8Array {
  const net = new ModelBuilder({ name: "vendor", domains: new Map([["vendor", 1]]) });
  const x = net.node("Relu", [net.input("x", "float", [1, 3, 32, 32])], { name: "before", outputs: ["a"] });
  const y = net.node("Mystery", [x], { name: "odd", domain: "vendor", outputs: ["m=1"] });
  const z = net.node("MatMul", [y, net.weight("w", [16, 10], 1)], { name: "dense", outputs: ["z"] });
  return net.output(net.node("Softmax", [z], { name: "behind", outputs: ["y"] })).bytes();
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "splitscope-types-"));
  writeFileSync(path("vendor.onnx"), vendorModel());
});
afterAll(() => rmSync(folder, { recursive: true }));

test("inspect says which types are missing, and takes them", async () => {
  const { out } = await cli("inspect", path("vendor.onnx"));
  expect(out).toMatch(/type not known\s+m=1: .*"Mystery" of the domain "vendor".*--shape 'm=1=f32\[\.\.\.\]'/);
  const before = await cliJson("inspect", path("vendor.onnx"));
  const work = (report: { ops: { name: string; macs: number | null }[] }) =>
    report.ops.find(({ name }) => name === "dense")?.macs;
  expect(work(before)).toBeNull();
  const stated = await cliJson("inspect", path("vendor.onnx"), "--shape", "m=1=f32[4,16]");
  expect(work(stated)).toBe(4 * 16 * 10);
  expect(stated.tensors.find(({ name }: { name: string }) => name === "y")).toMatchObject({ shape: [4, 10] });
});

test("a plan keeps what was stated, for all that open it later", async () => {
  const out = path("vendor.plan.json");
  await cliJson("plan", path("vendor.onnx"), "--shape", "m=1=f32[4,16]", "--out", out);
  expect(JSON.parse(readFileSync(out, "utf8")).model.givenTypes).toEqual([
    { tensor: "m=1", elementType: "float", shape: [4, 16] },
  ]);
  const planned = await cliJson("predict", path("vendor.onnx"), "--plan", out);
  const other = await cliJson("predict", path("vendor.onnx"), "--plan", out, "--shape", "m=1=f32[400,16]");
  expect(other.noSplit[0].latencySeconds).toBeGreaterThan(planned.noSplit[0].latencySeconds);
});

test.each([
  ["m", '--shape is "m"; expected TENSOR=TYPE such as m=f32[1,64,56,56].'],
  ["m=1=f32", '--shape gives "m=1" a type that cannot be read: "f32" is no type of a tensor; an element type'],
  ["m=1=f32[1,x]", '--shape gives "m=1" a type that cannot be read:'],
  ["m=1=q9[1]", '"q9" is no element type; one such as "f32"'],
  ["none=f32[1]", '"vendor.onnx" has no tensor "none" that an op writes or a caller gives; its type was stated.'],
  [
    "a=f32[7]",
    'the type float[7] was stated for tensor "a", which is float[1, 3, 32, 32] by what the model says of it.',
  ],
  ["m=1=f32[9999999999]", '"9999999999" is no size; whole numbers such as "1, 3, 224, 224" were expected.'],
])("--shape %s ends in one sentence", async (shape, sentence) => {
  const { code, out, error } = await cli("plan", path("vendor.onnx"), "--shape", shape);
  expect([code, out]).toEqual([2, ""]);
  expect(error).toContain(sentence);
  expect(error.trimEnd()).not.toContain("\n");
});
