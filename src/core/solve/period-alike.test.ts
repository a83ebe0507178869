import { describe, expect, test } from "vitest";
import { type AbstractProblem, namedProblem } from "../plan/abstract-problem.ts";
import type { Plan } from "../plan/plan.ts";
import type { Problem } from "../plan/problem.ts";
import { checkPlan } from "../plan/validity.ts";
import { predict } from "../predict/predict.ts";
import { unwrap } from "../result.ts";
import { bestByBruteForce } from "../testing/brute-force.ts";
import { keepsConstraints, naivePrediction } from "../testing/naive-prediction.ts";
import { createRandom } from "../testing/random.ts";
import { periodAlikeSolver } from "./period-ports.ts";

interface Kind {
  readonly name: string;
  readonly overlap: boolean;
  readonly groups?: boolean;
  readonly memory?: boolean;
  readonly maxStages?: number;
  readonly pins?: boolean;
  /** Problems to solve; fewer where the general methods have to go on. */
  readonly count: number;
}

/** Up to 5 ops on 3 hosts, two of them the same, joined by links that are all alike; some tensors of unknown size. */
function alikeProblem(seed: number, kind: Kind): Problem {
  const random = createRandom(seed ^ 0xa11ce);
  const count = random.integer(3, 5);
  const hosts = ["fast", "slow 1", "slow 2"];
  const readers: string[][] = Array.from({ length: count }, () => []);
  for (let op = 1; op < count; op++) {
    const sources = new Set(
      Array.from({ length: random.integer(1, 2) }, () => random.integer(Math.max(0, op - 3), op - 1)),
    );
    for (const source of sources) readers[source]?.push(`op${op}`);
  }
  const problem: AbstractProblem = {
    name: `alike ${seed}`,
    source: null,
    sink: null,
    overlap: kind.overlap,
    maxStages: kind.maxStages ?? null,
    devices: hosts.map((id) => ({
      id,
      memoryBytes: kind.memory === true ? random.integer(20, 60) : null,
      stageOverheadSeconds: id === "fast" ? 0.5 : 0.25,
    })),
    links: hosts.flatMap((from) =>
      hosts.flatMap((to) => (to === from ? [] : [{ from, to, bytesPerSecond: 4, latencySeconds: 1, medium: null }])),
    ),
    ops: Array.from({ length: count }, (_, op) => {
      const work = random.integer(0, 8);
      const slow = random.chance(0.1) ? null : 2 * work;
      return {
        id: `op${op}`,
        seconds: [work, slow, slow],
        weightBytes: kind.memory === true ? random.integer(0, 20) : 0,
        group: kind.groups === true && random.chance(0.5) ? "g" : null,
        device: kind.pins === true && random.chance(0.2) ? "fast" : null,
      };
    }),
    tensors: [
      { id: "in", producer: null, consumers: ["op0"], bytes: 100, memoryBytes: 4, output: false },
      ...readers.map((consumers, op) => ({
        id: `t${op}`,
        producer: `op${op}`,
        consumers,
        bytes: random.chance(0.1) ? null : random.integer(0, 16),
        memoryBytes: random.integer(0, 6),
        output: consumers.length === 0 || random.chance(0.1),
      })),
    ],
  };
  return unwrap(namedProblem(problem)).problem;
}

/** Some seconds per kind on a machine that does nothing else. */
const PATIENCE = 120_000;

const KINDS: readonly Kind[] = [
  { name: "no overlap, three stages at most", overlap: false, maxStages: 3, count: 300 },
  { name: "no overlap, groups, pins", overlap: false, groups: true, pins: true, count: 300 },
  { name: "groups", overlap: true, groups: true, count: 300 },
  { name: "memory", overlap: true, memory: true, count: 300 },
  { name: "two stages at most", overlap: true, maxStages: 2, count: 300 },
];

describe.each(KINDS)("links alike, $name: as good as the best of all plans", (kind) => {
  test(
    `on ${kind.count} random problems`,
    () => {
      let solved = 0;
      for (let seed = 1; seed <= kind.count; seed++) {
        const problem = alikeProblem(seed, kind);
        const request = { objective: "period" } as const;
        if (periodAlikeSolver.handles(problem, request) === false) continue;
        // Live activations are the evaluator's; its memory has an oracle of its own.
        const fits = (plan: Plan) => predict(problem, plan).devices.every((device) => device.fits);
        const best = bestByBruteForce(problem, (plan) =>
          keepsConstraints(problem, plan) && fits(plan)
            ? naivePrediction(problem, plan).period
            : Number.POSITIVE_INFINITY,
        );
        const solution = periodAlikeSolver.solve(problem, request);
        if (best === null) {
          expect(solution.ok, `seed ${seed}`).toBe(false);
          continue;
        }
        solved += 1;
        const { value, plan, certificate } = unwrap(solution);
        expect(certificate.bound, `seed ${seed}`).toBeLessThanOrEqual(best.value * (1 + 1e-9));
        expect(Math.abs(value - best.value), `seed ${seed}: ${value} for ${best.value}`).toBeLessThanOrEqual(
          1e-9 * best.value,
        );
        expect(checkPlan(problem, plan).errors).toEqual([]);
        expect(naivePrediction(problem, plan).period).toBeCloseTo(value, 9);
      }
      expect(solved).toBeGreaterThan(kind.count / 3);
    },
    PATIENCE,
  );
});

test("takes only links that are all alike, and only with constraints", () => {
  const problem = alikeProblem(1, { name: "", overlap: true, maxStages: 2, count: 1 });
  const handles = (other: Problem) => periodAlikeSolver.handles(other, { objective: "period" });
  expect(handles(problem)).toBe("exact");
  expect(handles({ ...problem, maxStages: Number.POSITIVE_INFINITY })).toBe(false);
  expect(handles({ ...problem, delivery: "direct" })).toBe(false);
  const routes = problem.routes.map((row) =>
    row.map((route) =>
      route === null ? null : { ...route, hops: route.hops.map((hop) => ({ ...hop, resource: 0 })) },
    ),
  );
  expect(handles({ ...problem, routes })).toBe(false);
});
