import { item } from "../core/columns.ts";
import type { OpenedModel } from "../core/graph/opened-model.ts";
import { buildProblem } from "../core/plan/build-problem.ts";
import { givenProblem } from "../core/plan/given-problem.ts";
import type { Plan } from "../core/plan/plan.ts";
import { noSplitPlan } from "../core/plan/plan-edit.ts";
import type { Problem } from "../core/plan/problem.ts";
import { OUTSIDE } from "../core/plan/problem-columns.ts";
import { givenLatencies } from "../core/plan/problem-model.ts";
import { predict } from "../core/predict/predict.ts";
import type { Prediction } from "../core/predict/prediction.ts";
import { deviceLatencies } from "../core/profile/latencies.ts";
import type { MatchedProfile } from "../core/profile/match.ts";
import { type LatencyTable, PROVENANCES, type Provenance } from "../core/profile/profile.ts";
import { err, type Result } from "../core/result.ts";
import type { Device, Rig } from "../core/rig/rig.ts";
import { memo } from "./memo.ts";
import type { Setting, StagedPlan } from "./state.ts";

/** Derived values: pure functions of the state, remembered by identity. Nothing here is stored. */

const deviceTable = memo(
  (model: OpenedModel, device: Device, profile: MatchedProfile | null): LatencyTable =>
    deviceLatencies(model.graph, model.costs, device, profile),
  32,
);

/** The times that a problem file gives; null for a model. */
const givenTables = memo(
  ({ given, graph }: OpenedModel, rig: Rig): readonly LatencyTable[] | null =>
    given === null ? null : rig.devices.map((_, device) => givenLatencies(given.problem, graph, device)),
  4,
);

/** Latency of every op on every device of the rig, in the rig's order. */
export const latencyTables = memo(
  (model: OpenedModel, setting: Setting): readonly LatencyTable[] =>
    givenTables(model, setting.rig) ??
    setting.rig.devices.map((device) => deviceTable(model, device, setting.profiles.get(device.id) ?? null)),
  4,
);

const MEASURED: readonly Provenance[] = ["measured", "imported", "user", "given"];
const GUESSED: readonly Provenance[] = ["scaled", "fitted", "estimated", "unknown"];

/**
 * Ops whose time is not from the profile of their device although it has one: 1 per op, null for a device without
 * measured ops, where everything is an estimate and a mark would say nothing. O(ops).
 */
export const guessedOn = memo(({ provenance }: LatencyTable): Uint8Array | null => {
  const isOneOf = (kinds: readonly Provenance[], code: number) => kinds.includes(item(PROVENANCES, code));
  if (!provenance.some((code) => isOneOf(MEASURED, code))) return null;
  return Uint8Array.from(provenance, (code) => (isOneOf(GUESSED, code) ? 1 : 0));
}, 32);

/** The same for every device of the rig. */
export const guessedOps = memo(
  (model: OpenedModel, setting: Setting): readonly (Uint8Array | null)[] =>
    latencyTables(model, setting).map((table) => guessedOn(table)),
  4,
);

/** Ops whose time is not known and counts as 0, because sizes are missing: figures are then lower bounds. */
export const unknownOps = memo((model: OpenedModel, setting: Setting): number => {
  const unknown = PROVENANCES.indexOf("unknown");
  const tables = latencyTables(model, setting);
  return Math.max(0, ...tables.map((table) => table.provenance.filter((code) => code === unknown).length));
}, 4);

/** The problem of a setting that is only tried: nothing is remembered. The tables are those of its devices. */
export function problemWith(model: OpenedModel, setting: Setting, latencies: readonly LatencyTable[]): Result<Problem> {
  const { given, graph } = model;
  const { rig, encoding, constraints } = setting;
  if (given !== null) return givenProblem({ content: given.problem, graph, rig, constraints });
  if (rig.ofProblem === true) return err("The rig is that of a problem file; expected the rig of a model.");
  return buildProblem({ graph, rig, latencies, encoding, constraints });
}

export const problemOf = memo(
  (model: OpenedModel, setting: Setting): Result<Problem> =>
    problemWith(model, setting, model.given === null ? latencyTables(model, setting) : []),
  4,
);

/** The plan by device index; devices that left the rig have been taken out of the plan before. */
export const planByIndex = memo((staged: StagedPlan, rig: Rig): Plan => {
  const stages = staged.devices.map((id) => {
    const index = rig.devices.findIndex((device) => device.id === id);
    if (index < 0) throw new Error(`the plan names the device "${id}", which the rig does not have`);
    return index;
  });
  return { stages, stageOf: staged.stageOf };
}, 64);

export function planById(plan: Plan, rig: Rig): StagedPlan {
  return {
    devices: plan.stages.map((index) => {
      const device = rig.devices[index];
      if (device === undefined) throw new Error(`the plan names device ${index} of ${rig.devices.length}`);
      return device.id;
    }),
    stageOf: plan.stageOf,
  };
}

export const predictionOf = memo(
  (problem: Problem, staged: StagedPlan, rig: Rig): Prediction => predict(problem, planByIndex(staged, rig)),
  64,
);

export interface Baseline {
  readonly device: Device;
  readonly plan: StagedPlan;
  readonly prediction: Prediction;
}

/** The devices that ops may run on: all but the place outside that a problem file may have, which comes last. */
export const runnersOf = memo(
  (problem: Problem, rig: Rig): readonly Device[] =>
    rig.devices.filter((_, index) => item(problem.devices, index).id !== OUTSIDE),
  4,
);

/** The first split that can be moved: what comes from outside all devices comes in at the first stage, always. */
export const firstSplit = ({ devices, source }: Problem): number => (item(devices, source).id === OUTSIDE ? 1 : 0);

/** The whole model on each single device, in the rig's order. */
export const baselinesOf = memo(
  (problem: Problem, rig: Rig): readonly Baseline[] =>
    runnersOf(problem, rig).map((device, index) => {
      const plan = planById(noSplitPlan(problem, index), rig);
      return { device, plan, prediction: predictionOf(problem, plan, rig) };
    }),
  4,
);

/** The best no split that keeps to the constraints of the problem: what a split has to beat. Null where there is none. */
export function bestBaseline(
  baselines: readonly Baseline[],
  figure: (prediction: Prediction) => number,
): Baseline | null {
  let best: Baseline | null = null;
  for (const candidate of baselines) {
    const value = figure(candidate.prediction);
    if (value === Number.POSITIVE_INFINITY || candidate.prediction.violations.length > 0) continue;
    if (best === null || value < figure(best.prediction)) best = candidate;
  }
  return best;
}
