import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { item } from "../core/columns.ts";
import { parseScenario, type Scenario } from "../core/export/scenario-document.ts";
import type { OpenedModel } from "../core/graph/opened-model.ts";
import { bytesSource } from "../core/onnx/source.ts";
import { buildProblem } from "../core/plan/build-problem.ts";
import { NO_CONSTRAINTS } from "../core/plan/constraints.ts";
import { noSplitPlan } from "../core/plan/plan-edit.ts";
import type { Problem } from "../core/plan/problem.ts";
import { explainFigure } from "../core/predict/explain-figure.ts";
import { predict } from "../core/predict/predict.ts";
import { figureOf, isAdmissible, type Prediction } from "../core/predict/prediction.ts";
import { deviceLatencies } from "../core/profile/latencies.ts";
import { unwrap } from "../core/result.ts";
import { deviceLibrary } from "../core/rig/presets/library.ts";
import { DEVICE_PRESETS, LINK_PRESETS } from "../core/rig/presets.ts";
import type { Solution } from "../core/solve/solver.ts";
import { schemaViolations, undescribedFields } from "../core/testing/json-schema.ts";
import { SAMPLES } from "../core/testing/samples/catalogue.ts";
import { formatMemory } from "../core/units.ts";
import { openAtOnce } from "./open-model.ts";
import { solveFully } from "./solve-fully.ts";

const FOLDER = "public/scenarios";
const schema = JSON.parse(readFileSync("public/schema/splitscope-scenario.schema.json", "utf8"));
const textOf = (id: string) => readFileSync(`${FOLDER}/${id}.json`, "utf8");
const scenarioOf = (id: string) => unwrap(parseScenario(textOf(id), `${id}.json`));

interface Case {
  readonly scenario: Scenario;
  readonly model: OpenedModel;
  readonly problem: Problem;
  /** Of the whole model on each device; what breaks a constraint is null. */
  readonly alone: readonly (Prediction | null)[];
  readonly best: Solution;
}

function problemOf(model: OpenedModel, scenario: Scenario): Problem {
  const { rig, encoding, constraints } = scenario;
  const latencies = rig.devices.map((device) => deviceLatencies(model.graph, model.costs, device, null));
  return unwrap(buildProblem({ graph: model.graph, rig, latencies, encoding, constraints }));
}

async function caseOf(id: string, change: Partial<Scenario> = {}): Promise<Case> {
  const scenario = { ...scenarioOf(id), ...change };
  const sample = SAMPLES.find((candidate) => candidate.id === scenario.model.sample);
  if (sample?.source.kind !== "generated") throw new Error(`"${scenario.model.sample}" is not a generated sample`);
  const source = bytesSource(scenario.model.name, sample.source.generate());
  const { model } = unwrap(openAtOnce(source, { bindings: scenario.model.dims }));
  const problem = problemOf(model, scenario);
  const alone = problem.devices.map((_, device) => {
    const prediction = predict(problem, noSplitPlan(problem, device));
    return isAdmissible(prediction, scenario.constraints.limits) ? prediction : null;
  });
  const best = unwrap(await solveFully(problem, { objective: scenario.objective }, 30));
  return { scenario, model, problem, alone, best };
}

/** Figure of the best device alone; Infinity where none can. */
const bestAlone = ({ alone, scenario }: Case) =>
  Math.min(...alone.map((found) => (found === null ? Number.POSITIVE_INFINITY : figureOf(found, scenario.objective))));
/** Numbers of the devices that run ops. */
const used = ({ best }: Case) =>
  new Set(best.prediction.stages.flatMap(({ opCount, device }) => (opCount > 0 ? [device] : [])));

test("every file is read, keeps to the schema, and rests on figures of the library", async () => {
  const files = readdirSync(FOLDER);
  expect(files).toHaveLength(6);
  const library = [...DEVICE_PRESETS, ...(await deviceLibrary()).map(({ preset }) => preset)];
  for (const file of files) {
    const id = file.replace(/\.json$/, "");
    const json: unknown = JSON.parse(textOf(id));
    expect(schemaViolations(schema, json)).toEqual([]);
    expect(undescribedFields(schema, json)).toEqual([]);
    const { rig, situation, lesson } = scenarioOf(id);
    for (const text of [situation, lesson]) expect(text).toMatch(/^[A-Z].{60,}\.$/);
    for (const { costModel, stageOverhead, onChip, loadFactor } of rig.devices) {
      const known = library.find((preset) => preset.costModel.citation === costModel.citation);
      expect({ costModel, stageOverhead, onChip, loadFactor }).toEqual({
        costModel: known?.costModel,
        stageOverhead: known?.stageOverhead,
        onChip: known?.onChip,
        loadFactor: 1,
      });
    }
    for (const { preset, aToB, bToA, latency, source } of rig.links) {
      const known = LINK_PRESETS.find((link) => link.id === preset);
      if (known === undefined) expect(source).toContain("set for this scenario");
      else expect({ aToB, bToA, latency }).toEqual({ aToB: known.aToB, bToA: known.bToA, latency: known.latency });
    }
  }
});

