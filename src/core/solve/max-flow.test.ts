import { describe, expect, test } from "vitest";
import { at } from "../columns.ts";
import { createRandom } from "../testing/random.ts";
import { FlowNetworkBuilder, largestSourceSide, maxFlow } from "./max-flow.ts";

interface Instance {
  readonly nodes: number;
  readonly arcs: readonly (readonly [from: number, to: number, forward: number, backward: number])[];
  readonly excess: readonly number[];
}

function randomInstance(seed: number): Instance {
  const random = createRandom(seed);
  const nodes = random.integer(1, 9);
  const capacity = () => (random.chance(0.3) ? Number.POSITIVE_INFINITY : random.integer(0, 12));
  const arcs = Array.from({ length: random.integer(0, 3 * nodes) }, () => {
    const from = random.integer(0, nodes - 1);
    return [from, random.integer(0, nodes - 1), capacity(), random.chance(0.5) ? 0 : capacity()] as const;
  }).filter(([from, to]) => from !== to);
  const terminal = () => (random.chance(0.2) ? Number.POSITIVE_INFINITY : 1) * random.integer(-15, 15);
  return { nodes, arcs, excess: Array.from({ length: nodes }, () => terminal() || 0) };
}

/** Capacity of the cut whose source side is the bits of `side`. */
function cutOf({ arcs, excess }: Instance, side: number): number {
  const inSource = (node: number) => ((side >> node) & 1) === 1;
  let total = 0;
  for (const [node, amount] of excess.entries()) {
    if (amount > 0 && !inSource(node)) total += amount;
    if (amount < 0 && inSource(node)) total -= amount;
  }
  for (const [from, to, forward, backward] of arcs) {
    if (inSource(from) && !inSource(to)) total += forward;
    if (inSource(to) && !inSource(from)) total += backward;
  }
  return total;
}

function network({ nodes, arcs, excess }: Instance) {
  const builder = new FlowNetworkBuilder(nodes, arcs.length);
  for (const [from, to, forward, backward] of arcs) builder.addArc(from, to, forward, backward);
  for (const [node, amount] of excess.entries()) builder.addExcess(node, amount);
  return builder.build();
}

describe("maxFlow", () => {
  test("equals the least of all cuts on 2,000 random networks, and the source side is the largest of the least cuts", () => {
    let unbounded = 0;
    for (let seed = 1; seed <= 2000; seed++) {
      const instance = randomInstance(seed);
      const cuts = Array.from({ length: 2 ** instance.nodes }, (_, side) => cutOf(instance, side));
      const least = Math.min(...cuts);
      const solved = network(instance);
      expect(maxFlow(solved), `seed ${seed}`).toBe(least);
      if (least === Number.POSITIVE_INFINITY) {
        unbounded++;
        continue;
      }
      const largest = cuts.reduce((union, cut, side) => (cut === least ? union | side : union), 0);
      const found = largestSourceSide(solved).reduce((bits, inside, node) => bits | (inside << node), 0);
      expect(found, `seed ${seed}`).toBe(largest);
    }
    expect(unbounded).toBeGreaterThan(20);
    expect(unbounded).toBeLessThan(1000);
  });

  test("stops soon after the limit where flow has far to go", () => {
    const length = 6;
    const builder = new FlowNetworkBuilder(length * 50, 50 * (length - 1));
    for (let path = 0; path < 50; path++) {
      builder.addExcess(path * length, 4);
      builder.addExcess(path * length + length - 1, -4);
      for (let i = 0; i + 1 < length; i++) builder.addArc(path * length + i, path * length + i + 1, 4, 0);
    }
    const flow = maxFlow(builder.build(), 20);
    expect(flow).toBeGreaterThan(20);
    expect(flow).toBeLessThanOrEqual(24);
  });

  test("a path of 200,000 nodes needs no deep stack", () => {
    const nodes = 200_000;
    const builder = new FlowNetworkBuilder(nodes, nodes);
    for (let node = 0; node + 1 < nodes; node++) builder.addArc(node, node + 1, 3, 0);
    builder.addExcess(0, 5);
    builder.addExcess(nodes - 1, -5);
    const solved = builder.build();
    expect(maxFlow(solved)).toBe(3);
    expect(at(largestSourceSide(solved), 0)).toBe(1);
  });
});
