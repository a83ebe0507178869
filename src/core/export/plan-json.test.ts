import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { TensorType } from "../onnx/model.ts";
import { buildProblem } from "../plan/build-problem.ts";
import { type Constraints, NO_CONSTRAINTS } from "../plan/constraints.ts";
import { predict } from "../predict/predict.ts";
import { applyProfile } from "../profile/apply.ts";
import { readProfile } from "../profile/formats/formats.ts";
import { matchProfile } from "../profile/match.ts";
import { unwrap } from "../result.ts";
import { exportSubject } from "../testing/export-subjects.ts";
import { schemaViolations, undescribedFields } from "../testing/json-schema.ts";
import { textGraph } from "../testing/text-graph.ts";
import type { ExportSubject } from "./export-subject.ts";
import { parsePlan, upgradePlan } from "./plan-document.ts";
import { planDocumentJson, writePlan } from "./plan-json.ts";
import { modelMismatch, restorePlan } from "./restore-plan.ts";

const schema = JSON.parse(readFileSync("public/schema/splitscope-plan.schema.json", "utf8"));

const DIAMOND = "[in:600000] -> a; a=3 -> b -> d=5; a -> c:Conv=2 -> d -> e; d -> [out:40]";
const subject = exportSubject(DIAMOND, [1, 3]);
const { graph } = subject.model;

/** The document with the value at a path of keys changed; undefined takes the field away. */
function changed(path: readonly (string | number)[], value: unknown): string {
  const copy = structuredClone(planDocumentJson(subject));
  const last = path.at(-1);
  if (last === undefined) throw new Error("a path has a key");
  let parent: unknown = copy;
  for (const key of path.slice(0, -1)) parent = (parent as Record<string | number, unknown>)[key];
  (parent as Record<string | number, unknown>)[last] = value;
  return JSON.stringify(copy);
}

const errorOf = (text: string) => {
  const result = parsePlan(text, "x.plan.json");
  return result.ok ? "" : result.error;
};

/** Subject whose first device has a profile with 2 ms per op. */
function profiled(): ExportSubject {
  const entries = graph.opNames.map((name) => ({ nodes: [name], latency_us: { median: 2000 } }));
  const text = JSON.stringify({
    format: "splitscope-profile",
    version: 1,
    provenance: { kind: "measured", runs: 9 },
    entries,
  });
  const matched = unwrap(matchProfile(unwrap(readProfile(text, "pi.json")), graph));
  const latencies = subject.latencies.map((table, device) => (device === 0 ? applyProfile(table, matched) : table));
  const problem = unwrap(buildProblem({ graph, rig: subject.rig, latencies, encoding: subject.encoding }));
  const device = subject.rig.devices[0]?.id ?? "";
  const prediction = predict(problem, subject.plan);
  return { ...subject, profiles: new Map([[device, matched]]), latencies, problem, prediction };
}

function withStatedTypes(): ExportSubject {
  const givenTypes = new Map<string, TensorType>([
    ["__proto__", { kind: "tensor", elementType: "float16", shape: [1, 0, 56] }],
    ["scalar", { kind: "tensor", elementType: "int64", shape: [] }],
  ]);
  return { ...subject, model: { ...subject.model, givenTypes } };
}

