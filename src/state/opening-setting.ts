import type { OpenedModel } from "../core/graph/opened-model.ts";
import { AS_STORED } from "../core/plan/build-problem.ts";
import { noSplitPlan } from "../core/plan/plan-edit.ts";
import type { Problem } from "../core/plan/problem.ts";
import { rigOfProblem } from "../core/plan/problem-rig.ts";
import type { Rig } from "../core/rig/rig.ts";
import { baselinesOf, bestBaseline, planById } from "./derive.ts";
import type { Setting, StagedPlan } from "./state.ts";

/** What a model finds when it is opened. */
export type OpeningSetting = Pick<Setting, "rig" | "encoding">;

/** The rig and encoding that a file opens on: its own where it is a problem file, else those of models. */
export function openingSetting({ given }: OpenedModel, ofModels: OpeningSetting): OpeningSetting {
  return given === null ? ofModels : { rig: rigOfProblem(given.problem), encoding: AS_STORED };
}

/** No split on the source device; where that cannot be, the fastest one; where none can be, the source all the same. */
export function firstPlan(problem: Problem, rig: Rig): StagedPlan {
  const possible = baselinesOf(problem, rig).filter(
    ({ prediction }) => prediction.latencySeconds < Number.POSITIVE_INFINITY,
  );
  const onSource = possible.find(({ device }) => device.id === rig.source);
  const best = onSource ?? bestBaseline(possible, ({ latencySeconds }) => latencySeconds);
  return best === null ? planById(noSplitPlan(problem, problem.source), rig) : best.plan;
}
