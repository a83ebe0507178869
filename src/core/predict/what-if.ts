import { at, item } from "../columns.ts";
import type { Objective } from "../plan/objective.ts";
import type { Problem } from "../plan/problem.ts";
import type { Rig } from "../rig/rig.ts";
import { RANGES } from "../rig/validate.ts";
import { type Curve, curveOf, type Knob, lowerAt, meetings, valueOn } from "./curves.ts";
import type { Prediction } from "./prediction.ts";

/** A value of the setting that a person can change, and how far. */
export interface Dial {
  readonly knob: Knob;
  /** In bytes per second (of a link's way from a to b), seconds, times slower, or bytes. */
  readonly now: number;
  readonly min: number;
  readonly max: number;
  /** What people count it in: new values are round in it. */
  readonly unit: number;
}

/** A dial turned until another plan is the best. */
export interface Turn {
  readonly dial: Dial;
  /** The value at which the best plan changes. */
  readonly breakEven: number;
  /** A round value a little beyond, at which it has changed. */
  readonly value: number;
  /** Which plan is the best there; 0 is the plan in question. */
  readonly winner: number;
}

/** How far a dial is turned in search of a change. */
const REACH = 1000;
/** How far beyond the change it is set, as a factor. */
const BEYOND = 1.005;
const MEGABIT_PER_SECOND = 125_000;
const MILLISECOND = 1e-3;
const KILOBYTE = 1000;

/** Every value that plans can depend on: rates, latencies, loads, and the bytes of the inputs. O(devices + links). */
export function dialsOf(problem: Problem, rig: Rig): readonly Dial[] {
  const dials: Dial[] = [];
  const add = (knob: Knob, now: number, unit: number, least = 0, most = Number.POSITIVE_INFINITY) => {
    const min = Math.max(least, now / REACH);
    const max = Math.min(most, now * REACH);
    if (now > 0 && max < Number.POSITIVE_INFINITY) dials.push({ knob, now, min, max, unit });
  };
  for (const [link, { aToB, latency }] of rig.links.entries()) {
    add({ kind: "bandwidth", link }, aToB, MEGABIT_PER_SECOND);
    add({ kind: "latency", link }, latency, MILLISECOND);
  }
  for (const [device, { loadFactor }] of rig.devices.entries()) {
    add({ kind: "load", device }, loadFactor, 1, RANGES.loadFactor.min, RANGES.loadFactor.max);
  }
  const isSent = rig.ofProblem !== true && problem.delivery !== "port";
  const bytes = problem.inputs.reduce((sum, tensor) => sum + at(problem.tensorWireBytes, tensor), 0);
  if (isSent) add({ kind: "input" }, bytes, KILOBYTE);
  return dials;
}

/** To three digits in the unit, away from the present value. */
function rounded(value: number, { unit, now }: Dial): number {
  const count = value / unit;
  const step = 10 ** (Math.floor(Math.log10(count)) - 2);
  const steps = value > now ? Math.ceil(count / step) : Math.floor(count / step);
  return Number((steps * step * unit).toPrecision(12));
}

/** A plan's curve among those of others, with the plan's number. */
interface Rival {
  readonly plan: number;
  readonly curve: Curve;
}

/** How the first plan stands: 1 where another one is better, 0 where it shares the best value, -1 where it alone has it. */
function standing(first: Curve, rivals: readonly Rival[], scale: number): -1 | 0 | 1 {
  let worst: -1 | 0 | 1 = -1;
  for (const { curve } of rivals) {
    const lower = lowerAt(first, curve, scale);
    if (lower > worst) worst = lower;
  }
  return worst;
}

/** The first change on the way from scale 1 to `end`; `scales` are all at which there may be one, in that order. */
function firstTurn(
  first: Curve,
  rivals: readonly Rival[],
  dial: Dial,
  { scales, end }: { readonly scales: readonly number[]; readonly end: number },
): Turn | null {
  const { now } = dial;
  const wins = standing(first, rivals, 1) <= 0;
  for (const [index, scale] of scales.entries()) {
    const next = scales[index + 1] ?? end;
    const between = Math.sqrt(scale * next);
    if (standing(first, rivals, between) !== (wins ? 1 : -1)) continue;
    const isUp = end > 1;
    const near = rounded(scale * now * (isUp ? BEYOND : 1 / BEYOND), dial);
    const isWithin = isUp ? near < next * now : near > next * now;
    const value = isWithin ? near : between * now;
    const costOf = ({ curve }: Rival) => valueOn(curve, value / now);
    const best = rivals.reduce((least, rival) => (costOf(rival) < costOf(least) ? rival : least));
    return { dial, breakEven: scale * now, value, winner: wins ? best.plan : 0 };
  }
  return null;
}

/**
 * What would have to change for another plan to win: for each dial the nearest value, upwards and downwards, beyond
 * which plan 0 is no longer the best of the plans, or is better than all others and was not; nearest first. The plans
 * stay as they are, and so do routes: on a rig with several ways from one device to another a new value may open a better
 * one. Plans that cannot run never win; inputs are no dial under delivery by ports. O(dials x plans x (devices + resources)^3).
 */
export function turns(
  problem: Problem,
  plans: readonly Prediction[],
  objective: Objective,
  dials: readonly Dial[],
): readonly Turn[] {
  const found = dials.flatMap((dial) => {
    const { knob, now, min, max } = dial;
    const range = { from: min / now, to: max / now };
    const curves = plans.map((prediction) => curveOf(problem, prediction, objective, knob));
    const first = item(curves, 0);
    const rivals = curves.flatMap((curve, plan) => (curve === null || plan === 0 ? [] : [{ plan, curve }]));
    const isTold = knob.kind !== "input" || problem.delivery !== "port";
    if (first === null || rivals.length === 0 || !isTold) return [];
    const scales = [...new Set(rivals.flatMap(({ curve }) => meetings(first, curve, range)))].sort((a, b) => a - b);
    // At 1 too: plans that are equal there may part at once.
    const up = { scales: [1, ...scales.filter((scale) => scale > 1)], end: range.to };
    const down = { scales: [1, ...scales.filter((scale) => scale < 1).reverse()], end: range.from };
    return [up, down].filter(({ end }) => end !== 1).flatMap((way) => firstTurn(first, rivals, dial, way) ?? []);
  });
  const away = ({ breakEven, dial }: Turn) => Math.abs(Math.log(breakEven / dial.now));
  return found.sort((a, b) => away(a) - away(b));
}
