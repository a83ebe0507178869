import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { row } from "../columns.ts";
import { unwrap } from "../result.ts";
import { solve } from "../solve/solve.ts";
import { bestByBruteForce } from "../testing/brute-force.ts";
import { schemaViolations, undescribedFields } from "../testing/json-schema.ts";
import { naivePrediction } from "../testing/naive-prediction.ts";
import { parseProblem, parseProblemContent, problemContent, readProblem } from "./abstract-problem.ts";

const schema = JSON.parse(readFileSync("public/schema/splitscope-problem.schema.json", "utf8"));

/** A diamond whose ops are listed against the flow, on two devices and a relay, every field given. */
function diamond() {
  return {
    format: "splitscope-problem",
    version: 1,
    name: "diamond",
    sourceDevice: "cam",
    sinkDevice: "cam",
    devices: [
      { id: "cam", memoryBytes: 1e6, stageOverheadSeconds: 0 },
      { id: "relay", memoryBytes: null, stageOverheadSeconds: 0.5 },
      { id: "box", memoryBytes: null, stageOverheadSeconds: 0.1 },
    ],
    links: [
      { from: "cam", to: "relay", bytesPerSecond: 100, latencySeconds: 0.01, medium: "air" },
      { from: "relay", to: "box", bytesPerSecond: 200, latencySeconds: 0.02, medium: "air" },
      { from: "box", to: "cam", bytesPerSecond: null, latencySeconds: 0.03, medium: null },
    ],
    ops: [
      { id: "join", seconds: [4, null, 1], weightBytes: 10 },
      { id: "left", seconds: [6, null, 2], weightBytes: 0 },
      { id: "right", seconds: [6, null, 2], weightBytes: 20 },
      { id: "stem", seconds: [2, null, 9], weightBytes: 5 },
    ],
    tensors: [
      { id: "in", producer: null, consumers: ["stem"], bytes: 900, output: false },
      { id: "s", producer: "stem", consumers: ["left", "right"], bytes: 100, output: false },
      { id: "l", producer: "left", consumers: ["join"], bytes: 50, output: false },
      { id: "r", producer: "right", consumers: ["join"], bytes: 50, output: false },
      { id: "out", producer: "join", consumers: [], bytes: 8, output: true },
    ],
  };
}

/** The diamond with everything that version 2 added. */
function guarded() {
  const plain = diamond();
  const port = { sendBytesPerSecond: 100, receiveBytesPerSecond: null };
  return {
    ...plain,
    version: 2,
    delivery: "port",
    overlap: false,
    maxStages: 2,
    queuedFrames: 1,
    devices: plain.devices.map((device, i) => ({
      ...device,
      activeWatts: i,
      idleWatts: 1,
      port: i === 1 ? null : port,
    })),
    links: plain.links.map((link) => ({ ...link, joulesPerByte: 1e-9, maxBytes: 500 })),
    ops: plain.ops.map((op, i) => ({ ...op, group: i < 2 ? "tail" : null, device: i === 3 ? "cam" : null })),
    tensors: plain.tensors.map((tensor) => ({ ...tensor, memoryBytes: 2 * tensor.bytes })),
  };
}

/** The diamond with one change at a path like "ops.0.seconds". */
function changed(path: string, value: unknown, of: object = diamond()): unknown {
  const json = JSON.parse(JSON.stringify(of));
  const keys = path.split(".");
  const last = keys.pop() ?? "";
  let place = json;
  for (const key of keys) place = place[key];
  if (value === undefined) delete place[last];
  else place[last] = value;
  return json;
}

