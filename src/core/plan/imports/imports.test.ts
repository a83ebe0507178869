import { describe, expect, test } from "vitest";
import { unwrap } from "../../result.ts";
import { solve } from "../../solve/solve.ts";
import { namedProblem, parseProblem, problemContent } from "../abstract-problem.ts";
import { findImport, importProblem } from "./imports.ts";
import type { ImportChoice } from "./problem-import.ts";

/** A stem, two branches of one colour, a join; the accelerator is ten times as fast and pays for tensors. */
function instance() {
  const node = (id: number, time: number, colorClass?: number) => ({
    ...{ id, name: `n${id}`, supportedOnFpga: 1, cpuLatency: 10 * time, fpgaLatency: time, isBackwardNode: 0 },
    ...{ size: 100, ...(colorClass === undefined ? {} : { colorClass }) },
  });
  const edge = (sourceId: number, destId: number) => ({ sourceId, destId, cost: 0.5, size: 1000 });
  return {
    maxSizePerFPGA: 1000,
    maxFPGAs: 2,
    maxCPUs: 1,
    nodes: [node(1, 4), node(2, 3, 7), node(3, 3, 7), node(4, 2)],
    edges: [edge(1, 2), edge(1, 3), edge(2, 4), edge(3, 4)],
  };
}

const GRAPH = `node1 -- Input0 -- forward_compute_time=635.9, backward_compute_time=0.000, activation_size=9.0, parameter_size=0.000
node2 -- LSTM(8, 8) -- forward_compute_time=4.000, backward_compute_time=1.0, activation_size=[1000000.0; 500000.0], parameter_size=64.000
node3 -- Add -- forward_compute_time=2.000, backward_compute_time=1.0, activation_size=8.0, parameter_size=0.000 -- stage_id=1
	node1 -- node2
	node2 -- node3
	node2 -- node3
`;

const read = (text: string, choice: ImportChoice = {}) => importProblem([{ name: "file.x", text }], choice);
const failure = (text: string, choice?: ImportChoice) => {
  const result = read(text, choice);
  return result.ok ? "accepted" : result.error;
};

