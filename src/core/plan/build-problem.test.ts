import { describe, expect, test } from "vitest";
import { at, item } from "../columns.ts";
import type { Graph } from "../graph/graph.ts";
import type { LatencyTable } from "../profile/profile.ts";
import { unwrap } from "../result.ts";
import type { Device, Link, Rig } from "../rig/rig.ts";
import { graphFromText } from "../testing/graph-text.ts";
import { textGraph } from "../testing/text-graph.ts";
import { bytes, bytesPerSecond, seconds } from "../units.ts";
import { AS_STORED, buildProblem, type Encoding } from "./build-problem.ts";
import { isEncoded, tensorSizes } from "./wire.ts";

const GRAPH = graphFromText(
  `
  conv Conv x $w -> a
  relu Relu a -> b
  top TopK b $k -> values indices
  head Gemm values $w -> y
  `,
  {
    shapes: { x: [1, 100], a: [1, 50], b: [1, 50], values: [1, 10], indices: [1, 10], y: [1, 5], w: [20, 5], k: [1] },
    outputs: ["y", "indices"],
  },
);

function device(id: string, change: Partial<Device> = {}): Device {
  return {
    id,
    name: id,
    preset: null,
    runtime: "test",
    source: "test",
    memory: bytes(1e6),
    onChip: null,
    stageOverhead: seconds(0.25),
    loadFactor: 1,
    weightPrecision: "as-stored",
    unsupportedOps: [],
    costModel: {
      kind: "fitted",
      secondsPerMac: { conv1x1: 0, convKxK: 0, depthwise: 0 },
      secondsPerActivationByte: 0,
      secondsPerWeightByte: 0,
      secondsPerOp: 0,
      error: 0,
      citation: "test",
    },
    idleWatts: null,
    activeWatts: null,
    ...change,
  };
}

function link(id: string, a: string, b: string, change: Partial<Link> = {}): Link {
  return {
    id,
    name: id,
    preset: null,
    source: "test",
    a,
    b,
    aToB: bytesPerSecond(1e6),
    bToA: bytesPerSecond(5e5),
    aToBJoulesPerByte: 0,
    bToAJoulesPerByte: 0,
    latency: seconds(0.01),
    medium: null,
    ...change,
  };
}

function table(graph: Graph, value: number): LatencyTable {
  const column = new Float64Array(graph.opCount).fill(value);
  return {
    seconds: column,
    low: column,
    high: column,
    provenance: new Uint8Array(graph.opCount),
    group: new Int32Array(graph.opCount).fill(-1),
    origins: new Map(),
  };
}

function build(rig: Rig, encoding: Encoding = AS_STORED, graph: Graph = GRAPH) {
  return buildProblem({ graph, rig, latencies: rig.devices.map((_, i) => table(graph, i + 1)), encoding });
}

const PAIR: Rig = {
  devices: [device("pi"), device("server")],
  links: [link("lan", "pi", "server")],
  source: "pi",
  sink: "server",
};
const named = (graph: Graph, column: ArrayLike<number>, name: string) => at(column, graph.tensorNames.indexOf(name));

