import { at, f64, item, row } from "../columns.ts";
import { FIGURES, type Limits, type Mix } from "../plan/objective.ts";
import type { Problem, Route } from "../plan/problem.ts";
import { returnBytes } from "../predict/terms.ts";

/**
 * A quantity that adds up over a chain of stages: over ops by device, over stages that run an op, over boundaries by the
 * pair of devices at their ends, and for the return by the last device. Columns of pairs are indexed from x devices + to.
 * Infinity forbids; a pair without a route has Infinity in `perMessage`.
 */
export interface SumTerms {
  readonly ops: readonly (Float64Array | null)[];
  readonly stages: Float64Array;
  readonly perByte: Float64Array;
  readonly perMessage: Float64Array;
  readonly returns: Float64Array;
}

/**
 * A sum that must not exceed `cap`, or of which every unit above it costs `maxPrice`. With a price p between 0 and
 * `maxPrice`, p x (sum - cap) is a lower bound on what exceeding costs: the Lagrangian relaxation.
 */
export interface Resource {
  readonly terms: SumTerms;
  readonly cap: number;
  /** Infinity for a limit that must be kept. */
  readonly maxPrice: number;
  /** Device without which nothing is used; -1 = none such. */
  readonly device: number;
}

function emptyTerms(problem: Problem): SumTerms {
  const count = problem.devices.length;
  return {
    ops: problem.devices.map(() => null),
    stages: new Float64Array(count),
    perByte: new Float64Array(count * count),
    perMessage: new Float64Array(count * count),
    returns: new Float64Array(count),
  };
}

/** Terms of all routes: what a byte costs, and what a message does. */
function addRoutes(
  problem: Problem,
  { perByte, perMessage, returns }: SumTerms,
  cost: (route: Route, from: number, to: number) => { readonly byte: number; readonly message: number },
): void {
  const count = problem.devices.length;
  const size = returnBytes(problem);
  for (let from = 0; from < count; from++) {
    for (let to = 0; to < count; to++) {
      if (from === to) continue;
      const route = item(item(problem.routes, from), to);
      const { byte, message } = route === null ? { byte: 0, message: Number.POSITIVE_INFINITY } : cost(route, from, to);
      perByte[from * count + to] = byte;
      perMessage[from * count + to] = message;
      if (to === problem.sink) returns[from] = message + size * byte;
    }
  }
}

/** A mix of figures but the period, with what the streaming of a byte of weights costs on each device beside. */
export interface SumObjective {
  readonly terms: SumTerms;
  readonly perStreamedByte: Float64Array;
}

export function sumObjective(problem: Problem, mix: Mix): SumObjective {
  const terms = emptyTerms(problem);
  const joule = mix.energy ?? 0;
  const idle = problem.devices.reduce((sum, { idleWatts }) => sum + idleWatts, 0);
  const second = (mix.latency ?? 0) + joule * idle;
  const byte = mix.traffic ?? 0;
  const perSecond = problem.devices.map(({ activeWatts }) => second + joule * activeWatts);
  addRoutes(problem, terms, ({ hops, latency, secondsPerByte }) => ({
    byte: second * secondsPerByte + hops.reduce((sum, hop) => sum + joule * hop.joulesPerByte + byte, 0),
    message: second * latency,
  }));
  const ops = problem.devices.map(({ opSeconds }, device) => {
    const factor = item(perSecond, device);
    if (factor === 1) return opSeconds;
    return opSeconds.map((seconds) => (seconds === Number.POSITIVE_INFINITY ? seconds : factor * seconds));
  });
  const stages = Float64Array.from(
    problem.devices,
    ({ stageOverheadSeconds }, device) => item(perSecond, device) * stageOverheadSeconds,
  );
  const perStreamedByte = Float64Array.from(
    problem.devices,
    ({ streamingSecondsPerByte }, device) => item(perSecond, device) * streamingSecondsPerByte,
  );
  return { terms: { ...terms, ops, stages }, perStreamedByte };
}

/** Bytes of each op's weights on a device, a weight that several ops read split evenly: never more than is held. */
export function weightShares(problem: Problem): readonly Float64Array[] {
  const readers = new Int32Array(problem.devices[0]?.weightBytes.length ?? 0);
  for (const weight of problem.opWeights.values) readers[weight] = at(readers, weight) + 1;
  return problem.devices.map(({ weightBytes }) => {
    const share = new Float64Array(problem.opCount);
    for (let op = 0; op < problem.opCount; op++) {
      let sum = 0;
      for (const weight of row(problem.opWeights, op)) sum += f64(weightBytes, weight) / at(readers, weight);
      share[op] = sum;
    }
    return share;
  });
}

/** Unsupported ops as 0: the objective forbids them already. */
function finite(column: Float64Array): Float64Array {
  return column.map((value) => (value === Number.POSITIVE_INFINITY ? 0 : value));
}

function onDevice(problem: Problem, device: number, column: Float64Array): (Float64Array | null)[] {
  return problem.devices.map((_, other) => (other === device ? column : null));
}

