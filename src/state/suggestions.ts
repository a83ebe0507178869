import { item } from "../core/columns.ts";
import type { OpenedModel } from "../core/graph/opened-model.ts";
import type { Encoding } from "../core/plan/build-problem.ts";
import type { Constraints } from "../core/plan/constraints.ts";
import type { Objective } from "../core/plan/objective.ts";
import type { Problem } from "../core/plan/problem.ts";
import { relaxations } from "../core/plan/relax.ts";
import { predict } from "../core/predict/predict.ts";
import { figureOf, type Prediction } from "../core/predict/prediction.ts";
import { type Dial, dialsOf, turns } from "../core/predict/what-if.ts";
import { dialText, turnText } from "../core/predict/what-if-text.ts";
import type { Rig } from "../core/rig/rig.ts";
import { type DeviceChange, type LinkChange, updateDevice, updateLink } from "../core/rig/rig-edit.ts";
import { bytes, bytesPerSecond, formatMemory, seconds } from "../core/units.ts";
import { latencyTables, planByIndex, problemWith } from "./derive.ts";
import type { Setting, StagedPlan } from "./state.ts";

/** What a suggestion sets. */
export type Change =
  | { readonly kind: "link"; readonly id: string; readonly change: LinkChange }
  | { readonly kind: "device"; readonly id: string; readonly change: DeviceChange }
  | { readonly kind: "encoding"; readonly encoding: Encoding }
  | { readonly kind: "constraints"; readonly label: string; readonly constraints: Constraints };

/** What would have to change for another plan to win, and how to change it. */
export interface Suggestion {
  /** "Above 23.4 Mbit/s on Wi-Fi 4". */
  readonly where: string;
  /** The value at present; empty for a constraint. */
  readonly now: string;
  /** Number of the plan that wins there: 0 is the plan in question. */
  readonly winner: number;
  /** "Set 23.6 Mbit/s". */
  readonly action: string;
  readonly change: Change;
}

/** Plans that are held against each other under one setting; the first is the one in question. */
export interface Contest {
  readonly model: OpenedModel;
  readonly setting: Setting;
  readonly problem: Problem;
  readonly objective: Objective;
  readonly plans: readonly { readonly plan: StagedPlan; readonly prediction: Prediction }[];
}

/** Suggestions that are shown: nearer ones first, one for each way of a dial. */
const MOST = 4;

function changeOf({ knob, now }: Dial, value: number, { rig, encoding }: Setting): Change {
  switch (knob.kind) {
    case "bandwidth": {
      const { id, bToA } = item(rig.links, knob.link);
      return { kind: "link", id, change: { aToB: bytesPerSecond(value), bToA: bytesPerSecond((bToA * value) / now) } };
    }
    case "latency":
      return { kind: "link", id: item(rig.links, knob.link).id, change: { latency: seconds(value) } };
    case "load":
      return { kind: "device", id: item(rig.devices, knob.device).id, change: { loadFactor: value } };
    case "input":
      return { kind: "encoding", encoding: { ...encoding, inputBytesOverride: value } };
  }
}

/** The setting with a change made; null where the rig does not admit it. O(rig). */
export function changed(setting: Setting, change: Change): Setting | null {
  const withRig = (rig: ReturnType<typeof updateLink>) => (rig.ok ? { ...setting, rig: rig.value } : null);
  switch (change.kind) {
    case "link":
      return withRig(updateLink(setting.rig, change.id, change.change));
    case "device":
      return withRig(updateDevice(setting.rig, change.id, change.change));
    case "encoding":
      return { ...setting, encoding: change.encoding };
    case "constraints":
      return { ...setting, constraints: change.constraints };
  }
}

/** What the plans come to once a change is made; null where that cannot be. O(devices x ops + plans x predict). */
function outcome({ model, setting, plans }: Contest, change: Change): readonly Prediction[] | null {
  const next = changed(setting, change);
  const tables = model.given === null ? latencyTables(model, setting) : [];
  const problem = next === null ? null : problemWith(model, next, tables);
  if (next === null || problem?.ok !== true) return null;
  return plans.map(({ plan }) => predict(problem.value, planByIndex(plan, next.rig)));
}

