import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { row } from "../columns.ts";
import { unwrap } from "../result.ts";
import { solve } from "../solve/solve.ts";
import { bestByBruteForce } from "../testing/brute-force.ts";
import { schemaViolations, undescribedFields } from "../testing/json-schema.ts";
import { naivePrediction } from "../testing/naive-prediction.ts";
import { parseProblem, readProblem } from "./abstract-problem.ts";

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

/** The diamond with one change at a path like "ops.0.seconds". */
function changed(path: string, value: unknown): unknown {
  const json = JSON.parse(JSON.stringify(diamond()));
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
  });

  test.each<readonly [string, unknown, string]>([
    ["format", "splitscope-rig", 'format is "splitscope-rig"; expected "splitscope-problem".'],
    ["version", 2, "The problem file has version 2; this version of Splitscope reads up to 1."],
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
    ["ops.0.group", "a", 'ops[0].group is "a"; expected no field but id, seconds, weightBytes.'],
    ["ops.1.id", "join", 'Two ops have the id "join"; expected different ids.'],
    ["tensors.0.id", "s", 'Two tensors have the id "s"; expected different ids.'],
    ["tensors.1.bytes", "1 kB", 'tensors[1].bytes is "1 kB"; expected a number of at least 0, or null.'],
    ["tensors.1.output", 1, "tensors[1].output is 1; expected true or false."],
    ["tensors.1.producer", "x", 'Tensor "s" is written by op "x"; expected the id of an op.'],
    ["tensors.1.consumers", ["left", "x"], 'Tensor "s" is read by op "x"; expected the id of an op.'],
    ["tensors.4.consumers", ["stem"], "depends on itself; expected a graph without cycles."],
    ["sourceDevice", "nas", 'The source device is "nas"; expected null or one of "cam", "relay", "box".'],
    ["sinkDevice", undefined, "sinkDevice is missing; expected a text, or null."],
    ["overlap", "none", 'overlap is "none"; expected no field but format, version'],
  ])("refuses %s = %j", (path, value, sentence) => {
    const result = parseProblem(changed(path, value));
    expect(result.ok ? "accepted" : result.error).toContain(sentence);
  });

  test.each<readonly [string, unknown]>([
    ["version", 2],
    ["devices", []],
    ["devices.1.id", ""],
    ["links.0.bytesPerSecond", 0],
    ["ops.0.seconds", [1, -2, 3]],
    ["ops.0.group", "a"],
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