test("raw-camera: a split has the least latency, as the frame is slow to send and the board slow to compute", async () => {
  const found = await caseOf("raw-camera");
  const [camera, server] = found.alone.map((prediction) => prediction?.latencySeconds ?? Number.NaN);
  expect(found.best.certificate.status).toBe("optimal");
  expect(used(found)).toEqual(new Set([0, 1]));
  expect(bestAlone(found) / found.best.value).toBeGreaterThan(1.25);
  const input = found.problem.inputs.reduce((sum, tensor) => sum + (found.problem.tensorWireBytes[tensor] ?? 0), 0);
  const sent = found.best.prediction.transfers.reduce((sum, { bytes }) => sum + bytes, 0);
  expect(sent).toBeLessThan(input / 3);
  expect(
    input / found.scenario.rig.links.reduce((rate, { aToB }) => Math.min(rate, aToB), Number.POSITIVE_INFINITY),
  ).toBeGreaterThan(0.9 * (server ?? 0));
  expect(camera).toBeGreaterThan(found.best.value);
});

test("two-boards: nearly twice the rate of one board, at a longer latency", async () => {
  const found = await caseOf("two-boards");
  expect(found.best.certificate.status).toBe("optimal");
  const ratio = bestAlone(found) / found.best.value;
  expect(ratio).toBeGreaterThan(1.9);
  expect(ratio).toBeLessThanOrEqual(2);
  for (const alone of found.alone)
    expect(found.best.prediction.latencySeconds).toBeGreaterThan(alone?.latencySeconds ?? 0);
});

test("edge-tpus: each further accelerator shortens one inference, and only because of what stays on chip", async () => {
  const found = await caseOf("edge-tpus");
  expect(found.best.certificate.status).toBe("optimal");
  expect(used(found)).toEqual(new Set([1, 2, 3, 4]));
  // The table of coral.ai/docs/edgetpu/benchmarks has 296 ms for VGG16 on one USB Accelerator.
  expect(Math.abs(bestAlone(found) / 0.296 - 1)).toBeLessThan(0.02);
  expect(bestAlone(found) / found.best.value).toBeGreaterThan(1.1);
  let before = bestAlone(found);
  for (const forbidden of [["tpu-3", "tpu-4"], ["tpu-4"], []]) {
    const constraints = { ...NO_CONSTRAINTS, forbiddenDevices: forbidden };
    const fewer = await caseOf("edge-tpus", { constraints });
    expect(fewer.best.value).toBeLessThan(before);
    before = fewer.best.value;
  }
  const { problem, plan } = { problem: found.problem, plan: found.best.plan };
  const whole = noSplitPlan(problem, 1);
  const terms = explainFigure(
    problem,
    { plan: whole, prediction: predict(problem, whole) },
    { plan, prediction: found.best.prediction },
    "latency",
  );
  const sumOf = (kinds: readonly string[]) =>
    (terms ?? []).filter(({ kind }) => kinds.includes(kind)).reduce((sum, { amount }) => sum + amount, 0);
  expect(sumOf(["spill"])).toBeLessThan(found.best.value - bestAlone(found));
  expect(sumOf(["compute", "overhead", "transfer", "link-latency"])).toBeGreaterThan(0);
  // With room for all weights, one accelerator alone is the best.
  const { rig } = found.scenario;
  const roomy = rig.devices.map((device) => ({ ...device, onChip: null }));
  expect(used(await caseOf("edge-tpus", { rig: { ...rig, devices: roomy } })).size).toBe(1);
});

test("memory-cap: no device holds the model, three together do", async () => {
  const found = await caseOf("memory-cap");
  expect(found.alone).toEqual([null, null, null]);
  expect(found.best.certificate.status).toBe("optimal");
  expect(found.best.prediction.devices.every(({ fits }) => fits)).toBe(true);
  expect(used(found).size).toBe(3);
  const { situation, rig } = found.scenario;
  expect(situation).toContain(`${formatMemory(found.model.totals.weightBytes)} of weights`);
  expect(situation).toContain(`${formatMemory(item(rig.devices, 0).memory)} each`);
});

test("pinned-camera: free, every frame is sent; pinned, the first layer is not, and a split is the best", async () => {
  const found = await caseOf("pinned-camera");
  const free = await caseOf("pinned-camera", { constraints: NO_CONSTRAINTS });
  expect(used(free)).toEqual(new Set([1]));
  expect(used(found)).toEqual(new Set([0, 1]));
  expect(found.best.certificate.status).toBe("optimal");
  const inputs = new Set(found.problem.inputs);
  expect(found.best.prediction.transfers.some(({ tensors }) => tensors.some((tensor) => inputs.has(tensor)))).toBe(
    false,
  );
  expect(found.best.value).toBeGreaterThan(free.best.value);
  expect(found.alone[1]).toBeNull();
  expect(bestAlone(found) / found.best.value).toBeGreaterThan(2);
});

test("fast-board: no split is the best, and proven so", async () => {
  const found = await caseOf("fast-board");
  expect(found.best.certificate.status).toBe("optimal");
  expect(used(found)).toEqual(new Set([0]));
  expect(found.best.value).toBeCloseTo(bestAlone(found), 12);
  // The server computes faster; the way there and back takes longer than the board does.
  const server = found.alone[1];
  const [input] = server?.transfers ?? [];
  expect(server?.devices[1]?.computeSeconds).toBeLessThan(found.best.value);
  expect((input?.seconds ?? 0) + (server?.transfers.at(-1)?.seconds ?? 0)).toBeGreaterThan(found.best.value);
});
