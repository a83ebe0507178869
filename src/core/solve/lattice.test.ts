import { describe, expect, test } from "vitest";
import { at, row } from "../columns.ts";
import { frontierBytes, isTopologicalOrder } from "../plan/order.ts";
import type { Problem } from "../plan/problem.ts";
import { testProblem } from "../testing/problems.ts";
import { randomProblem } from "../testing/random-problem.ts";
import { idealLattice, idealsWithin } from "./ideal-lattice.ts";
import { type Lattice, prefixLattice, sumOver } from "./lattice.ts";
import { candidateOrders } from "./orders.ts";

const device = { devices: [{}], links: [] };

/** Members of a set as bits. */
function membersOf({ belowSet, belowOp }: Lattice, set: number): number {
  let members = 0;
  for (let here = set; here > 0; here = at(belowSet, here)) members |= 1 << at(belowOp, here);
  return members;
}

/** All down-sets as bits, by trying every set. */
function downSets(problem: Problem): Set<number> {
  const before = Array.from({ length: problem.opCount }, (_, op) =>
    [...row(problem.opInputs, op)].reduce((mask, tensor) => {
      const producer = at(problem.tensorProducer, tensor);
      return producer < 0 ? mask : mask | (1 << producer);
    }, 0),
  );
  const found = new Set<number>();
  for (let set = 0; set < 2 ** problem.opCount; set++) {
    if (before.every((needed, op) => ((set >> op) & 1) === 0 || (set & needed) === needed)) found.add(set);
  }
  return found;
}

function crossingBytes(problem: Problem, members: number): number {
  const inside = (op: number) => ((members >> op) & 1) === 1;
  let bytes = 0;
  for (let tensor = 0; tensor < problem.tensorCount; tensor++) {
    const producer = at(problem.tensorProducer, tensor);
    if (producer >= 0 && !inside(producer)) continue;
    const leaves = problem.outputs.includes(tensor) || row(problem.tensorConsumers, tensor).some((op) => !inside(op));
    if (leaves) bytes += problem.uncuttable[tensor] === 1 ? Number.NaN : at(problem.tensorWireBytes, tensor);
  }
  return bytes;
}

describe("idealLattice", () => {
  test("holds every down-set once, its successors and the bytes that cross it", () => {
    for (let seed = 1; seed <= 60; seed++) {
      const reach = seed % 3 === 0 ? {} : { reach: 3 };
      const problem = randomProblem(seed, { ops: 10, devices: 1, unknownSizes: 0.1, ...reach });
      const lattice = idealLattice(problem, 2000);
      if (lattice === null) throw new Error("more sets than there can be");
      const sets = Array.from({ length: lattice.count }, (_, set) => membersOf(lattice, set));
      const expected = downSets(problem);
      expect(new Set(sets)).toEqual(expected);
      expect(sets).toHaveLength(expected.size);
      let successors = 0;
      for (const [set, members] of sets.entries()) {
        expect(at(lattice.bytes, set)).toBe(crossingBytes(problem, members));
        for (let up = at(lattice.upFirst, set); up < at(lattice.upFirst, set + 1); up++) {
          expect(at(lattice.upSet, up)).toBeGreaterThan(set);
          expect(sets[at(lattice.upSet, up)]).toBe(members | (1 << at(lattice.upOp, up)));
        }
        for (let op = 0; op < problem.opCount; op++) {
          if (((members >> op) & 1) === 0 && expected.has(members | (1 << op))) successors++;
        }
      }
      expect(lattice.upSet).toHaveLength(successors);
    }
  });

  test("a chain has one set per length; branches multiply; long chains of branches add", () => {
    expect(idealLattice(testProblem("a -> b -> c -> d", device), 100)?.count).toBe(5);
    expect(idealLattice(testProblem("a -> b1 -> b2 -> z; a -> c1 -> c2 -> z", device), 100)?.count).toBe(2 + 8 + 1);
    const diamonds = Array.from({ length: 400 }, (_, i) => `s${i} -> l${i} -> s${i + 1}; s${i} -> r${i} -> s${i + 1}`);
    expect(idealLattice(testProblem(diamonds.join(";"), device), 1e5)?.count).toBe(400 * 4 + 2);
  });

  test("within a budget: exactly the down-sets that can be built up within it", () => {
    for (let seed = 1; seed <= 30; seed++) {
      const problem = randomProblem(seed, { ops: 10, devices: 1 });
      const column = Float64Array.from({ length: 10 }, (_, op) => (op === 7 ? Number.POSITIVE_INFINITY : (op * 5) % 7));
      const lattice = idealsWithin(problem, { column, limit: 12 }, 2000);
      if (lattice === null) throw new Error("more sets than there can be");
      const spent = (members: number) =>
        column.reduce((sum, cost, op) => (((members >> op) & 1) === 1 ? sum + cost : sum), 0);
      const expected = [...downSets(problem)].filter((members) => spent(members) <= 12);
      expect(new Set(Array.from({ length: lattice.count }, (_, set) => membersOf(lattice, set)))).toEqual(
        new Set(expected),
      );
      expect(lattice.upFirst).toHaveLength(lattice.count + 1);
    }
  });

  test("gives up beyond the limit", () => {
    const wide = Array.from({ length: 12 }, (_, i) => `a -> b${i} -> z`).join(";");
    expect(idealLattice(testProblem(wide, device), 4000)).toBeNull();
    expect(idealLattice(testProblem(wide, device), 4098)?.count).toBe(4098);
  });
});

test("prefixes of any candidate order, with the frontier's bytes and sums of ops", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const problem = randomProblem(seed, { ops: 15, devices: 1 });
    for (const order of candidateOrders(problem)) {
      expect(isTopologicalOrder(problem, order)).toBe(true);
      const lattice = prefixLattice(problem, order);
      expect(lattice.bytes).toEqual(frontierBytes(problem, order));
      const ones = new Float64Array(15).fill(1);
      expect([...sumOver(lattice, ones)]).toEqual(Array.from({ length: 16 }, (_, size) => size));
      expect(membersOf(lattice, 15)).toBe(2 ** 15 - 1);
    }
  }
});
