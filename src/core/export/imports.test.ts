import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { row } from "../columns.ts";
import { oneTensorCuts } from "../graph/cuts.ts";
import { backwardEdge } from "../plan/backward-edge.ts";
import type { Plan } from "../plan/plan.ts";
import { normalisePlan } from "../plan/plan-edit.ts";
import { crossings } from "../plan/validity.ts";
import { type Result, unwrap } from "../result.ts";
import { defaultRig } from "../rig/presets.ts";
import { exportSubject } from "../testing/export-subjects.ts";
import { ModelBuilder } from "../testing/model-builder.ts";
import { exportedBytes, modelExport } from "../testing/model-exports.ts";
import { chainModel, randomModel } from "../testing/models.ts";
import { createRandom } from "../testing/random.ts";
import { randomPlan } from "../testing/random-plan.ts";
import { autoDice } from "./autodice.ts";
import { planOfMapping, readAutoDiceMapping } from "./import-autodice.ts";
import { planOfCuts } from "./import-cuts.ts";
import { planOfPartition } from "./import-pipeedge.ts";
import type { ImportedPlan } from "./imported-plan.ts";

const RIG = defaultRig();
const DEVICES = RIG.devices.map(({ id }) => id);

/** Two branches that join, then a tail. */
const diamond = () =>
  exportSubject("[x:4] -> a -t:10-> b -u:20-> d; a -t-> c -v:30-> d -w:40-> e -> [y:50]", [1]).model;

const stagesOf = (result: Result<ImportedPlan>) => {
  const { plan } = unwrap(result);
  return { stages: plan.stages, stageOf: [...plan.stageOf] };
};
const sentence = (result: Result<ImportedPlan>) => (result.ok ? "" : result.error);

describe("a mapping of AutoDiCE", () => {
  const read = (json: unknown, devices: readonly string[] | null = null) => {
    const mapping = readAutoDiceMapping(json);
    if (mapping === null) throw new Error("no mapping");
    return planOfMapping(mapping, diamond().graph, RIG, devices);
  };

  test("parts become stages in the order of the data, on the devices that they name", () => {
    const made = read({ "gpu-server_gpu": ["d", "e"], "raspberry-pi-4_cpu0123": ["a", "b", "c"] });
    expect(stagesOf(made)).toEqual({ stages: [0, 2], stageOf: [0, 0, 0, 1, 1] });
    expect(unwrap(made).notes).toEqual([]);
  });

  test("unknown hosts are the rig's devices in order, and a note says so", () => {
    const made = read({ lenovo_cpu0: ["a", "b", "c"], lenovo_cpu1: ["d", "e"] });
    expect(stagesOf(made)).toEqual({ stages: [0, 1], stageOf: [0, 0, 0, 1, 1] });
    expect(unwrap(made).notes[0]).toContain('in order: "raspberry-pi-4", "jetson-nano"');
    expect(stagesOf(read({ one: ["a", "b", "c"], two: ["d", "e"] }, ["gpu-server", "jetson-nano"]))).toEqual({
      stages: [0, 2, 1],
      stageOf: [1, 1, 1, 2, 2],
    });
  });

  test("ops by their first outputs, as they stand or as AutoDiCE writes them; constants are told of", () => {
    const made = read({ one: ["t", "u", "v"], two: ["w", "e", "weights_7"] });
    expect(stagesOf(made).stageOf).toEqual([0, 0, 0, 1, 1]);
    expect(unwrap(made).notes.join(" ")).toContain('"weights_7", which is no op that runs here');
  });

  test("refuses parts in a circle by the op", () => {
    expect(sentence(read({ one: ["a", "d"], two: ["b", "c", "e"] }))).toBe(
      'Op "b" of "two" reads from op "a" of "one", which itself needs ops of "two"; expected parts that follow each other as a chain.',
    );
  });

  test("refuses what is left out, placed twice, or on a device that is not there", () => {
    expect(sentence(read({ one: ["a", "b", "c"], two: ["d", "typo"] }))).toBe(
      'The mapping leaves out the op "e"; it has "typo", which the model has not.',
    );
    expect(sentence(read({ one: ["a", "b", "c", "d"], two: ["d", "e"] }))).toBe(
      'The mapping places op "d" in "one" and in "two"; expected it once.',
    );
    expect(sentence(read({ "raspberry-pi-4_cpu0": ["a", "b", "c"], other_gpu: ["d", "e"] }))).toContain(
      'There is no device "other"; the rig has "raspberry-pi-4"',
    );
    expect(sentence(read({ one: ["a", "b", "c"], two: ["d", "e"] }, ["jetson-nano"]))).toBe(
      "The plan has 2 stages; 1 devices are named for them.",
    );
  });

  test("is told from other JSON", () => {
    for (const json of [null, [], {}, 3, { stages: [], version: 1 }, { a: [1] }, { a: { b: 1 } }]) {
      expect(readAutoDiceMapping(json)).toBeNull();
    }
    expect(readAutoDiceMapping(JSON.parse('{"__proto__": ["a"]}'))).toEqual(new Map([["__proto__", ["a"]]]));
  });

  test("what the exporter writes comes back as the same plan", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 3 }), async (seed, count) => {
        const bytes = randomModel(seed, { ops: 10 });
        const ops = modelExport(bytes, [0], new Array(10).fill(0)).subject.model.graph;
        const plan = randomPlan(ops, count, createRandom(seed));
        if (plan === null) return;
        const stages = plan.stages.map((_, stage) => stage);
        const made = modelExport(bytes, stages, [...plan.stageOf]);
        const files = await exportedBytes(unwrap(autoDice.files(made.subject, made.sources)), (data) =>
          createHash("sha256").update(data).digest("hex"),
        );
        const mapping = readAutoDiceMapping(JSON.parse(new TextDecoder().decode(files.get("mapping.json"))));
        if (mapping === null) throw new Error("no mapping");
        const back = unwrap(planOfMapping(mapping, made.subject.model.graph, made.subject.rig, null));
        expect([...back.plan.stageOf]).toEqual([...plan.stageOf]);
        expect(back.plan.stages).toEqual(stages);
      }),
      { numRuns: 40 },
    );
  });
});

