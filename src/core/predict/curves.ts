import { at, item } from "../columns.ts";
import { FIGURES, type Objective, weightsOf } from "../plan/objective.ts";
import type { Problem } from "../plan/problem.ts";
import type { Prediction } from "./prediction.ts";

/**
 * What is scaled: the bandwidth of a link (both directions), its latency, the time that a device takes for ops, or the
 * bytes in which the graph's inputs are sent (with links only: not under delivery by ports).
 */
export type Knob =
  | { readonly kind: "bandwidth" | "latency"; readonly link: number }
  | { readonly kind: "load"; readonly device: number }
  | { readonly kind: "input" };

/** value = base + slope x position, where the position is the scale, or 1 / scale for a bandwidth. */
interface Line {
  readonly base: number;
  readonly slope: number;
}

/** The figures; of the period the busy time of every device, port and network resource, of which it is the largest. */
interface Parts {
  readonly latency: Line;
  readonly energy: Line;
  readonly traffic: Line;
  readonly busy: readonly Line[];
}

function partsOf(problem: Problem, prediction: Prediction, knob: Knob): Parts {
  let slope = 0;
  let energySlope = 0;
  let trafficSlope = 0;
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
  const inputs = new Set(knob.kind === "input" ? problem.inputs : []);
  for (const { fromDevice, toDevice, bytes, tensors } of prediction.transfers) {
    const inputBytes = tensors.reduce(
      (sum, tensor) => sum + (inputs.has(tensor) ? at(problem.tensorWireBytes, tensor) : 0),
      0,
    );
    const hops = problem.delivery === "port" ? [] : (problem.routes[fromDevice]?.[toDevice]?.hops ?? []);
    for (const [index, hop] of hops.entries()) {
      const seconds = bytes * hop.secondsPerByte;
      wireBase[hop.resource] = (wireBase[hop.resource] ?? 0) + seconds;
      if (knob.kind === "load" || (knob.kind !== "input" && hop.link !== knob.link)) continue;
      if (knob.kind === "latency") {
        slope += hop.latency;
        continue;
      }
      const scaled = knob.kind === "bandwidth" ? seconds : inputBytes * hop.secondsPerByte;
      slope += scaled;
      energySlope += inputBytes * hop.joulesPerByte;
      trafficSlope += inputBytes;
      wires[hop.resource] = (wires[hop.resource] ?? 0) + scaled;
      if (index === 0) ends[fromDevice] = (ends[fromDevice] ?? 0) + scaled;
      if (index === hops.length - 1) ends[toDevice] = (ends[toDevice] ?? 0) + scaled;
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
    traffic: line(prediction.trafficBytes, trafficSlope),
    busy: [...held, ...ports, ...Array.from(wireBase, (seconds, resource) => line(seconds, wires[resource] ?? 0))],
  };
}

/** An objective as the largest of lines: a weighted sum in which only the period has more than one. */
function linesOf(problem: Problem, prediction: Prediction, objective: Objective, knob: Knob): readonly Line[] {
  const parts = partsOf(problem, prediction, knob);
  const weights = weightsOf(objective);
  let sum: Line = { base: 0, slope: 0 };
  const plus = (line: Line, other: Line, weight: number): Line => ({
    base: line.base + weight * other.base,
    slope: line.slope + weight * other.slope,
  });
  for (const name of FIGURES) if (name !== "period") sum = plus(sum, parts[name], weights[name] ?? 0);
  const { period = 0 } = weights;
  return period === 0 ? [sum] : parts.busy.map((line) => plus(sum, line, period));
}

/** A fixed plan's value of an objective by the scale of a knob: the largest of lines in the scale or its inverse. */
export interface Curve {
  readonly lines: readonly Line[];
  readonly isInverse: boolean;
}

/** The curve of a plan, exact while routes stay as they are; null where it cannot run. O(messages). */
export function curveOf(problem: Problem, prediction: Prediction, objective: Objective, knob: Knob): Curve | null {
  if (prediction.latencySeconds === Number.POSITIVE_INFINITY) return null;
  return { lines: linesOf(problem, prediction, objective, knob), isInverse: knob.kind === "bandwidth" };
}

/** The value at a scale. O(lines). */
export function valueOn({ lines, isInverse }: Curve, scale: number): number {
  const position = isInverse ? 1 / scale : scale;
  return lines.reduce((most, { base, slope }) => Math.max(most, base + slope * position), 0);
}

/** Values within this fraction of each other are equal: sums of the same terms in another order differ by less. */
const ROUNDING = 1e-12;

/** Which of two curves is lower at a scale: -1 the first, 1 the second, 0 neither. O(lines). */
export function lowerAt(first: Curve, second: Curve, scale: number): -1 | 0 | 1 {
  const [x, y] = [valueOn(first, scale), valueOn(second, scale)];
  if (Math.abs(x - y) <= ROUNDING * Math.max(x, y)) return 0;
  return x < y ? -1 : 1;
}

/** All scales between two at which lines of two curves meet, ascending: which curve is lower changes at some of them. O(lines^2). */
export function meetings(first: Curve, second: Curve, { from, to }: Range): readonly number[] {
  const scales = new Set<number>();
  for (const one of first.lines) {
    for (const two of second.lines) {
      const position = (two.base - one.base) / (one.slope - two.slope);
      const scale = first.isInverse ? 1 / position : position;
      if (scale > from && scale < to) scales.add(scale);
    }
  }
  return [...scales].sort((x, y) => x - y);
}

interface Range {
  readonly from: number;
  readonly to: number;
}
