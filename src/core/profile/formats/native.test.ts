import { existsSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { unwrap } from "../../result.ts";
import { schemaViolations, undescribedFields } from "../../testing/json-schema.ts";
import { distributionOf } from "../distribution.ts";
import { readProfile } from "./formats.ts";
import { writeProfile } from "./native.ts";
import type { Hardware, RawEntry, RawProfile } from "./raw-profile.ts";

const schema = JSON.parse(readFileSync("public/schema/splitscope-profile.schema.json", "utf8"));

const MINIMAL = {
  format: "splitscope-profile",
  version: 1,
  provenance: { kind: "user" },
  entries: [
    { nodes: ["conv1", "relu1"], latency_us: { median: 120 } },
    { nodes: ["#7"], latency_us: { median: 30 } },
  ],
};

/** The minimal profile with one change at a path like "entries.0.latency_us.median". */
function changed(path: string, value: unknown): string {
  const json = structuredClone(MINIMAL) as unknown as Record<string, unknown>;
  const keys = path.split(".");
  const last = keys.pop() ?? "";
  let place: Record<string, unknown> = json;
  for (const key of keys) place = place[key] as Record<string, unknown>;
  if (value === undefined) delete place[last];
  else place[last] = value;
  return JSON.stringify(json);
}

describe("reading", () => {
  test("a profile written by hand", () => {
    expect(schemaViolations(schema, MINIMAL)).toEqual([]);
    const profile = unwrap(readProfile(JSON.stringify(MINIMAL), "mine.json"));
    expect(profile).toMatchObject({
      format: "splitscope-profile",
      fileName: "mine.json",
      source: null,
      kind: "user",
      runs: 1,
      warmupDropped: 0,
      endToEnd: null,
    });
    const same = 120e-6;
    expect(profile.entries[0]).toEqual({
      kind: "op",
      label: "conv1",
      opType: null,
      nodeIndex: null,
      nodes: ["conv1", "relu1"],
      outputs: null,
      inputCount: null,
      activationBytes: null,
      outputShape: null,
      provider: null,
      latency: { count: 1, min: same, p25: same, median: same, p75: same, p95: same, mean: same },
    });
  });

  test.each([
    ["version", 3, "f.json has version 3; this version of Splitscope reads up to 1."],
    ["version", "1", 'f.json has a bad field: version is "1"; expected a whole number of at least 1.'],
    ["provenance", undefined, "f.json has a bad field: provenance is missing; expected an object."],
    ["provenance.kind", "guessed", 'provenance.kind is "guessed"; expected one of "measured", "imported"'],
    ["provenance.runs", 0, "provenance.runs is 0; expected a whole number of at least 1."],
    ["entries", [], "f.json holds no entries; expected at least one timed op."],
    ["entries", {}, "entries is an object; expected a list."],
    ["entries.0", null, "entries[0] is null; expected an object."],
    ["entries.0.nodes", "conv1", 'entries[0].nodes is "conv1"; expected a list.'],
    ["entries.0.nodes", ["conv1", 5], "entries[0].nodes[1] is 5; expected a text."],
    [
      "entries.1.nodes",
      ["conv1"],
      'entries[1].nodes names "conv1", which entries[0] has already; expected each op once.',
    ],
    ["entries.0.latency_us", 12, "entries[0].latency_us is 12; expected an object."],
    ["entries.0.latency_us.median", -1, "entries[0].latency_us.median is -1; expected a number from 0 to"],
    ["entries.0.latency_us.median", 1e300, "entries[0].latency_us.median is 1e+300; expected a number from 0 to"],
    ["entries.0.latency_us.p25", "fast", 'entries[0].latency_us.p25 is "fast"; expected a number from 0 to'],
    ["entries.0.outputShape", [1, -3], "entries[0].outputShape[1] is -3; expected a whole number of at least 0."],
  ])("refuses %s = %j", (path, value, sentence) => {
    const result = readProfile(changed(path, value), "f.json");
    expect(result.ok ? "accepted" : result.error).toContain(sentence);
    if (path !== "entries.1.nodes") expect(schemaViolations(schema, JSON.parse(changed(path, value)))).not.toEqual([]);
  });

  test("a file that breaks off, NaN, control characters", () => {
    const text = JSON.stringify(MINIMAL);
    for (const bad of [text.slice(0, -20), text.replace("120", "NaN"), text.replace("conv1", "con\u0001v")]) {
      const result = readProfile(bad, "f.json");
      expect(result.ok ? "accepted" : result.error).toMatch(/^f\.json is not valid JSON \(.+\)\.$/);
    }
  });

  test("a byte-order mark and Windows line ends", () => {
    const text = JSON.stringify(MINIMAL, null, 2).replaceAll("\n", "\r\n");
    expect(unwrap(readProfile(`\ufeff${text}`, "f")).entries).toHaveLength(2);
  });
});

describe("readProfile", () => {
  test.each([
    ["", "f is empty; expected a device profile."],
    ["\ufeff \r\n", "f is empty; expected a device profile."],
    ["<!doctype html>", "f is an HTML page, perhaps saved instead of the file behind it; expected the profile itself."],
    [
      "name;size\na;1",
      "f is no device profile that can be read here; expected a splitscope-profile file, an ONNX Runtime",
    ],
    ['{"format":"splitscope-rig","version":1}', "f is no device profile that can be read here"],
    ['{"traceEvents":[{"name":"x"}]}', "f is no device profile that can be read here"],
    ["version https://git-lfs.github.com/spec/v1", "f is a Git LFS pointer, not the file itself"],
    ["\u0000\u0001\u0002", "f is no device profile that can be read here"],
  ])("refuses %j", (text, sentence) => {
    const result = readProfile(text, "f");
    expect(result.ok ? "accepted" : result.error).toContain(sentence);
  });

  test("what is called JSON and is damaged is called that; other foreign files have a short sentence", () => {
    const sentence = (text: string, name: string) => {
      const result = readProfile(text, name);
      return result.ok ? "accepted" : result.error;
    };
    expect(sentence('{"one" ["a"', "mapping.json")).toMatch(/^mapping\.json is not valid JSON \(/);
    expect(sentence('{"one": "a"}', "other.json")).toMatch(/^other\.json is no device profile/);
    expect(sentence("only words", "f").length).toBeLessThan(260);
  });
});

describe("writing", () => {
  const entry: fc.Arbitrary<RawEntry> = fc.record({
    kind: fc.constantFrom("op", "overhead", "subgraph", "elided"),
    label: fc.string(),
    opType: fc.option(fc.string()),
    nodeIndex: fc.option(fc.nat()),
    nodes: fc.constant(null),
    outputs: fc.option(fc.array(fc.string(), { maxLength: 2 })),
    inputCount: fc.option(fc.nat(9)),
    activationBytes: fc.option(fc.nat()),
    outputShape: fc.option(fc.array(fc.nat(999), { maxLength: 5 })),
    provider: fc.option(fc.string()),
    latency: fc.array(fc.integer({ min: 0, max: 1e9 }), { minLength: 1, maxLength: 9 }).map((microseconds) => {
      return distributionOf(microseconds.map((value) => value / 1e6));
    }),
  });
  const hardware: fc.Arbitrary<Hardware> = fc.record({
    processor: fc.option(fc.string()),
    cores: fc.option(fc.integer({ min: 1, max: 512 })),
    memoryBytes: fc.option(fc.integer({ min: 1, max: 2 ** 40 })),
    platform: fc.option(fc.string()),
  });
  const profile: fc.Arbitrary<RawProfile> = fc.record({
    format: fc.constant("splitscope-profile"),
    fileName: fc.constant("f.json"),
    source: fc.option(fc.record({ fileName: fc.string(), format: fc.constantFrom("ort-trace", "trt-profile") })),
    kind: fc.constantFrom("measured", "imported", "user", "fitted", "estimated"),
    model: fc.record({ name: fc.option(fc.string()), sha256: fc.option(fc.string()) }),
    device: fc.record(
      { name: fc.option(fc.string()), runtime: fc.option(fc.string()), hardware },
      { requiredKeys: ["name", "runtime"] },
    ),
    runs: fc.integer({ min: 1, max: 1e6 }),
    warmupDropped: fc.nat(9),
    endToEnd: fc.constant(null),
    additivity: fc.option(fc.double({ min: 0, max: 2, noNaN: true }).map((value) => value + 0)),
    entries: fc.array(entry, { minLength: 1, maxLength: 6 }),
    warnings: fc.array(fc.string()),
  });

  test("read after write is the same to the digit that a clock can tell, and the same for good", () => {
    fc.assert(
      fc.property(profile, (value) => {
        const text = writeProfile(value);
        const json: unknown = JSON.parse(text);
        expect(schemaViolations(schema, json)).toEqual([]);
        expect(undescribedFields(schema, json)).toEqual([]);
        const back = unwrap(readProfile(text, "f.json"));
        expect(writeProfile(back)).toBe(text);
        expect({ ...back, entries: [] }).toEqual({ ...value, entries: [] });
        for (const [i, entry] of back.entries.entries()) {
          const { latency, ...rest } = value.entries[i] ?? entry;
          expect(entry).toMatchObject(rest);
          expect(entry.latency.median).toBeCloseTo(latency.median, 12);
          expect(entry.latency.count).toBe(latency.count);
        }
      }),
    );
  });

  const trace = new URL("../../../../../shared/profiles/ort/ort1.30-cpu_squeezenet_all_20runs.json", import.meta.url);
  test.skipIf(!existsSync(trace))("a real trace survives the way through the native format", () => {
    const original = unwrap(readProfile(readFileSync(trace, "utf8"), "trace.json"));
    const text = writeProfile(original);
    expect(schemaViolations(schema, JSON.parse(text))).toEqual([]);
    const back = unwrap(readProfile(text, "native.json"));
    expect(back.source).toEqual({ fileName: "trace.json", format: "ort-trace" });
    expect(back.entries.map((entry) => [entry.label, entry.opType, entry.nodeIndex, entry.kind])).toEqual(
      original.entries.map((entry) => [entry.label, entry.opType, entry.nodeIndex, entry.kind]),
    );
    for (const [i, entry] of back.entries.entries()) {
      expect(entry.latency.median).toBeCloseTo(original.entries[i]?.latency.median ?? Number.NaN, 12);
    }
  });
});
