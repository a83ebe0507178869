import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { nestedModel } from "../core/testing/bad-models.ts";
import { cli } from "./testing/cli.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "splitscope-bodies-"));
  writeFileSync(join(folder, "nested.onnx"), nestedModel(2));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function inspect(...flags: string[]): Promise<string> {
  const { code, out } = await cli("inspect", join(folder, "nested.onnx"), ...flags);
  expect(code).toBe(0);
  return out;
}

test("inspect lists what ops of control flow hold, bodies in bodies too", async () => {
  const { bodies, ops } = JSON.parse(await inspect("--json"));
  const name = ops[0].name;
  expect(bodies.map(({ path }: { path: string[] }) => path.slice(0, 2))).toEqual([
    [name, "then_branch"],
    [name, "else_branch"],
    [name, "then_branch"],
    [name, "then_branch"],
  ]);
  expect(bodies[1]).toMatchObject({
    runs: 1,
    ops: 1,
    macs: 0,
    ends: [
      { name: "x", kind: "captured", dtype: "float", shape: [2], bytes: 8 },
      { name: "n", kind: "output", shape: [2] },
    ],
  });
  const text = await inspect();
  expect(text).toMatch(/body +per inference +holds +work +weights/);
  expect(text).toMatch(/ > then_branch > .* > else_branch +runs 1 +1 ops +0 MAC +0 B +captures 1/);
});
