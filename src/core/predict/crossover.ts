import { at, item } from "../columns.ts";
import type { Problem } from "../plan/problem.ts";
import type { Prediction } from "./prediction.ts";

/**
 * How fixed plans fare as the bandwidth of one link is scaled, both directions alike. With x the scale, a plan's
 * latency is base + wire / x, and its period the maximum of such terms over devices and resources: both are exact,
 * so is the scale at which one plan overtakes another. Routes stay as they are.
 */
export interface CrossoverRequest {
  /** Of each plan under the problem as it is. */
  readonly predictions: readonly Prediction[];
  /** Index into rig.links. */
  readonly link: number;
  /** Range of scales, 0 < from < to. */
  readonly from: number;
  readonly to: number;
  /** Points per curve, at least 2, evenly spaced on a logarithmic axis. */
  readonly samples: number;
}

export type CrossoverObjective = "latency" | "period";

/** At `scale` the best plan changes; ties go to the plan listed first. */
export interface Crossover {
  readonly objective: CrossoverObjective;
  readonly scale: number;
  /** Index of the best plan below and above the scale, and their common figure there, in seconds. */
  readonly below: number;
  readonly above: number;
  readonly seconds: number;
}

export interface CrossoverChart {
  readonly scales: Float64Array;
  /** Per plan, seconds at each scale; Infinity for a plan that cannot run. */
  readonly curves: readonly { readonly latency: Float64Array; readonly period: Float64Array }[];
  readonly crossovers: readonly Crossover[];
}

/** seconds = base + wire / scale. */
interface Term {
  readonly base: number;
  readonly wire: number;
}

/** A figure as the maximum of terms. */
type Figure = readonly Term[];

const IMPOSSIBLE: Figure = [{ base: Number.POSITIVE_INFINITY, wire: 0 }];

function valueAt(figure: Figure, scale: number): number {
  let most = 0;
  for (const { base, wire } of figure) most = Math.max(most, base + wire / scale);
  return most;
}

/** The link's share of the transfers of a prediction, by resource, and all busy time by resource. */
function figures(problem: Problem, prediction: Prediction, link: number): { latency: Figure; period: Figure } {
  if (prediction.latencySeconds === Number.POSITIVE_INFINITY) return { latency: IMPOSSIBLE, period: IMPOSSIBLE };
  const fixed = new Float64Array(problem.resourceCount);
  const scaled = new Float64Array(problem.resourceCount);
  let wire = 0;
  for (const { fromDevice, toDevice, bytes } of prediction.transfers) {
    for (const hop of problem.routes[fromDevice]?.[toDevice]?.hops ?? []) {
      const busy = bytes * hop.secondsPerByte;
      const column = hop.link === link ? scaled : fixed;
      column[hop.resource] = at(column, hop.resource) + busy;
      if (hop.link === link) wire += busy;
    }
  }
  const compute = Math.max(...prediction.devices.map(({ computeSeconds }) => computeSeconds));
  const period = Array.from(fixed, (base, resource) => ({ base, wire: at(scaled, resource) }));
  return {
    latency: [{ base: prediction.latencySeconds - wire, wire }],
    period: [{ base: compute, wire: 0 }, ...period],
  };
}

function best(candidates: readonly Figure[], scale: number): { index: number; seconds: number } {
  let index = 0;
  let seconds = Number.POSITIVE_INFINITY;
  for (const [candidate, figure] of candidates.entries()) {
    const value = valueAt(figure, scale);
    // Within rounding of a tie the plan listed first stays best.
    if (value < seconds * (1 - 1e-12)) {
      index = candidate;
      seconds = value;
    }
  }
  return { index, seconds };
}

/** Scales within the range where terms of different plans are equal, ascending and distinct. */
function breakpoints(candidates: readonly Figure[], from: number, to: number): number[] {
  const terms = candidates.flatMap((figure, plan) => figure.map((term) => ({ ...term, plan })));
  const found = new Set<number>();
  for (const [i, a] of terms.entries()) {
    for (const b of terms.slice(i + 1)) {
      const scale = (b.wire - a.wire) / (a.base - b.base);
      if (a.plan !== b.plan && scale > from && scale < to) found.add(scale);
    }
  }
  return [...found].sort((a, b) => a - b);
}

function crossoversOf(
  objective: CrossoverObjective,
  candidates: readonly Figure[],
  from: number,
  to: number,
): Crossover[] {
  const points = [from, ...breakpoints(candidates, from, to), to];
  const crossovers: Crossover[] = [];
  let below = best(candidates, Math.sqrt(from * item(points, 1))).index;
  for (let i = 1; i + 1 < points.length; i++) {
    const scale = item(points, i);
    const above = best(candidates, Math.sqrt(scale * item(points, i + 1))).index;
    if (above === below) continue;
    crossovers.push({ objective, scale, below, above, seconds: best(candidates, scale).seconds });
    below = above;
  }
  return crossovers;
}

/** Curves of the given plans over the scale of one link's bandwidth, and where the best of them changes. */
export function crossover(
  problem: Problem,
  { predictions, link, from, to, samples }: CrossoverRequest,
): CrossoverChart {
  if (!(from > 0 && to > from && samples >= 2))
    throw new RangeError(`no curve from ${from} to ${to} in ${samples} points`);
  const all = predictions.map((prediction) => figures(problem, prediction, link));
  const scales = Float64Array.from({ length: samples }, (_, i) => from * (to / from) ** (i / (samples - 1)));
  const latencies = all.map(({ latency }) => latency);
  const periods = all.map(({ period }) => period);
  return {
    scales,
    curves: all.map(({ latency, period }) => ({
      latency: scales.map((scale) => valueAt(latency, scale)),
      period: scales.map((scale) => valueAt(period, scale)),
    })),
    crossovers:
      predictions.length === 0
        ? []
        : [...crossoversOf("latency", latencies, from, to), ...crossoversOf("period", periods, from, to)],
  };
}