describe("a partition of PipeEdge", () => {
  const chain = () => modelExport(chainModel(6), [0], new Array(6).fill(0)).subject.model;

  test("layers between tensors that every path crosses", () => {
    const model = { ...diamond(), cuts: oneTensorCuts(diamond().graph) };
    // Layers: a; b, c, d; e.
    expect(stagesOf(planOfPartition("1,2,3,3", model, RIG, null))).toEqual({
      stages: [0, 1],
      stageOf: [0, 0, 0, 0, 1],
    });
    expect(stagesOf(planOfPartition("1,1,2,2,3,3", model, RIG, null)).stageOf).toEqual([0, 1, 1, 1, 2]);
    expect(stagesOf(planOfPartition("1,2,3,6", chain(), RIG, ["raspberry-pi-4", "gpu-server"]))).toEqual({
      stages: [0, 2],
      stageOf: [0, 0, 1, 1, 1, 1],
    });
  });

  test("as many numbers as ops: each op is a layer, and a note says so", () => {
    const model = { ...diamond(), cuts: oneTensorCuts(diamond().graph) };
    const made = planOfPartition("1,3,4,5", model, RIG, null);
    expect(stagesOf(made).stageOf).toEqual([0, 0, 0, 1, 1]);
    expect(unwrap(made).notes.join(" ")).toContain("Each op counts as a layer");
  });

  test("bad input", () => {
    expect(sentence(planOfPartition("1,2,3", chain(), RIG, null))).toContain('The partition is "1,2,3"; expected');
    expect(sentence(planOfPartition("1,x", chain(), RIG, null))).toContain("such as 1,24,25,48");
    expect(sentence(planOfPartition("1,2,4,6", chain(), RIG, null))).toBe(
      "Stage 2 of the partition is layers 4 to 6; expected it to begin with layer 3.",
    );
    expect(sentence(planOfPartition("1,24,25,48", chain(), RIG, null))).toBe(
      "The partition ends with layer 48; the model has 6 layers between tensors that every path crosses, and 6 ops.",
    );
    expect(sentence(planOfPartition("1,1,2,2,3,3,4,6", chain(), RIG, null))).toBe(
      "The plan has 4 stages and the rig 3 devices; add devices to the rig, or cut at no more than 2 places.",
    );
  });
});

