import { expect, test } from "vitest";
import { at } from "../columns.ts";
import { createRandom } from "../testing/random.ts";
import { randomProblem } from "../testing/random-problem.ts";
import { idealLattice } from "./ideal-lattice.ts";
import { type Lattice, sumOver } from "./lattice.ts";
import { LEVELS, type StageCosts, StageFronts } from "./stage-fronts.ts";

function membersOf({ belowSet, belowOp }: Lattice, set: number): number {
  let members = 0;
  for (let here = set; here > 0; here = at(belowSet, here)) members |= 1 << at(belowOp, here);
  return members;
}

/** The least cost over all pairs of down-sets, from the definition of what a stage costs and holds. */
function leastCosts(stage: StageCosts, lattice: Lattice, opWeights: Float64Array): number[] {
  const members = Array.from({ length: lattice.count }, (_, set) => membersOf(lattice, set));
  return members.map((end, set) => {
    let least = Number.POSITIVE_INFINITY;
    for (const [begin, start] of members.entries()) {
      if ((start & end) !== start || start === end) continue;
      let cost = at(stage.entry, begin) + stage.overhead;
      let weights = 0;
      let level = 0;
      for (let op = 0; op < opWeights.length; op++) {
        if ((((end & ~start) >> op) & 1) === 0) continue;
        cost += stage.opCost === null ? 0 : at(stage.opCost, op);
        weights += at(opWeights, op);
        level = Math.max(level, at(stage.levelOf, op));
      }
      cost += Math.max(0, weights - stage.onChip) * stage.perStreamedByte;
      if (weights + at(stage.levelBytes, level) <= stage.room) least = Math.min(least, cost);
    }
    return least + at(stage.left, set) < stage.top ? least : Number.POSITIVE_INFINITY;
  });
}

test("the best stage to each down-set is that of all pairs, on 300 random graphs", () => {
  let ends = 0;
  for (let seed = 1; seed <= 300; seed++) {
    const random = createRandom(seed ^ 0xf207);
    const ops = random.integer(4, 9);
    const problem = randomProblem(seed, { ops, devices: 1, reach: 4 });
    const lattice = idealLattice(problem, 600);
    if (lattice === null) throw new Error("more down-sets than subsets");
    const integers = (most: number, count = ops) => Float64Array.from({ length: count }, () => random.integer(0, most));
    const opCost = integers(9).map((cost) => (random.chance(0.05) ? Number.POSITIVE_INFINITY : cost));
    const opWeights = integers(6);
    const finite = opCost.map((cost) => (cost === Number.POSITIVE_INFINITY ? 0 : cost));
    // Elsewhere an op may cost less.
    const least = finite.map((cost) => Math.min(cost, random.integer(0, 3)));
    const total = least.reduce((sum, cost) => sum + cost, 0);
    const left = sumOver(lattice, least).map((done) => total - done);
    const stage: StageCosts = {
      entry: integers(30, lattice.count).map((cost) => (random.chance(0.4) ? Number.POSITIVE_INFINITY : cost)),
      overhead: random.integer(0, 3),
      opCost,
      costs: sumOver(lattice, finite),
      weights: sumOver(lattice, opWeights),
      left,
      levelOf: Uint8Array.from({ length: ops }, () => random.integer(0, LEVELS - 1)),
      levelBytes: Float64Array.from({ length: LEVELS }, (_, level) => 3 * level),
      top: random.chance(0.5) ? Number.POSITIVE_INFINITY : 40,
      room: random.integer(6, 25),
      onChip: random.integer(0, 12),
      perStreamedByte: random.integer(0, 2),
    };
    const found = new StageFronts(lattice, () => false).stage(stage);
    if (found === "unknown") throw new Error("nothing ends this search");
    const expected = leastCosts(stage, lattice, opWeights);
    expect([...found.cost], `seed ${seed}`).toEqual(expected);
    ends += expected.filter((cost) => cost < Number.POSITIVE_INFINITY).length;
  }
  expect(ends).toBeGreaterThan(3000);
});