/** The most that a sum can come to in any plan, as a rough upper bound. */
function mostOf(problem: Problem, { ops, stages, perByte, perMessage, returns }: SumTerms): number {
  const largest = (values: Float64Array) =>
    values.reduce((most, value) => (value < Number.POSITIVE_INFINITY ? Math.max(most, value) : most), 0);
  let total = largest(returns);
  for (let op = 0; op < problem.opCount; op++) {
    let most = 0;
    for (const column of ops) {
      const value = column === null ? 0 : f64(column, op);
      if (value < Number.POSITIVE_INFINITY) most = Math.max(most, value);
    }
    total += most;
  }
  const wire = problem.tensorWireBytes.reduce((sum, size) => sum + size, 0);
  for (const value of stages) total += value;
  return total + (problem.devices.length - 1) * (largest(perMessage) + wire * largest(perByte));
}

/** An upper bound on the objective over all plans that can run, above 0. */
export function ceilingOf(problem: Problem, { terms, perStreamedByte }: SumObjective): number {
  let total = mostOf(problem, terms);
  for (const [device, { weightBytes }] of problem.devices.entries()) {
    total += f64(perStreamedByte, device) * weightBytes.reduce((sum, size) => sum + size, 0);
  }
  return 2 * total + Number.MIN_VALUE;
}

/** Limits that the busy time of each device and of each network resource sets where the period is limited. */
function periodResources(problem: Problem, cap: number, shares: readonly Float64Array[]): Resource[] {
  const found: Resource[] = [];
  for (const [device, { opSeconds, stageOverheadSeconds, ...more }] of problem.devices.entries()) {
    const busy = (weightPrice: number): SumTerms => {
      const terms = emptyTerms(problem);
      const share = item(shares, device);
      const column = finite(opSeconds).map((seconds, op) => seconds + weightPrice * f64(share, op));
      terms.stages[device] = stageOverheadSeconds;
      if (!problem.overlap) {
        addRoutes(problem, terms, ({ hops }, from, to) => ({
          byte:
            (from === device ? (hops[0]?.secondsPerByte ?? 0) : 0) +
            (to === device ? (hops.at(-1)?.secondsPerByte ?? 0) : 0),
          message: 0,
        }));
      }
      return { ...terms, ops: onDevice(problem, device, column) };
    };
    // A device that runs nothing may still receive the outputs.
    const needed = problem.overlap ? device : -1;
    found.push({ terms: busy(0), cap, maxPrice: Number.POSITIVE_INFINITY, device: needed });
    const rate = more.streamingSecondsPerByte;
    const streamed = { terms: busy(rate), cap: cap + rate * more.onChipBytes, maxPrice: Number.POSITIVE_INFINITY };
    if (rate > 0) found.push({ ...streamed, device: needed });
  }
  for (let resource = 0; resource < problem.resourceCount; resource++) {
    const terms = emptyTerms(problem);
    addRoutes(problem, terms, ({ hops }) => ({
      byte: hops.reduce((sum, hop) => sum + (hop.resource === resource ? hop.secondsPerByte : 0), 0),
      message: 0,
    }));
    found.push({ terms, cap, maxPrice: Number.POSITIVE_INFINITY, device: -1 });
  }
  return found;
}

/** The busy time of each device and of each network resource, beyond what on-chip memory spares. */
export function busyResources(problem: Problem): readonly Resource[] {
  return periodResources(problem, 0, weightShares(problem));
}

/**
 * All that limits a chain beyond the objective's own terms and might: on-chip memory, memory (weights only; activations
 * are left to prediction), bytes on links, limits on figures. O(resources x (ops x devices + devices^2 x hops)).
 */
export function resourcesOf(problem: Problem, objective: SumObjective, limits: Limits): readonly Resource[] {
  const shares = weightShares(problem);
  const found: Resource[] = [];
  for (const [device, { onChipBytes, memoryBytes }] of problem.devices.entries()) {
    const terms = { ...emptyTerms(problem), ops: onDevice(problem, device, item(shares, device)) };
    const price = f64(objective.perStreamedByte, device);
    if (price > 0) found.push({ terms, cap: onChipBytes, maxPrice: price, device });
    found.push({ terms, cap: memoryBytes, maxPrice: Number.POSITIVE_INFINITY, device });
  }
  for (const [link, cap] of problem.linkMaxBytes.entries()) {
    if (cap === Number.POSITIVE_INFINITY) continue;
    const terms = emptyTerms(problem);
    addRoutes(problem, terms, ({ hops }) => ({ byte: hops.filter((hop) => hop.link === link).length, message: 0 }));
    found.push({ terms, cap, maxPrice: Number.POSITIVE_INFINITY, device: -1 });
  }
  for (const name of FIGURES) {
    const cap = limits[name];
    if (cap === undefined || cap === Number.POSITIVE_INFINITY) continue;
    if (name === "period") found.push(...periodResources(problem, cap, shares));
    else {
      const { terms } = sumObjective(problem, { [name]: 1 });
      const ops = terms.ops.map((column) => (column === null ? null : finite(column)));
      found.push({ terms: { ...terms, ops }, cap, maxPrice: Number.POSITIVE_INFINITY, device: -1 });
    }
  }
  return found.filter(({ terms, cap }) => mostOf(problem, terms) > cap);
}
