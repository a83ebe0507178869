import { describe, expect, test } from "vitest";
import { item } from "../columns.ts";
import { createRandom } from "../testing/random.ts";
import { randomProblem } from "../testing/random-problem.ts";
import { idealLattice } from "./ideal-lattice.ts";
import { type StageGraph, stageGraph } from "./stage-graph.ts";
import { type ReachOptions, type StageChain, StageReach } from "./stage-reach.ts";

/** Up to 9 ops, 4 devices of which some are alike, and tensors that take about as long as ops. */
function randomGraph(seed: number, relayed: boolean): { graph: StageGraph; source: number; sink: number } {
  const random = createRandom(seed ^ 0xbead);
  const ops = random.integer(5, 9);
  const base = randomProblem(seed, {
    ops,
    devices: 4,
    overhead: random.chance(0.3) ? 1 : 0,
    reach: 4,
    unsupported: 0.1,
  });
  const ports = base.devices.map(() => ({
    sendSecondsPerByte: random.integer(0, 6) / 8,
    receiveSecondsPerByte: random.integer(0, 6) / 8,
  }));
  const alike = random.chance(0.5);
  const devices = base.devices.map((device, number) => {
    const model = alike && number > 1 ? 1 : number;
    return { ...item(base.devices, model), id: device.id, port: item(ports, model) };
  });
  const graph = stageGraph({ ...base, devices, delivery: "port" });
  const kindOf = (device: number) => graph.kinds.findIndex((kind) => kind.devices.includes(device));
  return { graph: { ...graph, relayed }, source: kindOf(base.source), sink: kindOf(base.sink) };
}

const SETTINGS = [true, false].flatMap((relayed) =>
  [true, false].flatMap((overlap) =>
    [2, Number.POSITIVE_INFINITY].map((maxStages) => ({ relayed, overlap, maxStages })),
  ),
);

const secondsOf = (chain: StageChain | null | "unknown") => {
  if (chain === "unknown") throw new Error("nothing ends these searches");
  return chain?.value ?? Number.POSITIVE_INFINITY;
};

describe.each(SETTINGS)("relayed $relayed, overlap $overlap, at most $maxStages stages", ({ relayed, ...setting }) => {
  test("whether there is a chain is answered as by the best one; a narrow search finds none below it", () => {
    let narrowly = 0;
    let possible = 0;
    for (let seed = 1; seed <= 300; seed++) {
      const { graph, source, sink } = randomGraph(seed, relayed);
      const lattice = idealLattice(graph.wiring, 600);
      if (lattice === null) throw new Error("more down-sets than subsets");
      const options: ReachOptions = { ...setting, source, sink, shouldStop: () => false };
      const reach = new StageReach(graph, lattice, options);
      const best = secondsOf(reach.best(Number.POSITIVE_INFINITY));
      if (best === Number.POSITIVE_INFINITY) {
        expect(reach.some(1e6), `seed ${seed}`).toBeNull();
        continue;
      }
      possible++;
      for (const above of [1e-9, 0.05, 0.3]) {
        const limit = best * (1 + above) + 1e-9;
        const value = secondsOf(reach.some(limit));
        expect(value, `seed ${seed}`).toBeLessThan(limit);
        expect(value, `seed ${seed}`).toBeGreaterThanOrEqual(best * (1 - 1e-12));
      }
      expect(reach.some(best * (1 - 1e-9)), `seed ${seed}`).toBeNull();
      const narrow = secondsOf(reach.narrow(1e6, 2));
      expect(narrow).toBeGreaterThanOrEqual(best * (1 - 1e-12));
      if (narrow <= best * (1 + 1e-12)) narrowly++;
    }
    expect(possible).toBeGreaterThan(150);
    expect(narrowly).toBeGreaterThan(50);
  });
});
