import { beforeAll, describe, expect, test } from "vitest";
import { checkPlan } from "../core/plan/validity.ts";
import { predict } from "../core/predict/predict.ts";
import { figureOf, isAdmissible } from "../core/predict/prediction.ts";
import type { SolveMilp } from "../core/solve/milp/milp.ts";
import { solveByMilp } from "../core/solve/milp/milp-search.ts";
import {
  bestAdmissible,
  type ConstraintOptions,
  constrainedProblem,
  someLimits,
  someObjective,
  somePlans,
} from "../core/testing/constrained-problem.ts";
import { loadHighs } from "./highs.ts";

let solve: SolveMilp;
beforeAll(async () => {
  solve = await loadHighs();
});

/** Some seconds per class on a machine that does nothing else. */
const PATIENCE = 300_000;

const TOOLS = { secondsLeft: () => 60 };
const SMALL = { ops: 5, devices: 3, constants: 3 } as const;

/** One class of problems each; `limited`: limits on figures too. */
const CHAINS: readonly (readonly [string, ConstraintOptions, boolean])[] = [
  ["memory caps", { ...SMALL, memoryCaps: true, queues: true, spill: true, overhead: 1 }, false],
  [
    "at most K stages, groups, pins",
    { ...SMALL, stageCaps: true, coLocated: true, pins: true, unsupported: 0.1 },
    false,
  ],
  [
    "a shared medium, caps on links, no overlap",
    { ...SMALL, sharedMedium: 0.6, linkCaps: true, noOverlap: true },
    false,
  ],
  ["limits on figures", { ...SMALL, overhead: 2, spill: true }, true],
];

const RUNS = 300;

describe("chains of devices against brute force", () => {
  test.each(CHAINS)(
    "%s",
    (_, options, limited) => {
      let feasible = 0;
      for (let seed = 1; seed <= RUNS; seed++) {
        const problem = constrainedProblem(seed, options);
        const objective = someObjective(seed);
        const limits = limited ? someLimits(seed, problem, somePlans(seed, problem, 9)) : {};
        const oracle = bestAdmissible(problem, objective, limits);
        const found = solveByMilp(problem, { objective, limits }, null, { ...TOOLS, solve });
        if (oracle === null) {
          expect(found.ok, `seed ${seed}`).toBe(false);
          continue;
        }
        feasible++;
        if (!found.ok) throw new Error(`seed ${seed}: ${found.error}`);
        const { value, plan, certificate } = found.value;
        expect(Math.abs(value - oracle.value), `seed ${seed}: ${value} for ${oracle.value}`).toBeLessThanOrEqual(
          1e-6 * oracle.value,
        );
        expect(certificate.status, `seed ${seed}`).toBe("optimal");
        expect(certificate.bound).toBeLessThanOrEqual(oracle.value * (1 + 1e-9));
        expect(checkPlan(problem, plan).errors).toEqual([]);
        const prediction = predict(problem, plan);
        expect(isAdmissible(prediction, limits)).toBe(true);
        expect(figureOf(prediction, objective)).toBe(value);
      }
      console.log(`${RUNS} problems, ${feasible} of them feasible`);
      expect(feasible).toBeGreaterThan(RUNS / 2);
    },
    PATIENCE,
  );
});

const TINY = { ops: 4, devices: 3, constants: 2 } as const;
/** `exact`: every answer is proven; otherwise stages that repeat, and activations, are known as bounds only. */
const ASSIGNMENTS: readonly (readonly [
  string,
  ConstraintOptions,
  { readonly limited: boolean; readonly exact: boolean },
])[] = [
  ["mesh", { ...TINY, delivery: "direct", sharedMedium: 0.3, spill: true }, { limited: false, exact: true }],
  [
    "star",
    { ...TINY, delivery: "direct", topology: "chain", source: 1, unknownSizes: 0.1 },
    { limited: false, exact: true },
  ],
  [
    "star, link caps, pins, groups, no overlap",
    {
      ...TINY,
      delivery: "direct",
      topology: "chain",
      source: 1,
      linkCaps: true,
      pins: true,
      coLocated: true,
      noOverlap: true,
    },
    { limited: false, exact: true },
  ],
  ["mesh, limits on figures", { ...TINY, delivery: "direct" }, { limited: true, exact: true }],
  ["ports", { ...TINY, delivery: "port", noOverlap: true, pins: true }, { limited: true, exact: true }],
  [
    "mesh, memory caps, time per stage, at most K stages",
    { ...TINY, delivery: "direct", memoryCaps: true, queues: true, overhead: 2, stageCaps: true },
    { limited: false, exact: false },
  ],
];

describe("any assignment against brute force", () => {
  test.each(ASSIGNMENTS)(
    "%s",
    (_, options, { limited, exact }) => {
      let feasible = 0;
      let proven = 0;
      for (let seed = 1; seed <= RUNS; seed++) {
        const problem = constrainedProblem(seed, options);
        const objective = someObjective(seed);
        const limits = limited ? someLimits(seed, problem, somePlans(seed, problem, 9)) : {};
        const oracle = bestAdmissible(problem, objective, limits);
        const found = solveByMilp(problem, { objective, limits }, null, { ...TOOLS, solve });
        if (oracle === null) {
          expect(found.ok, `seed ${seed}`).toBe(false);
          continue;
        }
        feasible++;
        if (!found.ok) {
          expect(exact, `seed ${seed}: ${found.error}`).toBe(false);
          continue;
        }
        const { value, plan, certificate } = found.value;
        expect(certificate.bound, `seed ${seed}`).toBeLessThanOrEqual(oracle.value * (1 + 1e-9));
        expect(value, `seed ${seed}`).toBeGreaterThanOrEqual(oracle.value * (1 - 1e-9));
        if (exact) expect(certificate.status, `seed ${seed}`).toBe("optimal");
        if (certificate.status === "optimal") {
          proven++;
          expect(value, `seed ${seed}`).toBeLessThanOrEqual(oracle.value * (1 + 1e-6));
        }
        expect(checkPlan(problem, plan).errors, `seed ${seed}`).toEqual([]);
        expect(isAdmissible(predict(problem, plan), limits)).toBe(true);
      }
      console.log(`${RUNS} problems, ${feasible} of them feasible, ${proven} proven`);
      expect(feasible).toBeGreaterThan(RUNS / 3);
    },
    PATIENCE,
  );
});