/** Between two devices of such a rig there is one way, whatever its links are like. */
const hasOneWay = ({ links, devices, ofProblem }: Rig): boolean =>
  ofProblem !== true && links.length === devices.length - 1;

const isAllowed = ({ latencySeconds, violations }: Prediction) =>
  latencySeconds < Number.POSITIVE_INFINITY && violations.length === 0;

/** The number of the best plan of those allowed; of equals the first, -1 for none. */
function bestOf(predictions: readonly Prediction[], objective: Objective): number {
  let best = -1;
  let least = Number.POSITIVE_INFINITY;
  for (const [number, prediction] of predictions.entries()) {
    const value = figureOf(prediction, objective);
    if (!isAllowed(prediction) || value >= least) continue;
    best = number;
    least = value;
  }
  return best;
}

/** Values of the rig, and of the input's bytes, beyond which another plan wins. */
function ofDials(contest: Contest): readonly Suggestion[] {
  const { setting, problem, objective, plans } = contest;
  const inPlay = plans.flatMap(({ prediction }, number) =>
    number === 0 || isAllowed(prediction) ? [{ prediction, number }] : [],
  );
  const predictions = inPlay.map(({ prediction }) => prediction);
  const isFixed = hasOneWay(setting.rig);
  return turns(problem, predictions, objective, dialsOf(problem, setting.rig)).flatMap((turn): Suggestion[] => {
    const { dial, value } = turn;
    const winner = item(inPlay, turn.winner).number;
    const change = changeOf(dial, value, setting);
    if (!isFixed) {
      // Routes may lead elsewhere at the new value.
      const after = outcome(contest, change);
      if (after === null || bestOf(after, objective) !== winner) return [];
    }
    return [{ ...turnText(turn, setting.rig), winner, action: `Set ${dialText(dial, value)}`, change }];
  });
}

const MEBIBYTE = 1024 ** 2;

/** Plans that are better than the first one and not allowed: what would allow them. */
function ofConstraints(contest: Contest): readonly Suggestion[] {
  const { setting, objective, plans } = contest;
  const { rig, constraints } = setting;
  const own = item(plans, 0).prediction;
  const ways = plans.flatMap(({ prediction }, winner): Suggestion[] => {
    const [violation, ...more] = prediction.violations;
    const isBetter = figureOf(prediction, objective) < figureOf(own, objective);
    if (winner === 0 || violation === undefined || !isBetter) return [];
    if (violation.kind === "memory" && more.length === 0) {
      const { id, name } = item(rig.devices, violation.device);
      const memory = bytes(Math.ceil(violation.bytes / MEBIBYTE) * MEBIBYTE);
      const action = `Set ${formatMemory(memory)}`;
      const where = `With ${formatMemory(violation.bytes)} of memory on ${name}`;
      return [
        {
          where,
          now: formatMemory(violation.limit),
          winner,
          action,
          change: { kind: "device", id, change: { memory } },
        },
      ];
    }
    return relaxations(constraints, rig).flatMap(({ text, constraints: relaxed, limited }): Suggestion[] => {
      if (limited !== null) return [];
      const change: Change = { kind: "constraints", label: text, constraints: relaxed };
      return [{ where: text, now: "", winner, action: "Allow that", change }];
    });
  });
  return ways.filter(({ change, winner }) => {
    const after = outcome(contest, change);
    return after !== null && bestOf(after, objective) === winner;
  });
}

/**
 * What would have to change for another of the plans to win: what keeps a better one out, then the nearest values of the
 * rig and of the input's bytes. Each is true by `predict` where it says. O(dials x plans x (devices + resources)^3 + ways
 * x devices x ops).
 */
export function suggestionsOf(contest: Contest): readonly Suggestion[] {
  return [...ofConstraints(contest), ...ofDials(contest)].slice(0, MOST);
}
