import { at, f64, i32, row } from "../columns.ts";
import type { Wiring } from "../plan/order.ts";

/** Picks the next op to place among those whose producers are placed. */
type Choice = (available: readonly number[], placed: (op: number) => boolean) => number;

function topologicalOrder(problem: Wiring, choose: Choice): Int32Array {
  const { opCount } = problem;
  const missing = new Int32Array(opCount);
  const placed = new Uint8Array(opCount);
  const order = new Int32Array(opCount);
  const available: number[] = [];
  for (let op = 0; op < opCount; op++) {
    for (const tensor of row(problem.opInputs, op))
      if (at(problem.tensorProducer, tensor) >= 0) missing[op] = i32(missing, op) + 1;
    if (i32(missing, op) === 0) available.push(op);
  }
  for (let position = 0; position < opCount; position++) {
    const index = choose(available, (op) => placed[op] === 1);
    const op = at(available, index);
    available.splice(index, 1);
    placed[op] = 1;
    order[position] = op;
    for (const tensor of row(problem.opOutputs, op)) {
      for (const consumer of row(problem.tensorConsumers, tensor)) {
        missing[consumer] = i32(missing, consumer) - 1;
        if (i32(missing, consumer) === 0) available.push(consumer);
      }
    }
  }
  return order;
}

/** The ops by number. */
function fileOrder(problem: Wiring): Int32Array {
  return Int32Array.from({ length: problem.opCount }, (_, op) => op);
}

/** Place of each op in the topological order that takes of the ops it can take the lowest number. O(ops x width + edges). */
export function topologicalRanks(problem: Wiring): Int32Array {
  const order = topologicalOrder(problem, (available) => {
    let least = 0;
    for (let index = 1; index < available.length; index++)
      if (at(available, index) < at(available, least)) least = index;
    return least;
  });
  const ranks = new Int32Array(order.length);
  for (const [rank, op] of order.entries()) ranks[op] = rank;
  return ranks;
}

/** One branch to its end before the next: the op that became available last comes first. O(ops x width + edges). */
function depthFirstOrder(problem: Wiring): Int32Array {
  return topologicalOrder(problem, (available) => available.length - 1);
}

/** At each step the op after which the fewest bytes cross; of equals the lowest number. O(ops x width x degree^2). */
function leastFrontierOrder(problem: Wiring): Int32Array {
  const growth = (op: number, placed: (op: number) => boolean): number => {
    let bytes = 0;
    for (const tensor of row(problem.opOutputs, op)) bytes += f64(problem.tensorWireBytes, tensor);
    for (const tensor of row(problem.opInputs, op)) {
      if (problem.outputs.includes(tensor)) continue;
      const lastReader = row(problem.tensorConsumers, tensor).every((consumer) => consumer === op || placed(consumer));
      if (lastReader) bytes -= f64(problem.tensorWireBytes, tensor);
    }
    return bytes;
  };
  return topologicalOrder(problem, (available, placed) => {
    let best = 0;
    let least = Number.POSITIVE_INFINITY;
    for (const [index, op] of available.entries()) {
      const here = growth(op, placed);
      if (here > least || (here === least && op > at(available, best))) continue;
      best = index;
      least = here;
    }
    return best;
  });
}

/** Distinct orders of the above. */
export function candidateOrders(problem: Wiring): readonly Int32Array[] {
  const orders: Int32Array[] = [];
  for (const order of [fileOrder(problem), depthFirstOrder(problem), leastFrontierOrder(problem)]) {
    if (!orders.some((known) => known.every((op, position) => op === order[position]))) orders.push(order);
  }
  return orders;
}
