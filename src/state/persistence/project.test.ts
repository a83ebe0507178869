import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { figureOf } from "../../core/predict/prediction.ts";
import { readProfileText } from "../../core/profile/formats/formats.ts";
import { matchProfile } from "../../core/profile/match.ts";
import { unwrap } from "../../core/result.ts";
import { exportSubject } from "../../core/testing/export-subjects.ts";
import { planByIndex, predictionOf, problemOf } from "../derive.ts";
import type { AppState, Session } from "../state.ts";
import { createAppStore } from "../store.ts";
import { PROJECT_VERSION } from "./kept-project.ts";
import { readProject, readSummary } from "./read-project.ts";
import { restoreProject } from "./restore-project.ts";
import { type Upgraders, upgraded } from "./upgrade.ts";
import { projectRecord } from "./write-project.ts";

const { model, rig } = exportSubject("[x:4] -> a=3 -t:10-> b=5 -u:20-> c=7 -> d=2 -> [y:5]", [2]);
const summary = { version: PROJECT_VERSION, id: "p1", name: "Mine", modelName: "net.onnx", modifiedAt: 1.7e12 };

function profiled() {
  const reading = unwrap(readProfileText("node,latency_ms\na,1\nb,2\nc,3\nd,4\n", "times.csv"));
  if (reading.kind !== "profile") throw new Error("it is a profile");
  return unwrap(matchProfile(reading.profile, model.graph, model.costs.macs));
}

/** A session with all that there is: profile, constraints, proofs, schemes, steps back and forth. */
function fullState(): AppState {
  const state = createAppStore().getState();
  const [source, second] = rig.devices.map(({ id }) => id);
  if (source === undefined || second === undefined) throw new Error("the rig has two devices");
  const before = { ...state.session.setting, rig, profiles: new Map([[source, profiled()]]) };
  const setting = { ...before, constraints: { ...before.constraints, pins: [{ op: "a", device: source }] } };
  const plan = { devices: [source, second], stageOf: Int32Array.of(0, 0, 1, 1) };
  const certificate = { status: "optimal", bound: 0.5, scope: "all plans" } as const;
  const proof = { objective: "period", certificate, setting, value: 0.5, method: "search" } as const;
  const scheme = { id: 1, name: "Scheme 1", plan, proof };
  const first: Session = {
    setting: before,
    plan: { ...plan, stageOf: Int32Array.of(0, 1, 1, 1) },
    proof: null,
    schemes: [],
  };
  const session: Session = { setting, plan, proof, schemes: [scheme] };
  return {
    ...state,
    project: { ...state.project, lesson: "Splits pay." },
    source: { kind: "sample", id: "mobilenet-v2" },
    model: { ...model, bindings: new Map([["__proto__", 2]]) },
    digest: "ab".repeat(32),
    objective: { mix: { latency: 1, energy: 0.5 } },
    session,
    past: [{ label: "Move split", session: first }],
    future: [{ label: "Pin scheme", session: { ...session, schemes: [] } }],
    overlay: { kind: "latency", device: second },
    arrivalsPerSecond: 30,
  };
}

const state = fullState();
/** As the browser's database gives it back. */
const recordOf = (one: AppState = state): object => structuredClone(projectRecord(one, summary) ?? {});

