import { expect, test } from "vitest";
import { NO_CONSTRAINTS } from "../core/plan/constraints.ts";
import { readProfileText } from "../core/profile/formats/formats.ts";
import { unwrap } from "../core/result.ts";
import { exportSubject } from "../core/testing/export-subjects.ts";
import { type ImportItem, namedDevice, needsNoLook, outcomeOf, settingWith } from "./profile-import.ts";
import type { Setting } from "./state.ts";

const subject = exportSubject("a=3 -> b=5 -> c=7 -> d=2 -> e=1", [2]);
const { model, rig, encoding } = subject;
const setting: Setting = { rig, encoding, constraints: NO_CONSTRAINTS, profiles: new Map() };
const [PI, NANO] = ["raspberry-pi-4", "jetson-nano"];

let lastId = 0;

function imported(fileName: string, text: string, choice: Partial<ImportItem> = {}): ImportItem {
  lastId += 1;
  return {
    id: lastId,
    file: { fileName, format: null, reading: readProfileText(text, fileName), joinedTo: null },
    matched: null,
    device: PI,
    unit: null,
    manual: [],
    ...choice,
  };
}

const whole = "node,latency_ms\na,1\nb,2\nc,3\nd,4\ne,5\n";
const half = "node,latency_ms\na,1\nb,2\nstranger,9\n";
const bare = "node,latency\na,1\nb,2\nc,3\nd,4\ne,5\n";
const power = Array.from(
  { length: 30 },
  (_, i) => `RAM 1/2MB x GR3D_FREQ 0% VDD_IN ${i < 15 ? 2000 : 8000}mW/3000mW`,
).join("\n");

test("only a single profile that fits well and has its device is taken over without a look", () => {
  expect(needsNoLook([imported("w", whole)], model)).toBe(true);
  expect(needsNoLook([imported("h", half)], model)).toBe(false);
  expect(needsNoLook([imported("w", whole, { device: null })], model)).toBe(false);
  expect(needsNoLook([imported("b", bare)], model)).toBe(false);
  expect(needsNoLook([imported("p", power)], model)).toBe(false);
  expect(needsNoLook([imported("w", whole), imported("v", whole, { device: NANO })], model)).toBe(false);
  expect(needsNoLook([], model)).toBe(false);
});

test("a match by hand gives the entry's time to the op, and the file stays what it was", () => {
  const item = imported("h", half);
  const stranger = 2;
  const before = outcomeOf(item, model);
  const after = outcomeOf({ ...item, manual: [{ entry: stranger, op: 4 }] }, model);
  if (before.kind !== "profile" || after.kind !== "profile") throw new Error("both are profiles");
  expect(before.matched.unmatchedEntries).toEqual([stranger]);
  expect(after.matched.unmatchedEntries).toEqual([]);
  expect(after.matched.groups.find(({ entry }) => entry === stranger)?.ops).toEqual([4]);
});

test("bare figures wait for their unit and are scaled by it", () => {
  expect(outcomeOf(imported("b", bare), model).kind).toBe("unit");
  const outcome = outcomeOf(imported("b", bare, { unit: "us" }), model);
  if (outcome.kind !== "profile") throw new Error("it has its unit");
  expect(outcome.matched.raw.entries.map(({ latency }) => latency.median * 1e6)).toEqual([1, 2, 3, 4, 5]);
  expect(settingWith(setting, [imported("b", bare)], model)).toEqual({
    ok: false,
    error: "Choose the unit of the figures in b.",
  });
});

test("all files are in force at once; the setting given stays as it was", () => {
  const items = [imported("w", whole), imported("h", half, { device: NANO }), imported("p", power, { device: NANO })];
  const next = unwrap(settingWith(setting, items, model));
  expect([...next.profiles.keys()]).toEqual([PI, NANO]);
  const nano = next.rig.devices.find(({ id }) => id === NANO);
  expect([nano?.idleWatts, nano?.activeWatts]).toEqual([2, 8]);
  expect(next.rig.devices.find(({ id }) => id === PI)).toBe(rig.devices.find(({ id }) => id === PI));
  expect(setting.profiles.size).toBe(0);
  expect(setting.rig).toBe(rig);
});

test("two profiles for one device, and none for any, are told in a sentence", () => {
  const error = (items: readonly ImportItem[]) => {
    const result = settingWith(setting, items, model);
    return result.ok ? null : result.error;
  };
  expect(error([imported("one", whole), imported("two", whole)])).toBe(
    "one and two are both for Raspberry Pi 4; a device takes one of them.",
  );
  expect(error([imported("one", whole), imported("two", whole, { device: null })])).toBeNull();
  expect(error([imported("one", whole, { device: null })])).toBe("Choose the device that the figures are for.");
  expect(error([imported("words", "only words")])).toBe("Choose the device that the figures are for.");
});

test("a companion without its profile says what it waits for", () => {
  const layers = imported("layers.json", JSON.stringify({ Layers: [{ Name: "a", LayerType: "Conv" }], Bindings: [] }));
  const outcome = outcomeOf(layers, model);
  expect(outcome).toEqual({ kind: "refused", sentence: expect.stringContaining("--exportProfile") });
  const joined = { ...layers, id: 0, file: { ...layers.file, joinedTo: "prof.json" } };
  expect(outcomeOf(joined, model)).toEqual({ kind: "companion", sentence: expect.stringContaining("prof.json") });
});

test("a profile that names its device finds it, unless two have that name", () => {
  const profile = JSON.stringify({
    format: "splitscope-profile",
    version: 1,
    device: { name: "jetson NANO", runtime: null },
    provenance: { kind: "measured" },
    entries: [{ nodes: ["a"], latency_us: { median: 5 } }],
  });
  const { file } = imported("n", profile);
  expect(namedDevice(file, rig.devices)).toBe(NANO);
  expect(
    namedDevice(
      file,
      rig.devices.map((device) => ({ ...device, name: "Jetson Nano" })),
    ),
  ).toBeNull();
  expect(namedDevice(imported("w", whole).file, rig.devices)).toBeNull();
});