describe("a written plan", () => {
  const cases: readonly (readonly [string, ExportSubject])[] = [
    ["split", subject],
    ["whole", exportSubject("a -> b", [])],
    ["by hand, digest not known", { ...subject, proof: null, sha256: null }],
    ["encoded", { ...subject, encoding: { input: "u8", cut: "f16", inputBytesOverride: 1234 } }],
    ["with a measured profile", profiled()],
    ["with types that a person stated", withStatedTypes()],
  ];
  for (const [name, written] of cases) {
    test(`comes back the same and fits the schema: ${name}`, () => {
      const json = JSON.parse(writePlan(written));
      expect(schemaViolations(schema, json)).toEqual([]);
      expect(undescribedFields(schema, json)).toEqual([]);
      const read = unwrap(parsePlan(writePlan(written)));
      expect(read.rig).toEqual(written.rig);
      expect(read.encoding).toEqual(written.encoding);
      expect(read.objective).toBe(written.objective);
      expect(read.proof).toEqual(written.proof);
      expect(read.model.sha256).toBe(written.sha256);
      expect(read.model.dims).toEqual(written.model.bindings);
      expect(read.model.givenTypes).toEqual(written.model.givenTypes);
      expect(read.predicted.latencySeconds).toBe(written.prediction.latencySeconds);
      const plan = unwrap(restorePlan(read, written.model.graph, read.rig));
      expect(plan).toEqual(written.plan);
    });
  }

  test("holds the profiles, so that the figures come back too", () => {
    const written = profiled();
    const read = unwrap(parsePlan(writePlan(written)));
    const latencies = subject.latencies.map((table, device) => {
      const profile = read.profiles.find((entry) => entry.device === read.rig.devices[device]?.id)?.profile;
      return profile === undefined ? table : applyProfile(table, unwrap(matchProfile(profile, graph)));
    });
    const problem = unwrap(buildProblem({ graph, rig: read.rig, latencies, encoding: read.encoding }));
    expect(predict(problem, unwrap(restorePlan(read, graph, read.rig)))).toEqual(written.prediction);
    expect(written.prediction).not.toEqual(subject.prediction);
  });

  test("property: any cut of a chain comes back", () => {
    fc.assert(
      fc.property(fc.integer({ min: 3, max: 30 }), fc.nat(), fc.nat(), (ops, first, second) => {
        const names = Array.from({ length: ops }, (_, i) => (i === 2 ? "__proto__" : `n${i}`));
        const cuts = [first % ops, 1 + (second % (ops - 1))].sort((a, b) => a - b);
        const chain = exportSubject(names.join(" -> "), cuts[0] === cuts[1] ? cuts.slice(1) : cuts);
        const read = unwrap(parsePlan(writePlan(chain)));
        expect(unwrap(restorePlan(read, chain.model.graph, read.rig))).toEqual(chain.plan);
      }),
    );
  });

  test("a plan that cannot run has null figures", () => {
    const prediction = { ...subject.prediction, latencySeconds: Infinity, periodSeconds: Infinity };
    const text = writePlan({ ...subject, prediction });
    expect(schemaViolations(schema, JSON.parse(text))).toEqual([]);
    expect(unwrap(parsePlan(text)).predicted).toEqual({ latencySeconds: null, periodSeconds: null });
  });
});

describe("parsePlan refuses", () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ["no text", "", "x.plan.json is empty; expected JSON."],
    ["a page", "<!doctype html>", "x.plan.json is an HTML or XML page; expected JSON."],
    ["a list", "[]", "This is not a plan file: x.plan.json is a list; expected an object."],
    ["another format", changed(["format"], "splitscope-rig"), '"splitscope-rig"; expected "splitscope-plan"'],
    [
      "a later version",
      changed(["version"], 3),
      "x.plan.json has version 3; this version of Splitscope reads up to 2.",
    ],
    ["a version that is text", changed(["version"], "1"), 'version is "1"; expected a whole number of at least 1.'],
    ["no rig", changed(["rig"], undefined), "The rig is not a JSON object"],
    ["a stage without device", changed(["assignment", "stages", 1, "device"], 7), "assignment.stages[1].device is 7"],
    ["an op without index", changed(["assignment", "stages", 0, "ops", 0, "index"], -1), "ops[0].index is -1"],
    ["an unknown objective", changed(["objective"], "joy"), 'objective is "joy"; expected one of'],
    ["an unknown encoding", changed(["encoding", "cut"], "jpeg"), 'encoding.cut is "jpeg"; expected one of'],
    ["a dim of size 0", changed(["model", "dims", 0, "size"], 0), "model.dims[0].size is 0"],
    ["an unknown status", changed(["certificate", "status"], "sure"), 'certificate.status is "sure"'],
    [
      "a bad profile",
      changed(["profiles"], [{ device: "d", fileName: "p.json", profile: 5 }]),
      'The profile of device "d" cannot be read',
    ],
  ];
  for (const [name, text, sentence] of cases) {
    test(name, () => {
      expect(errorOf(text)).toContain(sentence);
      expect(errorOf(text)).not.toContain("\n");
    });
  }
});

