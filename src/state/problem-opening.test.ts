import { expect, test } from "vitest";
import { item } from "../core/columns.ts";
import { type AbstractProblem, parseProblemContent, wholeContent } from "../core/plan/abstract-problem.ts";
import { AS_STORED } from "../core/plan/build-problem.ts";
import { NO_CONSTRAINTS } from "../core/plan/constraints.ts";
import { problemModel } from "../core/plan/problem-model.ts";
import { rigOfProblem } from "../core/plan/problem-rig.ts";
import { unwrap } from "../core/result.ts";
import { defaultRig } from "../core/rig/presets.ts";
import { exportSubject } from "../core/testing/export-subjects.ts";
import { baselinesOf, firstSplit, problemOf, runnersOf } from "./derive.ts";
import { firstPlan, openingSetting } from "./opening-setting.ts";
import { readProject } from "./persistence/read-project.ts";
import { restoreProject } from "./persistence/restore-project.ts";
import { projectRecord } from "./persistence/write-project.ts";
import { keptSource, problemModels } from "./problem-source.ts";
import { createAppStore } from "./store.ts";

const CONTENT: AbstractProblem = {
  name: "two in a row",
  devices: [
    { id: "slow", memoryBytes: null, stageOverheadSeconds: 0 },
    { id: "picky", memoryBytes: null, stageOverheadSeconds: 0 },
    { id: "fast", memoryBytes: null, stageOverheadSeconds: 0 },
  ],
  links: [],
  ops: [
    { id: "a", seconds: [3, null, 2], weightBytes: 0 },
    { id: "b", seconds: [4, 1, 1], weightBytes: 0 },
  ],
  tensors: [
    { id: "h", producer: "a", consumers: ["b"], bytes: 1, output: false },
    { id: "y", producer: "b", consumers: [], bytes: 1, output: true },
  ],
  source: null,
  sink: null,
};

const modelOf = (content: AbstractProblem) =>
  unwrap(problemModel({ problem: unwrap(wholeContent(content)), notes: [] }, { name: "p.json", bytes: 1 }));
const model = modelOf(CONTENT);
const rig = rigOfProblem(CONTENT);
const setting = { rig, encoding: AS_STORED, constraints: NO_CONSTRAINTS, profiles: new Map() };

test("a problem opens on its own rig, a model on that of models", () => {
  const ofModels = { rig: defaultRig(), encoding: { ...AS_STORED, cut: "f16" as const } };
  expect(openingSetting(model, ofModels)).toEqual({ rig, encoding: AS_STORED });
  expect(openingSetting(exportSubject("a -> b", []).model, ofModels)).toBe(ofModels);
});

test("the place outside runs nothing: the first plan is the fastest device that runs all, behind a split that stays", () => {
  const problem = unwrap(problemOf(model, setting));
  expect(runnersOf(problem, rig).map(({ name }) => name)).toEqual(["slow", "picky", "fast"]);
  expect(baselinesOf(problem, rig).map(({ prediction }) => prediction.latencySeconds)).toEqual([
    7,
    Number.POSITIVE_INFINITY,
    3,
  ]);
  expect(firstPlan(problem, rig)).toEqual({ devices: ["outside", "fast"], stageOf: Int32Array.of(1, 1) });
  expect(firstSplit(problem)).toBe(1);

  const born = { ...CONTENT, source: "slow" };
  const inside = unwrap(problemOf(modelOf(born), { ...setting, rig: rigOfProblem(born) }));
  expect(firstPlan(inside, rigOfProblem(born)).devices).toEqual(["slow"]);
  expect(firstSplit(inside)).toBe(0);
  // Nothing runs all: what is shown is on the source, and says that it cannot be.
  const none = {
    ...born,
    ops: CONTENT.ops.map((op, i) => ({ ...op, seconds: i === 0 ? [null, 1, null] : [1, null, 1] })),
  };
  const nowhere = unwrap(problemOf(modelOf(none), { ...setting, rig: rigOfProblem(none) }));
  expect(firstPlan(nowhere, rigOfProblem(none)).devices).toEqual(["slow"]);
});

test("a problem is kept as the file that it would be", async () => {
  const from = { kind: "files", files: [{ name: "models.yml", blob: new Blob(["not this"]) }] } as const;
  const kept = keptSource(from, model);
  if (kept.kind !== "files") throw new Error("it is kept as a file");
  expect(kept.files).toHaveLength(1);
  const { name, blob } = item(kept.files, 0);
  expect(name).toBe("p.json");
  expect(unwrap(parseProblemContent(JSON.parse(await blob.text())))).toEqual(model.given?.problem);
  expect(keptSource(from, exportSubject("a -> b", []).model)).toBe(from);
});

test("models of PipeEdge's files are told, of files of one problem none", async () => {
  const yaml = (model: string) => `${model}:\n  layers: 1\n  mem_MB: [1]\n  parameters_in: 3\n  parameters_out: [3]\n`;
  const times = (model: string) => `    ${model}:\n    - {batch_size: 8, dtype: torch.float32, time_s: [0.5]}\n`;
  const types = `pi:\n  bw_Mbps: 100\n  mem_MB: 1000\n  model_profiles:\n${times("one")}${times("two")}`;
  const files = (models: string) => [new File([models], "models.yml"), new File([types], "device_types.yml")];
  expect(await problemModels(files(yaml("one") + yaml("two")))).toEqual(["one", "two"]);
  expect(await problemModels(files(yaml("one")))).toEqual(["one"]);
  expect(await problemModels([new File(['{"format": "splitscope-problem"}'], "p.json")])).toEqual([]);
});

test("a project whose rig is not that of its problem, or of its model, is refused", () => {
  const state = createAppStore().getState();
  const session = {
    setting,
    plan: { devices: ["outside", "fast"], stageOf: Int32Array.of(1, 1) },
    proof: null,
    schemes: [],
  };
  const source = { kind: "sample", id: "mobilenet-v2" } as const;
  const summary = { version: 1, id: "p", name: "P", modelName: "p.json", modifiedAt: 1 };
  const record = projectRecord({ ...state, model, source, session }, summary);
  const read = readProject(structuredClone(record));
  if (!read.ok) throw new Error(read.error.sentence);
  expect(unwrap(restoreProject(read.value, model)).state.session).toEqual(session);
  const other = modelOf({
    ...CONTENT,
    devices: CONTENT.devices.map((device) => ({ ...device, id: `${device.id} 2` })),
  });
  expect(restoreProject(read.value, other)).toMatchObject({
    ok: false,
    error: expect.stringContaining("other devices"),
  });
  const { model: onnx } = exportSubject("[x:4] -> a -> b -> [y:5]", [1]);
  expect(restoreProject(read.value, onnx)).toMatchObject({
    ok: false,
    error: "its rig is that of a problem file",
  });
});