describe("a kept project", () => {
  test("comes back as it was, and shares what it shared", () => {
    const project = unwrap(readProjectText(recordOf()));
    const { state: restored, notes } = unwrap(restoreProject(project, model));
    expect(notes).toEqual([]);
    const { session, past, future } = restored;
    expect(session.plan).toEqual(state.session.plan);
    expect(session.setting.rig).toEqual(state.session.setting.rig);
    expect(session.setting.constraints).toEqual(state.session.setting.constraints);
    expect([...session.setting.profiles.keys()]).toEqual([...state.session.setting.profiles.keys()]);
    expect([past, future].map((steps) => steps.map(({ label }) => label))).toEqual([["Move split"], ["Pin scheme"]]);
    // A proof holds for the very setting that it was made under.
    expect(session.proof?.setting).toBe(session.setting);
    expect(session.proof).toMatchObject({ objective: "period", value: 0.5, method: "search" });
    expect(session.schemes[0]?.plan).toBe(session.plan);
    expect(future[0]?.session.setting).toBe(session.setting);
    expect(past[0]?.session.setting).not.toBe(session.setting);
    expect(restored.objective).toEqual(state.objective);
    expect(restored.overlay).toEqual(state.overlay);
    expect(restored.arrivalsPerSecond).toBe(30);
    expect(project.model).toMatchObject({ sha256: state.digest, sample: "mobilenet-v2" });
    expect([...project.model.bindings]).toEqual([["__proto__", 2]]);
    expect(project.lesson).toBe("Splits pay.");
    const figures = (one: Session) => {
      const problem = unwrap(problemOf(model, one.setting));
      return figureOf(predictionOf(problem, one.plan, one.setting.rig), "latency");
    };
    expect(figures(session)).toBeCloseTo(figures(state.session), 12);
  });

  test("writes the same record again after it came back", () => {
    const { state: restored } = unwrap(restoreProject(unwrap(readProjectText(recordOf())), model));
    expect(recordOf({ ...state, ...restored })).toEqual(recordOf());
  });

  test("keeps the nearest 50 steps each way", () => {
    const step = (label: string) => ({ label, session: state.session });
    const many = Array.from({ length: 120 }, (_, i) => step(String(i)));
    const project = unwrap(readProjectText(recordOf({ ...state, past: many, future: many })));
    expect(project.past.map(({ label }) => label)).toEqual(many.slice(70).map(({ label }) => label));
    expect(project.future.map(({ label }) => label)).toEqual(many.slice(0, 50).map(({ label }) => label));
  });

  test("follows ops that another version numbers in another way, by their names", () => {
    const record = { ...recordOf() } as { model: { opNames: string[] }; plans: { stageOf: Int32Array }[] };
    record.model = { ...record.model, opNames: ["folded", ...record.model.opNames] };
    record.plans = record.plans.map((plan) => ({ ...plan, stageOf: Int32Array.of(0, ...plan.stageOf) }));
    const { state: restored } = unwrap(restoreProject(unwrap(readProjectText(record)), model));
    expect(restored.session.plan).toEqual(state.session.plan);
  });

  test("of a later version is told apart, whatever else it holds, and its name is still read", () => {
    const later = { ...recordOf(), version: PROJECT_VERSION + 1, rigs: "of another kind" };
    const answer = readProject(later);
    expect(answer).toMatchObject({ ok: false, error: { isNewer: true } });
    expect(answer.ok ? "" : answer.error.sentence).toMatch(/^The project "Mine" was made by a later version/);
    expect(readSummary(later)).toMatchObject({ name: "Mine", version: PROJECT_VERSION + 1 });
  });

  test("that is damaged is a sentence that names what is wrong", () => {
    const refused = (change: object) => {
      const answer = readProject({ ...recordOf(), ...change });
      return answer.ok ? "" : answer.error.sentence;
    };
    expect(refused({ format: "other" })).toContain('format is "other"');
    expect(refused({ present: 99 })).toContain("present is 99; expected a whole number from 0 to");
    expect(refused({ plans: [{ devices: ["a"], stageOf: [0, 0] }] })).toContain("plans[0].stageOf is a list");
    expect(refused({ plans: [{ devices: ["a"], stageOf: Int32Array.of(1) }] })).toContain("stages from 0 to 0");
    expect(refused({ rigs: [{ format: "splitscope-rig", version: 99 }] })).toContain("rigs[0]");
    expect(refused({ overlay: { kind: "ratio", devices: ["a"] } })).toContain("two devices");
    for (const value of [null, undefined, 3, "text", [], new Map()]) {
      expect(readProject(value)).toMatchObject({ ok: false, error: { isNewer: false } });
      expect(readSummary(value)).toBeNull();
    }
  });

  test("of other ops, or with a plan that runs against the data, is refused", () => {
    const project = unwrap(readProjectText(recordOf()));
    const other = exportSubject("[x:4] -> p -> q -> [y:5]", [1]).model;
    expect(restoreProject(project, other)).toMatchObject({ ok: false, error: expect.stringContaining('"p"') });
    const backward = {
      ...project,
      plans: project.plans.map((plan) => ({ ...plan, stageOf: Int32Array.of(1, 0, 0, 0) })),
    };
    expect(restoreProject(backward, model)).toMatchObject({ ok: false, error: expect.stringContaining("cannot run") });
    const stray = { ...project, plans: project.plans.map((plan) => ({ ...plan, devices: ["gone", "too"] })) };
    expect(restoreProject(stray, model)).toMatchObject({ ok: false, error: expect.stringContaining('"gone"') });
  });
});

