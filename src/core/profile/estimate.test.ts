import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { row } from "../columns.ts";
import { OP_CLASSES, type OpClass, type OpCosts } from "../cost/cost.ts";
import type { Graph } from "../graph/graph.ts";
import { DEVICE_PRESETS, deviceFromPreset } from "../rig/presets.ts";
import type { Device, FittedModel, RooflineModel } from "../rig/rig.ts";
import { graphFromText } from "../testing/graph-text.ts";
import { bytesPerSecond, seconds } from "../units.ts";
import { estimateLatencies } from "./estimate.ts";
import { foldedInto } from "./fusion.ts";
import { PROVENANCES } from "./profile.ts";

const CLASS_OF: Record<string, OpClass> = {
  Conv: "convKxK",
  Gemm: "gemm",
  Relu: "elementwise",
  Add: "elementwise",
  Sum: "elementwise",
  BatchNormalization: "normalization",
  MaxPool: "pool",
  Reshape: "view",
  Gather: "movement",
};

function costsOf(graph: Graph, macs: Readonly<Record<string, number>> = {}): OpCosts {
  const ops = graph.opNames.map((_, op) => op);
  const total = (items: Int32Array, sizes: Float64Array) => items.reduce((sum, i) => sum + (sizes[i] ?? 0), 0);
  return {
    macs: Float64Array.from(graph.opNames, (name) => macs[name] ?? 0),
    inputBytes: Float64Array.from(ops, (op) => total(row(graph.opInputs, op), graph.tensorBytes)),
    outputBytes: Float64Array.from(ops, (op) => total(row(graph.opOutputs, op), graph.tensorBytes)),
    weightBytes: Float64Array.from(ops, (op) => total(row(graph.opConstants, op), graph.constantBytes)),
    parameters: Float64Array.from(ops, (op) => total(row(graph.opConstants, op), graph.constantElements)),
    opClass: Uint8Array.from(graph.opTypes, (type) => OP_CLASSES.indexOf(CLASS_OF[type] ?? "other")),
  };
}

const FITTED: FittedModel = {
  kind: "fitted",
  secondsPerMac: { conv1x1: 2, convKxK: 3, depthwise: 5 },
  secondsPerActivationByte: 0.1,
  secondsPerWeightByte: 0.01,
  secondsPerOp: 1000,
  error: 0.2,
  citation: "a fit",
};

const ROOFLINE: RooflineModel = {
  kind: "roofline",
  peakMacsPerSecond: 100,
  efficiency: { convKxK: 0.5, other: 0.1 },
  memoryBandwidth: bytesPerSecond(8),
  launch: seconds(1),
  bandFactor: 2,
  citation: "a guess",
};

const device = (change: Partial<Device>): Device => ({ ...deviceFromPreset("mini-pc"), ...change });

const kinds = (table: { readonly provenance: Uint8Array }) => [...table.provenance].map((index) => PROVENANCES[index]);

const NET = graphFromText(
  `
  c0 Conv x $w -> t0
  b0 BatchNormalization t0 $s -> t1
  r0 Relu t1 -> t2
  v0 Reshape t2 $k -> t3
  g0 Gemm t3 $m -> t4
  s0 Sum t4 t3 -> y
  `,
  {
    shapes: { x: [10], t0: [5], t1: [5], t2: [5], t3: [5], t4: [5], y: [5], w: [100], s: [5], k: [2], m: [25] },
  },
);
const NET_COSTS = costsOf(NET, { c0: 7, g0: 25 });

describe("a fitted model", () => {
  const table = estimateLatencies(NET, NET_COSTS, device({ costModel: FITTED }));

  test("charges MACs, activation bytes read and written, weight bytes and one layer", () => {
    // c0: 7 MACs of KxK, 40 + 20 bytes, 400 bytes of weights; g0 at the rate of 1x1; s0 without MACs.
    expect([...table.seconds]).toEqual([
      7 * 3 + 60 * 0.1 + 400 * 0.01 + 1000,
      0,
      0,
      0,
      25 * 2 + 40 * 0.1 + 100 * 0.01 + 1000,
      60 * 0.1 + 1000,
    ]);
  });

  test("folds normalisation and activation into the convolution, and elides views", () => {
    expect(kinds(table)).toEqual(["fitted", "elided", "elided", "elided", "fitted", "fitted"]);
    expect([...table.group]).toEqual([0, 0, 0, -1, -1, -1]);
    expect(table.origins.get("fitted")).toBe("a fit");
  });

  test("gives the band of its error", () => {
    expect(table.low[5]).toBeCloseTo(1006 * 0.8, 9);
    expect(table.high[5]).toBeCloseTo(1006 * 1.2, 9);
  });
});