describe("buildProblem", () => {
  test("applies load, support and precision per device", () => {
    const devices = [
      device("pi", { loadFactor: 1.5 }),
      device("tpu", {
        unsupportedOps: ["TopK"],
        weightPrecision: "i8",
        onChip: { capacity: bytes(64), streaming: bytesPerSecond(8) },
      }),
    ];
    const problem = unwrap(build({ ...PAIR, devices, links: [link("usb", "pi", "tpu")], sink: "tpu" }));
    expect([...item(problem.devices, 0).opSeconds]).toEqual([1.5, 1.5, 1.5, 1.5]);
    expect([...item(problem.devices, 1).opSeconds]).toEqual([2, 2, Number.POSITIVE_INFINITY, 2]);
    expect([...item(problem.devices, 0).weightBytes]).toEqual([400, 4]);
    expect([...item(problem.devices, 1).weightBytes]).toEqual([100, 1]);
    expect(item(problem.devices, 1)).toMatchObject({
      onChipBytes: 64,
      streamingSecondsPerByte: 1 / 8,
      stageOverheadSeconds: 0.25,
    });
    expect(problem).toMatchObject({ source: 0, sink: 1 });
  });

  test("wire formats shrink floats; outputs are sent as stored; memory is not changed", () => {
    const { tensorWireBytes, tensorMemoryBytes } = unwrap(
      build(PAIR, { input: "u8", cut: "f16", inputBytesOverride: null }),
    );
    // A byte for each of 100 elements, a scale and a zero point.
    expect(named(GRAPH, tensorWireBytes, "x")).toBe(105);
    expect(named(GRAPH, tensorWireBytes, "a")).toBe(100);
    expect(named(GRAPH, tensorWireBytes, "y")).toBe(20);
    expect(named(GRAPH, tensorMemoryBytes, "x")).toBe(400);
  });

  test("what a scale and a zero point would make larger is sent as it is", () => {
    for (const [elementType, stored, sent, encoded] of [
      ["float", 4, 4, false],
      ["float", 8, 7, true],
      ["float16", 10, 10, false],
      ["float16", 12, 11, true],
    ] as const) {
      const types = GRAPH.tensorTypes.map((type) => ({ ...type, elementType }));
      const sized = { ...GRAPH, tensorTypes: types, tensorBytes: GRAPH.tensorBytes.map(() => stored) };
      const { wireBytes } = tensorSizes(sized, { input: "u8", cut: "u8", inputBytesOverride: null });
      expect(named(GRAPH, wireBytes, "x")).toBe(sent);
      expect(isEncoded(elementType, stored, "u8")).toBe(encoded);
    }
    expect(isEncoded("float", Number.NaN, "u8")).toBe(true);
    expect(isEncoded("int64", Number.NaN, "u8")).toBe(false);
  });

  test("integer tensors are sent as they are", () => {
    const types = GRAPH.tensorTypes.map((type) => ({ ...type, elementType: "int32" as const }));
    const problem = unwrap(
      build(PAIR, { input: "u8", cut: "u8", inputBytesOverride: null }, { ...GRAPH, tensorTypes: types }),
    );
    expect(named(GRAPH, problem.tensorWireBytes, "a")).toBe(200);
  });

  test("a size given for the input replaces it", () => {
    const problem = unwrap(build(PAIR, { ...AS_STORED, inputBytesOverride: 33 }));
    expect(named(GRAPH, problem.tensorWireBytes, "x")).toBe(33);
    expect(named(GRAPH, problem.tensorMemoryBytes, "x")).toBe(400);
  });

  test("inside a quantised op nothing can be cut, between two of them integers can", () => {
    const { graph } = textGraph(
      "[in:8] -> q0:QuantizeLinear -2-> d0:DequantizeLinear -8-> conv:Conv -8-> q1:QuantizeLinear -2-> d1:DequantizeLinear -8-> last:Softmax",
    );
    const { uncuttable } = tensorSizes(graph, AS_STORED);
    const cuttable = graph.tensorNames.filter((_, tensor) => uncuttable[tensor] === 0);
    const writers = cuttable.map((name) => graph.opNames[graph.tensorProducer[graph.tensorNames.indexOf(name)] ?? -1]);
    expect(writers.filter((name) => name !== undefined).sort()).toEqual(["d1", "last", "q0", "q1"]);
  });

  test("unknown sizes count 0 and must not be cut; an input whose size is given may", () => {
    const open = { ...GRAPH, tensorBytes: GRAPH.tensorBytes.map((_, tensor) => (tensor < 2 ? Number.NaN : 8)) };
    const problem = unwrap(build(PAIR, AS_STORED, open));
    expect([...problem.uncuttable]).toEqual([1, 1, 0, 0, 0, 0]);
    expect(at(problem.tensorWireBytes, 0)).toBe(0);
    const given = unwrap(build(PAIR, { ...AS_STORED, inputBytesOverride: 50 }, open));
    expect([...given.uncuttable]).toEqual([0, 1, 0, 0, 0, 0]);
    expect(at(given.tensorWireBytes, 0)).toBe(50);
  });

  test("routes take the fewest seconds, relay over other devices and name their resources", () => {
    const rig: Rig = {
      devices: [device("pi"), device("nano"), device("server")],
      links: [
        link("slow", "pi", "server", { aToB: bytesPerSecond(1e5), bToA: bytesPerSecond(1e5) }),
        link("wifi", "pi", "nano", { medium: "air" }),
        link("lan", "nano", "server", { latency: seconds(0.002) }),
      ],
      source: "pi",
      sink: "server",
    };
    const { routes, resourceCount } = unwrap(build(rig));
    const over = (from: number, to: number) =>
      routes[from]?.[to]?.hops.map(({ link: index, direction }) => `${index} ${direction}`);
    expect(over(0, 2)).toEqual(["1 aToB", "2 aToB"]);
    expect(over(2, 0)).toEqual(["2 bToA", "1 bToA"]);
    expect(over(1, 1)).toEqual([]);
    expect(routes[0]?.[2]?.latency).toBeCloseTo(0.012, 15);
    expect(routes[2]?.[0]?.secondsPerByte).toBeCloseTo(4e-6, 15);
    const resource = (from: number, to: number) => routes[from]?.[to]?.hops[0]?.resource;
    expect(resource(0, 1)).toBe(resource(1, 0));
    expect(resource(1, 2)).not.toBe(resource(2, 1));
    expect(resourceCount).toBe(5);
  });

  test("of two ways that take equally long, the one over the link listed first", () => {
    const rig: Rig = {
      ...PAIR,
      links: [
        link("one", "pi", "server"),
        link("two", "server", "pi", { aToB: bytesPerSecond(5e5), bToA: bytesPerSecond(1e6) }),
      ],
    };
    expect(unwrap(build(rig)).routes[0]?.[1]?.hops[0]?.link).toBe(0);
  });

  test.each<[string, Rig, string]>([
    ["no devices", { ...PAIR, devices: [] }, "The rig has no device"],
    ["unknown source", { ...PAIR, source: "x" }, 'The source device "x"'],
    ["unknown sink", { ...PAIR, sink: "x" }, 'The sink device "x"'],
    ["twice the same id", { ...PAIR, devices: [device("pi"), device("pi")] }, 'Two devices have the id "pi"'],
    ["link to nowhere", { ...PAIR, links: [link("lan", "pi", "mars")] }, 'Link "lan" ends at device "mars"'],
    ["a device apart", { ...PAIR, links: [] }, 'No link leads from the source device "pi" to device "server"'],
    [
      "no bandwidth",
      { ...PAIR, links: [link("lan", "pi", "server", { aToB: bytesPerSecond(0) })] },
      "bandwidth a to b",
    ],
  ])("%s: a sentence", (_, rig, sentence) => {
    const result = build(rig);
    expect(result.ok ? "" : result.error).toContain(sentence);
  });

  test("latencies that do not fit the graph: a sentence", () => {
    const short = buildProblem({ graph: GRAPH, rig: PAIR, latencies: [table(GRAPH, 1)], encoding: AS_STORED });
    expect(short.ok ? "" : short.error).toContain("Latencies are given for 1 devices");
    const broken = buildProblem({
      graph: GRAPH,
      rig: PAIR,
      latencies: [table(GRAPH, 1), table(GRAPH, Number.NaN)],
      encoding: AS_STORED,
    });
    expect(broken.ok ? "" : broken.error).toBe(
      'The latency of op "conv" on device "server" is NaN; expected at least 0.',
    );
    const negative = build(PAIR, { ...AS_STORED, inputBytesOverride: -1 });
    expect(negative.ok ? "" : negative.error).toContain("The input's size on the wire is -1 bytes");
  });
});