describe("imports", () => {
  test("are found by content, whatever the name", () => {
    const found = (text: string) => findImport([{ name: "x", text }])?.id;
    expect(found(JSON.stringify(instance()))).toBe("dnn-partitioning");
    expect(found(`\ufeff${GRAPH.replaceAll("\n", "\r\n")}`)).toBe("pipe-dream");
    expect(found("m:\n  layers: 1\n  mem_MB: [1]\n  parameters_in: 1\n  parameters_out: [1]\n")).toBe("pipe-edge");
    expect(found('{ "format" : "splitscope-problem" }')).toBe("splitscope-problem");
    expect(found('{"format": "splitscope-rig"}')).toBeUndefined();
    expect(failure("node,latency_ms\na,1\n")).toMatch(
      /^"file.x" is of no format that holds a placement problem; expected a problem file of Splitscope; .* devices.yml\.$/,
    );
  });

  test("dnn-partitioning: milliseconds, colours, ports, limits", () => {
    const { problem, notes } = unwrap(read(JSON.stringify(instance())));
    expect(notes).toEqual([]);
    expect(problem).toMatchObject({ delivery: "port", overlap: false, source: null, sink: null, links: [] });
    expect(problem.devices.map(({ id, memoryBytes }) => [id, memoryBytes])).toEqual([
      ["accelerator 1", 1000],
      ["accelerator 2", 1000],
      ["CPU 1", null],
    ]);
    expect(problem.devices[0]?.port).toEqual({ sendBytesPerSecond: 2e6, receiveBytesPerSecond: 2e6 });
    expect(problem.ops.map(({ group }) => group)).toEqual([null, "colour 7", "colour 7", null]);
    expect(problem.ops[0]).toMatchObject({ id: "n1", seconds: [0.004, 0.004, 0.04], weightBytes: 100 });
    expect(problem.tensors).toHaveLength(3);
    const { value, plan } = unwrap(solve(unwrap(namedProblem(problem)).problem, { objective: "period" }));
    // Stem alone: 4 + 0.5. The branches, which stay together, with the join: 0.5 + 3 + 3 + 2.
    expect(value).toBeCloseTo(8.5e-3, 12);
    expect(plan.stages).toHaveLength(3);
    expect(unwrap(parseProblem(problemContent(problem))).opNames).toEqual(["n1", "n2", "n3", "n4"]);
  });

  test("dnn-partitioning: where costs are not sizes at one rate, bytes stand for time, and it is said", () => {
    const odd = { ...instance(), edges: instance().edges.map((edge, i) => ({ ...edge, size: 10 * i + 1 })) };
    const { problem, notes } = unwrap(read(JSON.stringify(odd)));
    expect(notes).toEqual([
      "Costs of tensors in file.x are not their sizes at one rate; bytes stand for time, at 1 GB/s.",
    ]);
    const { value } = unwrap(solve(unwrap(namedProblem(problem)).problem, { objective: "period" }));
    expect(value).toBeCloseTo(8.5e-3, 12);
  });

  test.each<readonly [string, (json: ReturnType<typeof instance>) => object, string]>([
    [
      "a negative time",
      (json) => ({ ...json, nodes: [{ ...json.nodes[0], fpgaLatency: -1 }] }),
      "nodes[0].fpgaLatency is -1",
    ],
    ["no devices", (json) => ({ ...json, maxFPGAs: 0, maxCPUs: 0 }), "has no device: maxFPGAs and maxCPUs are 0"],
    [
      "training",
      (json) => ({ ...json, nodes: json.nodes.map((n) => ({ ...n, isBackwardNode: 1 })) }),
      "holds 4 backward nodes",
    ],
    ["one id twice", (json) => ({ ...json, nodes: [...json.nodes, json.nodes[0]] }), "has two nodes with the id 1;"],
    ["a stray edge", (json) => ({ ...json, edges: [{ sourceId: 1, destId: 9, cost: 0 }] }), "node 9 is not there"],
    [
      "two costs of one tensor",
      (json) => ({ ...json, edges: json.edges.map((edge, i) => ({ ...edge, cost: i })) }),
      "gives edges out of node 1 the costs 0 and 1;",
    ],
    [
      "too many devices",
      (json) => ({ ...json, maxFPGAs: 1e9 }),
      "maxFPGAs is 1000000000; expected a whole number from 0 to 1000",
    ],
  ])("dnn-partitioning refuses %s", (_, change, sentence) => {
    expect(failure(JSON.stringify(change(instance())))).toContain(sentence);
  });

  test("a cycle is refused by the problem itself", () => {
    const json = instance();
    const { problem } = unwrap(
      read(JSON.stringify({ ...json, edges: [...json.edges, { ...json.edges[0], sourceId: 4, destId: 1 }] })),
    );
    const built = namedProblem(problem);
    expect(built.ok ? "" : built.error).toMatch(/^Op "n\d" depends on itself; expected a graph without cycles\.$/);
  });

  test("PipeDream: milliseconds, lists of sizes, inputs that cost nothing, machines by choice", () => {
    const { problem, notes } = unwrap(read(GRAPH, { machines: 2, bytesPerSecond: 1e9 }));
    expect(problem.devices).toHaveLength(2);
    expect(problem.ops).toEqual([
      { id: "node2 LSTM(8, 8)", seconds: [0.004, 0.004], weightBytes: 64 },
      { id: "node3 Add", seconds: [0.002, 0.002], weightBytes: 0 },
    ]);
    expect(
      problem.tensors.map(({ producer, consumers, bytes, output }) => [producer, consumers.length, bytes, output]),
    ).toEqual([
      [null, 1, 0, false],
      ["node2 LSTM(8, 8)", 1, 1_500_000, false],
      ["node3 Add", 0, 8, true],
    ]);
    expect(notes[0]).toBe(
      "file.x names no machines: it is taken to run on 2 like the profiled one, any two joined at 1000000000 bytes per second.",
    );
    const { value } = unwrap(solve(unwrap(namedProblem(problem)).problem, { objective: "period" }));
    expect(value).toBeCloseTo(0.004, 12);
  });

  test.each<readonly [string, string, string]>([
    ["a line of neither kind", `${GRAPH}what is this\n`, "Line 7 of file.x is neither a node nor an edge;"],
    ["an edge to nowhere", `${GRAPH}\tnode3 -- node9\n`, 'Line 7 of file.x joins node "node9";'],
    ["one id twice", `${GRAPH}${GRAPH}`, 'Two nodes of file.x have the id "node1";'],
    ["a negative time", GRAPH.replace("=4.000", "=-4"), 'Line 2 of file.x gives node "node2" without a time,'],
    ["a size that is none", GRAPH.replace("500000.0]", "many]"), 'Line 2 of file.x gives node "node2" without a time,'],
  ])("PipeDream refuses %s", (_, text, sentence) => {
    expect(failure(text)).toContain(sentence);
  });

  test("formats of one file refuse two, and a crowd of machines is refused", () => {
    const file = { name: "a", text: GRAPH };
    const two = importProblem([file, { ...file, name: "b" }]);
    expect(two.ok ? "" : two.error).toBe('"a" and "b" were given together; expected one file: PipeDream\'s graph.txt.');
    expect(failure(GRAPH, { machines: 1000 })).toBe("1000 machines were asked for; expected at most 200.");
  });
});