describe("a roofline", () => {
  const table = estimateLatencies(NET, NET_COSTS, device({ costModel: ROOFLINE }));

  test("takes the slower of arithmetic and traffic, plus a launch", () => {
    // c0: 7 / 50 s of arithmetic, (60 + 400) / 8 s of traffic.
    expect(table.seconds[0]).toBeCloseTo(1 + 460 / 8, 9);
    // g0: 25 / (100 x 0.1) s of arithmetic, (40 + 100) / 8 s of traffic.
    expect(table.seconds[4]).toBeCloseTo(1 + 140 / 8, 9);
    const heavy = estimateLatencies(NET, costsOf(NET, { c0: 1e6 }), device({ costModel: ROOFLINE }));
    expect(heavy.seconds[0]).toBeCloseTo(1 + 1e6 / 50, 6);
    expect(table.low[0]).toBeCloseTo((1 + 460 / 8) / 2, 9);
    expect(table.high[0]).toBeCloseTo((1 + 460 / 8) * 2, 9);
    expect(kinds(table)[0]).toBe("estimated");
  });

  test("counts bytes as the device holds them", () => {
    const table = estimateLatencies(NET, NET_COSTS, device({ costModel: ROOFLINE, weightPrecision: "i8" }));
    expect(table.seconds[0]).toBeCloseTo(1 + 460 / 4 / 8, 9);
    const half = estimateLatencies(NET, NET_COSTS, device({ costModel: ROOFLINE, weightPrecision: "f16" }));
    expect(half.seconds[0]).toBeCloseTo(1 + 460 / 2 / 8, 9);
  });
});

describe("what cannot be priced", () => {
  test("unknown sizes: 0 s, said to be unknown", () => {
    const costs = { ...NET_COSTS, outputBytes: NET_COSTS.outputBytes.with(4, Number.NaN) };
    for (const costModel of [FITTED, ROOFLINE]) {
      const table = estimateLatencies(NET, costs, device({ costModel }));
      expect(kinds(table)[4]).toBe("unknown");
      expect([table.seconds[4], table.low[4], table.high[4]]).toEqual([0, 0, 0]);
      expect(table.origins.get("unknown")).toContain("not known");
    }
  });

  test("unsupported ops: Infinity, and what would be folded into them is priced alone", () => {
    const table = estimateLatencies(
      NET,
      NET_COSTS,
      device({ costModel: { ...FITTED, error: 1 }, unsupportedOps: ["Conv"] }),
    );
    expect([table.seconds[0], table.low[0], table.high[0]]).toEqual([Infinity, Infinity, Infinity]);
    expect(table.seconds[1]).toBe(40 * 0.1 + 20 * 0.01 + 1000);
    expect(table.group[1]).toBe(-1);
  });

  test("a look-up in a table reads the rows, not the table", () => {
    const graph = graphFromText("e Gather i $table -> y", { shapes: { i: [2], y: [2, 8], table: [1000, 8] } });
    const table = estimateLatencies(graph, costsOf(graph), device({ costModel: FITTED }));
    expect(table.seconds[0]).toBeCloseTo((8 + 64) * 0.1 + 64 * 0.01 + 1000, 9);
  });
});

describe("foldedInto", () => {
  const folded = (text: string, outputs?: readonly string[]) => {
    const graph = graphFromText(text, outputs === undefined ? {} : { outputs });
    return [...foldedInto(graph)];
  };

  test("scalings by a constant, then one activation", () => {
    expect(folded("a Conv x $w -> 1\n b Mul 1 $c -> 2\n c Add 2 $d -> 3\n d Clip 3 -> 4\n e Relu 4 -> y")).toEqual([
      -1, 0, 0, 0, -1,
    ]);
    expect(folded("a Conv x $w -> 1\n b Relu 1 -> 2\n c BatchNormalization 2 $s -> y")).toEqual([-1, 0, -1]);
  });

  test("not where somebody else reads the tensor, nor where it is a result", () => {
    expect(folded("a Conv x $w -> 1\n b Relu 1 -> 2\n c Add 1 2 -> y")).toEqual([-1, -1, -1]);
    expect(folded("a Conv x $w -> 1\n b Relu 1 -> y", ["1", "y"])).toEqual([-1, -1]);
  });

  test("not over a join of two tensors, nor after other ops", () => {
    expect(folded("a Conv x $w -> 1\n b Add 1 x -> 2\n c Relu 2 -> y")).toEqual([-1, -1, -1]);
    expect(folded("a MaxPool x -> 1\n b Relu 1 -> y")).toEqual([-1, -1]);
  });
});

test("whatever the sizes, figures are numbers of at least 0 or Infinity, within their band", () => {
  const size = fc.oneof(fc.constant(Number.NaN), fc.constant(0), fc.double({ min: 0, max: 1e18, noNaN: true }));
  const column = fc.array(size, { minLength: 6, maxLength: 6 }).map((values) => Float64Array.from(values));
  const costs = fc.record({
    macs: column,
    inputBytes: column,
    outputBytes: column,
    weightBytes: column,
    parameters: column,
    opClass: fc
      .array(fc.nat(OP_CLASSES.length - 1), { minLength: 6, maxLength: 6 })
      .map((classes) => Uint8Array.from(classes)),
  });
  fc.assert(
    fc.property(costs, fc.constantFrom(...DEVICE_PRESETS), (costs, preset) => {
      const table = estimateLatencies(NET, costs, deviceFromPreset(preset.id));
      for (const [op, value] of table.seconds.entries()) {
        expect(value).toBeGreaterThanOrEqual(0);
        expect(table.low[op]).toBeLessThanOrEqual(value);
        expect(table.high[op]).toBeGreaterThanOrEqual(value);
        expect(table.origins.has(PROVENANCES[table.provenance[op] ?? -1] ?? "measured")).toBe(true);
      }
    }),
  );
});