describe("problem files", () => {
  test("the columns say what the file says, ops in a topological order", () => {
    const { problem, opNames, name } = unwrap(readProblem(`\ufeff${JSON.stringify(diamond())}`, "p.json"));
    expect(name).toBe("diamond");
    expect(opNames).toEqual(["stem", "left", "right", "join"]);
    expect([...row(problem.opInputs, 3)]).toEqual([2, 3]);
    expect([...row(problem.tensorConsumers, 1)]).toEqual([1, 2]);
    expect([...problem.tensorProducer]).toEqual([-1, 0, 1, 2, 3]);
    expect([problem.inputs, problem.outputs]).toEqual([[0], [4]]);
    expect(problem.devices.map(({ opSeconds }) => [...opSeconds])).toEqual([
      [2, 6, 6, 4],
      [Infinity, Infinity, Infinity, Infinity],
      [9, 2, 2, 1],
    ]);
    expect([...(problem.devices[0]?.weightBytes ?? [])]).toEqual([5, 0, 20, 10]);
    expect(problem.devices.map(({ memoryBytes }) => memoryBytes)).toEqual([1e6, Number.MAX_VALUE, Number.MAX_VALUE]);
    // Over the relay there, straight back at no time per byte; no way leads against a link.
    expect(problem.routes[0]?.[2]?.hops.map(({ link }) => link)).toEqual([0, 1]);
    expect(problem.routes[0]?.[2]?.secondsPerByte).toBeCloseTo(0.015, 12);
    expect(problem.routes[2]?.[0]).toMatchObject({ latency: 0.03, secondsPerByte: 0 });
    expect(new Set(problem.routes[0]?.[2]?.hops.map(({ resource }) => resource)).size).toBe(1);
    expect([problem.source, problem.sink]).toEqual([0, 0]);
  });

  test.each(["latency", "period"] as const)("the best %s is that of brute force", (objective) => {
    const { problem } = unwrap(parseProblem(diamond()));
    const oracle = bestByBruteForce(problem, (plan) => naivePrediction(problem, plan)[objective]);
    const { value, plan, certificate } = unwrap(solve(problem, { objective }));
    expect(certificate.status).toBe("optimal");
    expect(value).toBeCloseTo(oracle?.value ?? Number.NaN, 9);
    expect(plan.stages).toEqual([0, 2]);
  });

  test("without source and sink, inputs and outputs take no time", () => {
    const free = { ...diamond(), sourceDevice: null, sinkDevice: null };
    const { problem } = unwrap(parseProblem(free));
    const { value, plan } = unwrap(solve(problem, { objective: "latency" }));
    // stem on the camera, 100 bytes over both links, the rest on the box.
    expect(value).toBeCloseTo(2 + (0.03 + 1.5) + (0.1 + 2 + 2 + 1), 12);
    expect(plan.stages.slice(1)).toEqual([0, 2]);
    const oracle = bestByBruteForce(problem, (other) => naivePrediction(problem, other).latency);
    expect(value).toBeCloseTo(oracle?.value ?? Number.NaN, 9);
  });

  test("a source without a sink, a sink without a source", () => {
    for (const ends of [{ sinkDevice: null }, { sourceDevice: null }]) {
      const { problem } = unwrap(parseProblem({ ...diamond(), ...ends }));
      for (const objective of ["latency", "period"] as const) {
        const oracle = bestByBruteForce(problem, (plan) => naivePrediction(problem, plan)[objective]);
        expect(unwrap(solve(problem, { objective })).value).toBeCloseTo(oracle?.value ?? Number.NaN, 9);
      }
    }
  });

  test("what may be left out has the values of the schema", () => {
    const bare = {
      format: "splitscope-problem",
      version: 1,
      sourceDevice: "a",
      sinkDevice: null,
      devices: [{ id: "a" }],
      ops: [{ id: "__proto__", seconds: [1] }],
      tensors: [{ id: "t", producer: "__proto__", bytes: null }],
    };
    expect(schemaViolations(schema, bare)).toEqual([]);
    const { problem, opNames } = unwrap(parseProblem(bare));
    expect(opNames).toEqual(["__proto__"]);
    expect(problem.outputs).toEqual([0]);
    expect([...problem.uncuttable]).toEqual([1]);
    expect(unwrap(solve(problem, { objective: "latency" })).value).toBe(1);
  });

  test("the schema describes every field", () => {
    expect(schemaViolations(schema, diamond())).toEqual([]);
    expect(undescribedFields(schema, diamond())).toEqual([]);
    expect(schemaViolations(schema, guarded())).toEqual([]);
    expect(undescribedFields(schema, guarded())).toEqual([]);
  });

  test("groups, pins, ports, energy and limits arrive in the columns", () => {
    const { problem } = unwrap(parseProblem(guarded()));
    expect([...problem.groupOf]).toEqual([-1, 0, -1, 0]);
    expect(problem.devices.map(({ barred }) => [...barred])).toEqual([
      [0, 0, 0, 0],
      [1, 0, 0, 0],
      [1, 0, 0, 0],
    ]);
    expect(problem.devices.map(({ port }) => port?.sendSecondsPerByte ?? null)).toEqual([0.01, null, 0.01]);
    expect(problem.devices[0]?.port?.receiveSecondsPerByte).toBe(0);
    expect(problem.devices.map(({ activeWatts, idleWatts }) => [activeWatts, idleWatts])).toEqual([
      [0, 1],
      [1, 1],
      [2, 1],
    ]);
    expect(problem).toMatchObject({ delivery: "port", overlap: false, maxStages: 2, queuedFrames: 1 });
    expect([...problem.linkMaxBytes]).toEqual([500, 500, 500]);
    expect(problem.routes[0]?.[1]?.hops[0]?.joulesPerByte).toBe(1e-9);
    expect([...problem.tensorMemoryBytes]).toEqual([1800, 200, 100, 100, 16]);
  });

  test("what is written is read back as it was", () => {
    for (const document of [diamond(), guarded()]) {
      const content = unwrap(parseProblemContent(document));
      expect(schemaViolations(schema, problemContent(content))).toEqual([]);
      expect(unwrap(parseProblemContent(JSON.parse(JSON.stringify(problemContent(content)))))).toEqual(content);
    }
  });

  test("ports, stems and tails: the shortest period is that of the definition", () => {
    const { problem } = unwrap(parseProblem(guarded()));
    const { value, plan, certificate } = unwrap(solve(problem, { objective: "period" }));
    // The camera runs the stem for 2 s and sends its tensor, which two ops read, once: 1 s. The box receives it at once,
    // runs the rest for 5.1 s and sends the result for 0.08 s.
    expect(value).toBeCloseTo(5.18, 12);
    expect(certificate.status).toBe("optimal");
    expect([...plan.stageOf].map((stage) => problem.devices[plan.stages[stage] ?? -1]?.id)).toEqual([
      "cam",
      "box",
      "box",
      "box",
    ]);
  });

  test.each<readonly [string, unknown, string]>([
    ["format", "splitscope-rig", 'format is "splitscope-rig"; expected "splitscope-problem".'],
    ["version", 3, "The problem file has version 3; this version of Splitscope reads up to 2."],
    ["devices", [], "ops[0].seconds is a list; expected 0 numbers"],
    ["devices.1.id", "", 'A device has the id ""; expected at least one letter.'],
    ["devices.1.id", "cam", 'Two devices have the id "cam"; expected different ids.'],
    ["devices.0.memoryBytes", -1, "devices[0].memoryBytes is -1; expected a number above 0, or null."],
    ["links.0.bytesPerSecond", 0, "links[0].bytesPerSecond is 0; expected a number above 0, or null."],
    ["links.0.bytesPerSecond", undefined, "links[0].bytesPerSecond is missing; expected a number above 0, or null."],
    ["links.0.latencySeconds", -0.5, "links[0].latencySeconds is -0.5; expected a number of at least 0."],
    ["links.0.to", "nas", 'A link leads from "cam" to "nas"; expected two of "cam", "relay", "box".'],
    ["links.0.to", "cam", 'A link leads from device "cam" to itself; expected two devices.'],
    ["ops.0.seconds", [1, 2], "ops[0].seconds is a list; expected 3 numbers of at least 0, one per device"],
    ["ops.0.seconds", [1, -2, 3], "ops[0].seconds is a list; expected 3 numbers of at least 0"],
    ["ops.0.seconds", [1, Number.NaN, 3], "ops[0].seconds is a list; expected 3 numbers of at least 0"],
    ["ops.0.seconds", [null, null, null], 'Op "join" can run on no device; expected seconds for at least one.'],
    ["ops.0.colour", "a", 'ops[0].colour is "a"; expected no field but id, seconds, weightBytes, group, device.'],
    ["ops.1.id", "join", 'Two ops have the id "join"; expected different ids.'],
    ["tensors.0.id", "s", 'Two tensors have the id "s"; expected different ids.'],
    ["tensors.1.bytes", "1 kB", 'tensors[1].bytes is "1 kB"; expected a number of at least 0, or null.'],
    ["tensors.1.output", 1, "tensors[1].output is 1; expected true or false."],
    ["tensors.1.producer", "x", 'Tensor "s" is written by op "x"; expected the id of an op.'],
    ["tensors.1.consumers", ["left", "x"], 'Tensor "s" is read by op "x"; expected the id of an op.'],
    ["tensors.4.consumers", ["stem"], "depends on itself; expected a graph without cycles."],
    ["sourceDevice", "nas", 'The source device is "nas"; expected null or one of "cam", "relay", "box".'],
    ["sinkDevice", undefined, "sinkDevice is missing; expected a text, or null."],
    ["overlap", "none", 'overlap is "none"; expected true or false.'],
    ["noise", 1, "noise is 1; expected no field but format, version"],
  ])("refuses %s = %j", (path, value, sentence) => {
    const result = parseProblem(changed(path, value));
    expect(result.ok ? "accepted" : result.error).toContain(sentence);
  });

  test.each<readonly [string, unknown, string]>([
    ["ops.1.device", "nas", 'Op "left" is kept on device "nas"; expected null or one of "cam", "relay", "box".'],
    ["ops.1.device", "relay", 'Op "left" is kept on device "relay", which cannot run it.'],
    ["ops.3.group", "tail", "pass"],
    [
      "ops.2",
      { id: "right", seconds: [1, null, null], group: "tail", device: "box" },
      'Op "right" is kept on device "box"',
    ],
    ["ops.2", { id: "right", seconds: [null, 1, null], group: "tail" }, 'No device can run all 3 ops of group "tail"'],
    ["ops.0.device", "box", "pass"],
    [
      "devices.0.port.sendBytesPerSecond",
      0,
      "devices[0].port.sendBytesPerSecond is 0; expected a number above 0, or null.",
    ],
    ["devices.0.port", 5, "devices[0].port is 5; expected an object."],
    ["devices.0.activeWatts", -1, "devices[0].activeWatts is -1; expected a number of at least 0."],
    ["links.0.maxBytes", -1, "links[0].maxBytes is -1; expected a number of at least 0, or null."],
    ["tensors.0.memoryBytes", null, "tensors[0].memoryBytes is null; expected a number of at least 0."],
    ["delivery", "post", 'delivery is "post"; expected one of "relayed", "direct", "port".'],
    ["maxStages", 0, "maxStages is 0; expected a whole number of at least 1, or null."],
    ["queuedFrames", 0.5, "queuedFrames is 0.5; expected a whole number of at least 0."],
  ])("with constraints, %s = %j", (path, value, sentence) => {
    const result = parseProblem(changed(path, value, guarded()));
    expect(result.ok ? "pass" : result.error).toContain(sentence);
  });

  test("two pins in one group, and a sink that cannot be reached", () => {
    const pinned = guarded();
    const ops = pinned.ops.map((op) => ({ ...op, group: "all", device: op.id === "left" ? "box" : op.device }));
    const result = parseProblem({ ...pinned, ops });
    expect(result.ok ? "" : result.error).toMatch(/^Ops of group "all" are kept on devices "box" and "cam"/);
    const apart = parseProblem({ ...diamond(), sinkDevice: "relay", links: diamond().links.slice(1) });
    expect(apart.ok ? "" : apart.error).toBe('No links lead from the source device "cam" to the sink device "relay".');
  });

  test.each<readonly [string, unknown]>([
    ["version", 3],
    ["devices", []],
    ["devices.1.id", ""],
    ["links.0.bytesPerSecond", 0],
    ["ops.0.seconds", [1, -2, 3]],
    ["ops.0.colour", "a"],
    ["delivery", "post"],
    ["maxStages", 0],
    ["tensors.1.output", 1],
    ["sinkDevice", undefined],
  ])("the schema too refuses %s = %j", (path, value) => {
    expect(schemaViolations(schema, changed(path, value))).not.toEqual([]);
  });

  test("an op that no device can be reached to run is a sentence of the solver", () => {
    const { problem } = unwrap(
      parseProblem({
        ...diamond(),
        links: [],
        ops: diamond().ops.map((op, i) => (i === 0 ? { ...op, seconds: [null, null, 1] } : op)),
      }),
    );
    expect(solve(problem, { objective: "latency" }).ok).toBe(false);
    expect(solve(problem, { objective: "period" }).ok).toBe(false);
  });
});
