import { expect, test } from "vitest";
import type { LatencyTable } from "../../core/profile/profile.ts";
import { PROVENANCES, type Provenance } from "../../core/profile/profile.ts";
import { textGraph } from "../../core/testing/text-graph.ts";
import { moduleLatency, opTypesText, provenanceText } from "./module-figures.ts";

function table(rows: readonly (readonly [number, Provenance])[]): LatencyTable {
  const seconds = Float64Array.from(rows, ([value]) => value);
  return {
    seconds,
    low: seconds.map((value) => value / 2),
    high: seconds.map((value) => value * 2),
    provenance: Uint8Array.from(rows, ([, provenance]) => PROVENANCES.indexOf(provenance)),
    group: new Int32Array(rows.length).fill(-1),
    origins: new Map(),
  };
}

test("a module's latency is the sum of its ops', and tells how much of it is known in which way", () => {
  const ops = table([
    [9, "measured"],
    [3, "measured"],
    [1, "estimated"],
    [9, "fitted"],
  ]);
  const latency = moduleLatency(ops, 1, 3);
  expect(latency).toMatchObject({ seconds: 4, low: 2, high: 8, unsupported: 0 });
  expect(provenanceText(latency)).toBe("measured 75 %, estimated 25 %");
  expect(provenanceText(moduleLatency(ops, 0, 2))).toBe("measured");
});

test("ops that a device cannot run are counted apart, and small shares are not called none", () => {
  const latency = moduleLatency(
    table([
      [Number.POSITIVE_INFINITY, "estimated"],
      [1, "measured"],
      [0.001, "fitted"],
    ]),
    0,
    3,
  );
  expect([latency.seconds, latency.unsupported]).toEqual([1.001, 1]);
  expect(provenanceText(latency)).toBe("measured 100 %, fitted < 1 %");
});

test("what takes no time has no share in how times are known", () => {
  const latency = moduleLatency(
    table([
      [2, "fitted"],
      [0, "elided"],
    ]),
    0,
    2,
  );
  expect(provenanceText(latency)).toBe("fitted");
  expect(provenanceText(moduleLatency(table([[0, "elided"]]), 0, 1))).toBe("elided");
});

test("op types, most first", () => {
  const { graph } = textGraph("a:Conv -> b:Relu -> c:Conv -> d:Add -> e:A1 -> f:B1 -> g:C1 -> h:D1");
  expect(opTypesText(graph, 0, 4)).toBe("2 Conv, 1 Add, 1 Relu");
  expect(opTypesText(graph, 0, 8)).toBe("2 Conv, 1 A1, 1 Add, 1 B1, 1 C1, 1 D1, 1 of other types");
});
