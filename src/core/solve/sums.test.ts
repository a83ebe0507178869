import { describe, expect, test } from "vitest";
import { item } from "../columns.ts";
import type { Limits, Objective } from "../plan/objective.ts";
import { FIGURES, weightsOf } from "../plan/objective.ts";
import type { Plan } from "../plan/plan.ts";
import { checkPlan } from "../plan/validity.ts";
import { predict } from "../predict/predict.ts";
import { figureOf } from "../predict/prediction.ts";
import { bestByBruteForce } from "../testing/brute-force.ts";
import { keepsConstraints, naivePrediction } from "../testing/naive-prediction.ts";
import { createRandom } from "../testing/random.ts";
import { type RandomProblemOptions, randomProblem } from "../testing/random-problem.ts";
import { solve } from "./solve.ts";

type Options = Omit<RandomProblemOptions, "ops">;
type Family = readonly [string, Objective, Options, readonly (keyof Limits)[]];

/** Problems per family, and how many ops they have in turn: many small ones find more than few large ones. */
const COUNT = 300;
const SIZES = [4, 3, 5, 4, 3, 4, 6, 3, 4, 5] as const;
/** Some seconds per family on a machine that does nothing else. */
const PATIENCE = 120_000;

const POWER = { devices: 3, power: true, overhead: 2 } as const;
const CONSTRAINED = { pinned: 0.15, groupCount: 1, limitedLinks: 0.3, conditions: { maxStages: 2 } } as const;
const MIX = { mix: { latency: 1, energy: 0.25, traffic: 0.1 } } as const;
const PERIOD_MIX = { mix: { latency: 0.5, period: 2, energy: 0.1 } } as const;

const FAMILIES: readonly Family[] = [
  ["energy", "energy", POWER, []],
  ["energy, links in a chain", "energy", { ...POWER, topology: "chain", unsupported: 0.1 }, []],
  ["energy, spill", "energy", { ...POWER, spill: true, constants: 4 }, []],
  ["traffic", "traffic", { ...POWER, unsupported: 0.3, unknownSizes: 0.1 }, []],
  ["traffic, links in a chain", "traffic", { ...POWER, topology: "chain", unsupported: 0.3 }, []],
  ["a mix", MIX, POWER, []],
  ["a mix, four devices", MIX, { ...POWER, devices: 4, sharedMedium: 0.4 }, []],
  ["pins", "latency", { ...POWER, pinned: 0.3 }, []],
  ["groups", "latency", { ...POWER, groupCount: 2 }, []],
  ["at most two stages", "latency", { ...POWER, conditions: { maxStages: 2 } }, []],
  ["one stage", "energy", { ...POWER, conditions: { maxStages: 1 } }, []],
  ["limited links", "latency", { ...POWER, limitedLinks: 0.6, topology: "chain" }, []],
  ["all constraints", MIX, { ...POWER, ...CONSTRAINED }, []],
  ["energy within a latency", "energy", POWER, ["latency"]],
  ["latency within an energy and a traffic", "latency", POWER, ["energy", "traffic"]],
  ["energy within a period", "energy", { ...POWER, spill: true, constants: 3, sharedMedium: 0.4 }, ["period"]],
  ["latency within a period, nothing overlaps", "latency", { ...POWER, conditions: { overlap: false } }, ["period"]],
  ["period within a latency", "period", POWER, ["latency"]],
  ["period within an energy", "period", { ...POWER, overhead: 0 }, ["energy"]],
  ["period within a period", "period", POWER, ["period"]],
  ["a mix with the period", PERIOD_MIX, POWER, []],
  ["period, nothing overlaps", "period", { ...POWER, conditions: { overlap: false } }, []],
  ["period, constraints", "period", { ...POWER, ...CONSTRAINED }, []],
  ["period, pins", "period", { ...POWER, pinned: 0.3 }, []],
];

function naiveValue(objective: Objective, figures: ReturnType<typeof naivePrediction>): number {
  const weights = weightsOf(objective);
  if (figures.latency === Number.POSITIVE_INFINITY) return figures.latency;
  return FIGURES.reduce((sum, name) => sum + (weights[name] ?? 0) * figures[name], 0);
}

describe("objectives, constraints and limits against brute force over all placements and orders", () => {
  test.each(FAMILIES)(
    `%s, ${COUNT} graphs`,
    (_, objective, options, limited) => {
      let infeasible = 0;
      for (let seed = 1; seed <= COUNT; seed++) {
        const problem = randomProblem(seed, { ...options, ops: item(SIZES, seed % SIZES.length) });
        const random = createRandom(seed);
        const unlimited = bestByBruteForce(problem, (plan) => naivePrediction(problem, plan).latency);
        const figures = unlimited === null ? null : naivePrediction(problem, unlimited.plan);
        const limits: Limits = Object.fromEntries(
          limited.map((name) => [name, (figures?.[name] ?? 1) * (0.7 + 0.8 * random.next())]),
        );
        const evaluate = (plan: Plan) => {
          const naive = naivePrediction(problem, plan);
          const kept = FIGURES.every((name) => naive[name] <= (limits[name] ?? Number.POSITIVE_INFINITY) * (1 + 1e-9));
          return kept && keepsConstraints(problem, plan) ? naiveValue(objective, naive) : Number.POSITIVE_INFINITY;
        };
        const oracle = bestByBruteForce(problem, evaluate);
        const result = solve(problem, { objective, limits });
        if (oracle === null) {
          infeasible++;
          expect(result.ok, `seed ${seed}`).toBe(false);
          continue;
        }
        if (!result.ok) throw new Error(`seed ${seed}: ${result.error}`);
        const { value, plan, prediction, certificate } = result.value;
        expect(value, `seed ${seed}`).toBe(figureOf(predict(problem, plan), objective));
        expect(prediction.violations, `seed ${seed}`).toEqual([]);
        expect(Math.abs(value - oracle.value), `seed ${seed}`).toBeLessThanOrEqual(1e-8 * oracle.value);
        expect(certificate.bound, `seed ${seed}`).toBeLessThanOrEqual(oracle.value * (1 + 1e-12));
        expect(certificate.status, `seed ${seed}`).toBe("optimal");
        expect(checkPlan(problem, plan).errors, `seed ${seed}`).toEqual([]);
      }
      expect(infeasible).toBeLessThan(COUNT / 2);
    },
    PATIENCE,
  );
});
