import { at, item } from "../columns.ts";
import { FIGURES, type Figure, type Limits } from "../plan/objective.ts";
import type { Problem } from "../plan/problem.ts";
import { breakEvens, figureAt, type Knob } from "./break-even.ts";
import { exceeded, type Prediction } from "./prediction.ts";

/** One circumstance changed to `scale` times what it is, and what that does to the plan on screen. */
export type Change =
  /** The plan overtakes the rival, or the rival the plan. */
  | { readonly kind: "winner"; readonly knob: Knob; readonly scale: number; readonly planWins: boolean }
  /** The plan keeps to a limit that it exceeds as things are. */
  | { readonly kind: "limit"; readonly knob: Knob; readonly scale: number; readonly figure: Figure };

export interface WhatIf {
  readonly plan: Prediction;
  /** What the plan is held against: the best device alone. */
  readonly rival: Prediction;
  readonly figure: Figure;
  readonly limits: Limits;
  /** Range of scales that is looked at, 0 < from < 1 < to. */
  readonly from: number;
  readonly to: number;
}

/** Every circumstance that takes part: links that one of the plans uses, devices that compute in one of them. */
function knobsOf(problem: Problem, predictions: readonly Prediction[]): readonly Knob[] {
  const links = new Set<number>();
  const devices = new Set<number>();
  for (const { links: carried, devices: used } of predictions) {
    for (const { link } of carried) links.add(link);
    for (const { device, computeSeconds } of used) if (computeSeconds > 0) devices.add(device);
  }
  return [
    ...[...links].sort((a, b) => a - b).map((link): Knob => ({ kind: "bandwidth", link })),
    ...[...links].sort((a, b) => a - b).map((link): Knob => ({ kind: "latency", link })),
    ...problem.devices.flatMap((_, device): Knob[] => (devices.has(device) ? [{ kind: "load", device }] : [])),
  ];
}

const STEPS = 60;

/**
 * The scale nearest to 1 at which a figure is down to a limit; null where none in the range does. Figures fall with a
 * bandwidth and rise with latency and load, so that halving the range finds it. O(messages).
 */
function scaleWithin(
  problem: Problem,
  { plan, from, to }: WhatIf,
  { figure, limit, knob }: { readonly figure: Figure; readonly limit: number; readonly knob: Knob },
): number | null {
  const valueAt = (scale: number) => figureAt(problem, plan, figure, knob, scale);
  let bad = 1;
  let good = knob.kind === "bandwidth" ? to : from;
  if (!(valueAt(good) <= limit)) return null;
  for (let step = 0; step < STEPS; step++) {
    const middle = Math.sqrt(bad * good);
    if (valueAt(middle) <= limit) good = middle;
    else bad = middle;
  }
  return good;
}

/**
 * What would have to change, one circumstance at a time: at which bandwidth, latency or load the plan and its rival
 * change places (nearest to the present on each side), and which would bring the plan within limits that it exceeds.
 * Routes and plans stay as they are. Least change first. O(knobs x (devices + resources)^3).
 */
export function whatWouldChange(problem: Problem, question: WhatIf): readonly Change[] {
  const { plan, rival, figure, limits, from, to } = question;
  const changes: Change[] = [];
  const knobs = knobsOf(problem, [plan, rival]);
  for (const name of FIGURES) {
    const limit = limits[name];
    if (limit === undefined || !exceeded(plan, { [name]: limit }).includes(name)) continue;
    for (const knob of knobs) {
      const scale = scaleWithin(problem, question, { figure: name, limit, knob });
      if (scale !== null) changes.push({ kind: "limit", knob, scale, figure: name });
    }
  }
  for (const knob of knobs) {
    const found = breakEvens(problem, [plan, rival], figure, knob, { from, to });
    const below = found.filter(({ scale }) => scale <= 1).at(-1);
    const above = found.find(({ scale }) => scale > 1);
    if (below !== undefined) changes.push({ kind: "winner", knob, scale: below.scale, planWins: below.firstBelow });
    if (above !== undefined) changes.push({ kind: "winner", knob, scale: above.scale, planWins: !above.firstBelow });
  }
  const size = ({ kind, scale }: Change) => (kind === "limit" ? 0 : 1000) + Math.abs(Math.log(scale));
  return changes.sort((a, b) => size(a) - size(b));
}

/** Share of the time that each device and each link and direction is busy at a rate of frames, in the order of the prediction. */
export interface Utilisation {
  readonly devices: Float64Array;
  /** By link: the busier of its directions, or both where they share a medium. */
  readonly links: Float64Array;
}

/** How busy everything is at a rate; above 1 the plan cannot keep up. O(devices + messages). */
export function utilisation(problem: Problem, prediction: Prediction, perSecond: number): Utilisation {
  const devices = Float64Array.from(prediction.devices, ({ computeSeconds, sendSeconds, receiveSeconds }) => {
    const own = problem.overlap ? computeSeconds : computeSeconds + sendSeconds + receiveSeconds;
    return (
      (problem.delivery === "port" && problem.overlap ? Math.max(own, sendSeconds + receiveSeconds) : own) * perSecond
    );
  });
  const busy = new Float64Array(problem.resourceCount);
  const resources = problem.linkMaxBytes.length === 0 ? [] : Array.from(problem.linkMaxBytes, () => new Set<number>());
  for (const { fromDevice, toDevice, bytes } of prediction.transfers) {
    if (problem.delivery === "port") continue;
    for (const hop of problem.routes[fromDevice]?.[toDevice]?.hops ?? []) {
      busy[hop.resource] = at(busy, hop.resource) + bytes * hop.secondsPerByte;
      resources[hop.link]?.add(hop.resource);
    }
  }
  const links = Float64Array.from(resources, (_, link) =>
    [...item(resources, link)].reduce((most, resource) => Math.max(most, at(busy, resource) * perSecond), 0),
  );
  return { devices, links };
}
