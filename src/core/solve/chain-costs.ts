import { at, f64, item, row } from "../columns.ts";
import type { Problem, ProblemDevice } from "../plan/problem.ts";
import { messageSeconds, returnBytes } from "../predict/terms.ts";
import type { LadderCosts } from "./ladder-min-cut.ts";

/** Devices in the order in which the stages of a chain run on them; the chain may end after any of them. */
export interface Chain {
  readonly devices: readonly number[];
  /**
   * Devices of which any subset in any order may follow. They are taken together as one that is for every term as good as
   * the best of them, which gives a lower bound; a single one is taken as it is.
   */
  readonly rest: readonly number[];
}

/**
 * Prices on the weights of each device, seconds per byte, against what its memories hold: the Lagrangian relaxation of
 * on-chip spill, whose price lies between 0 and the streaming time per byte, and of the memory limit.
 */
export interface Prices {
  readonly spill: Float64Array;
  readonly memory: Float64Array;
}

export function noPrices(problem: Problem): Prices {
  return { spill: new Float64Array(problem.devices.length), memory: new Float64Array(problem.devices.length) };
}

/** What chains are made of, computed once per problem. */
export interface ChainTerms {
  readonly problem: Problem;
  /** Per device and op: bytes of its weights, a weight shared by several ops split evenly among them. */
  readonly weightShare: readonly Float64Array[];
  readonly returnBytes: number;
}

export function chainTerms(problem: Problem): ChainTerms {
  const weightCount = problem.devices[0]?.weightBytes.length ?? 0;
  const readers = new Int32Array(weightCount);
  for (const weight of problem.opWeights.values) readers[weight] = at(readers, weight) + 1;
  const weightShare = problem.devices.map(({ weightBytes }) => {
    const share = new Float64Array(problem.opCount);
    for (let op = 0; op < problem.opCount; op++) {
      let sum = 0;
      for (const weight of row(problem.opWeights, op)) sum += f64(weightBytes, weight) / at(readers, weight);
      share[op] = sum;
    }
    return share;
  });
  return { problem, weightShare, returnBytes: returnBytes(problem) };
}

function pricedOps(terms: ChainTerms, device: number, prices: Prices): Float64Array {
  const { opSeconds } = item(terms.problem.devices, device);
  const price = f64(prices.spill, device) + f64(prices.memory, device);
  if (price === 0) return opSeconds;
  const share = item(terms.weightShare, device);
  return opSeconds.map((seconds, op) => seconds + price * f64(share, op));
}

/** What the prices give back for the room that a device has: part of a lower bound whatever it holds. */
function refund(device: ProblemDevice, spillPrice: number, memoryPrice: number): number {
  return (
    (spillPrice === 0 ? 0 : spillPrice * device.onChipBytes) +
    (memoryPrice === 0 ? 0 : memoryPrice * device.memoryBytes)
  );
}

function least(values: readonly number[]): number {
  return values.reduce((lowest, value) => Math.min(lowest, value), Number.POSITIVE_INFINITY);
}

function leastColumn(columns: readonly Float64Array[], length: number): Float64Array {
  const first = columns[0];
  if (columns.length === 1 && first !== undefined) return first;
  const result = new Float64Array(length).fill(Number.POSITIVE_INFINITY);
  for (const column of columns) for (let i = 0; i < length; i++) result[i] = Math.min(f64(result, i), f64(column, i));
  return result;
}

/**
 * The latency of a chain as a ladder: one label per device, one more for the rest. With prices of zero the cost of a
 * labelling in which no label up to the end's is empty equals the plan's latency without spill. Devices after one that
 * cannot be reached are left out.
 */
export function latencyCosts(
  terms: ChainTerms,
  chain: Chain,
  prices: Prices,
  range: LadderCosts["range"],
): LadderCosts {
  const { problem } = terms;
  const groups = [...chain.devices.map((device) => [device]), ...(chain.rest.length > 0 ? [[...chain.rest]] : [])];
  const opCost: Float64Array[] = [];
  const perByte: number[] = [];
  const finish: number[] = [];
  let reached = 0;
  let before: readonly number[] = [];
  for (const group of groups) {
    if (opCost.length > 0) {
      const routes = before.flatMap((from) => group.map((to) => problem.routes[from]?.[to] ?? null));
      const possible = routes.filter((route) => route !== null);
      if (possible.length === 0) break;
      perByte.push(least(possible.map((route) => route.secondsPerByte)));
      reached += least(possible.map((route) => route.latency));
      reached += least(group.map((device) => item(problem.devices, device).stageOverheadSeconds));
    }
    for (const device of group) {
      reached -= refund(item(problem.devices, device), f64(prices.spill, device), f64(prices.memory, device));
    }
    opCost.push(
      leastColumn(
        group.map((device) => pricedOps(terms, device, prices)),
        problem.opCount,
      ),
    );
    finish.push(reached + least(group.map((device) => returnSeconds(terms, device))));
    before = group;
  }
  const first = item(problem.devices, at(chain.devices, 0));
  return {
    labels: opCost.length,
    opCost,
    perByte: Float64Array.from(perByte),
    finish: Float64Array.from(finish),
    firstStage: first.stageOverheadSeconds,
    range,
  };
}

/** Seconds to bring the outputs from a device to the sink; Infinity where no route leads there. */
function returnSeconds(terms: ChainTerms, device: number): number {
  const { problem } = terms;
  if (device === problem.sink) return 0;
  const route = problem.routes[device]?.[problem.sink] ?? null;
  return route === null ? Number.POSITIVE_INFINITY : messageSeconds(route, terms.returnBytes);
}
