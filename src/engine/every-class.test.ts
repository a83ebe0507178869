import { describe, expect, test } from "vitest";
import { FIGURES, type Figure, type Limits, type Objective, weightsOf } from "../core/plan/objective.ts";
import type { Problem } from "../core/plan/problem.ts";
import { checkPlan } from "../core/plan/validity.ts";
import { predict } from "../core/predict/predict.ts";
import { figureOf, isAdmissible } from "../core/predict/prediction.ts";
import { keepsConstraints, type NaivePrediction, naivePrediction } from "../core/testing/naive-prediction.ts";
import {
  CONSTRAINTS,
  everyPlan,
  isClass,
  limitsFor,
  OBJECTIVES,
  problemOfClass,
  TOPOLOGIES,
} from "../core/testing/problem-classes.ts";
import { solveFully } from "./solve-fully.ts";

/** Problems per class; "npm run fuzz -- classes" tries 300 of each. */
const COUNT = Number(process.env["SPLITSCOPE_CLASSES"] ?? 4);
const PATIENCE = 60_000 + COUNT * 10_000;

type Figures = Readonly<Record<Figure, number>>;

function naiveValue(objective: Objective, figures: Figures): number {
  const weights = weightsOf(objective);
  return FIGURES.reduce((sum, name) => sum + (weights[name] ?? 0) * figures[name], 0);
}

interface Tried {
  readonly figures: NaivePrediction;
  /** Whether a device has two stages, the first of all, on the source, counted with or without ops. */
  readonly returns: boolean;
}

/** Figures of every plan that can run and keeps to the constraints; memory is that of `predict`. */
function keepingPlans(problem: Problem, isMemoryLimited: boolean): Tried[] {
  const kept: Tried[] = [];
  for (const plan of everyPlan(problem)) {
    const figures = naivePrediction(problem, plan);
    if (figures.latency === Number.POSITIVE_INFINITY || !keepsConstraints(problem, plan)) continue;
    if (isMemoryLimited && !predict(problem, plan).devices.every(({ fits }) => fits)) continue;
    kept.push({ figures, returns: new Set(plan.stages).size < plan.stages.length });
  }
  return kept;
}

const within = (figures: Figures, limits: Limits) =>
  FIGURES.every((name) => figures[name] <= (limits[name] ?? Number.POSITIVE_INFINITY) * (1 + 1e-9));

/** How a class came out: problems with a plan, and how many answers were proven. */
interface Tally {
  feasible: number;
  proven: number;
}

/** Whether a certificate speaks of plans that return to a device too. */
const coversReturns = (scope: string) => scope.includes("may be returned to");

async function compare(problem: Problem, goal: (typeof OBJECTIVES)[number], kept: readonly Tried[], limits: Limits) {
  const { objective } = goal;
  const admitted = kept.filter(({ figures }) => within(figures, limits));
  const result = await solveFully(problem, { objective, limits }, 60);
  if (admitted.length === 0) {
    expect(result.ok).toBe(false);
    return null;
  }
  if (!result.ok) throw new Error(result.error);
  const { value, plan, prediction, certificate } = result.value;
  const covered = admitted.filter(({ returns }) => !returns || coversReturns(certificate.scope));
  const best = Math.min(...covered.map(({ figures }) => naiveValue(objective, figures)));
  expect(value).toBe(figureOf(predict(problem, plan), objective));
  expect(Math.abs(naiveValue(objective, naivePrediction(problem, plan)) - value)).toBeLessThanOrEqual(1e-9 * value);
  expect(checkPlan(problem, plan).errors).toEqual([]);
  expect(isAdmissible(prediction, limits)).toBe(true);
  expect(certificate.bound).toBeLessThanOrEqual(best * (1 + 1e-9));
  const isProven = certificate.status === "optimal";
  if (isProven) expect(value).toBeLessThanOrEqual(best * (1 + 1e-6) + 1e-12);
  return isProven;
}

describe.each(TOPOLOGIES)("$name", (topology) => {
  test.each(CONSTRAINTS.filter((constraint) => isClass(topology, constraint)))(
    `$name: ${COUNT} problems for each of ${OBJECTIVES.length} objectives against all plans`,
    async (constraint) => {
      const tallies = OBJECTIVES.map((): Tally => ({ feasible: 0, proven: 0 }));
      for (let seed = 1; seed <= COUNT; seed++) {
        const overlapped = problemOfClass(topology, constraint, seed);
        for (const overlap of [true, false]) {
          const problem = { ...overlapped, overlap };
          const kept = keepingPlans(problem, constraint.memory === true);
          for (const [number, goal] of OBJECTIVES.entries()) {
            if (goal.overlap !== overlap) continue;
            const limits =
              constraint.limits === true
                ? limitsFor(
                    goal,
                    kept.map(({ figures }) => figures),
                    seed,
                  )
                : {};
            try {
              const proven = await compare(problem, goal, kept, limits);
              const tally = tallies[number];
              if (proven === null || tally === undefined) continue;
              tally.feasible += 1;
              if (proven) tally.proven += 1;
            } catch (reason) {
              throw new Error(`${topology.name}, ${constraint.name}, ${goal.name}, seed ${seed}`, { cause: reason });
            }
          }
        }
      }
      if (COUNT >= 100) {
        const cells = tallies.map(({ feasible, proven }) => `${proven}/${feasible}`);
        console.log(`| ${[topology.name, constraint.name, ...cells].join(" | ")} |`);
      }
      for (const { feasible, proven } of tallies) {
        expect(feasible).toBeGreaterThanOrEqual(COUNT / 4);
        expect(proven).toBe(feasible);
      }
    },
    PATIENCE,
  );
});
