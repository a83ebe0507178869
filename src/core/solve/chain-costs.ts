import { at, f64, item } from "../columns.ts";
import type { Problem } from "../plan/problem.ts";
import type { LadderCosts } from "./ladder-min-cut.ts";
import type { Resource, SumTerms } from "./sum-terms.ts";

/** Devices in the order in which the stages of a chain run on them; the chain may end after any of them. */
export interface Chain {
  readonly devices: readonly number[];
  /**
   * Devices of which any subset in any order may follow. They are taken together as one that is for every term as good as
   * the best of them, which gives a lower bound; a single one is taken as it is.
   */
  readonly rest: readonly number[];
}

/** Sums that count with a price each. The objective itself has the price 1 and no cap. */
interface Priced {
  readonly terms: SumTerms;
  readonly price: number;
  readonly cap: number;
  readonly device: number;
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

function total(priced: readonly Priced[], of: (terms: SumTerms) => number): number {
  let sum = 0;
  for (const { terms, price } of priced) {
    const value = of(terms);
    // A price of 0 times Infinity must stay forbidden.
    sum += value === Number.POSITIVE_INFINITY ? value : price * value;
  }
  return sum;
}

function opColumn(priced: readonly Priced[], device: number, opCount: number): Float64Array {
  let sum: Float64Array | null = null;
  let own = false;
  for (const { terms, price } of priced) {
    const column = item(terms.ops, device);
    if (column === null) continue;
    if (sum === null && price === 1) sum = column;
    else {
      const before: Float64Array = sum === null ? new Float64Array(opCount) : own ? sum : sum.slice();
      for (let op = 0; op < opCount; op++) before[op] = f64(before, op) + price * f64(column, op);
      sum = before;
      own = true;
    }
  }
  return sum ?? new Float64Array(opCount);
}

/**
 * A sum over a chain as a ladder: one label per device, one more for the rest. With prices of zero the cost of a
 * labelling in which no label up to the end's is empty equals the plan's sum. Devices after one that cannot be reached
 * are left out. Refunds, price x cap, are part of what ends cost: of a device from where the chain reaches it.
 */
function costsOf(problem: Problem, priced: readonly Priced[], chain: Chain, range: LadderCosts["range"]): LadderCosts {
  const count = problem.devices.length;
  const groups = [...chain.devices.map((device) => [device]), ...(chain.rest.length > 0 ? [[...chain.rest]] : [])];
  const opCost: Float64Array[] = [];
  const perByte: number[] = [];
  const finish: number[] = [];
  const refund = (device: number) =>
    priced.reduce((sum, { price, cap, device: owner }) => sum + (owner === device && price > 0 ? price * cap : 0), 0);
  const stageCost = (device: number) => total(priced, ({ stages }) => f64(stages, device));
  let reached = -refund(-1);
  let before: readonly number[] = [];
  for (const group of groups) {
    if (opCost.length > 0) {
      const pairs = before.flatMap((from) => group.map((to) => from * count + to));
      const message = least(pairs.map((pair) => total(priced, ({ perMessage }) => f64(perMessage, pair))));
      if (message === Number.POSITIVE_INFINITY) break;
      const possible = pairs.filter((pair) => problem.routes[Math.floor(pair / count)]?.[pair % count] !== null);
      perByte.push(least(possible.map((pair) => total(priced, (terms) => f64(terms.perByte, pair)))));
      reached += message + least(group.map(stageCost));
    }
    for (const device of group) reached -= refund(device);
    opCost.push(
      leastColumn(
        group.map((device) => opColumn(priced, device, problem.opCount)),
        problem.opCount,
      ),
    );
    finish.push(reached + least(group.map((device) => total(priced, ({ returns }) => f64(returns, device)))));
    before = group;
  }
  return {
    labels: opCost.length,
    opCost,
    perByte: Float64Array.from(perByte),
    finish: Float64Array.from(finish),
    firstStage: stageCost(at(chain.devices, 0)),
    range,
  };
}

/** The objective of a chain with prices on resources: no plan of the chain that keeps to them is better. */
export function pricedCosts(
  problem: Problem,
  objective: SumTerms,
  resources: readonly Resource[],
  prices: Float64Array,
  chain: Chain,
  range: LadderCosts["range"],
): LadderCosts {
  const priced: Priced[] = [{ terms: objective, price: 1, cap: 0, device: -1 }];
  for (const [index, { terms, cap, device }] of resources.entries()) {
    const price = f64(prices, index);
    if (price > 0) priced.push({ terms, price, cap, device });
  }
  return costsOf(problem, priced, chain, range);
}

/** What a chain uses of a resource beyond its cap, as the ladder counts it: the slope of a bound over its price. */
export function excessCosts(problem: Problem, { terms, cap, device }: Resource, chain: Chain): LadderCosts {
  return costsOf(problem, [{ terms, price: 1, cap, device }], chain, null);
}