describe("restorePlan", () => {
  const read = unwrap(parsePlan(writePlan(subject)));
  const restored = (text: string) => {
    const result = restorePlan(read, textGraph(text).graph, read.rig);
    return result.ok ? result.value : result.error;
  };

  test("takes ops by position where the model has other names", () => {
    const renamed = "[in:600000] -> A; A=3 -> B -> D=5; A -> C:Conv=2 -> D -> E; D -> [out:40]";
    expect(restored(renamed)).toEqual(subject.plan);
  });

  test("names ops that the model does not have", () => {
    expect(restored("a -> b; a -> c; c -> d; d -> other; d -> more")).toBe(
      'The plan places an op that this model does not have: "e"; it was made for "text.onnx".',
    );
    expect(restored("x -> y")).toBe(
      'The plan places 5 ops that this model does not have: "a", "b", "c" and 2 more; it was made for "text.onnx".',
    );
  });

  test("names ops that the plan leaves out", () => {
    expect(restored(`${DIAMOND}; e -> f`)).toBe(
      'The plan leaves out an op of this model: "f"; it was made for "text.onnx".',
    );
  });

  test("refuses an op in two stages, an empty stage, a foreign device and a first stage off the source", () => {
    const [first, second, third] = read.stages;
    if (first === undefined || second === undefined || third === undefined) throw new Error("the plan has 3 stages");
    const withStages = (stages: typeof read.stages) => {
      const result = restorePlan({ ...read, stages }, graph, read.rig);
      return result.ok ? "" : result.error;
    };
    expect(withStages([first, { ...second, ops: [...second.ops, ...first.ops] }, third])).toContain(
      '"a" more than once',
    );
    expect(withStages([first, { ...second, ops: [] }, { ...third, ops: [...second.ops, ...third.ops] }])).toBe(
      "Stage 1 of the plan holds no op; only the first stage may be empty.",
    );
    expect(withStages([first, { ...second, device: "toaster" }, third])).toContain('uses the device "toaster"');
    expect(withStages([second, first, third])).toContain("The plan's first stage is on device");
    expect(withStages([])).toBe("The plan has no stage; expected at least one.");
    expect(withStages([{ ...first, ops: third.ops }, second, { ...third, ops: first.ops }])).toContain(
      'before op "a" in stage 2, whose output it reads',
    );
  });

  test("says when the plan was made for another file", () => {
    expect(modelMismatch(read, "ab".repeat(32))).toBeNull();
    expect(modelMismatch(read, null)).toBeNull();
    expect(modelMismatch(read, "cd".repeat(32))).toBe(
      'The plan was made for "text.onnx" with SHA-256 abababababab...; the model that is open has cdcdcdcdcdcd....',
    );
  });
});

test("objectives and constraints come back; a plan of version 1 has none", () => {
  const constraints: Constraints = {
    pins: [{ op: "a", device: "pi" }],
    firstOpsOnSource: 2,
    forbiddenDevices: ["nano"],
    maxStages: 3,
    linkMaxBytes: [{ link: "pi--nano", bytes: 5e6 }],
    groups: [["a", "b"], ["encoder/layer0"]],
    delivery: "direct",
    overlap: false,
    queuedFrames: 2,
    limits: { latency: 0.05, traffic: 1e6 },
  };
  const objective = { mix: { latency: 1, energy: 0.2 } };
  const json = JSON.parse(writePlan({ ...subject, objective, constraints }));
  expect(schemaViolations(schema, json)).toEqual([]);
  expect(undescribedFields(schema, json)).toEqual([]);
  expect(unwrap(parsePlan(JSON.stringify(json)))).toMatchObject({ objective, constraints });
  const { constraints: _, ...old } = { ...json, version: 1, objective: "period" };
  expect(unwrap(parsePlan(JSON.stringify(old)))).toMatchObject({ objective: "period", constraints: NO_CONSTRAINTS });
});

test("upgrades go step by step, and a missing step is a bug", () => {
  const steps = new Map([
    [1, (text: unknown) => `${text} to 2`],
    [2, (text: unknown) => `${text} to 3`],
  ]);
  expect(upgradePlan("1", 1, 3, steps)).toBe("1 to 2 to 3");
  expect(upgradePlan("3", 3, 3, steps)).toBe("3");
  expect(() => upgradePlan("1", 1, 4, steps)).toThrow("no upgrade from plan version 3");
});
