import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { NO_CONSTRAINTS } from "../plan/constraints.ts";
import { unwrap } from "../result.ts";
import { exportSubject } from "../testing/export-subjects.ts";
import { schemaViolations, undescribedFields } from "../testing/json-schema.ts";
import type { ExportSubject } from "./export-subject.ts";
import { parseScenario } from "./scenario-document.ts";
import { writeScenario } from "./scenario-json.ts";

const schema = JSON.parse(readFileSync("public/schema/splitscope-scenario.schema.json", "utf8"));
const subject: ExportSubject = {
  ...exportSubject("[in:600000] -> a=3 -> b -> c=5 -> [out:40]", [1, 2]),
  sha256: "ab".repeat(32),
  encoding: { input: "u8", cut: "f16", inputBytesOverride: 20_000 },
  constraints: { ...NO_CONSTRAINTS, pins: [{ op: "a", device: "raspberry-pi-4" }], limits: { energy: 2 } },
  objective: { mix: { latency: 1, energy: 0.2 } },
};

test("what is written keeps to the schema and is read back", () => {
  const text = writeScenario(subject);
  const json: unknown = JSON.parse(text);
  expect(schemaViolations(schema, json)).toEqual([]);
  expect(undescribedFields(schema, json)).toEqual([]);
  const { rig, encoding, constraints, objective, model, situation } = unwrap(parseScenario(text, "x.json"));
  expect({ rig, encoding, constraints, objective }).toEqual({
    rig: subject.rig,
    encoding: subject.encoding,
    constraints: subject.constraints,
    objective: subject.objective,
  });
  const givenTypes = new Map();
  expect(model).toEqual({
    name: "text.onnx",
    sample: null,
    sha256: "ab".repeat(32),
    dims: new Map([["batch", 1]]),
    givenTypes,
  });
  expect(situation).toBe("text on Raspberry Pi 4, Jetson Nano and GPU server (T4).");
  expect(unwrap(parseScenario(writeScenario({ ...subject, sample: "vgg16" }), "x.json")).model.sample).toBe("vgg16");
});

describe("what is refused, in one sentence", () => {
  const changed = (change: object) => JSON.stringify({ ...JSON.parse(writeScenario(subject)), ...change });
  const errorOf = (text: string) => {
    const result = parseScenario(text, "x.json");
    return result.ok ? "" : result.error;
  };
  test.each([
    ["", "x.json is empty; expected JSON."],
    ["[]", 'x.json is not a scenario file; expected a JSON object whose "format" is "splitscope-scenario".'],
    [changed({ format: "splitscope-plan" }), "x.json is not a scenario file"],
    [changed({ version: 2 }), "x.json has version 2; this version of Splitscope reads up to 1."],
    [changed({ version: "1" }), 'x.json has a bad field: version is "1"; expected a whole number of at least 1.'],
    [changed({ title: undefined }), "x.json has a bad field: title is missing; expected a text."],
    [changed({ title: "x".repeat(81) }), "expected a text of at most 80 characters."],
    [changed({ lesson: 3 }), "x.json has a bad field: lesson is 3; expected a text."],
    [changed({ rig: null }), "x.json: The rig is not a JSON object"],
    [changed({ objective: "joy" }), 'objective is "joy"; expected one of "latency"'],
    [
      changed({ model: { name: "a.onnx", sha256: "12" } }),
      'model.sha256 is "12"; expected 64 hexadecimal digits, or null.',
    ],
    [changed({ model: { name: "a.onnx", dims: [{ name: "n", size: 0 }] } }), "model.dims[0].size is 0; expected"],
    [changed({ constraints: { maxStages: 0 } }), "constraints.maxStages is 0; expected"],
    [changed({ encoding: { input: "jpeg", cut: "u8" } }), 'encoding.input is "jpeg"; expected one of'],
    [
      changed({ profiles: [{ device: "jetson-nano", profile: {} }] }),
      'The profile of device "jetson-nano" cannot be read',
    ],
  ])("%#", (text, sentence) => {
    expect(errorOf(text)).toContain(sentence);
    expect(errorOf(text)).not.toContain("\n");
  });

  test("damaged text never throws", () => {
    const text = writeScenario(subject);
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.nat(40), fc.string({ maxLength: 3 }), (at, cut, put) => {
        parseScenario(text.slice(0, at) + put + text.slice(at + cut), "x.json");
      }),
      { numRuns: 300 },
    );
  });
});
