import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { unwrap } from "../core/result.ts";
import { defaultRig } from "../core/rig/presets.ts";
import { readProfiles } from "./setting.ts";

const folder = mkdtempSync(join(tmpdir(), "splitscope-setting-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function read(name: string, content?: string | Uint8Array) {
  const path = join(folder, name);
  if (content !== undefined) writeFileSync(path, content);
  return readProfiles(new Map([["jetson-nano", [path]]]), defaultRig());
}

describe("readProfiles", () => {
  test("streams plain and gzipped files of any format", async () => {
    const csv = "node,latency_ms\nconv1,0.25\n";
    for (const content of [csv, gzipSync(csv)]) {
      const profile = unwrap(await read("anything.bin", content)).get("jetson-nano");
      expect(profile?.entries.map(({ label, latency }) => [label, latency.median])).toEqual([["conv1", 0.00025]]);
    }
  });

  test.each([
    ["absent.csv", undefined, 'absent.csv" does not exist; expected a device profile.'],
    [".", undefined, "is a folder; expected a device profile."],
    ["data.json", '{"g":{"results":{"a":{"value":1}}}}', "data.json gives figures without a unit"],
    ["power.log", "RAM 1/2MB GR3D_FREQ 0% VDD_IN 5000mW/5000mW\n", "power.log is a log of power"],
  ])("%s is refused", async (name, content, sentence) => {
    const result = await read(name, content);
    expect(result.ok ? "accepted" : result.error).toContain(sentence);
  });

  describe("several files for one device", () => {
    const engine = `{"Layers": [{"Name": "L", "LayerType": "Conv", "Outputs": [{"Name": "r1", "Dimensions": [1,8]}], "Metadata": "[ONNX Layer: c0]"}], "Bindings": []}`;
    const profile = `[{"count": 200}, {"name": "L", "timeMs": 20, "averageMs": 0.1, "medianMs": 0.1, "percentage": 100}]`;
    const both = (...contents: readonly string[]) => {
      const paths = contents.map((content, i) => {
        const path = join(folder, `file${i}`);
        writeFileSync(path, content);
        return path;
      });
      return readProfiles(new Map([["jetson-nano", paths]]), defaultRig());
    };

    test("a profile and its companion, in any order, give one profile", async () => {
      for (const contents of [
        [engine, profile],
        [profile, engine],
      ]) {
        const [entry] = unwrap(await both(...contents)).get("jetson-nano")?.entries ?? [];
        expect(entry).toMatchObject({ label: "L", nodes: ["c0"], outputs: ["r1"] });
      }
    });

    test.each([
      [[profile, profile], "file0 and file1 are two profiles; a device takes one of them."],
      [[profile, engine.replace('"L"', '"M"')], "file1 names 0 % of the entries of file0; expected at least 50 %"],
      [[profile, profile, engine], "file0 and file1 are two profiles; a device takes one of them."],
      [[engine], "file0 lists the layers of a TensorRT engine without times"],
      [[profile, ""], "file1 is empty; expected a device profile."],
    ])("%j is refused", async (contents, sentence) => {
      const result = await both(...contents);
      expect(result.ok ? "accepted" : result.error).toContain(sentence);
    });
  });
});