/** Replaces the value at a random path. */
function damagedAt(value: unknown, path: readonly number[], by: unknown): unknown {
  const [first, ...rest] = path;
  if (first === undefined || typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return by;
  const keys = Object.keys(value);
  const key = keys[first % Math.max(1, keys.length)];
  if (key === undefined) return by;
  const inner = damagedAt(Reflect.get(value, key), rest, by);
  if (Array.isArray(value)) return value.map((old, i) => (String(i) === key ? inner : old));
  return Object.fromEntries(Object.entries(value).map(([name, old]) => [name, name === key ? inner : old]));
}

test("damage anywhere is a sentence or a session that works, never a crash", () => {
  const whole = recordOf();
  const values = fc.oneof(
    fc.constantFrom<unknown>(null, undefined, -1, 0, 1e9, 0.5, Number.NaN, "", "__proto__", [], {}, new Int32Array(4)),
    fc.anything({ maxDepth: 2 }),
  );
  let restoredRuns = 0;
  fc.assert(
    fc.property(fc.array(fc.nat(40), { minLength: 1, maxLength: 6 }), values, (path, by) => {
      const project = readProject(damagedAt(whole, path, by));
      if (!project.ok)
        return /^The project .* is damaged: |^The project .* was made by a later version/.test(project.error.sentence);
      const restored = restoreProject(project.value, model);
      if (!restored.ok) return restored.error.length > 0;
      restoredRuns++;
      const { session, past, future } = restored.value.state;
      for (const one of [session, ...past.map((step) => step.session), ...future.map((step) => step.session)]) {
        planByIndex(one.plan, one.setting.rig);
        const problem = problemOf(model, one.setting);
        if (problem.ok) predictionOf(problem.value, one.plan, one.setting.rig);
      }
      return true;
    }),
    { numRuns: 1500 },
  );
  expect(restoredRuns).toBeGreaterThan(20);
});

test("upgraders run one by one, from the record's version to the present one", () => {
  const upgraders: Upgraders = new Map<number, (old: object) => object>([
    [1, (old: object) => ({ ...old, version: 2, added: true })],
    [2, (old: object) => ({ ...old, version: 3, steps: "two" })],
  ]);
  const format = { format: "f", version: 3, upgraders };
  expect(upgraded({ format: "f", version: 1 }, "It", format)).toEqual({
    ok: true,
    value: { format: "f", version: 3, added: true, steps: "two" },
  });
  expect(upgraded({ format: "f", version: 2 }, "It", format)).toMatchObject({ ok: true, value: { steps: "two" } });
  expect(upgraded({ format: "f", version: 4 }, "It", format)).toMatchObject({ ok: false, error: { isNewer: true } });
  expect(() => upgraded({ format: "f", version: 1 }, "It", { ...format, upgraders: new Map() })).toThrow();
});

/** The project, or its refusal as a plain sentence. */
function readProjectText(record: unknown) {
  const project = readProject(record);
  return project.ok ? project : { ok: false as const, error: project.error.sentence };
}
