import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { unwrap } from "../result.ts";
import { schemaViolations, undescribedFields } from "../testing/json-schema.ts";
import { DEVICE_PRESETS, defaultRig, deviceFromPreset, LINK_PRESETS, linkFromPreset } from "./presets.ts";
import type { Rig } from "./rig.ts";
import { parseRig, readRig, rigJson, writeRig } from "./schema.ts";

const schema = JSON.parse(readFileSync("public/schema/splitscope-rig.schema.json", "utf8"));

/** Every device of the library in a star around the first, each over another link. */
function everything(): Rig {
  const devices = DEVICE_PRESETS.map((preset) => deviceFromPreset(preset.id));
  const [hub, ...others] = devices.map((device) => device.id);
  const links = others.map((id, i) => linkFromPreset(LINK_PRESETS[i]?.id ?? "lora", hub ?? "", id));
  return { devices, links, source: hub ?? "", sink: hub ?? "" };
}

/** The default rig as JSON with one change at a path like "devices.0.memoryBytes". */
function changed(path: string, value: unknown): unknown {
  const json = JSON.parse(writeRig(defaultRig()));
  const keys = path.split(".");
  const last = keys.pop() ?? "";
  let place = json;
  for (const key of keys) place = place[key];
  if (value === undefined) delete place[last];
  else place[last] = value;
  return json;
}

