import { item } from "../columns.ts";
import type { Figure } from "../plan/objective.ts";
import type { Problem } from "../plan/problem.ts";
import type { Prediction } from "./prediction.ts";

/** What is scaled: the bandwidth of a link (both directions), its latency, or the time that a device takes for ops. */
export type Knob =
  | { readonly kind: "bandwidth" | "latency"; readonly link: number }
  | { readonly kind: "load"; readonly device: number };

/** At `scale` the better of two plans changes; `firstBelow` tells whether the first one is better below it. */
export interface BreakEven {
  readonly scale: number;
  readonly firstBelow: boolean;
  /** Both plans' figure there. */
  readonly value: number;
}

/** value = base + slope x position, where the position is the scale, or 1 / scale for a bandwidth. */
interface Line {
  readonly base: number;
  readonly slope: number;
}

/** Busy time, in seconds and per unit of the position, of devices, network resources, and the whole. */
interface Parts {
  readonly latency: Line;
  readonly energy: Line;
  readonly busy: readonly Line[];
}

function partsOf(problem: Problem, prediction: Prediction, knob: Knob): Parts {
  let slope = 0;
  let energySlope = 0;
  const compute = new Float64Array(problem.devices.length);
  const ends = new Float64Array(problem.devices.length);
  const wires = new Float64Array(problem.resourceCount);
  const wireBase = new Float64Array(problem.resourceCount);
  if (knob.kind === "load") {
    for (const { device, opSeconds } of prediction.stages) {
      if (device !== knob.device) continue;
      slope += opSeconds;
      compute[device] = (compute[device] ?? 0) + opSeconds;
      energySlope += opSeconds * item(problem.devices, device).activeWatts;
    }
  }
  for (const { fromDevice, toDevice, bytes } of prediction.transfers) {
    const hops = problem.delivery === "port" ? [] : (problem.routes[fromDevice]?.[toDevice]?.hops ?? []);
    for (const [index, hop] of hops.entries()) {
      const seconds = bytes * hop.secondsPerByte;
      wireBase[hop.resource] = (wireBase[hop.resource] ?? 0) + seconds;
      if (knob.kind === "load" || hop.link !== knob.link) continue;
      slope += knob.kind === "latency" ? hop.latency : seconds;
      if (knob.kind === "latency") continue;
      wires[hop.resource] = (wires[hop.resource] ?? 0) + seconds;
      if (index === 0) ends[fromDevice] = (ends[fromDevice] ?? 0) + seconds;
      if (index === hops.length - 1) ends[toDevice] = (ends[toDevice] ?? 0) + seconds;
    }
  }
  const idle = problem.devices.reduce((sum, { idleWatts }) => sum + idleWatts, 0);
  const line = (value: number, rise: number): Line => ({ base: value - rise, slope: rise });
  const held = prediction.devices.map(({ device, computeSeconds, sendSeconds, receiveSeconds }) => {
    const own = problem.overlap ? 0 : sendSeconds + receiveSeconds;
    return line(computeSeconds + own, (compute[device] ?? 0) + (problem.overlap ? 0 : (ends[device] ?? 0)));
  });
  const ports =
    problem.delivery === "port" && problem.overlap
      ? prediction.devices.map(({ sendSeconds, receiveSeconds }) => line(sendSeconds + receiveSeconds, 0))
      : [];
  return {
    latency: line(prediction.latencySeconds, slope),
    energy: line(prediction.energyJoules, energySlope + idle * slope),
    busy: [...held, ...ports, ...Array.from(wireBase, (seconds, resource) => line(seconds, wires[resource] ?? 0))],
  };
}

function linesOf(problem: Problem, prediction: Prediction, figure: Figure, knob: Knob): readonly Line[] {
  if (figure === "traffic") return [{ base: prediction.trafficBytes, slope: 0 }];
  const parts = partsOf(problem, prediction, knob);
  return figure === "period" ? parts.busy : [parts[figure]];
}

function valueAt(lines: readonly Line[], position: number): number {
  return lines.reduce((most, { base, slope }) => Math.max(most, base + slope * position), 0);
}

/** A fixed plan's figure with the knob at a scale: exact, routes stay as they are. O(messages). */
export function figureAt(problem: Problem, prediction: Prediction, figure: Figure, knob: Knob, scale: number): number {
  const position = knob.kind === "bandwidth" ? 1 / scale : scale;
  return valueAt(linesOf(problem, prediction, figure, knob), position);
}

/**
 * The scales between `from` and `to` at which the better one of two fixed plans changes, ascending. Figures are maxima
 * of lines in the scale or its inverse, so that the scales are exact. None where one of the plans cannot run.
 * O((devices + resources)^3).
 */
export function breakEvens(
  problem: Problem,
  [first, second]: readonly [Prediction, Prediction],
  figure: Figure,
  knob: Knob,
  { from, to }: { readonly from: number; readonly to: number },
): readonly BreakEven[] {
  if (!(from > 0 && to > from)) throw new RangeError(`no break-even between ${from} and ${to}`);
  if (first.latencySeconds === Number.POSITIVE_INFINITY || second.latencySeconds === Number.POSITIVE_INFINITY)
    return [];
  const inverse = knob.kind === "bandwidth";
  const a = linesOf(problem, first, figure, knob);
  const b = linesOf(problem, second, figure, knob);
  const positions = new Set<number>();
  for (const one of a) {
    for (const two of b) {
      const position = (two.base - one.base) / (one.slope - two.slope);
      const scale = inverse ? 1 / position : position;
      if (scale > from && scale < to) positions.add(scale);
    }
  }
  const scales = [...positions].sort((x, y) => x - y);
  const difference = (scale: number) => {
    const position = inverse ? 1 / scale : scale;
    const [x, y] = [valueAt(a, position), valueAt(b, position)];
    return Math.abs(x - y) <= 1e-12 * Math.max(x, y) ? 0 : x - y;
  };
  const points = [from, ...scales, to];
  const found: BreakEven[] = [];
  let before = 0;
  for (const [index, scale] of scales.entries()) {
    const below = difference(Math.sqrt(item(points, index) * scale));
    const above = difference(Math.sqrt(scale * item(points, index + 2)));
    if (below !== 0) before = below;
    if (before === 0 || above === 0 || before > 0 === above > 0) continue;
    found.push({ scale, firstBelow: before < 0, value: valueAt(a, inverse ? 1 / scale : scale) });
    before = above;
  }
  return found;
}