describe("tensors to cut at", () => {
  const cut = (...tensors: readonly string[]) => planOfCuts(tensors, diamond().graph, RIG, null);

  test("one after the other, and several on parallel paths together", () => {
    expect(stagesOf(cut("t")).stageOf).toEqual([0, 1, 1, 1, 1]);
    expect(stagesOf(cut("u", "v")).stageOf).toEqual([0, 0, 0, 1, 1]);
    expect(stagesOf(cut("t", "w")).stageOf).toEqual([0, 1, 1, 1, 2]);
    expect(stagesOf(cut("x"))).toEqual({ stages: [0], stageOf: [0, 0, 0, 0, 0] });
  });

  test("refuses a path around the cut by the op, and names that are no tensor between ops", () => {
    expect(sentence(cut("u"))).toBe(
      'Op "d" is behind a cut, but reads the tensor "v" of op "c" before it; expected that tensor among those to cut at.',
    );
    expect(sentence(cut("z"))).toBe('The model has no tensor "z".');
    expect(sentence(cut("a"))).toBe('"a" is an op; expected the name of a tensor that it makes.');
    expect(sentence(cut("y"))).toBe('No op reads the tensor "y"; expected one between two ops.');
  });

  test("a skip connection is part of the cut", () => {
    const net = new ModelBuilder({ name: "skip" });
    const a = net.node("Relu", [net.input("x", "float", [1, 6])], { name: "a", outputs: ["t"] });
    const b = net.node("Neg", [a], { name: "b", outputs: ["u"] });
    net.output(net.node("Add", [a, b], { name: "c", outputs: ["y"] }), "float", [1, 6]);
    const { graph } = modelExport(net.bytes(), [0], [0, 0, 0]).subject.model;
    expect(sentence(planOfCuts(["u"], graph, RIG, null))).toContain('Op "c" is behind a cut, but reads the tensor "t"');
    expect(stagesOf(planOfCuts(["t"], graph, RIG, null)).stageOf).toEqual([0, 1, 1]);
  });

  test("the tensors that a plan cuts give the plan back, where its boundaries share none", () => {
    let compared = 0;
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), (seed) => {
        const { graph } = modelExport(randomModel(seed, { ops: 9 }), [0], new Array(9).fill(0)).subject.model;
        const plan = randomPlan(graph, 2, createRandom(seed));
        if (plan === null) return;
        const [passing = []] = crossings(graph, plan);
        // A tensor that is cut is read behind the cut only, by what these names mean.
        const readBefore = (tensor: number) =>
          [...row(graph.tensorConsumers, tensor)].some((op) => plan.stageOf[op] === 0);
        const isInner = (tensor: number) => (graph.tensorProducer[tensor] ?? -1) >= 0;
        const names = passing
          .filter((tensor) => isInner(tensor) && !graph.outputs.includes(tensor))
          .map((tensor) => graph.tensorNames[tensor] ?? "");
        if (names.length === 0 || passing.some((tensor) => isInner(tensor) && readBefore(tensor))) return;
        const made = planOfCuts(names, graph, RIG, null);
        if (!made.ok) return;
        compared += 1;
        expect(backwardEdge(graph, made.value.plan.stageOf)).toBeNull();
        // Ops that read inputs of the model alone may stand on either side of a cut.
        for (const [op, stage] of made.value.plan.stageOf.entries())
          expect(stage).toBeLessThanOrEqual(plan.stageOf[op] ?? 0);
      }),
      { numRuns: 100, seed: 1 },
    );
    expect(compared).toBeGreaterThan(10);
    console.log(`cuts: ${compared} of 100 random plans cut at their own tensors`);
  });
});

test("imported plans are plans as the editor has them", () => {
  const { problem } = exportSubject("[x:4] -> a -t:10-> b -> [y:5]", [1]);
  const model = exportSubject("[x:4] -> a -t:10-> b -> [y:5]", [1]).model;
  const made: Plan = unwrap(planOfCuts(["t"], model.graph, RIG, ["gpu-server", DEVICES[1] ?? ""])).plan;
  expect(normalisePlan(problem, made)).toEqual(made);
  expect(made.stages).toEqual([0, 2, 1]);
});
