import { at, item } from "../../core/columns.ts";
import { boundaryPositions, frontierBytes, stageOrder } from "../../core/plan/order.ts";
import type { Plan } from "../../core/plan/plan.ts";
import type { Problem } from "../../core/plan/problem.ts";

/** What the strip draws for one plan: columns by position in the plan's own order of ops. */
export interface StripModel {
  /** Ops in an order in which every boundary is a prefix. */
  readonly order: Int32Array;
  /** Bytes that would cross at each position 0..ops; NaN where no cut is possible. */
  readonly bytes: Float64Array;
  /** Latency of the op at each position on the device that runs it, seconds. */
  readonly seconds: Float64Array;
  /** Device of the op at each position. */
  readonly device: Int32Array;
  /** 1 at positions 0..ops where a single tensor crosses. */
  readonly singles: Uint8Array;
  /** Position of each boundary. */
  readonly boundaries: Int32Array;
}

/** O(ops + edges). */
export function stripModel(problem: Problem, plan: Plan, cuts: readonly number[]): StripModel {
  const order = stageOrder(plan);
  const bytes = frontierBytes(problem, order);
  const seconds = new Float64Array(order.length);
  const device = new Int32Array(order.length);
  const position = new Int32Array(order.length);
  for (const [place, op] of order.entries()) {
    const number = item(plan.stages, at(plan.stageOf, op));
    device[place] = number;
    seconds[place] = at(item(problem.devices, number).opSeconds, op);
    position[op] = place;
  }
  const singles = new Uint8Array(order.length + 1);
  for (const tensor of cuts) {
    const producer = at(problem.tensorProducer, tensor);
    const place = producer < 0 ? 0 : at(position, producer) + 1;
    if (at(bytes, place) === at(problem.tensorWireBytes, tensor)) singles[place] = 1;
  }
  return { order, bytes, seconds, device, singles, boundaries: boundaryPositions(plan) };
}

/** The nearest position to x among `slotX` (ascending x of positions 0..ops). O(log ops). */
export function positionAt(slotX: Float64Array, x: number): number {
  let low = 0;
  let high = slotX.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (at(slotX, middle) < x) low = middle + 1;
    else high = middle;
  }
  return low > 0 && x - at(slotX, low - 1) < at(slotX, low) - x ? low - 1 : low;
}

/** The one-tensor position within `reach` of x that is nearest to it, else the nearest position of any kind. */
export function snappedPosition(model: StripModel, slotX: Float64Array, x: number, reach: number): number {
  const nearest = positionAt(slotX, x);
  let best = -1;
  let distance = reach;
  for (const step of [-1, 1]) {
    for (let place = nearest; place >= 0 && place < slotX.length; place += step) {
      const away = Math.abs(at(slotX, place) - x);
      if (away > reach) break;
      if (model.singles[place] === 1 && away <= distance) {
        best = place;
        distance = away;
      }
    }
  }
  return best >= 0 ? best : nearest;
}

/** The next one-tensor position after (step 1) or before (step -1) a position; the end of the strip if there is none. */
export function nextSingle(model: StripModel, from: number, step: 1 | -1): number {
  let place = from + step;
  while (place > 0 && place < model.order.length && model.singles[place] !== 1) place += step;
  return Math.min(model.order.length, Math.max(0, place));
}
