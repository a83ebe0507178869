import { describe, expect, test } from "vitest";
import { item } from "../core/columns.ts";
import { AS_STORED, buildProblem } from "../core/plan/build-problem.ts";
import { NO_CONSTRAINTS } from "../core/plan/constraints.ts";
import { FIGURES, type Objective } from "../core/plan/objective.ts";
import { planFromBoundaries } from "../core/plan/order.ts";
import { noSplitPlan } from "../core/plan/plan-edit.ts";
import { predict } from "../core/predict/predict.ts";
import { figureOf, type Prediction } from "../core/predict/prediction.ts";
import { deviceLatencies } from "../core/profile/latencies.ts";
import { createRandom } from "../core/random.ts";
import { unwrap } from "../core/result.ts";
import { defaultRig, deviceFromPreset, linkFromPreset } from "../core/rig/presets.ts";
import type { Rig } from "../core/rig/rig.ts";
import { modelOf } from "../core/testing/export-subjects.ts";
import { textGraph } from "../core/testing/text-graph.ts";
import { mebibytes } from "../core/units.ts";
import { planById, planByIndex, problemOf } from "./derive.ts";
import type { Setting } from "./state.ts";
import { type Contest, changed, suggestionsOf } from "./suggestions.ts";

/** Three devices that are all linked with each other: routes may change with what a link is like. */
function triangle(): Rig {
  const [a, b, c] = ["raspberry-pi-4", "jetson-nano", "gpu-server"].map((key) => deviceFromPreset(key));
  if (a === undefined || b === undefined || c === undefined) throw new Error("three devices");
  const links = [
    linkFromPreset("wifi-5", a.id, b.id),
    linkFromPreset("ethernet-100m", b.id, c.id),
    linkFromPreset("lte", a.id, c.id),
  ];
  return { devices: [a, b, c], links, source: a.id, sink: c.id };
}

function settingOf(rig: Rig, change: Partial<Setting> = {}): Setting {
  return { rig, encoding: AS_STORED, constraints: NO_CONSTRAINTS, profiles: new Map(), ...change };
}

/** A chain of eight ops with random work and sizes, a random split of it, and all on each device. */
function contestOf(seed: number, setting: Setting, objective: Objective): Contest {
  const random = createRandom(seed);
  const ops = Array.from(
    { length: 8 },
    (_, op) => `n${op}=${random.integer(1, 400)} -${random.integer(1000, 900_000)}-> `,
  );
  const { graph, work } = textGraph(`[in:${random.integer(10_000, 900_000)}] -> ${ops.join("")}end=5 -> [out:4000]`);
  const model = modelOf(graph, work);
  const problem = unwrap(problemOf(model, setting));
  const order = Int32Array.from(graph.opNames, (_, op) => op);
  const cuts = [random.integer(0, 5), random.integer(5, 9)];
  const split = planFromBoundaries(order, cuts, [0, 1, 2]);
  const plans = [split, ...problem.devices.map((_, device) => noSplitPlan(problem, device))].map((plan) => ({
    plan: planById(plan, setting.rig),
    prediction: predict(problem, plan),
  }));
  return { model, setting, problem, objective, plans };
}

/** Figures of all plans under a setting, by the way that the app goes, from nothing. */
function predictions({ model, plans }: Contest, { rig, encoding, constraints }: Setting): readonly Prediction[] {
  const { graph, costs } = model;
  const latencies = rig.devices.map((device) => deviceLatencies(graph, costs, device, null));
  const problem = unwrap(buildProblem({ graph, rig, latencies, encoding, constraints }));
  return plans.map(({ plan }) => predict(problem, planByIndex(plan, rig)));
}

/** Numbers of the allowed plans with the least value. */
function winners(found: readonly Prediction[], objective: Objective): readonly number[] {
  const values = found.map((prediction) =>
    prediction.violations.length > 0 ? Number.POSITIVE_INFINITY : figureOf(prediction, objective),
  );
  return [...values.keys()].filter((number) => item(values, number) <= Math.min(...values) * (1 + 1e-9));
}

const OBJECTIVES: readonly Objective[] = [...FIGURES, { mix: { latency: 1, energy: 0.01, period: 0.5 } }];

describe.each([
  ["a chain", defaultRig()],
  ["a triangle", triangle()],
])("on %s", (_, rig) => {
  test("whatever is suggested makes that plan the best one, which it is not now", () => {
    let count = 0;
    const kinds = new Set<string>();
    for (let seed = 1; seed <= 60; seed++) {
      for (const objective of OBJECTIVES) {
        const contest = contestOf(seed, settingOf(rig), objective);
        const now = winners(predictions(contest, contest.setting), objective);
        for (const { change, winner, where, action } of suggestionsOf(contest)) {
          const next = changed(contest.setting, change);
          if (next === null) throw new Error(`the rig does not take "${action}"`);
          const then = winners(predictions(contest, next), objective);
          expect(then).toContain(winner);
          expect(then.includes(0)).toBe(winner === 0);
          expect(now.includes(0)).toBe(winner !== 0);
          expect(where).toMatch(/^(Above|Below|With) /);
          expect(action).toMatch(/^Set \d/);
          kinds.add(change.kind);
          count++;
        }
      }
    }
    expect(count).toBeGreaterThan(200);
    expect([...kinds].sort()).toEqual(["device", "encoding", "link"]);
  });
});

test("a better plan that memory keeps out is let in by memory; one that a pin keeps out, by letting the op go", () => {
  const rig = defaultRig();
  const [pi, jetson, server] = rig.devices;
  if (pi === undefined || jetson === undefined || server === undefined) throw new Error("three devices");
  const free = Array.from({ length: 40 }, (_, seed) => contestOf(seed, settingOf(rig), "latency"));
  const onServer = free.find((contest) => winners(predictions(contest, contest.setting), "latency").includes(3));
  const seed = free.indexOf(onServer ?? item(free, 0));
  expect(onServer).toBeDefined();

  const small = { ...rig, devices: [pi, jetson, { ...server, memory: mebibytes(0.001) }] };
  const [memory] = suggestionsOf(contestOf(seed, settingOf(small), "latency"));
  expect(memory).toMatchObject({ winner: 3, action: "Set 2 MiB", change: { kind: "device", id: server.id } });
  expect(memory?.where).toMatch(/^With [\d.]+ (B|KiB|MiB) of memory on GPU server \(T4\)$/);

  const pinned = { ...NO_CONSTRAINTS, pins: [{ op: "n0", device: pi.id }] };
  const [pin] = suggestionsOf(contestOf(seed, settingOf(rig, { constraints: pinned }), "latency"));
  expect(pin).toMatchObject({
    winner: 3,
    where: "Let n0 leave Raspberry Pi 4",
    change: { kind: "constraints", constraints: { pins: [] } },
  });
});
