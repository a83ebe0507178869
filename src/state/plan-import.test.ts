import { describe, expect, test } from "vitest";
import { unwrap } from "../core/result.ts";
import { exportSubject } from "../core/testing/export-subjects.ts";
import { fileKind } from "./file-kind.ts";
import { namesTensors, sessionOfCuts, sessionOfMapping } from "./plan-import.ts";
import { createAppStore } from "./store.ts";

const stateOf = () => ({
  ...createAppStore().getState(),
  model: exportSubject("[x:4] -> a -t:10-> b -u:20-> c -> [y:5]", [1]).model,
});

describe("plans made elsewhere", () => {
  test("a mapping becomes the session's plan, on the rig on screen", () => {
    const { session, notes } = unwrap(sessionOfMapping(stateOf(), '{"one": ["a"], "two": ["b", "c"]}', "mapping.json"));
    expect(session.plan).toEqual({ devices: ["raspberry-pi-4", "jetson-nano"], stageOf: Int32Array.of(0, 1, 1) });
    expect(session.proof).toBeNull();
    expect(notes).toHaveLength(1);
  });

  test("tensors by lines and commas; layers", () => {
    const stages = (text: string) => [...unwrap(sessionOfCuts(stateOf(), text)).session.plan.stageOf];
    expect(stages("t\nu")).toEqual([0, 1, 2]);
    expect(stages(" t , u ")).toEqual([0, 1, 2]);
    expect(stages("1,1,2,3")).toEqual([0, 1, 1]);
  });

  test("tensors that are called by numbers, as layers are", () => {
    const { model } = exportSubject("[x:4] -> a -t224:10-> b -t225:20-> c -t226:5-> d -> [y:5]", [1]);
    const tensorNames = model.graph.tensorNames.map((name) => name.replace("t", ""));
    const state = { ...stateOf(), model: { ...model, graph: { ...model.graph, tensorNames } } };
    const stages = (text: string) => [...unwrap(sessionOfCuts(state, text)).session.plan.stageOf];
    expect(stages("224, 225")).toEqual([0, 1, 2, 2]);
    expect(stages("225\n")).toEqual([0, 0, 1, 1]);
    expect(stages("1,2,3,4\n")).toEqual([0, 0, 1, 1]);
    expect(sessionOfCuts(state, "224,999")).toMatchObject({
      ok: false,
      error: "Stage 1 of the partition is layers 224 to 999; expected it to begin with layer 1.",
    });
  });

  test("a dropped text is told to be tensors of the model, a few misspelt; a table of times is not", () => {
    const { model } = stateOf();
    expect(namesTensors("t\nu\n", model)).toBe(true);
    expect(namesTensors("t, u, v", model)).toBe(true);
    expect(namesTensors("these are only words", model)).toBe(false);
    expect(namesTensors("", model)).toBe(false);
    expect(namesTensors("t,0.1\nu,0.2\n", model)).toBe(false);
    expect(namesTensors("t,u\nt,u,v\n", model)).toBe(false);
  });

  test("sentences", () => {
    const state = stateOf();
    expect(sessionOfCuts(state, " ")).toMatchObject({
      ok: false,
      error: expect.stringContaining("No tensor is named"),
    });
    expect(sessionOfCuts({ ...state, model: null }, "t")).toMatchObject({ ok: false, error: "Open a model first." });
    expect(sessionOfMapping(state, "{}", "m.json")).toMatchObject({
      ok: false,
      error: expect.stringContaining("no mapping"),
    });
    expect(sessionOfMapping(state, '{"one": ["a", "c"], "two": ["b"]}', "m.json")).toMatchObject({
      ok: false,
      error: expect.stringContaining('Op "b" of "two"'),
    });
  });

  test("a dropped mapping is told from other JSON", () => {
    const kind = (text: string) => fileKind("file.json", new TextEncoder().encode(text));
    expect(kind('{"pi_cpu0": ["conv1", "conv2"], "pi_gpu": []}')).toBe("mapping");
    expect(kind('{\n "a\\"b" : [\n"x"')).toBe("mapping");
    expect(kind('{"format": "splitscope-plan"}')).toBe("plan");
    expect(kind('{"traceEvents": [{"name": "x"}]}')).toBe("profile");
    expect(kind('[{"cat": "Session"}]')).toBe("profile");
  });
});