describe("rig files", () => {
  test.each([
    ["default", defaultRig()],
    ["everything", everything()],
  ])("%s: write, read, equal; and the schema agrees", (_, rig) => {
    expect(unwrap(readRig(writeRig(rig), "rig.json"))).toEqual(rig);
    const json: unknown = JSON.parse(writeRig(rig));
    expect(schemaViolations(schema, json)).toEqual([]);
    expect(undescribedFields(schema, json)).toEqual([]);
  });

  test("a device and a link with a preset may leave the rest out", () => {
    const rig = unwrap(
      parseRig({
        format: "splitscope-rig",
        version: 1,
        devices: [
          { id: "cam", preset: "raspberry-pi-4", loadFactor: 2 },
          { id: "box", preset: "mini-pc" },
        ],
        links: [{ a: "cam", b: "box", preset: "wifi-5", latencySeconds: 0.004 }],
        sourceDevice: "cam",
        sinkDevice: "box",
      }),
    );
    expect(rig.devices[0]).toEqual({ ...deviceFromPreset("raspberry-pi-4", "cam"), loadFactor: 2 });
    expect(rig.links[0]).toEqual({ ...linkFromPreset("wifi-5", "cam", "box"), latency: 0.004 });
  });

  test.each([
    ["format", "splitscope-plan", 'This is not a rig file: format is "splitscope-plan"; expected "splitscope-rig".'],
    ["version", 3, "The rig file has version 3; this version of Splitscope reads up to 2."],
    ["version", "1", 'version is "1"; expected a whole number of at least 1.'],
    ["devices", [], "The rig has no device; expected at least one."],
    ["devices", "none", 'devices is "none"; expected a list.'],
    ["devices.0", 7, "devices[0] is 7; expected an object."],
    ["devices.0.id", "Pi 4", 'The device id "Pi 4" is not allowed; expected letters, digits and dashes'],
    ["devices.0.id", "jetson-nano", 'Two devices have the id "jetson-nano"; expected different ids.'],
    ["devices.0.memoryBytes", "4 GB", 'devices[0].memoryBytes is "4 GB"; expected a number above 0.'],
    ["devices.0.memoryBytes", 0, "devices[0].memoryBytes is 0; expected a number above 0."],
    ["devices.0.memoryBytes", JSON.parse("1e999"), "devices[0].memoryBytes is Infinity; expected a number above 0."],
    [
      "devices.0.stageOverheadSeconds",
      Number.NaN,
      "devices[0].stageOverheadSeconds is NaN; expected a number of at least 0.",
    ],
    ["devices.0.loadFactor", 0.5, "devices[0].loadFactor is 0.5; expected a number from 1 to 1000."],
    [
      "devices.0.weightPrecision",
      "i4",
      'devices[0].weightPrecision is "i4"; expected one of "as-stored", "f16", "i8".',
    ],
    ["devices.0.unsupportedOps", ["Conv", 3], "devices[0].unsupportedOps[1] is 3; expected a text."],
    [
      "devices.0.onChip",
      { capacityBytes: 5 },
      "devices[0].onChip.streamingBytesPerSecond is missing; expected a number above 0.",
    ],
    [
      "devices.0.costModel.kind",
      "guess",
      'devices[0].costModel.kind is "guess"; expected one of "fitted", "roofline".',
    ],
    [
      "devices.0.costModel.secondsPerMac.conv1x1",
      -1,
      "devices[0].costModel.secondsPerMac.conv1x1 is -1; expected a number of at least 0.",
    ],
    [
      "devices.2.costModel.efficiency.other",
      undefined,
      "devices[2].costModel.efficiency.other is missing; expected a number above 0 and at most 1.",
    ],
    [
      "devices.2.costModel.efficiency.convolution",
      1,
      "devices[2].costModel.efficiency.convolution is 1; expected no field but the op classes",
    ],
    ["devices.0.idleWatts", "2 W", 'devices[0].idleWatts is "2 W"; expected a number of at least 0, or null.'],
    ["links.0.a", "nobody", 'ends at device "nobody", which the rig does not have; expected one of "raspberry-pi-4"'],
    ["links.0.b", "raspberry-pi-4", 'joins device "raspberry-pi-4" to itself; expected two devices.'],
    ["links.0.aToBBytesPerSecond", 0, "links[0].aToBBytesPerSecond is 0; expected a number above 0."],
    ["links.0.latencySeconds", -0.001, "links[0].latencySeconds is -0.001; expected a number of at least 0."],
    ["links.0.aToBJoulesPerByte", -1, "links[0].aToBJoulesPerByte is -1; expected a number of at least 0."],
    ["links.0.medium", 5, "links[0].medium is 5; expected a text, or null."],
    [
      "links.1.id",
      "raspberry-pi-4--jetson-nano",
      'Two links have the id "raspberry-pi-4--jetson-nano"; expected different ids.',
    ],
    ["links", [], 'No link leads from the source device "raspberry-pi-4" to device "jetson-nano"'],
    [
      "sourceDevice",
      "cam",
      'The source device "cam" is not in the rig; expected one of "raspberry-pi-4", "jetson-nano", "gpu-server".',
    ],
    ["sinkDevice", undefined, "sinkDevice is missing; expected a text."],
  ])("refuses %s = %j", (path, value, sentence) => {
    const result = parseRig(changed(path, value));
    expect(result.ok ? "accepted" : result.error).toContain(sentence);
  });

  test.each([
    ["format", "splitscope-plan"],
    ["devices", []],
    ["devices.0.memoryBytes", "4 GB"],
    ["devices.0.loadFactor", 0.5],
    ["devices.0.weightPrecision", "i4"],
    ["devices.0.costModel.kind", "guess"],
    ["devices.2.costModel.efficiency.convolution", 1],
    ["links.0.aToBBytesPerSecond", 0],
    ["sinkDevice", undefined],
  ])("the schema too refuses %s = %j", (path, value) => {
    expect(schemaViolations(schema, changed(path, value))).not.toEqual([]);
  });

  test("a link of version 1 without preset takes no energy", () => {
    const json = JSON.parse(JSON.stringify(rigJson(defaultRig())));
    for (const link of json.links) {
      link.preset = null;
      delete link.aToBJoulesPerByte;
      delete link.bToAJoulesPerByte;
    }
    const { links } = unwrap(parseRig({ ...json, version: 1 }));
    expect(links.map((link) => link.aToBJoulesPerByte + link.bToAJoulesPerByte)).toEqual(links.map(() => 0));
  });

  test("a device without preset must say everything", () => {
    const result = parseRig({
      format: "splitscope-rig",
      version: 1,
      devices: [{ id: "x" }],
      sourceDevice: "x",
      sinkDevice: "x",
    });
    expect(result).toEqual({
      ok: false,
      error: "The rig file has a bad field: devices[0].costModel is missing; expected an object.",
    });
  });

  test.each([null, 5, "rig", [], undefined])("refuses %j", (json) => {
    expect(parseRig(json)).toEqual({
      ok: false,
      error: "The rig is not a JSON object; expected the content of a rig file.",
    });
  });

  test("refuses a file that breaks off, and reads Windows line ends and a byte-order mark", () => {
    const text = writeRig(defaultRig());
    const cut = readRig(text.slice(0, 500), "rig.json");
    expect(cut.ok ? "accepted" : cut.error).toMatch(/^rig\.json is not valid JSON/);
    expect(unwrap(readRig(`\ufeff${text.replaceAll("\n", "\r\n")}`, "rig.json"))).toEqual(defaultRig());
  });

  test("names out of a file are data", () => {
    const json = changed("devices.0.name", "__proto__");
    expect(unwrap(parseRig(json)).devices[0]?.name).toBe("__proto__");
    const polluted = parseRig(JSON.parse('{"__proto__": {"format": "splitscope-rig"}, "version": 1}'));
    expect(polluted.ok).toBe(false);
  });

  test("rigJson is plain data", () => {
    expect(structuredClone(rigJson(defaultRig()))).toEqual(rigJson(defaultRig()));
  });
});
